import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { StrictMode, createElement } from 'react';
import TestRenderer from 'react-test-renderer';
import { installPacked } from '../../bare/support/packed.mjs';
import { PURPOSES, pressed, putBeside } from './support.mjs';

/** `miniauth/react` as packed, with the real React and the client on a simulated phone. */

const { act, create } = TestRenderer;

let packed;
let require;
let kit;
let testing;
before(async () => {
  // Tells React that state changes only where a test waits for it.
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  packed = await installPacked();
  await putBeside(packed, ['react']);
  require = createRequire(path.join(packed.folder, '../../app.js'));
  // Taro's export in a mini-program: the element's name.
  const taro = path.join(packed.folder, '../@tarojs/components');
  await mkdir(taro, { recursive: true });
  await writeFile(path.join(taro, 'index.js'), "exports.Button = 'button';\n");
  kit = require('miniauth/react');
  testing = require('miniauth/testing');
});
after(() => packed?.remove());

/** A page as an app's developer would write it. */
function Page({ auth }) {
  const { advice, display, phone, show, join, savePhone, logout } = kit.useAuth(auth);
  return [
    createElement(
      kit.AuthorizeButton,
      { key: 1, scope: 'userInfo', className: 'show', onAnswer: (event) => show(event, PURPOSES.show) },
      '显示昵称',
    ),
    createElement(kit.AuthorizeButton, {
      key: 2,
      scope: 'phoneNumber',
      className: 'phone',
      onAnswer: (event) => savePhone(event, PURPOSES.phone),
    }),
    createElement('button', { key: 3, className: 'join', onClick: (event) => join(event, PURPOSES.join) }),
    createElement('button', { key: 4, className: 'logout', onClick: logout }),
    createElement(City, { key: 5, auth }),
    createElement('view', { key: 6, className: 'shown' }, [advice, display?.nickName, phone?.phoneNumber].join('|')),
  ];
}

function City({ auth }) {
  return createElement('view', { className: 'city' }, kit.useMember(auth)?.city ?? '');
}

async function mounted(element) {
  let tree;
  await act(async () => {
    tree = create(element);
  });
  const by = (className) => tree.root.find(({ type, props }) => typeof type === 'string' && props.className === className);
  return {
    tree,
    props: (name) => by(name).props,
    text: (name) => by(name).children.join(''),
    does: (name, handler, event) =>
      act(async () => {
        await by(name).props[handler](event);
      }),
  };
}

test('a component is tested with miniauth/testing: refuse, show, join, phone, logout', async () => {
  const { fakeAuth, fakeMy, tap } = testing;
  const phone = fakeMy({ user: { nickName: '小张', phone: '13912345678', city: '杭州' }, consents: { userInfo: 'denied' } });
  const { does, text, tree } = await mounted(createElement(StrictMode, null, createElement(Page, { auth: fakeAuth({ phone }) })));
  await does('show', 'onError', await pressed(phone, 'userInfo'));
  assert.equal(text('shown'), '您已拒绝授权，可继续使用其他功能；需要时再次点击即可。||');
  phone.setConsent('userInfo', 'unknown');
  await does('show', 'onGetAuthorize', await pressed(phone, 'userInfo'));
  assert.equal(text('shown'), '|小张|');
  await does('join', 'onClick', tap());
  assert.equal(text('city'), '杭州');
  await does('phone', 'onGetAuthorize', await pressed(phone, 'phoneNumber'));
  assert.equal(text('shown'), '|小张|139****5678');
  await does('logout', 'onClick', tap());
  assert.deepEqual([text('shown'), text('city')], ['||', '']);
  tree.unmount();
});

test('AuthorizeButton: open type, scope and one handler for both events, whatever else is passed', async () => {
  const onAnswer = () => {};
  const { props } = await mounted(
    createElement(kit.AuthorizeButton, { scope: 'userInfo', className: 'blue', disabled: true, openType: 'share', onAnswer }, '授权'),
  );
  const wanted = {
    scope: 'userInfo',
    className: 'blue',
    disabled: true,
    children: '授权',
    openType: 'getAuthorize',
    onGetAuthorize: onAnswer,
    onError: onAnswer,
  };
  assert.deepEqual(props('blue'), wanted);
});

test('after a logout elsewhere the user is no longer shown; another client is another state; removed components are not notified', async () => {
  const { fakeAuth } = testing;
  const [auth, other] = [fakeAuth({ member: { city: '杭州' } }), fakeAuth({ member: { city: '上海' } })];
  await auth.login();
  const { text, tree } = await mounted(createElement(City, { auth }));
  assert.equal(text('city'), '杭州');
  await act(() => auth.logout());
  assert.equal(text('city'), '');
  await act(async () => tree.update(createElement(City, { auth: other })));
  await act(() => other.login());
  assert.equal(text('city'), '上海');
  await act(() => auth.login());
  assert.equal(text('city'), '上海');
  const told = [];
  const { error } = console;
  console.error = (...words) => told.push(words);
  try {
    await act(async () => tree.unmount());
    await other.logout();
  } finally {
    console.error = error;
  }
  assert.deepEqual(told, []);
});

test('actions keep their identity, and an unchanged state is the same object', async () => {
  const seen = [];
  const auth = testing.fakeAuth();
  const Watching = () => {
    seen.push(kit.useAuth(auth));
    return null;
  };
  let tree;
  await act(async () => {
    tree = create(createElement(Watching));
  });
  await act(async () => tree.update(createElement(Watching)));
  assert.ok(seen.length >= 2);
  for (const name of ['login', 'show', 'join', 'savePhone', 'logout', 'attempt']) assert.equal(seen.at(-1)[name], seen[0][name], name);
  assert.equal(seen.at(-1).session, seen[0].session);
});

test('the entries for resolvers that know only files', async () => {
  assert.equal(require(path.join(packed.folder, 'react.js')).useAuth, kit.useAuth);
  const { useAuth } = await import(path.join(packed.folder, 'dist/react.mjs'));
  assert.equal(typeof useAuth, 'function');
});
