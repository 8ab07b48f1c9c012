import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Control } from '../src/control.js';
import { platformCall } from '../src/transports.js';

/** A platform with a single WebSocket, whose methods and events are on `my`. */
function oneSocket(connectSocket) {
  const listening = new Set();
  const my = { connectSocket, closeSocket: ({ success }) => success({}), sendSocketMessage: ({ success }) => success({}) };
  for (const name of ['Open', 'Message', 'Error', 'Close']) {
    my[`onSocket${name}`] = (listener) => void listening.add(listener);
    my[`offSocket${name}`] = (listener) => void listening.delete(listener);
  }
  return { my, listening };
}

function open(my) {
  return new Promise((resolve) => {
    const told = (outcome) => (value) => resolve([outcome, value]);
    platformCall(my, 'connectSocket')({ url: 'https://a.example/chat', header: {}, success: told('success'), fail: told('fail') });
  });
}

test('a WebSocket that fails at once registers no listeners', async () => {
  const { my, listening } = oneSocket(({ fail }) => fail({ error: 5 }));
  assert.deepEqual(await open(my), ['fail', { error: 5, asRequest: 2 }]);
  assert.equal(listening.size, 0);
});

test('a WebSocket ends even if listeners cannot be removed', async () => {
  const { my, listening } = oneSocket(({ fail }) => void setTimeout(() => fail({ error: 6 })));
  for (const name of Object.keys(my).filter((each) => each.startsWith('off'))) delete my[name];
  assert.deepEqual(await open(my), ['fail', { error: 6, asRequest: 13 }]);
  assert.equal(listening.size, 4);
});

test('response headers are reported in either form', () => {
  const headers = { etag: 'x' };
  for (const form of [headers, { header: headers }, { headers }]) {
    const control = new Control();
    const told = [];
    control.heard = { onHeaders: (given) => told.push(given) };
    control.attach({ onHeadersReceived: (listener) => listener(form) });
    assert.deepEqual(told, [headers]);
  }
});
