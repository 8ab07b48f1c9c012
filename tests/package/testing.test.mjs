import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { platform } from '../../platform/index.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { LONG, installTools } from './support.mjs';

/** `miniauth/testing` as packed, alone and in the examples. */

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const purpose = '在本页展示您的昵称与头像';

let packed;
let examples;
let testing;
let MiniauthError;
before(async () => {
  packed = await installPacked();
  const app = path.resolve(packed.folder, '../..');
  examples = path.join(app, 'examples', 'page-tests');
  await cp(path.join(ROOT, 'examples', 'page-tests'), examples, { recursive: true });
  await cp(path.join(ROOT, 'example-miniapp'), path.join(app, 'example-miniapp'), {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
  const require = createRequire(path.join(app, 'app.js'));
  testing = require('miniauth/testing');
  ({ MiniauthError } = require('miniauth/wasm'));
});
after(() => packed?.remove());

/** The environment of a program that is not one of this run's tests. */
const OWN = { ...process.env, NODE_TEST_CONTEXT: undefined };

test("node:test: the example's tests of a page pass", async () => {
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'member.test.cjs'], { cwd: examples, env: OWN });
  assert.match(stdout, /# pass 5\n# fail 0/);
});

if (LONG) {
  for (const [runner, program, given, passed] of [
    ['Jest', 'jest/bin/jest.js', [], /Tests: +3 passed, 3 total/],
    ['Vitest', 'vitest/vitest.mjs', ['run'], /Tests +4 passed/],
  ]) {
    test(`${runner}: the example's tests of a page pass`, async () => {
      await installTools();
      const modules = fileURLToPath(new URL('tools/node_modules', import.meta.url));
      await symlink(modules, path.join(examples, 'node_modules')).catch((error) => assert.equal(error.code, 'EEXIST'));
      const { stdout, stderr } = await run(process.execPath, [path.join(modules, program), ...given], {
        cwd: examples,
        env: { ...OWN, NO_COLOR: '1' },
      });
      assert.match(stdout + stderr, passed);
    });
  }
}

test("fakeAuth is the client: it has every method, and its errors are the package's", async () => {
  const auth = testing.fakeAuth();
  const { createAuth } = createRequire(path.join(packed.folder, 'x.js'))('./dist/index.js');
  assert.deepEqual(Object.keys(auth).sort(), Object.keys(createAuth({ my: {}, server: 'https://api.shop.example' })).sort());
  await assert.rejects(auth.authorize({ type: 'load' }, { purpose }), (error) => {
    assert.ok(error instanceof MiniauthError);
    assert.equal(error.code, 'tap_required');
    return true;
  });
});

test('a member: known before, or by what the user is called', async () => {
  const { fakeAuth, tap } = testing;
  assert.equal(await fakeAuth().login(), null);
  assert.equal((await fakeAuth({ member: { nickName: '老李' } }).login()).nickName, '老李');
  const auth = fakeAuth({ user: { nickName: null, city: '杭州' } });
  const { nickName, city } = await auth.authorize(tap(), { purpose });
  assert.deepEqual([nickName, city], [null, '杭州']);
});

test('each answer of a person is reported as on a phone', async () => {
  for (const [answer, code] of [
    ['refuse', 'consent_refused'],
    ['back', 'consent_dismissed'],
    ['background', 'consent_dismissed'],
  ]) {
    const phone = testing.fakeMy();
    phone.answers.auth_user = answer;
    await assert.rejects(testing.fakeAuth({ phone }).authorize(testing.tap(), { purpose }), { code });
    assert.equal(phone.panels, 1);
  }
});

test('consents are kept, withdrawn and queried', async () => {
  const { fakeMy, fakeAuth, tap, authorizeEvent } = testing;
  const phone = fakeMy({ consents: { userInfo: 'granted' } });
  const auth = fakeAuth({ phone });
  await auth.getAuthUserInfo(tap(), { purpose });
  phone.setConsent('userInfo', 'unknown');
  await assert.rejects(auth.getAuthUserInfo(tap(), { purpose }), { code: 'authorize_button_required' });
  await assert.rejects(auth.getAuthUserInfo(authorizeEvent(), { purpose }), { code: 'display_not_authorized' });
  await assert.rejects(auth.getAuthUserInfo(authorizeEvent({ refused: true }), { purpose }), { code: 'consent_refused' });
  await auth.getAuthUserInfo(await phone.authorise(), { purpose });
  assert.throws(() => fakeMy({ consents: { camera: 'granted' } }), /must be one of auth_user/);
  assert.throws(() => fakeMy({ consents: { userInfo: 'yes' } }), /granted, denied or unknown/);
});

test('error numbers, faults and profiles are those of platform/', async () => {
  const { fakeMy } = testing;
  const failure = (phone) => new Promise((fail) => void phone.my.getAuthCode({ scopes: 'auth_user', fail }).catch(() => {}));
  for (const profile of platform.profiles.close.values) {
    const phone = fakeMy({ profile: `close:${profile}` });
    phone.answers.auth_user = 'back';
    const { error, errorMessage } = await failure(phone);
    assert.deepEqual([error, errorMessage], [Number(profile), platform.errorOf('getAuthCode', profile).text]);
  }
  const phone = fakeMy({ faults: 'no-permission:getAuthCode' });
  assert.equal((await failure(phone)).error, 4);
  phone.setFaults('');
  phone.setConsent('auth_user', 'denied');
  assert.equal((await failure(phone)).error, 11);
  assert.throws(() => fakeMy({ faults: 'rain' }), /there is no fault/);
  assert.throws(() => fakeMy({ profile: 'close:4' }), /is not a profile/);
});

test("files: the person picks one, the test's server gets its fields, and a session goes with it", async () => {
  const { fakeMy } = testing;
  const asked = [];
  const respond = (request) => {
    asked.push(request);
    return request.path === '/photos' ? { status: 201, data: { id: 7 } } : undefined;
  };
  const phone = fakeMy({ respond, pictures: [{ bytes: new Uint8Array(12), type: 'image/png' }] });
  const {
    apFilePaths: [filePath],
  } = await phone.my.chooseImage();
  const given = {
    url: 'https://api.shop.example/photos',
    filePath,
    name: 'photo',
    formData: { extra: '1' },
    header: { authorization: 'Bearer a' },
  };
  const { statusCode, data } = await phone.my.uploadFile(given);
  assert.deepEqual([statusCode, JSON.parse(data)], [201, { id: 7 }]);
  assert.deepEqual(asked[0].data, { extra: '1', photo: { path: filePath, size: 12 } });
  assert.equal(asked[0].headers.authorization, 'Bearer a');
  phone.answers.image = 'back';
  await assert.rejects(phone.my.chooseImage(), { error: 11 });
  phone.setFaults('offline');
  await assert.rejects(phone.my.uploadFile(given), { error: 12 });
});

test('WebSockets: the test serves them, refuses one, and closes one', async () => {
  const { fakeMy } = testing;
  const served = [];
  const socket = (own) => {
    served.push(own);
    if (own.url.endsWith('/closed')) own.refuse();
    own.onMessage((data) => (data === 'bye' ? own.close(4000, 'done') : own.send(`${data}!`)));
  };
  const phone = fakeMy({ socket });
  const open = (room) =>
    phone.my.connectSocket({ url: `wss://api.shop.example/${room}`, multiple: true, header: { authorization: 'Bearer a' } });
  const task = open('chat');
  task.onOpen(() => void task.send({ data: 'hi' }));
  assert.deepEqual(await new Promise((heard) => void task.onMessage(heard)), { data: 'hi!', isBuffer: false });
  assert.equal(served[0].headers.authorization, 'Bearer a');
  const closed = new Promise((heard) => void task.onClose(heard));
  task.send({ data: 'bye' });
  assert.deepEqual(await closed, { reason: 'done' });
  const refused = open('closed');
  assert.equal((await new Promise((heard) => void refused.onError(heard))).error, 1);
});

test("requests: the server's own, the test's, and what is in the way of them", async () => {
  const { fakeMy, fakeAuth, problem } = testing;
  const seen = [];
  const respond = (request) => {
    seen.push(request);
    if (request.path === '/orders') return { data: { orders: [request.data.id] } };
    if (request.path === '/busy') return problem('rate_limited');
    if (request.path === '/down') throw new Error('no route');
    return undefined;
  };
  const phone = fakeMy({ respond });
  const auth = fakeAuth({ phone });
  const ask = (file, data) => auth.httpRequest({ url: `https://api.shop.example/${file}`, method: 'POST', data });
  assert.deepEqual((await ask('orders', { id: 7 })).data, { orders: [7] });
  assert.match(seen.find(({ path: asked }) => asked === '/orders').headers.authorization, /^Bearer fake-session-/);
  await assert.rejects(
    ask('busy'),
    ({ code, response }) => code === 'http_status' && response.status === 429 && response.data.code === 'rate_limited',
  );
  await assert.rejects(ask('down'), { code: 'network' });
  await assert.rejects(ask('none'), ({ response }) => response.data.code === 'not_found');
  await assert.rejects(fakeAuth({ allowed: [] }).login(), { code: 'domain_not_allowed' });
  assert.throws(() => problem('tap_required'), /the server has no error/);
});

test('only the server knows the phone number, and shows it masked', async () => {
  const { fakeMy, fakeAuth, phoneEvent } = testing;
  const phone = fakeMy({ user: { phone: '13912345678' } });
  const auth = fakeAuth({ phone });
  const post = (data) => auth.httpRequest({ url: 'https://api.shop.example/phone', method: 'POST', data });
  const { encryptedData, sign } = phoneEvent().detail;
  assert.equal((await post({ response: encryptedData, sign })).data.phone_number, '139****5678');
  assert.equal((await auth.httpRequest({ url: 'https://api.shop.example/session' })).data.phone.phone_number, '139****5678');
  const refused = async (fault) => {
    const { response } = await phone.sandbox.phoneNumber('fake', fault);
    return post({ response }).then(
      () => '',
      (error) => error.response.data.code,
    );
  };
  assert.equal(await refused(), 'phone_not_authorized');
  phone.setConsent('phoneNumber', 'granted');
  assert.equal(await refused(), '');
  for (const [fault, code] of [
    ['no_product', 'phone_product_not_in_force'],
    ['wrong_key', 'phone_not_decrypted'],
    ['tampered', 'phone_signature_invalid'],
  ]) {
    assert.equal(await refused(fault), code);
  }
});

test('a page asks for the phone number as on a phone: refused, agreed to, and with what may be missing', async () => {
  const { fakeMy, fakeAuth, phoneEvent, tap } = testing;
  const button = { openType: 'getAuthorize', scope: 'phoneNumber' };
  const phone = fakeMy({ user: { phone: '13912345678' }, consents: { phoneNumber: 'denied' } });
  const auth = fakeAuth({ phone });
  const ask = (event) => auth.getPhoneNumber(event, { purpose });
  const press = async () => (await phone.press(button)).filter(({ type }) => type !== 'tap');
  assert.deepEqual(
    (await press()).map(({ type }) => type),
    ['error'],
  );
  await assert.rejects(ask((await press())[0]), { code: 'consent_refused' });
  await assert.rejects(ask(tap()), { code: 'phone_not_authorized' });
  phone.setConsent('phoneNumber', 'unknown');
  const events = await press();
  assert.deepEqual(
    events.map(({ type }) => type),
    ['getAuthorize', 'getPhoneNumber'],
  );
  const numbers = await Promise.all(events.map(ask));
  assert.deepEqual(numbers[0], { phoneNumber: '139****5678', countryCode: undefined, confirmed: true });
  assert.equal(numbers[1], numbers[0], 'one press, one outcome');
  assert.equal(auth.session().consents.phoneNumber, 'granted');
  assert.equal((await ask(phoneEvent())).phoneNumber, '139****5678');
  for (const [fault, code] of [
    ['phone-no-product', 'phone_product_not_in_force'],
    ['phone-wrong-key', 'phone_not_decrypted'],
  ]) {
    phone.setFaults(fault);
    await assert.rejects(ask(tap()), ({ code: is, advice }) => is === code && advice.zh.endsWith('。') && advice.en.length > 10);
  }
  assert.equal(phone.panels, 3);
});

test('display information does not leave the page in a test either', async () => {
  const { fakeMy, fakeAuth } = testing;
  const phone = fakeMy({ user: { nickName: '爱喝茶的小张' } });
  const auth = fakeAuth({ phone });
  await auth.getAuthUserInfo(await phone.authorise(), { purpose });
  const leak = auth.httpRequest({ url: 'https://api.shop.example/save', method: 'POST', data: { who: '爱喝茶的小张' } });
  await assert.rejects(leak, { code: 'display_only_forwarded' });
  assert.ok(!phone.requests.some(({ url }) => url.endsWith('/save')));
});

test('the other entries do not contain miniauth/testing', async () => {
  for (const entry of ['index.js', 'wasm.js', 'plain.js', 'worker.js', 'error.js']) {
    assert.ok(!(await readFile(path.join(packed.folder, 'dist', entry), 'utf8')).includes('fake-session'), entry);
  }
  assert.ok((await readFile(path.join(packed.folder, 'dist/testing.js'), 'utf8')).includes('fake-session'));
});
