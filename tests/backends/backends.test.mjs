// The back-ends of examples/backends, unchanged, against the real server: login, expiry, revocation, a key rotation, and tokens
// that must be rejected. The page is the packed client.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { ORIGIN, Platform } from '../bare/support/platform.mjs';
import { binary, startBoth } from '../http/support.mjs';
import * as programs from '../support/program.mjs';
import { contents, forged } from './forged.mjs';

const EXAMPLES = path.join(import.meta.dirname, '../../examples/backends');

/** The lifetime of a token in these tests, in seconds: the shortest possible. */
const TOKEN_SECONDS = 30;

/** The time limit of every wait, in milliseconds. */
const LIMIT = 60_000;

/** Runs a program that must succeed; returns its standard output. */
async function succeed(command, options) {
  const { code, stdout, stderr } = await programs.run(command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  assert.equal(code, 0, `${command.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** How to prepare a copy of each; returns the command that runs it. */
const MADE_READY = {
  async node(folder) {
    await succeed(['npm', 'ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
    return [process.execPath, 'server.mjs'];
  },
  async python(folder) {
    const python = path.join(folder, 'venv', 'bin', 'python');
    await succeed(['python3', '-m', 'venv', path.join(folder, 'venv')]);
    const install = ['install', '--quiet', '--disable-pip-version-check', '-r', path.join(folder, 'requirements.txt')];
    await succeed([python, '-m', 'pip', ...install]);
    return [python, 'server.py'];
  },
  async java(folder) {
    await succeed(['javac', '-Xlint:all', '-Werror', '-d', 'classes', 'Server.java'], { cwd: folder });
    return ['java', '-cp', 'classes', 'Server'];
  },
  async go(folder) {
    // Downloads nothing: it needs only the standard library.
    const offline = { GOFLAGS: '-mod=readonly', GOPROXY: 'off' };
    await succeed(['go', 'vet', './...'], { cwd: folder, env: offline });
    await succeed(['go', 'build', '-o', 'backend', '.'], { cwd: folder, env: offline });
    return ['./backend'];
  },
};

/** Ordinary runs test one; `cargo xtask test --long` tests the others, whose tools are large or download packages. */
const LANGUAGES = process.env.MINIAUTH_LONG ? Object.keys(MADE_READY) : ['node'];

/** One host for the server and the back-end, like a team's proxy. */
async function startFront(t, server, backend) {
  const front = createServer((incoming, outgoing) => {
    const { url } = /^\/(orders|account)$/.test(incoming.url) ? backend : server;
    const { method, headers } = incoming;
    const passed = request(url + incoming.url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  t.after(() => {
    front.closeAllConnections();
    front.close();
  });
  return `http://127.0.0.1:${front.address().port}`;
}

/** Asks until the answer is as expected. */
async function until(ask, wanted) {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    assert.ok(Date.now() < deadline, `not within ${LIMIT / 1000} s: ${JSON.stringify(answer)}`);
    await wait(250);
  }
}

let client;

before(async () => {
  client = await installPacked();
});
after(() => client.remove());

for (const language of LANGUAGES) {
  test(`a back-end trusts sessions and signed tokens: ${language}`, async (t) => {
    const env = {
      MINIAUTH_TOKEN_AUDIENCES: 'shop,other',
      MINIAUTH_TOKEN_LIFETIME_SECONDS: String(TOKEN_SECONDS),
    };
    const { folder, sandbox, server, control } = await startBoth(t, env);
    const database = { MINIAUTH_DATABASE: `sqlite://${path.join(folder, 'miniauth.db')}` };
    const miniauth = (...args) => succeed([binary, ...args], { env: database });
    const secret = (await miniauth('backends', 'add', 'shop')).trim();

    const copy = path.join(folder, language);
    await cp(path.join(EXAMPLES, language), copy, { recursive: true });
    const command = await MADE_READY[language](copy);
    const own = { MINIAUTH: server.url, AUDIENCE: 'shop', BACKEND_NAME: 'shop', BACKEND_SECRET: secret };
    const backend = await programs.start(t, command, { cwd: copy, env: own }).listening();

    const user = await control.newUser();
    const platform = new Platform({ sandbox: sandbox.url, server: await startFront(t, server, backend) }, user.id, 'current');
    const engine = bareEngine('iOS', client.folder);
    const auth = engine.require().createAuth({ my: platform.my, server: ORIGIN, ...engine.options });
    const token = async (audience = 'shop') =>
      (await auth.httpRequest({ url: `${ORIGIN}/session/token`, method: 'POST', data: { audience } })).data.token;
    const ask = async (where, bearer) => {
      const answer = await fetch(backend.url + where, { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });
      return { status: answer.status, challenge: answer.headers.get('www-authenticate'), body: await answer.json() };
    };
    const refused = async (where, bearer, what) => {
      const { status, challenge, body } = await ask(where, bearer);
      assert.deepEqual([status, body.code], [401, 'session_unknown'], `${what}: ${JSON.stringify(body)}`);
      assert.match(challenge, /^Bearer/, what);
    };

    // Login, by the page's first request.
    const { data: account } = await auth.httpRequest({ url: `${ORIGIN}/account` });
    const first = await token();
    assert.match(account.subject, /^[0-9a-f]{16}$/);
    assert.deepEqual((await ask('/orders', first)).body, { subject: account.subject });
    const session = /[\w-]{43}/.exec([...platform.texts.values()].join(' '))[0];
    await refused('/orders', session, 'a session is no token');
    await refused('/account', first, 'a token is no session');
    for (const where of ['/orders', '/account']) await refused(where, undefined, 'nothing');

    // Forged tokens, and one for another audience.
    const list = await (await fetch(`${server.url}/.well-known/jwks.json`)).json();
    for (const [what, made] of forged(await token(), list)) await refused('/orders', made, what);
    await refused('/orders', await token('other'), 'another audience');

    // Expiry: the page recognises the 401 and gets another token.
    await until(
      () => ask('/orders', first),
      ({ status }) => status === 401,
    );
    assert.ok(Date.now() / 1000 >= contents(first)[1].exp, 'not before its end');
    assert.equal((await ask('/orders', await token())).status, 200);

    // Revocation: sessions end at once, and the page logs in again by itself; a token stays valid until it expires.
    const outlives = await token();
    const ended = await fetch(`${server.url}/auth`, { method: 'DELETE', headers: { authorization: `Bearer ${session}` } });
    assert.equal(ended.status, 204);
    await refused('/account', session, 'a session that has ended');
    const { status } = await ask('/orders', outlives);
    assert.ok(status === 200 || Date.now() / 1000 >= contents(outlives)[1].exp);
    const exchanges = async () => (await control.calls()).filter((method) => method === 'alipay.system.oauth.token').length;
    const logins = await exchanges();
    assert.deepEqual((await auth.httpRequest({ url: `${ORIGIN}/account` })).data, account);
    assert.equal(await exchanges(), logins + 1, 'one login');

    // Key rotation.
    await miniauth('keys', 'rotate');
    const present = contents(await token())[0].kid;
    const next = await until(
      () => token(),
      (made) => contents(made)[0].kid !== present,
    );
    assert.equal((await ask('/orders', next)).body.subject, account.subject);
  });
}
