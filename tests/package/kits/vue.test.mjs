import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createRenderer, effectScope, h, nextTick } from 'vue';
import { compileScript, parse } from 'vue/compiler-sfc';
import { installPacked } from '../../bare/support/packed.mjs';
import { PURPOSES, pressed, putBeside, until } from './support.mjs';

/** `miniauth/vue` as packed, with the real Vue and the client on a simulated phone. */

let packed;
let require;
let useAuth;
let testing;
let AuthorizeButton;
before(async () => {
  packed = await installPacked();
  await putBeside(packed, ['vue']);
  require = createRequire(path.join(packed.folder, '../../app.js'));
  ({ useAuth } = require('miniauth/vue'));
  testing = require('miniauth/testing');
  AuthorizeButton = await compiled(require.resolve('miniauth/vue/AuthorizeButton.vue'));
});
after(() => packed?.remove());

/** A single-file component, compiled by Vue. */
async function compiled(file) {
  const { descriptor, errors } = parse(await readFile(file, 'utf8'), { filename: file });
  assert.deepEqual(errors, []);
  const { content } = compileScript(descriptor, { id: 'test', inlineTemplate: true });
  const vue = import.meta.resolve('vue');
  const text = content.replaceAll(/from ['"]vue['"]/g, `from ${JSON.stringify(vue)}`);
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default;
}

/** Elements in memory instead of on a page. */
const { createApp } = createRenderer({
  createElement: (tag) => ({ tag, props: {}, children: [] }),
  createText: (text) => ({ text }),
  createComment: () => ({}),
  setText: (node, text) => void Object.assign(node, { text }),
  setElementText: (node, text) => void Object.assign(node, { children: [{ text }] }),
  // Vue writes `on:` if an event's name contains capitals.
  patchProp: (node, name, _, value) =>
    void Object.assign(node.props, { [name.replace(/^on:(.)/, (__, first) => `on${first.toUpperCase()}`)]: value }),
  insert: (node, parent, anchor) => {
    node.parent = parent;
    const at = anchor ? parent.children.indexOf(anchor) : parent.children.length;
    parent.children.splice(at, 0, node);
  },
  remove: (node) => void node.parent.children.splice(node.parent.children.indexOf(node), 1),
  parentNode: (node) => node.parent,
  nextSibling: (node) => node.parent.children[node.parent.children.indexOf(node) + 1],
});

const textOf = (node) => node.text ?? (node.children ?? []).map(textOf).join('');
const find = (node, name) => (node.props?.class === name ? node : (node.children ?? []).map((child) => find(child, name)).find(Boolean));

/** A page as an app's developer would write it. */
const page = (auth) => ({
  setup() {
    const { advice, display, member, phone, show, join, savePhone, logout } = useAuth(auth);
    return () => [
      h(AuthorizeButton, { scope: 'userInfo', buttonClass: 'show', onAnswer: (event) => show(event, PURPOSES.show) }, () => '显示昵称'),
      h(AuthorizeButton, { scope: 'phoneNumber', buttonClass: 'phone', onAnswer: (event) => savePhone(event, PURPOSES.phone) }),
      h('button', { class: 'join', onTap: (event) => join(event, PURPOSES.join) }),
      h('button', { class: 'logout', onTap: logout }),
      h('view', { class: 'shown' }, [advice.value, display.value?.nickName, member.value?.city, phone.value?.phoneNumber].join('|')),
    ];
  },
});

function mounted(component) {
  const root = { children: [] };
  const app = createApp(component);
  app.mount(root);
  return { app, button: (name) => find(root, name).props, shows: (wanted) => until(() => textOf(find(root, 'shown')) === wanted), root };
}

test('a component is tested with miniauth/testing: refuse, show, join, phone, logout', async () => {
  const { fakeAuth, fakeMy, tap } = testing;
  const phone = fakeMy({ user: { nickName: '小张', phone: '13912345678', city: '杭州' }, consents: { userInfo: 'denied' } });
  const { app, button, shows } = mounted(page(fakeAuth({ phone })));
  button('show').onError(await pressed(phone, 'userInfo'));
  await shows('您已拒绝授权，可继续使用其他功能；需要时再次点击即可。|||');
  phone.setConsent('userInfo', 'unknown');
  button('show').onGetAuthorize(await pressed(phone, 'userInfo'));
  await shows('|小张||');
  button('join').onTap(tap());
  await shows('|小张|杭州|');
  button('phone').onGetAuthorize(await pressed(phone, 'phoneNumber'));
  await shows('|小张|杭州|139****5678');
  button('logout').onTap(tap());
  await shows('|||');
  app.unmount();
});

test('AuthorizeButton: open type, scope and both events, which come as they are', () => {
  const heard = [];
  const { root, button } = mounted({
    render: () =>
      h(
        AuthorizeButton,
        { scope: 'phoneNumber', buttonClass: 'blue', disabled: true, onAnswer: (event) => heard.push(event) },
        () => '授权',
      ),
  });
  const { onGetAuthorize, onError, ...given } = button('blue');
  assert.deepEqual(given, {
    class: 'blue',
    'hover-class': 'button-hover',
    disabled: true,
    'open-type': 'getAuthorize',
    scope: 'phoneNumber',
  });
  assert.equal(textOf(root), '授权');
  const events = [{ type: 'getAuthorize' }, { type: 'error' }];
  onGetAuthorize(events[0]);
  onError(events[1]);
  assert.equal(heard.length, 2);
  for (const index of [0, 1]) assert.equal(heard[index], events[index]);
});

test("busy while an action runs, and the page's own actions share the error", async () => {
  const auth = testing.fakeAuth({ faults: 'offline' });
  const { attempt, busy, error, login } = effectScope().run(() => useAuth(auth));
  const acts = [login(), attempt(() => Promise.resolve(7))];
  assert.equal(busy.value, true);
  assert.deepEqual(await Promise.all(acts), [undefined, 7]);
  assert.deepEqual([busy.value, error.value.code], [false, 'network']);
  await attempt(() => {
    throw new TypeError("the page's own");
  });
  assert.equal(error.value.message, "the page's own");
});

test('after a logout elsewhere the user is no longer shown, and an ended scope is not notified', async () => {
  const auth = testing.fakeAuth({ member: { nickName: '老李' }, consents: { userInfo: 'granted' } });
  const [staying, ended] = [effectScope(), effectScope()];
  const [page1, page2] = [staying, ended].map((scope) => scope.run(() => useAuth(auth)));
  await page1.login();
  await page1.show(testing.tap(), PURPOSES.show);
  await until(() => page2.member.value?.nickName === '老李');
  assert.notEqual(page1.display.value, null);
  ended.stop();
  await auth.logout();
  await until(() => page1.session.value.status === 'none');
  await nextTick();
  assert.deepEqual([page1.member.value, page1.display.value], [null, null]);
  assert.equal(page2.session.value.status, 'living');
  const late = effectScope().run(() => useAuth(auth));
  assert.equal(late.session.value.status, 'none');
});

test('the entries for resolvers that know only files', async () => {
  assert.equal(require(path.join(packed.folder, 'vue.js')).useAuth, useAuth);
  const { useAuth: imported } = await import(path.join(packed.folder, 'dist/vue.mjs'));
  assert.equal(typeof imported, 'function');
});

test('what was asked for before a logout and answered after it is not shown', async () => {
  const auth = testing.fakeAuth({ member: { nickName: '老李' }, consents: { userInfo: 'granted', phoneNumber: 'granted' } });
  let leave;
  const left = new Promise((resolve) => {
    leave = resolve;
  });
  const slow = (name) => ({
    value: async (...given) => {
      const answer = await auth[name](...given);
      await left;
      return answer;
    },
  });
  const shown = effectScope().run(() =>
    useAuth(Object.create(auth, { getAuthUserInfo: slow('getAuthUserInfo'), getPhoneNumber: slow('getPhoneNumber') })),
  );
  const asked = [shown.show(testing.tap(), PURPOSES.show), shown.savePhone(testing.tap(), PURPOSES.phone)];
  await shown.logout();
  leave();
  await Promise.all(asked);
  assert.deepEqual([shown.display.value, shown.phone.value], [null, null]);
});
