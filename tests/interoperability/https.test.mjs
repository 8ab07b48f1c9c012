// A whole call over HTTPS, with a certificate that this machine trusts and with one that it does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { miniauthRunning, Sandbox, temporaryFolder } from './support.mjs';
import { certificate, tlsInFrontOf } from './tls.mjs';

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
  assert.match(trusted.stdout, /^ok {5}pairs: the platform accepted our signature/m);
  assert.deepEqual(seen, Array(3).fill('/gateway.do?charset=utf-8'), 'an exchange, a read, and an encrypted call');
});
