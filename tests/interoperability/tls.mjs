// A gateway over HTTPS: certificates from the test's own authority, a server that forwards calls, and a proxy.

import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, request } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import path from 'node:path';

import { run } from './support.mjs';

/** Creates a certificate for these names, its key, and the file of the authority that issued it. */
export async function certificate(folder, names = ['localhost']) {
  const file = (name) => path.join(folder, name);
  const make = (name, ...more) => {
    const files = ['-keyout', file(`${name}-key.pem`), '-out', file(`${name}.pem`)];
    run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...more]);
  };
  make('authority', '-subj', '/CN=An authority of this test');
  const issuer = ['-CA', file('authority.pem'), '-CAkey', file('authority-key.pem')];
  const subject = ['-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`)}`];
  make('server', ...issuer, ...subject, '-addext', 'basicConstraints=critical,CA:FALSE');
  const [key, cert] = await Promise.all(['server-key.pem', 'server.pem'].map((name) => readFile(file(name))));
  return { key, cert, authorityFile: file('authority.pem') };
}

async function listening(t, server) {
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return server.address().port;
}

/** Forwards a request to the gateway and its answer back, with these headers replacing the gateway's own. */
function passOn(gateway, headersOfAnswer, incoming, outgoing) {
  const { method, headers } = incoming;
  const passedOn = request(new URL(incoming.url, gateway), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, { ...answer.headers, ...headersOfAnswer });
    answer.pipe(outgoing);
  });
  incoming.pipe(passedOn);
}

/** Forwards requests to the gateway; returns its port and the requested addresses. */
export async function tlsInFrontOf(t, gateway, identity) {
  const seen = [];
  const server = createServer(identity, (incoming, outgoing) => {
    seen.push(incoming.url);
    passOn(gateway, {}, incoming, outgoing);
  });
  return { port: await listening(t, server), seen };
}

/** The same without TLS, with other headers in the answers; returns its address. */
export async function inFrontOf(t, gateway, headersOfAnswer) {
  const server = createHttpServer((incoming, outgoing) => passOn(gateway, headersOfAnswer, incoming, outgoing));
  return `http://127.0.0.1:${await listening(t, server)}/gateway.do`;
}

/** A proxy that sends every host to this port; returns its address. */
export async function proxyTo(t, port) {
  const server = createHttpServer().on('connect', (_, client) => {
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) socket.on('error', () => [client, upstream].forEach((one) => one.destroy()));
  });
  return `http://127.0.0.1:${await listening(t, server)}`;
}
