import { once } from 'node:events';
import { createServer } from 'node:http';

/** Passes the platform's messages on to a server and keeps them; can be closed. */
export class MessageProxy {
  #server;
  /** The messages so far, as posted. @type {Buffer[]} */
  forms = [];
  /** Whether messages reach the server. */
  open = true;
  url;

  static async start(t, server) {
    const proxy = new MessageProxy();
    proxy.#server = server;
    const listener = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const form = Buffer.concat(chunks);
      proxy.forms.push(form);
      const { status, text } = proxy.open ? await proxy.post(form) : { status: 502, text: 'Bad Gateway' };
      response.writeHead(status).end(text);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    t.after(() => listener.close());
    proxy.url = `http://127.0.0.1:${listener.address().port}/platform-messages`;
    return proxy;
  }

  /** Posts a message to the server, or to another one. */
  async post(form, { url } = this.#server) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${url}/platform-messages`, { method: 'POST', headers, body: form, signal: AbortSignal.timeout(40_000) });
    return { status: answer.status, text: await answer.text() };
  }
}
