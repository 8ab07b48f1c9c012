import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { binary, run, settings, startSandbox, startServer, temporaryFolder } from '../../http/support.mjs';
import { start } from '../../support/program.mjs';

async function stage(t) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  return { folder, env: settings(folder, sandbox) };
}

/** Returns the warnings logged at a start. */
async function warnings(t, folder, env) {
  const server = await startServer(t, folder, env);
  await server.stop();
  return server.log.split('\n').filter((line) => line.includes('WARN'));
}

test('files that others can read are named', async (t) => {
  const { folder, env } = await stage(t);
  assert.deepEqual(await warnings(t, folder, env), [], 'as the programs make them');
  const old = path.join(folder, 'old.key');
  await writeFile(old, await readFile(path.join(folder, 'miniauth.key')), { mode: 0o600 });
  const files = [path.join(folder, 'miniauth.key'), path.join(folder, 'miniauth.db'), old, env.MINIAUTH_APP_PRIVATE_KEY_FILE];
  for (const file of files) {
    for (const mode of ['640', '604', '602']) {
      await chmod(file, parseInt(mode, 8));
      const told = await warnings(t, folder, { ...env, MINIAUTH_OLD_KEY_FILES: old });
      assert.equal(told.length, 1, told.join('\n'));
      assert.ok(told[0].includes(`others can read or write ${file} (mode ${mode}): \`chmod 600 ${file}\``), told[0]);
    }
    await chmod(file, 0o600);
  }
});

test('trusted proxies that contain every address get a warning', async (t) => {
  const { folder, env } = await stage(t);
  for (const networks of ['0.0.0.0/0', '10.0.0.0/8,::/0', '0.0.0.0/1,128.0.0.0/1']) {
    const [told, ...others] = await warnings(t, folder, { ...env, MINIAUTH_TRUSTED_PROXIES: networks });
    assert.match(told, /trusted_proxies names every address/);
    assert.deepEqual(others, []);
  }
  assert.deepEqual(await warnings(t, folder, { ...env, MINIAUTH_TRUSTED_PROXIES: '10.0.0.0/8' }), []);
});

test('endless files are refused', async (t) => {
  const { folder, env } = await stage(t);
  const large = path.join(folder, 'large');
  await writeFile(large, Buffer.alloc(2 ** 21, 'a'));
  const key = path.join(folder, 'sandbox', 'app-private-key.pem');
  for (const file of [large, '/dev/zero']) {
    const cases = [
      { MINIAUTH_KEY_FILE: file },
      { MINIAUTH_OLD_KEY_FILES: file },
      { MINIAUTH_APP_PRIVATE_KEY_FILE: file },
      { MINIAUTH_TLS_CERTIFICATE_FILE: file, MINIAUTH_TLS_KEY_FILE: key },
      { MINIAUTH_CONFIG: file },
    ];
    for (const changed of cases) {
      const { code, stderr } = await run(['serve'], { cwd: folder, env: { ...env, ...changed } });
      assert.equal(code, 2, stderr);
      assert.match(stderr, new RegExp(`${file}:? cannot be read: it is larger than 1`));
    }
  }
});

/** Creates a root, an authority and the platform's certificate, each signed with the given hash. */
function chain(folder, hashes) {
  const file = (name) => path.join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
  const request = (name) =>
    openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.csr`),
    );
  const extensions = file('ca.ext');
  execFileSync('sh', ['-c', 'echo basicConstraints=critical,CA:TRUE > "$0"', extensions]);
  const sign = (name, hash, ...how) =>
    openssl('x509', '-req', '-days', '2', `-${hash}`, '-in', file(`${name}.csr`), '-out', file(`${name}.pem`), ...how);
  const by = (issuer) => ['-CA', file(`${issuer}.pem`), '-CAkey', file(`${issuer}.key`), '-CAcreateserial'];
  for (const name of ['root', 'authority', 'platform']) request(name);
  sign('root', hashes.root, '-signkey', file('root.key'), '-extfile', extensions);
  sign('authority', hashes.authority, ...by('root'), '-extfile', extensions);
  sign('platform', hashes.platform, ...by('authority'));
  execFileSync('sh', ['-c', 'cat platform.pem authority.pem > chain.pem'], { cwd: folder });
  return { MINIAUTH_ALIPAY_CERTIFICATE_FILE: file('chain.pem'), MINIAUTH_ALIPAY_ROOT_CERTIFICATES_FILE: file('root.pem') };
}

test('certificates signed with SHA-1 are refused', async (t) => {
  const { folder, env } = await stage(t);
  // An empty variable counts as not set.
  const own = {
    ...env,
    MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: '',
    MINIAUTH_APP_CERTIFICATE_FILE: path.join(folder, 'sandbox', 'app-certificate.pem'),
  };
  const good = { root: 'sha256', authority: 'sha256', platform: 'sha256' };
  for (const weak of ['authority', 'platform']) {
    const { code, stderr } = await run(['serve'], { cwd: folder, env: { ...own, ...chain(folder, { ...good, [weak]: 'sha1' }) } });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /alipay_certificate_file .*signed with SHA-1 or MD5/);
  }
  await startServer(t, folder, { ...own, ...chain(folder, { ...good, root: 'sha1' }) });
});

test('.miniauth keeps itself out of git', async (t) => {
  const { folder, env } = await stage(t);
  await (await startServer(t, folder, { ...env, MINIAUTH_DATABASE: '' })).stop();
  assert.equal(await readFile(path.join(folder, '.miniauth/.gitignore'), 'utf8'), '*\n');
  const git = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  git('init', '--quiet');
  assert.doesNotMatch(git('status', '--porcelain', '--untracked-files=all'), /\.miniauth/);
  const other = await temporaryFolder(t);
  await (await start(t, [binary, 'sandbox', '--listen', '127.0.0.1:0'], { cwd: other }).listening()).stop();
  assert.equal(await readFile(path.join(other, '.miniauth/.gitignore'), 'utf8'), '*\n');
});
