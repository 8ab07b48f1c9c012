import assert from 'node:assert/strict';
import test from 'node:test';
import { call, phones } from './support/phone.mjs';

const { phone } = phones();
const APP = 'wss://api.shop.example';

/** Records what listeners get, in order; `until` waits for one of a kind. */
class Heard {
  constructor() {
    this.all = [];
    this.waiting = [];
  }

  listener(event) {
    return (value) => {
      this.all.push([event, value]);
      for (const look of [...this.waiting]) look();
    };
  }

  /** @returns {Promise<any>} the value of the number-th event of a kind */
  until(event, number = 1) {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.all.filter(([name]) => name === event)[number - 1];
        if (found) resolve(found[1]);
      };
      this.waiting.push(look);
      look();
    });
  }

  get events() {
    return this.all.map(([event]) => event);
  }
}

/** Opens a SocketTask and records its events, including the call's own answer. */
function opened(asking, path = '/socket', options = {}) {
  const heard = new Heard();
  const told = { success: heard.listener('success'), fail: heard.listener('fail') };
  const task = asking.my.connectSocket({ url: APP + path, multiple: true, ...told, ...options });
  for (const event of ['Open', 'Message', 'Error', 'Close']) task[`on${event}`](heard.listener(event.toLowerCase()));
  return { task, heard };
}

test("a SocketTask's events: as listeners of my get them, or wrapped with the socket's id (socket-events:nested)", async () => {
  const { task, heard } = opened(await phone());
  assert.deepEqual(JSON.parse((await heard.until('message')).data), { url: '/socket', protocol: '' });
  assert.deepEqual(await new Promise((success) => void task.send({ data: '你好', success })), { success: true });
  assert.deepEqual(await heard.until('message', 2), { data: '你好', isBuffer: false });
  task.close({ code: 4001, reason: '再见' });
  assert.deepEqual(await heard.until('close'), { reason: '再见' });
  assert.deepEqual(heard.events, ['success', 'open', 'message', 'message', 'close']);

  const nested = opened(await phone('socket-events:nested'));
  const {
    data: { socketTaskID, ...message },
  } = await nested.heard.until('message');
  assert.equal(typeof socketTaskID, 'string');
  assert.deepEqual([JSON.parse(message.data).url, message.isBuffer], ['/socket', false]);
  assert.deepEqual(await nested.heard.until('open'), { data: { socketTaskID } });
  nested.task.close();
  assert.deepEqual(await nested.heard.until('close'), { data: { socketTaskID } });
});

test('the header reaches the server, or not (socket-header:dropped); data becomes the query, and protocols are requested', async () => {
  const asked = async (profile) => {
    const { task, heard } = opened(await phone(profile), '/socket', {
      header: { 'X-Mine': 'yes' },
      data: { room: '一' },
      protocols: ['chat'],
    });
    const said = JSON.parse((await heard.until('message')).data);
    task.close();
    await heard.until('close');
    return said;
  };
  assert.deepEqual(await asked(''), { url: '/socket?room=%E4%B8%80', mine: 'yes', protocol: 'chat' });
  assert.equal((await asked('socket-header:dropped')).mine, undefined);
});

test('success means that the socket is open, or that connecting has begun (socket-success:started)', async () => {
  const asking = await phone();
  const refused = opened(asking, '/refused');
  assert.equal((await refused.heard.until('fail')).error, 1);
  assert.equal((await refused.heard.until('error')).error, 1);
  assert.deepEqual(refused.heard.events, ['fail', 'error']);
  const started = opened(await phone('socket-success:started'), '/refused');
  await started.heard.until('error');
  assert.deepEqual(started.heard.events, ['success', 'error']);
});

test('a WebSocket that does not open: 1 if the server rejects it, 6 if it does not respond, 50 without a network, 65 if not mapped', async () => {
  const asking = await phone();
  const error = async (path, options) => (await opened(asking, path, options).heard.until('error')).error;
  assert.deepEqual([await error('/refused'), await error('/slow'), await error('', { url: 'wss://elsewhere.example/' })], [1, 6, 65]);
  const before = asking.clock.now();
  assert.equal(await error('/slow', { timeout: 1000 }), 6);
  assert.ok(asking.clock.now() - before < 30_000, 'its own time-out');
  asking.faults.set('offline');
  assert.equal(await error('/socket'), 50);
  assert.equal(asking.clock.timers.size, 0, 'no timer is left');
});

