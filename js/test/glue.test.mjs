import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as glue from '../src/glue.js';

const decoder = new glue.TextDecoder();
const encoder = new glue.TextEncoder();

/** A small generator with a fixed seed, for repeatable failures. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('the encoder matches the native one, unpaired surrogates included', () => {
  const next = random(1);
  for (let round = 0; round < 2000; round += 1) {
    const units = Array.from({ length: next(40) }, () => [next(0x80), next(0x800), next(0x10000), 0xd800 + next(0x800)][next(4)]);
    const text = String.fromCharCode(...units);
    const native = new TextEncoder().encode(text);
    assert.deepEqual(encoder.encode(text), native);
    const room = new Uint8Array(next(40));
    const nativeRoom = new Uint8Array(room.length);
    assert.deepEqual(encoder.encodeInto(text, room), { ...new TextEncoder().encodeInto(text, nativeRoom) });
    assert.deepEqual(room, nativeRoom);
  }
});

test('the decoder matches the native one, malformed bytes included', () => {
  const next = random(2);
  const native = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let round = 0; round < 2000; round += 1) {
    const text = Array.from({ length: next(40) }, () =>
      String.fromCodePoint([next(0x80), next(0xd800), 0x10000 + next(0x100000)][next(3)]),
    ).join('');
    const bytes = new TextEncoder().encode(text);
    assert.equal(decoder.decode(bytes), text);
    if (bytes.length > 0) bytes[next(bytes.length)] = next(256);
    // The number of replacement characters for a malformed sequence does not matter here.
    const squeeze = (read) => read.replace(/\ufffd+/g, '\ufffd');
    assert.equal(squeeze(decoder.decode(bytes)), squeeze(native.decode(bytes)));
  }
});

test('a long text round-trips', () => {
  const text = '张伟😀\0"\\'.repeat(50000);
  assert.equal(decoder.decode(encoder.encode(text)), text);
});
