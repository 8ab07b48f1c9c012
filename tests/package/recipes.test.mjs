import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { autorun } from 'mobx';
import { createPinia, setActivePinia } from 'pinia';
import { effectScope, watch } from 'vue';
import { bareEngine } from '../bare/support/engine.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { PURPOSES, putBeside, until } from './kits/support.mjs';
import { BUNDLERS, LONG, configuration, makeApp, recipe } from './support.mjs';

/** Builds and runs each recipe of pkg/README.md, unchanged. */

let packed;
let testing;
before(async () => {
  packed = await installPacked();
  await putBeside(packed, ['vue', 'pinia', 'mobx', '@reduxjs/toolkit']);
  testing = createRequire(path.join(packed.folder, '../../app.js'))('miniauth/testing');
});
after(() => packed?.remove());

/** Ordinary runs build one. */
const BUILT = LONG ? Object.keys(BUNDLERS) : ['webpack'];

for (const bundler of BUILT) {
  test(`${bundler}: a phone without WebAssembly fetches the plain JavaScript from the sub-package`, async () => {
    const bundled = await recipe(packed, 'bundled');
    const app = await makeApp(packed, `recipe-${bundler}`, {
      'auth.js': bundler === 'webpack' ? bundled.replace('require(', '__non_webpack_require__(') : bundled,
      'plain.js': await recipe(packed, 'sub-package'),
      'package.json': '{ "private": true, "type": "module" }',
    });
    await BUNDLERS[bundler](app, await configuration(packed, bundler));
    const main = await readFile(path.join(app, 'dist/auth.js'), 'utf8');
    assert.ok(main.length < 175_000, `the main package holds the WebAssembly host alone: ${main.length}`);
    const fetched = await readFile(path.join(app, 'dist/packages/plain.js'), 'utf8');
    assert.ok(fetched.length < 220_000, `the sub-package holds the plain JavaScript, as small as it was: ${fetched.length}`);
    for (const engine of ['no WebAssembly', 'iOS']) {
      const bare = bareEngine(engine, packed.folder);
      bare.run('var my = {};');
      const loaded = bare.load(path.join(app, 'dist/auth.js'));
      assert.deepEqual([...(await (loaded.default ?? loaded).consents())], [], engine);
    }
  });
}

/** The recipe's exports, and its client on the phone of a user who is not a member yet. */
async function opened(name) {
  const app = await makeApp(packed, `store-${name}`, {
    'stores/member.js': await recipe(packed, name),
    'auth.js':
      "import { fakeAuth } from 'miniauth/testing';\nexport const auth = fakeAuth({ user: { nickName: '爱喝茶的小张' }, consents: { userInfo: 'granted' } });\n",
    'app.js': "export * from './stores/member';\nexport { auth } from './auth';\n",
  });
  const outfile = path.join(app, 'app.mjs');
  await build({ entryPoints: [path.join(app, 'app.js')], outfile, bundle: true, format: 'esm', packages: 'external', logLevel: 'error' });
  return import(pathToFileURL(outfile));
}

/** Joins and leaves; returns every member that the store's watcher saw. */
async function joinAndLeave(auth, seen) {
  await auth.authorize(testing.tap(), PURPOSES.join);
  await until(() => seen.at(-1) === '爱喝茶的小张');
  await auth.logout();
  await until(() => seen.at(-1) === undefined);
  return seen;
}

test('Pinia: the member is in the store, follows the client, and nothing of the display is in its state', async () => {
  const { auth, useMemberStore } = await opened('pinia');
  const pinia = createPinia();
  setActivePinia(pinia);
  const store = useMemberStore();
  const seen = [];
  effectScope().run(() =>
    watch(
      () => store.member?.nickName,
      (name) => seen.push(name),
      { flush: 'sync' },
    ),
  );
  assert.deepEqual(await joinAndLeave(auth, seen), ['爱喝茶的小张', undefined]);
  assert.equal((await store.join(testing.tap(), PURPOSES.join)).nickName, '爱喝茶的小张');
  assert.equal(store.member.nickName, '爱喝茶的小张');
  assert.equal(JSON.stringify(pinia.state.value), '{"member":{}}');
  store.$dispose();
  await auth.logout();
  assert.equal(store.member.nickName, '爱喝茶的小张', 'it ended with the store');
});

test('MobX: the member is observable, and changes in an action', async (t) => {
  const { auth, memberStore } = await opened('mobx');
  const warn = t.mock.method(console, 'warn');
  const seen = [];
  const stop = autorun(() => seen.push(memberStore.member?.nickName));
  assert.deepEqual(await joinAndLeave(auth, seen), [undefined, '爱喝茶的小张', undefined]);
  stop();
  assert.deepEqual(
    warn.mock.calls.map((call) => call.arguments),
    [],
  );
});

test('Redux Toolkit: the member is in the state, and what it is given can be serialised', async (t) => {
  const { auth, store } = await opened('redux');
  const error = t.mock.method(console, 'error');
  const seen = [];
  store.subscribe(() => seen.push(store.getState().member?.nickName));
  assert.ok((await joinAndLeave(auth, seen)).includes('爱喝茶的小张'));
  assert.deepEqual(
    error.mock.calls.map((call) => call.arguments),
    [],
  );
});
