// The certificates offered by the platform's own sandbox do not chain to the root file beside them.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import * as programs from '../support/program.mjs';
import { binary, miniauthRunning, run, Sandbox, temporaryFolder } from './support.mjs';
import { certificate, proxyTo, tlsInFrontOf } from './tls.mjs';

const PRODUCTION = 'https://openapi.alipay.com/gateway.do';
const PLATFORM_SANDBOX = 'https://openapi-sandbox.dl.alipaydev.com/gateway.do';

/** A root with the same name and number as the sandbox's but another key: it signed none of the certificates. */
function otherRoot(folder) {
  const file = (name) => path.join(folder, name);
  const x509 = (...what) =>
    run('openssl', ['x509', '-in', file('alipay-root-certificates.pem'), '-noout', ...what])
      .toString()
      .trim();
  const [, number] = x509('-serial').split('=');
  const subject = x509('-subject', '-nameopt', 'compat').replace(/^subject= ?/, '');
  const files = ['-keyout', file('other-key.pem'), '-out', file('other-root.pem')];
  run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, '-subj', subject, '-set_serial', `0x${number}`]);
  return file('other-root.pem');
}

test('certificates without a root are accepted with the gateway of the platform’s sandbox, and refused with any other', async (t) => {
  const folder = await temporaryFolder(t);
  const { config } = await Sandbox.start(t, folder);
  const { authorityFile, ...identity } = await certificate(
    folder,
    [PRODUCTION, PLATFORM_SANDBOX].map((url) => new URL(url).host),
  );
  const { port } = await tlsInFrontOf(t, config.gateway, identity);
  const env = {
    HTTPS_PROXY: await proxyTo(t, port),
    SSL_CERT_FILE: authorityFile,
    MINIAUTH_LISTEN: '127.0.0.1:0',
    MINIAUTH_DATABASE: `sqlite://${path.join(folder, 'miniauth.db')}`,
    MINIAUTH_APP_ID: config.app_id,
    MINIAUTH_APP_PRIVATE_KEY_FILE: path.join(folder, 'app-private-key.pem'),
    MINIAUTH_APP_CERTIFICATE_FILE: path.join(folder, 'app-certificate.pem'),
    MINIAUTH_ALIPAY_CERTIFICATE_FILE: path.join(folder, 'alipay-certificate.pem'),
    MINIAUTH_ALIPAY_ROOT_CERTIFICATES_FILE: otherRoot(folder),
  };
  const warning =
    /none of the root certificates vouches for the platform's certificate.*https:\/\/openapi-sandbox\.dl\.alipaydev\.com\/gateway\.do/;

  const taken = await miniauthRunning(['doctor'], { ...env, MINIAUTH_GATEWAY: PLATFORM_SANDBOX });
  assert.equal(taken.status, 0, taken.stdout);
  assert.match(taken.stdout, new RegExp(`^note   certificates: ${warning.source}`, 'm'));
  assert.match(taken.stdout, /^ok {5}pairs: the platform accepted our signature, and we verified its signature$/m);
  const server = programs.start(t, [binary, 'serve'], { env: { ...env, MINIAUTH_GATEWAY: PLATFORM_SANDBOX } });
  await server.listening();
  assert.match(server.log, new RegExp(`WARN.*${warning.source}`));

  const refused =
    /none of the root certificates vouches for the platform's certificate.*accepted only with gateway = https:\/\/openapi-sandbox\.dl\.alipaydev\.com\/gateway\.do/;
  for (const gateway of [PRODUCTION, config.gateway]) {
    const doctor = await miniauthRunning(['doctor'], { ...env, MINIAUTH_GATEWAY: gateway });
    assert.equal(doctor.status, 1, doctor.stdout);
    assert.match(doctor.stdout, new RegExp(String.raw`^FAULT  alipay_certificate_file .*${refused.source}`, 'm'));
    const serve = await miniauthRunning(['serve'], { ...env, MINIAUTH_GATEWAY: gateway });
    assert.equal(serve.status, 2, serve.stderr);
    assert.match(serve.stderr, refused);
  }
});

test('the help of serve names the gateway of the platform’s own sandbox', async () => {
  const { stdout } = await miniauthRunning(['serve', '--help'], {});
  assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(`for apps of its own sandbox, ${PLATFORM_SANDBOX}`), stdout);
});
