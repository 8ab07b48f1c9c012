// Real packet loss. Everything a test starts, stores included, runs with it in its own network namespace, so no other program loses
// packets.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { post, session } from '../../faults/support/wire.mjs';
import { Control, settings, startSandbox, startServer } from '../../http/support.mjs';
import { run } from '../../support/program.mjs';
import { postgresStore } from '../../support/stores.mjs';
import { FORGOTTEN, LOSSES } from './packets.mjs';

const INSIDE = 'MINIAUTH_IN_A_NETWORK_OF_ITS_OWN';
const NAMESPACE = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];

const CLIENTS = 8;
const LOGINS_EACH = 5;

/** How long a silent store may stay unavailable: at most twice what docs/stores.md measured. */
const BACK_WITHIN_MS = { redis: 5_000, postgres: 16_000 };

/** Applies these rules to every outgoing packet, which means to all packets, since everything is on one machine. */
function rules(...lines) {
  const chain = ['chain out {', 'type filter hook output priority 0', ...lines, '}'];
  const input = ['table inet weather {}', 'delete table inet weather', 'table inet weather {', ...chain, '}', ''].join('\n');
  execFileSync('nft', ['-f', '-'], { input });
}

async function stage(t) {
  t.after(() => rules());
  const { folder, env: store, redis } = await postgresStore(t, { withRedis: true });
  const sandbox = await startSandbox(t, folder);
  const control = new Control(sandbox.url);
  const server = await startServer(t, folder, { ...settings(folder, sandbox), ...store, MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0' });
  return { control, server, ports: { redis: port(redis), postgres: port(store.MINIAUTH_DATABASE) } };
}

const port = (url) => Number(new URL(url).port);

/** Repeats a request for as long as the server says to retry, as the package does. */
async function persistent(request, seen) {
  for (;;) {
    const answer = await request();
    if (answer.status !== 503) return answer;
    assert.equal(answer.headers.get('retry-after'), '1');
    seen['put off'] += 1;
    await wait(1_000);
  }
}

for (const loss of process.env[INSIDE] ? LOSSES : []) {
  test(`${loss} of a hundred packets get lost`, async (t) => {
    const { control, server } = await stage(t);
    const codes = await Promise.all(Array.from({ length: CLIENTS * LOGINS_EACH }, () => control.authCode('zhang-wei')));
    const seen = { logins: 0, 'put off': 0, 'begun anew': 0 };
    const logIn = async (authcode) => {
      const body = { authcode, login_id: `login-of-${authcode}`.slice(0, 40) };
      const answer = await persistent(() => post(server, body), seen);
      if (answer.status === 200) return answer.body.session;
      // Retries with a new code, as a page does.
      assert.deepEqual([answer.status, answer.body.code], [409, 'code_outcome_unknown']);
      seen['begun anew'] += 1;
      return logIn(await control.authCode('zhang-wei'));
    };
    rules(`meta l4proto tcp numgen random mod 100 < ${loss} counter drop`);
    const started = performance.now();
    const client = async () => {
      for (let number = 0; number < LOGINS_EACH; number += 1) {
        const token = await logIn(codes.pop());
        seen.logins += 1;
        assert.equal((await persistent(() => session(server, token), seen)).status, 200);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const took = performance.now() - started;
    const lost = Number(/counter packets (\d+)/.exec(execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' }))[1]);
    rules();
    t.diagnostic(`${JSON.stringify(seen)} in ${(took / 1_000).toFixed(1)} s, ${lost} packets lost`);
    assert.ok(lost > 0, 'packets got lost');
    const exchanges = (await control.callLog()).filter(({ method }) => method === 'alipay.system.oauth.token');
    assert.ok(
      exchanges.every(({ outcome }) => outcome === 'ok'),
      'a code that comes twice is refused by the platform',
    );
    assert.ok(exchanges.length <= seen.logins + seen['begun anew']);
  });
}

/** Returns the local ports of all established connections to a port of this machine. */
async function endsOfConnectionsTo(target) {
  const ESTABLISHED = '01';
  const lines = (await readFile('/proc/net/tcp', 'utf8'))
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  const portOf = (address) => Number.parseInt(address.split(':')[1], 16);
  return lines.filter(([, , remote, state]) => portOf(remote) === target && state === ESTABLISHED).map(([, local]) => portOf(local));
}

for (const store of process.env[INSIDE] ? FORGOTTEN : []) {
  test(`the network forgets the connections to ${store}`, async (t) => {
    const { control, server, ports } = await stage(t);
    const logIn = async () => post(server, { authcode: await control.authCode('zhang-wei') });
    // Enough at once to use several connections.
    const answers = await Promise.all(Array.from({ length: CLIENTS }, logIn));
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(CLIENTS).fill(200),
    );
    const ends = await endsOfConnectionsTo(ports[store]);
    assert.ok(ends.length > 0);
    const forgotten = `{ ${ends.join(', ')} }`;
    rules(`tcp dport ${ports[store]} tcp sport ${forgotten} drop`, `tcp sport ${ports[store]} tcp dport ${forgotten} drop`);
    const started = performance.now();
    for (let isBack = false; !isBack;) {
      const both = await Promise.all([logIn(), session(server, answers[0].body.session)]);
      for (const { status } of both) assert.ok([200, 503].includes(status), `${status}`);
      isBack = both.every(({ status }) => status === 200);
    }
    const took = performance.now() - started;
    t.diagnostic(`${ends.length} connections forgotten, service back after ${(took / 1_000).toFixed(1)} s`);
    assert.ok(took < BACK_WITHIN_MS[store], `${took} ms`);
  });
}

/** Returns the reason if this machine cannot create such a network. */
function cannot() {
  const tried = spawnSync(NAMESPACE[0], [...NAMESPACE.slice(1), 'nft', 'add table inet weather'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : (tried.error?.message ?? tried.stderr.trim());
}

if (process.env.MINIAUTH_LONG && !process.env[INSIDE]) {
  test('networks of real packets', async (t) => {
    const reason = cannot();
    if (reason) {
      t.diagnostic(`not tried, for there is no network namespace with nftables here: ${reason}`);
      return;
    }
    const { MINIAUTH_BINARY = '' } = process.env;
    const env = { [INSIDE]: '1', ...(MINIAUTH_BINARY && { MINIAUTH_BINARY }) };
    const node = [process.execPath, '--test-reporter=spec', fileURLToPath(import.meta.url)];
    const { code, stdout, stderr } = await run([...NAMESPACE, ...node], { env });
    for (const line of stdout.split('\n')) if (/^[ℹ✔✖]/.test(line)) t.diagnostic(line);
    assert.equal(code, 0, `${stdout}${stderr}`);
  });
}
