import assert from 'node:assert/strict';
import test from 'node:test';
import { addressRefusal, Cookies, registrableDomain } from '../platform/network.mjs';
import { call, phones } from './support/phone.mjs';

const { phone, echo } = phones();
const APP = 'https://api.shop.example';

const ask = async (of, path, options) => call(of, 'request', { url: APP + path, ...options });

test('an answer has status and statusCode, headers and header; the older call has each once', async () => {
  const asking = await phone();
  const [outcome, value] = await ask(asking, '/a');
  assert.deepEqual([outcome, Object.keys(value)], ['success', ['data', 'status', 'statusCode', 'headers', 'header']]);
  assert.deepEqual(Object.keys((await call(asking, 'httpRequest', { url: `${APP}/a` }))[1]), ['data', 'status', 'headers']);
});

test('a status outside 2xx is success, or fail 19 (status:19); for the older call it is 19', async () => {
  const [outcome, { status }] = await ask(await phone(), '/status/404');
  assert.deepEqual([outcome, status], ['success', 404]);
  const [failed, value] = await ask(await phone('status:19'), '/status/404');
  assert.deepEqual(
    [failed, value.error, value.errorMessage, value.status, value.data.method],
    ['fail', 19, 'http status error', 404, 'GET'],
  );
  assert.equal((await call(await phone(), 'httpRequest', { url: `${APP}/status/404` }))[1].error, 19);
});

test('with dataType json, invalid JSON is fail 14 with status and text, also an empty body; or a string (json:json_or_text)', async () => {
  const asking = await phone();
  const [outcome, { error, errorMessage, status, data }] = await ask(asking, '/not-json');
  assert.deepEqual([outcome, error, errorMessage, status, data], ['fail', 14, 'JSON parse data error', 200, '字']);
  assert.equal((await ask(asking, '/status/204'))[1].error, 14);
  assert.equal((await ask(asking, '/not-json', { dataType: 'text' }))[1].data, '字');
  const lenient = await phone('json:json_or_text');
  for (const dataType of [undefined, 'json']) assert.equal((await ask(lenient, '/not-json', { dataType }))[1].data, '字');
  assert.equal((await ask(lenient, '/a'))[1].data.url, '/a', 'JSON is still parsed');
});

test('a time-out is 13, or for JSON 14 with the status 13', async () => {
  const asking = await phone();
  const [, value] = await ask(asking, '/slow', { timeout: 20_000 });
  assert.deepEqual({ ...value }, { error: 14, errorMessage: 'JSON parse data error', status: 13, data: '请求超时异常', headers: {} });
  assert.equal((await ask(asking, '/slow', { dataType: 'text' }))[1].error, 13);
});

test('a request ends with 9 when it is aborted, and with 1 when the page is left', async () => {
  const asking = await phone();
  const ended = (end) =>
    new Promise((fail) => {
      const task = asking.my.request({ url: `${APP}/slow`, fail });
      task.then(undefined, () => {});
      asking.clock.setTimeout(() => end(task), 20);
    });
  assert.equal((await ended((task) => task.abort())).error, 9);
  assert.equal((await ended(() => asking.decisions.leavePage())).error, 1);
  assert.equal(asking.clock.timers.size, 0, 'no timer is left');
});

test('the whitelist matches registrable domains; other domains fail with 4, or 11 (whitelist:11 and the older call)', async () => {
  const elsewhere = { url: 'https://elsewhere.example/never' };
  assert.equal((await call(await phone(), 'request', elsewhere))[1].error, 4);
  assert.equal((await call(await phone('whitelist:11'), 'request', elsewhere))[1].error, 11);
  assert.equal((await call(await phone(), 'httpRequest', elsewhere))[1].error, 11);
  assert.equal(
    echo().seen.some(({ url }) => url === '/never'),
    false,
  );
  for (const [host, domain] of [
    ['1.a.com', 'a.com'],
    ['a.com', 'a.com'],
    ['x.b.com.cn', 'b.com.cn'],
    ['b.com.cn', 'b.com.cn'],
    ['127.0.0.1', '127.0.0.1'],
  ]) {
    assert.equal(registrableDomain(host), domain, host);
  }
  const refusal = (url) => addressRefusal({ url, headers: [] }, ['https://api.shop.example'], 4)?.error;
  assert.deepEqual(
    ['https://static.shop.example/', 'https://shop.example:8443/', 'https://shop.example.evil.example/', 'https://notshop.example/'].map(
      refusal,
    ),
    [undefined, undefined, 4, 4],
  );
});

