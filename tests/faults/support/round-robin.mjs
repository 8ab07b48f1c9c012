import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A plain proxy: each connection goes to the next server in turn, or to the one after it if that does not answer. An
 * open connection breaks with its server.
 */
export class RoundRobin {
  #server;
  #ports;
  #next = 0;
  url;

  static async start(t, servers) {
    const proxy = new RoundRobin();
    proxy.#ports = servers.map(({ url }) => Number(new URL(url).port));
    proxy.#server = createServer((client) => {
      client.on('error', () => client.destroy());
      proxy.#pass(client, proxy.#ports.length);
    });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    t.after(() => proxy.#server.close());
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  #pass(client, attempts) {
    this.#next = (this.#next + 1) % this.#ports.length;
    const upstream = connect(this.#ports[this.#next], '127.0.0.1');
    let connected = false;
    upstream.once('connect', () => {
      connected = true;
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => {
      if (connected || attempts === 1) {
        client.destroy();
      } else {
        this.#pass(client, attempts - 1);
      }
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => connected && client.destroy());
  }
}
