import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { installPacked } from '../../bare/support/packed.mjs';
import { NICKNAME, SERVER, event, platform } from './support/platform.mjs';
import { HOSTS, throwingEngine } from './support/throwing.mjs';
import { OPERATIONS } from './throwing.mjs';

const LONG = Boolean(process.env.MINIAUTH_LONG);
/** How many times faster the package's timers run than on a phone. */
const HASTE = 200;
/** How long a call may take to settle, in milliseconds. */
const PATIENCE = 10_000;

/** What the calls throw, in turn. */
const THROWN = [
  new RangeError('Maximum call stack size exceeded'),
  'a text',
  undefined,
  { code: 'network', adviceZh: 'x' },
  Object.freeze({ error: 11 }),
];

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

/** Returns the outcome of a call; fails the test if the call never settles. */
function settled(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: it never settles`)), PATIENCE);
  });
  const outcome = Promise.resolve(promise).then(
    (value) => ({ value }),
    (reason) => ({ reason }),
  );
  return Promise.race([outcome, late]).finally(() => clearTimeout(timer));
}

/** Checks that the client works as if nothing had happened. */
async function works(auth, my, what) {
  const rejected = (reason) => assert.fail(`${what}, then: ${reason?.stack ?? reason} ${String(reason?.cause)}`);
  Object.assign(my, { refuses: false, expires: false, offline: 0 });
  await auth.login().catch(rejected);
  assert.equal(await auth.getAuthCode().catch(rejected), 'code', what);
  assert.equal((await auth.authorize(event('tap'), { purpose: '会员' }).catch(rejected)).storedAt, 1, what);
  await auth.getAuthUserInfo(event('getAuthorize'), { purpose: '展示' }).catch(rejected);
  assert.equal((await auth.httpRequest({ url: `${SERVER}/orders` }).catch(rejected)).status, 200, what);
  await assert.rejects(
    auth.httpRequest({ url: `${SERVER}/x`, method: 'POST', data: { n: NICKNAME } }),
    { code: 'display_only_forwarded' },
    what,
  );
  await new Promise((success, fail) => void my.setStorage({ key: 'k', data: 'tea', success, fail })).catch(rejected);
  await auth.logout().catch(rejected);
}

/** Chooses which calls throw, by number: all in a long run, otherwise the early ones and a sample of the rest. */
const chosen = (calls) => Array.from({ length: calls }, (_, at) => at + 1).filter((at) => LONG || at <= 30 || at % 13 === 0);

for (const host of Object.keys(HOSTS)) {
  test(`${host}: whatever the module calls throws, that call settles, nothing leaves, and the next works`, async (context) => {
    const console = mock.method(globalThis.console, 'error', () => {});
    const engine = await throwingEngine(host, packed.folder, HASTE);
    // Starts the module, which knows display information from here on.
    const first = engine.createAuth({ my: platform(), server: SERVER });
    await first.getAuthUserInfo(event('getAuthorize'), { purpose: '展示' });
    let thrown = 0;
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const visit = async (at) => {
        const my = platform();
        const auth = engine.createAuth({ my, server: SERVER, observe: () => {} });
        await auth.guard();
        const what = `${name}, call ${at}`;
        const result = await engine.during(() => settled(operation(auth, my), what), at, THROWN[thrown % THROWN.length]);
        if (at > 0) {
          thrown += Number(result.fired);
          await works(auth, my, what);
        }
        assert.ok(!JSON.stringify(my.left).includes(NICKNAME) || name === 'a request', what);
        return result.calls;
      };
      const calls = await visit(-1);
      for (const at of chosen(calls)) await visit(at);
    }
    assert.deepEqual(
      console.mock.calls.map(({ arguments: [error] }) => String(error)),
      [],
      'the console',
    );
    console.mock.restore();
    context.diagnostic(`${thrown} calls threw`);
    assert.ok(thrown > 400, `${thrown}`);
  });
}
