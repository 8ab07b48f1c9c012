// The program's own TLS, with curl and with certificates made by openssl.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { curl, makeCertificate, run, settings, startSandbox, startServer, temporaryFolder } from './support.mjs';

async function stage(t) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  return { folder, env: settings(folder, sandbox), first: makeCertificate(folder, 'first') };
}

function tlsSettings({ certificate, key }) {
  return { MINIAUTH_TLS_CERTIFICATE_FILE: certificate, MINIAUTH_TLS_KEY_FILE: key };
}

/** Returns the name in the served certificate, the TLS version and the ALPN protocol. */
async function servedName(server, options = {}) {
  const socket = connectTls({ port: Number(new URL(server.url).port), host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  const protocol = [socket.getProtocol(), socket.alpnProtocol];
  socket.destroy();
  return [CN, ...protocol];
}

test('with a certificate the server speaks https, and only that', async (t) => {
  const { folder, env, first } = await stage(t);
  const server = await startServer(t, folder, { ...env, ...tlsSettings(first) });
  assert.match(server.url, /^https:/);
  assert.deepEqual((await curl('--cacert', first.certificate, `${server.url}/readyz`)).body, { status: 'ready' });
  await assert.rejects(curl(`${server.url}/readyz`), /certificate/, 'curl does not know the certificate');
  await assert.rejects(curl(server.url.replace('https:', 'http:')));
  assert.deepEqual(await servedName(server, { ALPNProtocols: ['h2', 'http/1.1'] }), ['first', 'TLSv1.3', 'http/1.1']);
  assert.deepEqual(await servedName(server, { maxVersion: 'TLSv1.2' }), ['first', 'TLSv1.2', false]);
  await assert.rejects(servedName(server, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }));
  assert.equal(await server.stop(), 0);
});

test('a client that does not finish its handshake is disconnected and takes no place', async (t) => {
  const { folder, env, first } = await stage(t);
  const limits = { MINIAUTH_TLS_HANDSHAKE_TIMEOUT_SECONDS: '1', MINIAUTH_MAX_CONNECTIONS: '1' };
  const server = await startServer(t, folder, { ...env, ...tlsSettings(first), ...limits });
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.after(() => silent.destroy());
  await once(silent, 'connect');
  const cut = once(silent.resume(), 'close');
  assert.equal((await curl('--cacert', first.certificate, `${server.url}/healthz`)).status, 200);
  await cut;
});

test('SIGHUP takes a renewed certificate into use; a broken one leaves the old one in use', async (t) => {
  const { folder, env, first } = await stage(t);
  const second = makeCertificate(folder, 'second');
  const server = await startServer(t, folder, { ...env, ...tlsSettings(first) });
  assert.equal((await servedName(server))[0], 'first');
  await copyFile(second.certificate, first.certificate);
  server.signal('SIGHUP');
  await server.logs('stays in use');
  assert.equal((await servedName(server))[0], 'first', 'the key is not yet the new one');
  await copyFile(second.key, first.key);
  server.signal('SIGHUP');
  await server.logs('reloaded the TLS certificate');
  assert.equal((await servedName(server))[0], 'second');
});

test('what is wrong with the files is named', async (t) => {
  const { folder, env, first } = await stage(t);
  const second = makeCertificate(folder, 'second');
  const empty = path.join(folder, 'empty.pem');
  await writeFile(empty, 'no certificate\n');
  const cases = [
    [{ certificate: path.join(folder, 'none.pem'), key: first.key }, /none\.pem: cannot be read: No such file/],
    [{ certificate: empty, key: first.key }, /empty\.pem: has nothing of this kind; it must contain the certificate/],
    [{ certificate: first.certificate, key: empty }, /empty\.pem: has nothing of this kind; it must contain .*private key/],
    [{ certificate: first.certificate, key: first.certificate }, /first\.pem: has nothing of this kind; .*private key/],
    [{ certificate: first.certificate, key: second.key }, /cannot be used together: .*are they of the same certificate/],
    [{ certificate: first.certificate, key: '' }, /tls_key_file .* is missing beside tls_certificate_file/],
  ];
  for (const [files, expected] of cases) {
    const { code, stderr } = await run(['serve'], { cwd: folder, env: { ...env, ...tlsSettings(files) } });
    assert.equal(code, 2, stderr);
    assert.match(stderr, expected);
  }
});

test('beyond loopback without TLS, the log asks for a proxy in front', async (t) => {
  const { folder, env } = await stage(t);
  const key = path.join(folder, 'server.key');
  await writeFile(key, 'iL0CCoF8H4oyvZrEOcbQ6N2b7p7dX7EmD3Y0m0m1a2E=\n', { mode: 0o600 });
  const open = { ...env, MINIAUTH_LISTEN: '0.0.0.0:0', MINIAUTH_KEY_FILE: key };
  const server = await startServer(t, folder, open);
  await server.logs('without TLS');
});
