import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  PlatformError,
  errorOf,
  formatProfile,
  hasTag,
  outcome,
  parseProfile,
  platform,
  simulatedCalls,
  tagRules,
} from '../../platform/index.mjs';
import { readPlatform } from '../../platform/reader.mjs';

test('a profile is parsed and written, in an address too; what is not named has its default', () => {
  const profile = parseProfile('close:10, onShow:app+page,json:strict');
  assert.deepEqual([profile.close, profile.onShow, profile.json, profile.status], ['10', 'app+page', 'strict', 'ok']);
  assert.equal(formatProfile(profile), 'close:10,onShow:app+page');
  assert.equal(formatProfile(parseProfile('')), '');
  const address = new URL('http://127.0.0.1/?profile=onShow:app+page,ids:both');
  const inAddress = parseProfile(address.searchParams.get('profile'));
  assert.equal(formatProfile(inAddress), 'onShow:app+page,ids:both');
  assert.equal(formatProfile(inAddress, 'sandbox'), 'ids:both');
  assert.equal(formatProfile(inAddress, 'simulator'), 'onShow:app+page');
});

test('an unknown profile, an unknown value and a profile named twice are errors that name all there are', () => {
  for (const wrong of ['close:4', 'closed:3', 'close', 'close:3:4', 'toString:x', 'close:3,close:3']) {
    assert.throws(
      () => parseProfile(wrong),
      (error) => error instanceof PlatformError && /is not a profile/.test(error.message) && /close: 3 \| 10;.*node: /.test(error.message),
      wrong,
    );
  }
});

test('an outcome is that of the reading in force; a row without one is an error', () => {
  assert.equal(outcome('auth-code-closed', parseProfile('')), '3');
  assert.equal(outcome('auth-code-closed', parseProfile('close:10')), '10');
  assert.throws(() => outcome('auth-code-refused', parseProfile('')), /0 outcomes/);
  assert.throws(() => outcome('no-such-row', parseProfile('')), /no row/);
});

test('a call has the options and errors of the call that it is like, and its own defaults', () => {
  assert.ok(simulatedCalls('current').includes('request') && !simulatedCalls('legacy').includes('request'));
  const call = platform.call('httpRequest');
  assert.equal(call.defaults['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(call.defaults.dataType, 'json');
  assert.ok(call.options.dataType.includes('arraybuffer'));
  assert.equal(errorOf('httpRequest', 19).code, 'http_status');
  assert.equal(errorOf('getAuthCode', 4).code, 'call_not_permitted');
  assert.equal(errorOf('getAuthCode', 99), undefined);
  assert.equal(platform.call('constructor'), undefined);
});

test('a tag has what all tags have, and its own; what the simulator lacks is still the platform’s', () => {
  const { attributes, events } = tagRules('button');
  assert.equal(attributes.class, 'any');
  assert.ok(attributes['open-type'].includes('getAuthorize'));
  assert.deepEqual(events.catchTap, { type: 'tap', stops: true, captures: false });
  assert.equal(events.onGetAuthorize.type, 'getAuthorize');
  assert.equal(tagRules('image').children, false);
  assert.deepEqual(tagRules('block'), { attributes: {}, events: {}, children: true, isPlaceholder: false });
  assert.ok(tagRules('canvas').isPlaceholder && !tagRules('button').isPlaceholder);
  assert.equal(tagRules('nothing'), undefined);
  assert.equal(tagRules('constructor'), undefined);
  const known = [
    ['camera'],
    ['button', 'open-type', 'share'],
    ['button', 'open-type', 'getAuthorize'],
    ['button', 'plain'],
    ['view', 'onTap'],
    ['input', 'onBlur'],
  ];
  for (const path of known) assert.ok(hasTag(...path), path.join('.'));
  const unknown = [['nothing'], ['button', 'nothing'], ['button', 'open-type', 'nothing'], ['view', 'onBlur'], ['text', 'plain']];
  for (const path of unknown) assert.ok(!hasTag(...path), path.join('.'));
});

test('the reader needs no files, so that a browser can use it', () => {
  const source = readFileSync(new URL('../../platform/reader.mjs', import.meta.url), 'utf8');
  assert.doesNotMatch(source, /\bimport\s[^(]|node:|process\b/);
  const { calls, components, config, lifecycle, gateway } = platform;
  const behaviours = { profiles: platform.profiles, rows: [...platform.rows.values()] };
  const data = JSON.parse(JSON.stringify({ calls, components, config, lifecycle, gateway, behaviours }));
  assert.deepEqual(readPlatform(data).defaultProfile(), parseProfile(''));
});

test('no call is described twice: JSON would keep only the last one', () => {
  const text = readFileSync(new URL('../../platform/calls.json', import.meta.url), 'utf8');
  const names = [...text.slice(text.indexOf('"calls": {')).matchAll(/^ {4}"([^"]+)": \{/gm)].map(([, name]) => name);
  assert.deepEqual(names.toSorted(), Object.keys(platform.calls.calls).toSorted());
});
