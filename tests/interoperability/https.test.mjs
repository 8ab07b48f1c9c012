// A whole call over https, with a certificate that this machine was told to trust, and with one that it was not.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';
import { test } from 'node:test';

import { miniauthRunning, run, Sandbox, temporaryFolder } from './support.mjs';

/** A certificate for localhost and its key, and the file of the authority that vouches for it. */
async function certificate(folder) {
  const file = (name) => path.join(folder, name);
  const make = (name, ...more) => {
    const files = ['-keyout', file(`${name}-key.pem`), '-out', file(`${name}.pem`)];
    run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...more]);
  };
  make('authority', '-subj', '/CN=An authority of this test');
  const issuer = ['-CA', file('authority.pem'), '-CAkey', file('authority-key.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  make('localhost', ...issuer, ...names, '-addext', 'basicConstraints=critical,CA:FALSE');
  const [key, cert] = await Promise.all(['localhost-key.pem', 'localhost.pem'].map((name) => readFile(file(name))));
  return { key, cert, authorityFile: file('authority.pem') };
}

/** Passes requests on to the sandbox; gives its port, and the addresses that were asked for. */
async function tlsInFrontOf(t, gateway, identity) {
  const seen = [];
  const server = createServer(identity, (incoming, outgoing) => {
    seen.push(incoming.url);
    const { method, headers } = incoming;
    const passedOn = request(new URL(incoming.url, gateway), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passedOn);
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return { port: server.address().port, seen };
}

test('https reaches the gateway where its certificate is trusted, and sends nothing where it is not', async (t) => {
  const folder = await temporaryFolder(t);
  const { config } = await Sandbox.start(t, folder);
  const { authorityFile, ...identity } = await certificate(folder);
  const { port, seen } = await tlsInFrontOf(t, config.gateway, identity);
  const doctor = (env) =>
    miniauthRunning(['doctor', '--config', config.serve_config_file], {
      MINIAUTH_GATEWAY: `https://localhost:${port}/gateway.do`,
      ...env,
    });

  const stranger = await doctor({});
  assert.equal(stranger.status, 1, stranger.stdout);
  assert.match(stranger.stdout, /^FAULT {2}gateway https:\/\/localhost:\d+\/gateway\.do: the gateway cannot be reached/m);
  assert.deepEqual(seen, []);

  const trusted = await doctor({ SSL_CERT_FILE: authorityFile });
  assert.equal(trusted.status, 0, trusted.stdout);
  assert.match(trusted.stdout, /^ok {5}pairs: the platform verified our signature/m);
  assert.deepEqual(seen, ['/gateway.do?charset=utf-8']);
});
