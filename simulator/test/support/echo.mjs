import http from 'node:http';

/** A server that answers with what it was sent, or as its path says. */
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
      }),
  };
}
