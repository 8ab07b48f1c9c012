// A back-end without sessions or tokens: every request is from a logged-in user, named in a header. Only nginx may reach it.

import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (!['/orders', '/account'].includes(request.url)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ subject: request.headers['x-miniauth-subject'] }));
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () =>
  console.log(`backend listening on http://127.0.0.1:${server.address().port}`),
);
