import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { RealClock } from '../bare/support/clock.mjs';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { ORIGIN, Platform } from '../bare/support/platform.mjs';

/** `miniauth/wasm` on a phone without WebAssembly, with the plain JavaScript elsewhere in the app. */

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

/** Waits are 2,000 times shorter: 30 s become 15 ms. */
const HASTE = 2000;

/** A client in an engine without WebAssembly. */
function opened(plain, profile = 'no WebAssembly') {
  const engine = bareEngine(profile, packed.folder, new RealClock(HASTE));
  const { createAuth } = engine.require('wasm.js');
  const fetched = [];
  const counted =
    plain &&
    (() => {
      fetched.push(plain);
      return plain(engine);
    });
  return { engine, fetched, auth: createAuth({ my: new Platform({}, '', 'current').my, server: ORIGIN, plain: counted }) };
}

const plainModule = (engine) => engine.require('plain-module.js');

for (const [form, plain] of Object.entries({
  'what require gives': async (engine) => plainModule(engine),
  'what import gives of CommonJS': async (engine) => ({ default: plainModule(engine) }),
  'no promise': plainModule,
})) {
  test(`the plain module is fetched where there is no WebAssembly, once: ${form}`, async () => {
    const { auth, fetched } = opened(plain);
    await Promise.all([auth.prepare(), auth.consents()]);
    assert.deepEqual([...(await auth.consents())], []);
    assert.equal(fetched.length, 1);
  });
}

test('with WebAssembly nothing is fetched', async () => {
  const { auth, fetched, engine } = opened(plainModule, 'iOS');
  assert.deepEqual([...(await auth.consents())], []);
  assert.deepEqual([fetched.length, engine.instantiations.length], [0, 1]);
});

const REFUSED = new Error('the sub-package cannot be downloaded');

for (const [how, [plain, cause]] of Object.entries({
  absent: [undefined, /no WebAssembly, and createAuth was called without plain/],
  rejecting: [() => Promise.reject(REFUSED), /cannot be downloaded/],
  throwing: [
    () => {
      throw REFUSED;
    },
    /cannot be downloaded/,
  ],
  'never answering': [() => new Promise(() => {}), /loaded nothing within 30 s/],
  'another module': [async () => ({ createAuth() {} }), /something other than miniauth\/plain-module/],
  nothing: [async () => undefined, /something other than miniauth\/plain-module/],
  'another version': [async (engine) => ({ ...plainModule(engine), checksum: 1 }), /of another version/],
})) {
  test(`plain that is ${how}: start_failed with its cause and advice, and the next call tries again`, async () => {
    const { auth, fetched } = opened(plain);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(auth.consents(), (error) => {
        assert.equal(error.code, 'start_failed');
        assert.match(error.cause.message, cause);
        assert.match(error.advice.en, /plain/);
        return true;
      });
    }
    assert.equal(fetched.length, plain ? 2 : 0);
    if (how === 'rejecting') await assert.rejects(auth.consents(), ({ cause: kept }) => kept === REFUSED);
  });
}

test('plain is a function, and only miniauth/wasm takes one', () => {
  const options = { my: new Platform({}, '', 'current').my, server: ORIGIN };
  const engine = bareEngine('iOS', packed.folder);
  const wrong = { code: 'options_invalid', message: /plain must be a function that returns a promise/ };
  assert.throws(() => engine.require('wasm.js').createAuth({ ...options, plain: 'packages/plain' }), wrong);
  for (const entry of ['index', 'plain']) {
    const { createAuth } = engine.require(`dist/${entry}.js`);
    assert.throws(() => createAuth({ ...options, plain: async () => {} }), { code: 'options_invalid', message: /no option plain/ }, entry);
  }
});

test('native code: the recipe of the README, with the plain module copied into a sub-package', async () => {
  const app = path.join(packed.folder, '../../native');
  await mkdir(path.join(app, 'packages/plain'), { recursive: true });
  const copy = path.join(app, 'packages/plain/plain-module.js');
  await writeFile(copy, await readFile(path.join(packed.folder, 'dist/plain-module.js')));
  const readme = await readFile(path.join(packed.folder, 'README.md'), 'utf8');
  const [, recipe] = /<!-- recipe: native -->\n```js\n([^]*?)```/.exec(readme);
  const native = recipe.replace("'miniauth/wasm'", JSON.stringify(path.relative(app, path.join(packed.folder, 'dist/wasm.js'))));
  await writeFile(path.join(app, 'auth.js'), native);
  const engine = bareEngine('no WebAssembly', packed.folder);
  engine.run(`var my = {}`);
  assert.deepEqual([...(await engine.load(path.join(app, 'auth.js')).consents())], []);
});
