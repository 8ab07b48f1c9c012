import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import {
  HoldingGateway,
  curl,
  postAuth,
  run,
  settings,
  startBoth,
  startSandbox,
  startServer,
  temporaryFolder,
  withSession,
} from './support.mjs';

async function sandboxKeys(t) {
  const folder = await temporaryFolder(t);
  const sandbox = await startSandbox(t, folder);
  return { folder, sandbox, keys: path.join(folder, 'sandbox') };
}

test('--version', async () => {
  const { code, stdout } = await run(['--version']);
  assert.equal(code, 0);
  assert.match(stdout, /^miniauth \d+\.\d+\.\d+\n$/);
});

test('without any configuration, all that is missing is named at once', async (t) => {
  const { code, stdout, stderr } = await run(['serve'], { cwd: await temporaryFolder(t) });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^miniauth: the configuration has 3 faults:\n/);
  for (const setting of ['app_id', 'app_private_key_file', 'alipay_public_key_file']) {
    assert.match(stderr, new RegExp(`\\n  ${setting} \\(MINIAUTH_${setting.toUpperCase()}\\): is missing: set it to `));
  }
});

test('faults of the file and of the variables are named together', async (t) => {
  const { folder, sandbox, keys } = await sandboxKeys(t);
  const file = path.join(folder, 'miniauth.toml');
  await writeFile(file, 'listn = "127.0.0.1:1"\nlog_format = "xml"\ndatabase = "mysql://db"\n');
  const { code, stderr } = await run(['serve', '--config', file], {
    cwd: folder,
    env: {
      ...settings(folder, sandbox),
      MINIAUTH_DATABASE: '',
      MINIAUTH_GATEWAY: 'http://openapi.alipay.com/gateway.do',
      MINIAUTH_APP_PRIVATE_KEY_FILE: path.join(keys, 'app-public-key.pem'),
      MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: path.join(keys, 'none.pem'),
    },
  });
  assert.equal(code, 2);
  assert.match(stderr, /^miniauth: the configuration has 6 faults:\n/);
  assert.match(stderr, /\n {2}listn \(.*miniauth\.toml\): is not a setting; there are listen, /);
  assert.match(stderr, /\n {2}log_format \(MINIAUTH_LOG_FORMAT\): "xml" is neither text nor json/);
  assert.match(stderr, /\n {2}database \(MINIAUTH_DATABASE\): .*sqlite:\/\//);
  assert.match(stderr, /\n {2}gateway \(MINIAUTH_GATEWAY\): .*must be https/);
  assert.match(stderr, /\n {2}app_private_key_file .*this is a public key, and the app's private key/);
  assert.match(stderr, /\n {2}alipay_public_key_file .*none\.pem cannot be read/);
});

test("the app's own key in the platform's place is recognised, and so is a private key there", async (t) => {
  const { folder, sandbox, keys } = await sandboxKeys(t);
  const faults = { 'app-public-key.pem': /app's own public key/, 'platform-private-key.pem': /this is a private key/ };
  for (const [name, expected] of Object.entries(faults)) {
    const env = { ...settings(folder, sandbox), MINIAUTH_ALIPAY_PUBLIC_KEY_FILE: path.join(keys, name) };
    const { code, stderr } = await run(['serve'], { cwd: folder, env });
    assert.equal(code, 2);
    assert.match(stderr, /alipay_public_key_file/);
    assert.match(stderr, expected);
  }
});

test('beyond loopback the server needs a key file, and the sandbox never goes there', async (t) => {
  const { folder, sandbox } = await sandboxKeys(t);
  const env = { ...settings(folder, sandbox), MINIAUTH_LISTEN: '0.0.0.0:0' };
  const server = await run(['serve'], { cwd: folder, env });
  assert.equal(server.code, 2);
  assert.match(server.stderr, /key_file \(MINIAUTH_KEY_FILE\): is missing, and a server beyond loopback/);

  const open = await run(['sandbox', '--listen', '0.0.0.0:0', '--state-dir', path.join(folder, 'other')]);
  assert.equal(open.code, 2);
  assert.match(open.stderr, /loopback/);
});

async function profileOf({ url }) {
  return (await curl(`${url}/control/profiles`)).body.profile;
}

test('the sandbox says under which profile it answers, unless it is the default', async (t) => {
  const folder = await temporaryFolder(t);
  const profiled = await startSandbox(t, folder, ['--profile', 'refresh:fixed,ids:both']);
  await profiled.logs('profile ids:both,refresh:fixed');
  assert.equal(await profileOf(profiled), 'ids:both,refresh:fixed');
  const usual = await startSandbox(t, folder);
  assert.equal(await profileOf(usual), '');
  await usual.stop();
  assert.doesNotMatch(usual.log, /profile/);
  const unknown = await run(['sandbox', '--profile', 'ids:both,close:10']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /"close" acts in the simulator.*ids: user_id \| both \| mixed \| open_id/);
});

test('a taken port is one clear line', async (t) => {
  const { folder, sandbox, server } = await startBoth(t);
  const env = { ...settings(folder, sandbox), MINIAUTH_LISTEN: new URL(server.url).host };
  const { code, stderr } = await run(['serve'], { cwd: folder, env });
  assert.equal(code, 1);
  assert.match(stderr, /miniauth: cannot listen on 127\.0\.0\.1:\d+: another program listens there; stop it, or choose/);
});

test('a database that cannot be made is named', async (t) => {
  const { folder, sandbox } = await sandboxKeys(t);
  const env = { ...settings(folder, sandbox), MINIAUTH_DATABASE: 'sqlite:///proc/none/miniauth.db' };
  const keyFile = path.join(folder, 'server.key');
  await writeFile(keyFile, 'iL0CCoF8H4oyvZrEOcbQ6N2b7p7dX7EmD3Y0m0m1a2E=\n');
  await chmod(keyFile, 0o600);
  const { code, stderr } = await run(['serve'], { cwd: folder, env: { ...env, MINIAUTH_KEY_FILE: keyFile } });
  assert.equal(code, 1);
  assert.match(stderr, /\/proc\/none\/miniauth\.db/);
});

test('a TOML file alone is enough', async (t) => {
  const { folder, sandbox, keys } = await sandboxKeys(t);
  const file = path.join(folder, 'miniauth.toml');
  const lines = [
    'listen = "127.0.0.1:0"',
    `database = "sqlite://${path.join(folder, 'data', 'miniauth.db')}"`,
    'app_id = "2021000000000001"',
    `app_private_key_file = "${path.join(keys, 'app-private-key.pem')}"`,
    `alipay_public_key_file = "${path.join(keys, 'alipay-public-key.pem')}"`,
    `gateway = "${sandbox.url}/gateway.do"`,
    'session_lifetime_seconds = 60',
    'log_format = "json"',
  ];
  await writeFile(file, lines.join('\n'));
  const server = await startServer(t, folder, { MINIAUTH_CONFIG: file });
  assert.equal((await postAuth(server, { authcode: 'never-was' })).status, 422);
  const line = server.log.split('\n').find((text) => text.includes('/auth'));
  assert.deepEqual([JSON.parse(line).route, JSON.parse(line).status], ['/auth', 422]);
});

test('database and key are readable by their owner alone', async (t) => {
  const { folder } = await startBoth(t);
  for (const name of ['miniauth.db', 'miniauth.db-wal', 'miniauth.key']) {
    assert.equal((await stat(path.join(folder, name))).mode & 0o777, 0o600, name);
  }
  assert.equal(Buffer.from(await readFile(path.join(folder, 'miniauth.key'), 'utf8'), 'base64').length, 32);
});

test('SIGINT and SIGTERM end both programs in order, and a login under way is finished', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const { folder, sandbox, server, control } = await startBoth(t);
    assert.equal(await server.stop(signal), 0);
    const gateway = await HoldingGateway.start(t, sandbox);
    const busy = await startServer(t, folder, { ...settings(folder, sandbox), MINIAUTH_GATEWAY: gateway.url });
    const answer = postAuth(busy, { authcode: await control.authCode('zhang-wei') });
    await gateway.called();
    const stopped = busy.stop(signal);
    gateway.release();
    assert.equal(await stopped, 0);
    const { status, body } = await answer;
    assert.equal(status, 200, JSON.stringify(body));

    const restarted = await startServer(t, folder, settings(folder, sandbox));
    assert.equal((await withSession(restarted, body.session, '/session')).status, 200);
    assert.equal(await sandbox.stop(signal), 0);
  }
});
