import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { autorun } from 'mobx';
import { createPinia, setActivePinia } from 'pinia';
import { effectScope, watch } from 'vue';
import { makeApp, recipe } from '../support.mjs';
import { PURPOSES, installBeside, until } from './support.mjs';

/** The README's recipes for stores, each as it stands there, with the store's own library. */

let packed;
let testing;
before(async () => {
  packed = await installBeside(['vue', 'pinia', 'mobx', '@reduxjs/toolkit']);
  testing = packed.require('miniauth/testing');
});
after(() => packed?.remove());

/** What the recipe exports, and the client that it uses, on the phone of somebody who is no member yet. */
async function opened(name) {
  const app = await makeApp(packed, `store-${name}`, {
    'stores/member.js': await recipe(packed, name),
    'auth.js': "import { fakeAuth } from 'miniauth/testing';\nexport const auth = fakeAuth({ user: { nickName: '爱喝茶的小张' }, consents: { userInfo: 'granted' } });\n",
    'app.js': "export * from './stores/member';\nexport { auth } from './auth';\n",
  });
  const outfile = path.join(app, 'app.mjs');
  await build({ entryPoints: [path.join(app, 'app.js')], outfile, bundle: true, format: 'esm', packages: 'external', logLevel: 'error' });
  return import(pathToFileURL(outfile));
}

/** Joins and leaves, and gives every member that the store had, by its watcher's record. */
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
  effectScope().run(() => watch(() => store.member?.nickName, (name) => seen.push(name), { flush: 'sync' }));
  assert.deepEqual(await joinAndLeave(auth, seen), ['爱喝茶的小张', undefined]);
  assert.equal((await store.join(testing.tap(), PURPOSES.join)).nickName, '爱喝茶的小张');
  assert.equal(store.member.nickName, '爱喝茶的小张');
  assert.equal(JSON.stringify(pinia.state.value), '{"member":{}}');
  store.$dispose();
  await auth.logout();
  assert.equal(store.member.nickName, '爱喝茶的小张', 'it ended with the store');
});

test('MobX: the member is observable, and changes in an action', async () => {
  const { auth, memberStore } = await opened('mobx');
  const warned = [];
  const { warn } = console;
  console.warn = (...words) => warned.push(words.join(' '));
  try {
    const seen = [];
    const stop = autorun(() => seen.push(memberStore.member?.nickName));
    assert.deepEqual(await joinAndLeave(auth, seen), [undefined, '爱喝茶的小张', undefined]);
    stop();
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(warned, []);
});

test('Redux Toolkit: the member is in the state, and what it is given can be serialised', async () => {
  const { auth, store } = await opened('redux');
  const told = [];
  const { error } = console;
  console.error = (...words) => told.push(words.join(' '));
  try {
    const seen = [];
    store.subscribe(() => seen.push(store.getState().member?.nickName));
    assert.ok((await joinAndLeave(auth, seen)).includes('爱喝茶的小张'));
  } finally {
    console.error = error;
  }
  assert.deepEqual(told, []);
});