test('addresses that my.connectSocket rejects', async () => {
  const asking = await phone();
  const refusal = async (url, more) => (await call(asking, 'connectSocket', { url, ...more }))[1].error;
  assert.deepEqual(
    [
      await refusal(undefined),
      await refusal(''),
      await refusal('/relative'),
      await refusal('https://api.shop.example/'),
      await refusal('ws://api.shop.example/'),
    ],
    [3, 3, 4, 5, 20],
  );
  assert.equal(await refusal(`${APP}/socket`, { header: { a: 1 } }), 2);
});

test('an invalid handshake fails the call, and the next one works', async () => {
  const asking = await phone();
  for (const options of [{ protocols: ['two words'] }, { protocols: ['a', 'a'] }, { header: { 'x-mine': '字' } }]) {
    const { heard } = opened(asking, '/socket', options);
    assert.equal((await heard.until('fail')).error, 1, JSON.stringify(options));
  }
  const { task, heard } = opened(asking);
  await heard.until('open');
  const closing = (options) => new Promise((fail) => void task.close({ ...options, fail })?.catch(() => {}));
  for (const options of [{ code: 999 }, { code: 1006 }, { code: 5000 }, { code: '1000' }, { reason: '字'.repeat(42) }, { reason: 7 }]) {
    assert.equal((await closing(options)).error, 1, JSON.stringify(options));
  }
  task.close({ code: 4999, reason: '字'.repeat(41) });
  await heard.until('close');
});

test('without multiple there is one WebSocket, of my: a second is rejected with 3, or replaces it (socket-second:replaces)', async () => {
  const asking = await phone();
  const heard = new Heard();
  for (const event of ['Open', 'Message', 'Error', 'Close']) asking.my[`onSocket${event}`](heard.listener(event.toLowerCase()));
  assert.equal(asking.my.connectSocket({ url: `${APP}/first` }), undefined);
  assert.match((await heard.until('message')).data, /\/first/);
  assert.equal((await call(asking, 'connectSocket', { url: `${APP}/second` }))[1].error, 3);
  await call(asking, 'sendSocketMessage', { data: 'still there' });
  assert.equal((await heard.until('message', 2)).data, 'still there');
  asking.my.offSocketMessage();
  await call(asking, 'sendSocketMessage', { data: 'close' });
  assert.deepEqual(await heard.until('close'), { reason: 'done' });
  assert.deepEqual(heard.events, ['open', 'message', 'message', 'close']);

  const replacing = await phone('socket-second:replaces');
  const again = new Heard();
  replacing.my.onSocketMessage(again.listener('message'));
  replacing.my.onSocketClose(again.listener('close'));
  replacing.my.connectSocket({ url: `${APP}/first` });
  await again.until('message');
  replacing.my.connectSocket({ url: `${APP}/second` });
  await again.until('close');
  assert.match((await again.until('message', 2)).data, /\/second/);
  assert.equal((await call(replacing, 'closeSocket'))[0], 'success');
  await again.until('close', 2);
});

test('sending before the socket is open, or after it is closed, fails with 10', async () => {
  const asking = await phone();
  assert.equal((await call(asking, 'sendSocketMessage', { data: 'nobody' }))[1].error, 10);
  const { task, heard } = opened(asking);
  const fails = () => new Promise((fail) => void task.send({ data: 'too early', fail })?.catch(() => {}));
  assert.equal((await fails()).error, 10);
  await heard.until('open');
  task.close();
  await heard.until('close');
  assert.equal((await fails()).error, 10);
});

test('binary data travels as base64, both ways', async () => {
  const { task, heard } = opened(await phone());
  await heard.until('open');
  task.send({ data: 'AAH/', isBuffer: true });
  assert.deepEqual(await heard.until('message', 2), { data: 'AAH/', isBuffer: true });
  task.close();
  await heard.until('close');
});

test('five WebSockets at once', async () => {
  const asking = await phone();
  const five = Array.from({ length: 5 }, () => opened(asking));
  await Promise.all(five.map(({ heard }) => heard.until('open')));
  assert.equal((await call(asking, 'connectSocket', { url: `${APP}/socket`, multiple: true }))[1].error, 1);
  five[0].task.close();
  await five[0].heard.until('close');
  const next = opened(asking);
  await next.heard.until('open');
  asking.start();
});

test('the older platform has only the single WebSocket', async () => {
  const asking = await phone('', 'legacy');
  const heard = new Heard();
  asking.my.onSocketOpen(heard.listener('open'));
  assert.equal(asking.my.connectSocket({ url: `${APP}/socket`, multiple: true }), undefined);
  await heard.until('open');
  asking.start();
});