test('addresses and headers that the platform rejects', async () => {
  const refusal = (url, headers = []) => addressRefusal({ url, headers }, [APP, 'http://127.0.0.1:81'], 4)?.error;
  assert.deepEqual(
    [
      `${APP}/${'x'.repeat(9000)}`,
      'http://api.shop.example/',
      'ftp://api.shop.example/',
      '/relative',
      'https://user:secret@api.shop.example/',
      'http://127.0.0.1:82/',
    ].map((url) => refusal(url)),
    [2, 20, 20, 2, 2, 4],
  );
  assert.equal(refusal('http://127.0.0.1:81/'), undefined);
  assert.equal(refusal(APP, [['Version', '1']]), 2);
  assert.equal(addressRefusal({ url: APP, headers: [], body: new Uint8Array(10 * 1024 * 1024 + 1) }, [APP], 4).error, 2);
  const asking = await phone();
  for (const options of [
    { url: '' },
    { url: APP, method: 'BREW' },
    { url: APP, dataType: 'xml' },
    { url: APP, timeout: 60_001 },
    { url: APP, headers: { a: 1 } },
  ]) {
    assert.equal((await call(asking, 'request', options))[1].error, 2, JSON.stringify(options));
  }
});

test("a capitalised Content-Type is sent next to the platform's own; a lower-case one replaces it", async () => {
  const asking = await phone();
  const sent = async (headers, name = 'request') =>
    (await call(asking, name, { url: `${APP}/a`, method: 'POST', data: { a: 1 }, headers }))[1].data;
  assert.deepEqual((await sent({})).contentTypes, ['application/json']);
  assert.deepEqual((await sent({ 'Content-Type': 'text/plain' })).contentTypes, ['text/plain', 'application/json']);
  const form = await sent({ 'content-type': 'application/x-www-form-urlencoded' });
  assert.deepEqual([form.contentTypes, form.body], [['application/x-www-form-urlencoded'], 'a=1']);
  assert.deepEqual((await sent({}, 'httpRequest')).contentTypes, ['application/x-www-form-urlencoded']);
});

test('cookies are kept and sent again, until the app ends', async () => {
  const asking = await phone();
  const cookie = async () => (await ask(asking, '/a'))[1].data.cookie;
  assert.deepEqual([await cookie(), await cookie()], [undefined, 'a=b']);
  assert.equal((await ask(asking, '/a'))[1].headers['set-cookie'], undefined);
  asking.start();
  assert.equal(await cookie(), undefined);
});

test('a cookie applies to its host or domain, path and lifetime', () => {
  const cookies = new Cookies();
  const at = (url, now) => cookies.of(new URL(url), now);
  cookies.take(new URL('https://api.shop.example/x'), ['a=1', 'b=2; Domain=shop.example', 'c=3; Path=/x', 'd=4; Max-Age=10', 'e'], 0);
  assert.equal(at('https://api.shop.example/x', 0), 'a=1; b=2; c=3; d=4');
  assert.equal(at('https://api.shop.example/', 10_000), 'a=1; b=2');
  assert.equal(at('https://www.shop.example/', 0), 'b=2');
  assert.equal(at('https://shop.example.evil.example/', 0), undefined);
  cookies.take(
    new URL('https://api.shop.example/'),
    ['a=; Max-Age=0', 'b=; Domain=shop.example; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    0,
  );
  assert.equal(at('https://api.shop.example/', 0), 'd=4');
});

test('a call returns a promise in addition to its callbacks, a request its task in the same object, or only the task (promise:no)', async () => {
  const asking = await phone();
  const promise = asking.my.request({ url: `${APP}/a` });
  assert.equal(typeof promise.abort, 'function');
  assert.equal((await promise).status, 200);
  await assert.rejects(asking.my.request({ url: 'https://elsewhere.example/', fail() {} }), { error: 4 });
  assert.ok((await asking.my.getAuthCode()).authCode);
  for (const [profile, apis] of [
    ['promise:no', 'current'],
    ['', 'legacy'],
  ]) {
    const older = await phone(profile, apis);
    assert.deepEqual(Object.keys(older.my.httpRequest({ url: `${APP}/a` })), ['abort']);
    assert.equal(older.my.getAuthCode({}), undefined);
  }
});

test('a rejected promise that nobody handles is detected', async () => {
  const asking = await phone();
  const fails = { url: 'https://elsewhere.example/' };
  await new Promise((fail) => void asking.my.request({ ...fails, fail }));
  asking.my.request(fails).catch(() => {});
  await assert.rejects(
    (async () => {
      await asking.my.request(fails);
    })(),
  );
  await new Promise((resolve) => void setTimeout(resolve, 20));
  assert.deepEqual(asking.untaken, ['request']);
});

test('a network failure without a message adds none', async () => {
  const asking = await phone();
  const failing = async (reason) => {
    asking.exchange = () => Promise.reject(reason);
    return { ...(await ask(asking, '/a'))[1] };
  };
  assert.deepEqual(await failing(undefined), { error: 12, errorMessage: 'the network failed' });
  assert.deepEqual(await failing(new Error('gone')), { error: 12, errorMessage: 'the network failed: gone' });
});
