import http from 'node:http';
import { WebSocketServer } from 'ws';

/**
 * A server that echoes its requests, or answers as its path says. Its WebSockets first send their handshake, then echo; `close` closes one.
 */
export async function startEcho() {
  const seen = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers, headersDistinct } = request;
    seen.push({ method, url });
    if (url === '/slow') return;
    if (url === '/huge') {
      response.end(Buffer.alloc(10 * 1024 * 1024 + 1));
      return;
    }
    if (url === '/not-json') {
      response.end('字');
      return;
    }
    const status = Number(/^\/status\/(\d+)/.exec(url)?.[1] ?? 200);
    response.writeHead(status, { 'content-type': 'application/json', 'X-Echo': 'Yes', 'set-cookie': 'a=b' });
    response.end(
      JSON.stringify({
        method,
        url,
        contentType: headers['content-type'],
        contentTypes: headersDistinct['content-type'],
        mine: headers['x-mine'],
        cookie: headers.cookie,
        body: Buffer.concat(chunks).toString('utf8'),
      }),
    );
  });
  const sockets = new WebSocketServer({ noServer: true });
  const upgraded = [];
  server.on('upgrade', (request, socket, head) => {
    const { url, headers } = request;
    seen.push({ method: 'UPGRADE', url });
    upgraded.push(socket);
    if (url === '/slow') return;
    if (url === '/refused') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (own) => {
      own.send(JSON.stringify({ url, mine: headers['x-mine'], protocol: own.protocol }));
      own.on('message', (data, binary) => (String(data) === 'close' ? own.close(4000, 'done') : own.send(data, { binary })));
    });
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
        // Upgraded connections no longer belong to the HTTP server.
        for (const socket of upgraded) socket.destroy();
      }),
  };
}
