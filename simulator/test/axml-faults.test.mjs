import assert from 'node:assert/strict';
import test from 'node:test';
import { Source } from '../compile/fault.mjs';
import { compilePageView } from '../compile/template.mjs';

/** AXML and the faults that it must give: line, column, and words of the message. */
const CASES = [
  ['<marquee></marquee>', [[1, 1, /<marquee> is not in this simulator's subset of AXML$/]]],
  ['<lottie onDataReady="x"></lottie>', [[1, 9, /onDataReady of <lottie> exists on the platform, but not in this simulator's subset/]]],
  ['<view\n  scroll="x" />', [[2, 3, /scroll is not an attribute of <view>/]]],
  ['<view>\n\n <swiper onTransition="x"/>\n</view>', [[3, 10, /onTransition of <swiper> exists on the platform, but not in/]]],
  ['<view onSubmit="x" />', [[1, 7, /onSubmit is not an event of <view>.*\(.*catchTap, .*onTap, /]]],
  ['<view a:show="{{x}}" />', [[1, 7, /a:show is not in this simulator's subset/]]],
  ['<view onTap="a.b" />', [[1, 7, /onTap must be the name of a method/]]],
  ['<view onTap />', [[1, 7, /onTap must be the name of a method/]]],
  ['<button type="huge" />', [[1, 9, /type="huge" is not in .*\(default, primary, ghost, warn\)/]]],
  ['<button open-type="share" scope="userInfo" />', [[1, 9, /open-type="share" exists on the platform, but not in/]]],
  ['<button open-type="getAuthorise" scope="userInfo" />', [[1, 9, /open-type="getAuthorise" is not in/]]],
  ['<button onGetAuthorise="x" />', [[1, 9, /onGetAuthorise is not an event of <button>/]]],
  [
    '<button open-type="getAuthorize" scope="userInfo" onGetAuthorize="x" onError="x" onFollowLifestyle="x" />',
    [[1, 82, /onFollowLifestyle of <button> exists on the platform, but not in/]],
  ],
  ['<button catchGetAuthorize="x" />', [[1, 9, /catchGetAuthorize of <button> exists on the platform, but not in/]]],
  ['<button formType="submit" />', [[1, 9, /formType is written form-type/]]],
  ['<button openType="getAuthorize" scope="userInfo" onGetAuthorize="x" onError="y" />', [[1, 9, /openType is written open-type/]]],
  ['<view class />', [[1, 7, /class needs a value/]]],
  ['<view class="a" class="b" />', [[1, 17, /class is set twice/]]],
  ['<view class=a />', [[1, 7, /needs quotes/]]],
  ['<input>x</input>', [[1, 1, /<input> takes no content/]]],
  ['<block class="x"/>', [[1, 8, /<block> takes only a: directives/]]],
  ['<view><text></view>', [[1, 7, /<text> is never closed/]]],
  ['<view>', [[1, 1, /<view> is never closed/]]],
  ['</view>', [[1, 1, /<\/view> closes nothing/]]],
  ['{{ a', [[1, 1, /\{\{ is never closed/]]],
  ['{{ }}', [[1, 3, /an empty expression/]]],
  ['{{ a b }}', [[1, 6, /only one expression/]]],
  ['{{ a + }}', [[1, 8, /not an expression/]]],
  ['{{ a = 1 }}', [[1, 4, /AssignmentExpression is not part/]]],
  ['{{ /x/ }}', [[1, 4, /a regular expression is not part/]]],
  ['<view a:else />', [[1, 7, /a:else must directly follow/]]],
  ['<view a:if="{{a}}" /><text>x</text><view a:elif="{{b}}" />', [[1, 42, /a:elif must directly follow/]]],
  ['<view a:if="{{a}}" a:else />', [[1, 7, /a:if and a:else on one tag/]]],
  ['<view a:if="{{a}}" /><view a:else a:for="{{b}}" />', [[1, 28, /a:else and a:for on one tag/]]],
  ['<view a:key="id" />', [[1, 7, /a:key without a:for/]]],
  ['<view a:for="{{a}}" a:for-item="1x" />', [[1, 21, /a:for-item must be a plain name/]]],
  ['<view a:for="" />', [[1, 7, /a:for needs a value/]]],
  ['a&nbsp;b', [[1, 1, /the entity &nbsp; is unknown/]]],
  ['<![CDATA[x]]>', [[1, 10, /CDATA is not part of AXML/]]],
  [
    '<a/>\n<view b="1"/>',
    [
      [1, 1, /<a> is not in/],
      [2, 7, /b is not an attribute/],
    ],
  ],
];

/** AXML that the platform accepts, but is probably a mistake: the hints that it must give while it runs. */
const HINTS = [
  ['<button disabled="false" />', [[1, 9, /disabled="false" is a string, so it is true: write disabled="\{\{\.\.\.\}\}"/]]],
  ['<button disabled="yes" />', [[1, 9, /disabled="yes" is a string, so it is true/]]],
  ['<button loading="" />', [[1, 9, /loading="" is a string, so it is false/]]],
  ['<view\n  hidden="{{a}} " />', [[2, 3, /hidden="\{\{a\}\} " is a string, so it is true/]]],
  ['<button disabled /><button loading="true" /><view hidden="{{a}}" />', []],
  [
    '<view a:if="false" /><view a:elif="0" />',
    [
      [1, 7, /a:if="false" is a string/],
      [1, 28, /a:elif="0" is a string/],
    ],
  ],
  ['<view a:for="{{a}}" />', [[1, 7, /a:for without a:key/]]],
  ['<view data-itemId="1" />', [[1, 7, /data-itemId: the platform expects lower-case letters/]]],
  ['<label onTap="x" />', [[1, 8, /the platform fires no tap on <label>/]]],
  ['<input catchTap="x" />', [[1, 8, /the platform fires no tap on <input>/]]],
  [
    '<button open-type="getAuthorize" />',
    [
      [1, 9, /without a valid scope \(userInfo, phoneNumber\) every press ends in onError: 请输入合法的scope/],
      [1, 9, /nothing handles the consent: bind onGetAuthorize/],
      [1, 9, /nothing handles a refusal: bind onError/],
    ],
  ],
  ['<button open-type="getAuthorize" scope="userinfo" onGetAuthorize="x" onError="x" />', [[1, 34, /without a valid scope/]]],
  ['<button open-type="getAuthorize" scope="userInfo" onGetUserInfo="x" onError="x" />', []],
  ['<button open-type="getAuthorize" scope="{{kind}}" onGetAuthorize="x" onError="x" />', []],
  [
    '<button open-type="getAuthorize" scope="phoneNumber" onGetAuthorize="x" onError="x" onGetUserInfo="x" />',
    [[1, 85, /onGetUserInfo comes only with scope="userInfo"/]],
  ],
  [
    '<button scope="userInfo" onGetAuthorize="x" />',
    [
      [1, 9, /scope does nothing without open-type="getAuthorize"/],
      [1, 26, /onGetAuthorize does nothing without/],
    ],
  ],
  ['<button open-type="agreePrivacyAuthorization" />', [[1, 9, /bind onAgreePrivacyAuthorization/]]],
];

for (const [axml, expected] of HINTS) {
  test(`hint: ${axml.replaceAll('\n', '⏎')}`, () => {
    const { faults, notices, code } = compilePageView(new Source('pages/a/a.axml', axml), { runtimeModule: 'vue', strict: true });
    assert.deepEqual(faults.map(String), []);
    assert.notEqual(code, '', 'a hint stops nothing');
    assert.deepEqual(
      notices.map(({ line, column }) => [line, column]),
      expected.map(([line, column]) => [line, column]),
      notices.join('\n'),
    );
    expected.forEach(([, , message], index) => assert.match(notices[index].message, message));
  });
}

for (const [axml, expected] of CASES) {
  test(`fault: ${axml.replaceAll('\n', '⏎')}`, () => {
    const { faults, code } = compilePageView(new Source('pages/a/a.axml', axml), { runtimeModule: 'vue', strict: true });
    assert.equal(faults.length, expected.length, faults.map(String).join('\n'));
    assert.equal(code, '', 'a faulty view has no code');
    expected.forEach(([line, column, message], index) => {
      const { file, ...place } = faults[index];
      assert.equal(file, 'pages/a/a.axml');
      assert.deepEqual([place.line, place.column], [line, column], String(faults[index]));
      assert.match(faults[index].message, message);
    });
  });
}

test('a fault prints in a format that terminals make clickable', () => {
  const { faults } = compilePageView(new Source('a.axml', '\n <x/>'), { runtimeModule: 'vue', strict: true });
  assert.match(String(faults[0]), /^a\.axml:2:2: <x> is not in/);
});
