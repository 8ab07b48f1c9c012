import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/**
 * The app's own back end, as in the document: it accepts and lists the orders of logged-in users, accepts photos, and answers in a chat.
 * The session server answers everything else.
 */
export class Shop {
  /** The session server's address. */
  server = '';

  /** The orders by subject. @type {Map<string, object[]>} */
  orders = new Map();

  /** Replacements for its next answers about orders. @type {{ status: number, text: string }[]} */
  instead = [];

  static async start() {
    const shop = new Shop();
    shop.http = createServer((request, response) => void shop.answer(request, response));
    shop.chat = new WebSocketServer({ server: shop.http });
    shop.chat.on('connection', (socket) => {
      socket.once('message', (first) => {
        const session = shop.session(JSON.parse(String(first)).authorization);
        const say = async (text) => ((await session).status === 200 ? socket.send(text) : socket.close(4401, 'who is it?'));
        void say('欢迎');
        socket.on('message', (data) => void say(`你说：${data}`));
      });
    });
    await new Promise((resolve) => void shop.http.listen(0, '127.0.0.1', resolve));
    shop.url = `http://127.0.0.1:${shop.http.address().port}`;
    return shop;
  }

  async answer(request, response) {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    const { authorization = '' } = request.headers;
    let answer;
    if (request.url === '/orders') answer = await this.order(request.method, authorization, body);
    else if (request.url === '/photos') answer = await this.photo(authorization, Buffer.concat(body));
    else answer = await this.forward(request, Buffer.concat(body));
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.text);
  }

  session(authorization) {
    return fetch(`${this.server}/session`, { headers: { authorization } });
  }

  async photo(authorization, form) {
    const session = await this.session(authorization);
    if (session.status !== 200) return { status: session.status, text: await session.text() };
    return { status: 201, text: JSON.stringify({ name: /name="photo"/.test(form.toString('latin1')) ? 'photo-1' : '' }) };
  }

  async order(method, authorization, body) {
    const session = await this.session(authorization);
    if (session.status !== 200) return { status: session.status, text: await session.text() };
    if (this.instead.length > 0) return this.instead.shift();
    const { subject } = await session.json();
    const orders = this.orders.get(subject) ?? [];
    if (method === 'GET') return { status: 200, text: JSON.stringify(orders) };
    const order = { number: orders.length + 1, ...JSON.parse(Buffer.concat(body)) };
    this.orders.set(subject, [...orders, order]);
    return { status: 201, text: JSON.stringify(order) };
  }

  async forward({ method, url, headers }, body) {
    const kept = Object.fromEntries(['authorization', 'content-type'].filter((name) => headers[name]).map((name) => [name, headers[name]]));
    const answer = await fetch(this.server + url, { method, headers: kept, body: body.length > 0 ? body : undefined });
    return { status: answer.status, text: await answer.text() };
  }

  close() {
    for (const socket of this.chat.clients) socket.terminate();
    return new Promise((resolve) => void this.http.close(resolve));
  }
}
