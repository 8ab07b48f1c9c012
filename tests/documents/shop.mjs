import { createServer } from 'node:http';

/**
 * The app's own back end, as a document speaks of it: it takes an order from whoever has a session. Everything else is the
 * session server's.
 */
export class Shop {
  /** Where the session server is. */
  server = '';

  static async start() {
    const shop = new Shop();
    shop.http = createServer((request, response) => void shop.answer(request, response));
    await new Promise((resolve) => void shop.http.listen(0, '127.0.0.1', resolve));
    shop.url = `http://127.0.0.1:${shop.http.address().port}`;
    return shop;
  }

  async answer(request, response) {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    const { authorization = '' } = request.headers;
    const answer = request.url === '/orders' ? await this.order(authorization) : await this.forward(request, Buffer.concat(body));
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.text);
  }

  async order(authorization) {
    const { status } = await fetch(`${this.server}/session`, { headers: { authorization } });
    return status === 200 ? { status: 201, text: '{"number":1}' } : { status, text: '{}' };
  }

  async forward({ method, url, headers }, body) {
    const kept = Object.fromEntries(['authorization', 'content-type'].filter((name) => headers[name]).map((name) => [name, headers[name]]));
    const answer = await fetch(this.server + url, { method, headers: kept, body: body.length > 0 ? body : undefined });
    return { status: answer.status, text: await answer.text() };
  }

  close() {
    return new Promise((resolve) => void this.http.close(resolve));
  }
}
