// The platform's decisions on the calls that real mini-programs make most, without a browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { QUESTIONS } from '../platform/questions.mjs';
import { call, phones } from './support/phone.mjs';

const { phone } = phones();

/** A failure is a plain object. */
async function fails(person, name, options, error, errorMessage) {
  const [outcome, failure] = await call(person, name, options);
  assert.deepEqual([outcome, { ...failure }], ['fail', { error, errorMessage: errorMessage ?? failure.errorMessage }]);
}

test('confirm, prompt and action sheet: the button pressed, including cancel', async () => {
  const person = await phone();
  assert.deepEqual(await call(person, 'confirm', { title: '确定？' }), ['success', { confirm: true }]);
  assert.deepEqual(await call(person, 'prompt', { message: '名字' }), ['success', { ok: true, inputValue: '' }]);
  Object.assign(person.answers, { confirm: 'cancel', prompt: { value: '小明' }, showActionSheet: '1' });
  assert.deepEqual(await call(person, 'confirm'), ['success', { confirm: false }]);
  assert.deepEqual(await call(person, 'prompt'), ['success', { ok: true, inputValue: '小明' }]);
  assert.deepEqual(await call(person, 'showActionSheet', { items: ['甲', '乙'] }), ['success', { index: 1 }]);
  Object.assign(person.answers, { prompt: 'cancel', showActionSheet: 'cancel' });
  assert.deepEqual(await call(person, 'prompt'), ['success', { ok: false }]);
  assert.deepEqual(await call(person, 'showActionSheet', { items: ['甲'] }), ['success', { index: -1 }]);
  assert.deepEqual(await call(person, 'showModal', { title: '问' }), ['success', { confirm: true }]);
  person.answers.showModal = { value: '答' };
  assert.deepEqual(await call(person, 'showModal', { editable: true }), ['success', { confirm: true, content: '答' }]);
  assert.deepEqual(person.shown, [], 'they stand on the page, which is not shown again');
});

test('date and options: the choice; cancelling is 11 for one, and empty strings for the other', async () => {
  const person = await phone();
  Object.assign(person.answers, { datePicker: { value: '2026-11-27T23:30' }, optionsSelect: { chosen: [1, 0] } });
  assert.deepEqual(await call(person, 'datePicker', { format: 'yyyy-MM-dd HH:mm' }), ['success', { date: '2026-11-27 23:30' }]);
  const lists = { optionsOne: ['一', '二'], optionsTwo: ['甲', '乙'] };
  const chosen = { selectedOneIndex: 1, selectedOneOption: '二', selectedTwoIndex: 0, selectedTwoOption: '甲' };
  assert.deepEqual(await call(person, 'optionsSelect', lists), ['success', chosen]);
  Object.assign(person.answers, { datePicker: 'cancel', optionsSelect: 'cancel' });
  await fails(person, 'datePicker', {}, 11, '用户取消操作');
  const none = { selectedOneIndex: '', selectedOneOption: '', selectedTwoIndex: '', selectedTwoOption: '' };
  assert.deepEqual(await call(person, 'optionsSelect', lists), ['success', none]);
});

test("scan: the code's content; 10 without a code, 2001 without the camera", async () => {
  const person = await phone();
  person.answers.scan = { action: 'barCode', value: '6901' };
  const found = { code: '6901', result: '6901', barCode: '6901', scanType: 'barCode', imageChannel: 'camera', rawData: 'NjkwMQ==' };
  assert.deepEqual(await call(person, 'scan'), ['success', found]);
  for (const [action, error] of [
    ['cancel', 10],
    ['refuse', 2001],
  ]) {
    person.answers.scan = action;
    await fails(person, 'scan', {}, error);
  }
  assert.deepEqual(person.shown, ['page', 'page', 'page'], 'the platform had shown a page of its own');
});

test('tradePay: each documented code is a success', async () => {
  const person = await phone();
  for (const code of Object.keys(facts.call('tradePay').results)) {
    person.answers.tradePay = code;
    assert.deepEqual(await call(person, 'tradePay', { tradeNO: '2026' }), ['success', { resultCode: code }]);
  }
});

test("the user's location, choosing a place, showing a place", async () => {
  const person = await phone();
  person.answers.getLocation = { value: '31.2, 121.5' };
  const [, here] = await call(person, 'getLocation');
  assert.deepEqual([here.latitude, here.longitude, here.city], ['31.2', '121.5', undefined]);
  assert.equal((await call(person, 'getLocation', { type: 1 }))[1].city, '杭州市');
  assert.equal((await call(person, 'getLocation', { type: 2 }))[1].streetNumber.street, '学院路');
  person.answers.getLocation = 'refuse';
  assert.equal((await call(person, 'getLocation'))[1].latitude, '31.2', 'asked once');
  const asked = async (name) => (await call(person, name))[1].authSetting.location;
  assert.equal(await asked('getSetting'), true);
  person.answers.settings = { location: false };
  assert.equal(await asked('openSetting'), false);
  await fails(person, 'getLocation', {}, 2001, '用户拒绝给小程序授权');
  person.answers.settings = { location: true };
  assert.equal(await asked('openSetting'), true);
  assert.equal((await call(person, 'getLocation'))[0], 'success', 'switched on, not asked again');
  assert.equal((await call(person, 'chooseLocation', { latitude: 30, longitude: 120 }))[1].latitude, 30);
  person.answers.chooseLocation = 'cancel';
  await fails(person, 'chooseLocation', {}, 11);
  const place = { latitude: 30, longitude: 120, name: '店', address: '路' };
  assert.equal((await call(person, 'openLocation', place))[0], 'success');
  await fails(person, 'openLocation', { ...place, address: undefined }, 2);
});

test('phone numbers, previews and saving images: required options, and refusals as documented', async () => {
  const person = await phone();
  assert.equal((await call(person, 'makePhoneCall', { number: '95188' }))[0], 'success');
  await fails(person, 'makePhoneCall', {}, 2);
  assert.equal((await call(person, 'previewImage', { urls: ['https://cdn.example/a.png'] }))[0], 'success');
  await fails(person, 'previewImage', { urls: [] }, 2);
  assert.equal((await call(person, 'saveImage', { url: 'https://cdn.example/a.png' }))[0], 'success');
  await fails(person, 'saveImage', {}, 2);
  for (const [action, error] of [
    ['refuse', 15],
    ['fail', 17],
  ]) {
    person.answers.saveImage = action;
    await fails(person, 'saveImage', { url: 'https://cdn.example/a.png' }, error);
  }
});

test('loading: shown late if delayed, and not at all if hidden before', async () => {
  const person = await phone();
  await call(person, 'showLoading', { content: '载入' });
  assert.deepEqual(person.screen.loading, { content: '载入', mask: true });
  const page = { circle: null };
  page.circle = page;
  assert.equal((await call(person, 'hideLoading', { page }))[0], 'success');
  assert.equal(person.screen.loading, null);
  const later = () => new Promise((resolve) => void person.clock.setTimeout(resolve, 200));
  person.clock.begin();
  await call(person, 'showLoading', { delay: 100 });
  await call(person, 'hideLoading');
  person.clock.end();
  await later();
  assert.equal(person.screen.loading, null);
  person.clock.begin();
  await call(person, 'showLoading', { delay: 100 });
  assert.equal(person.screen.loading, null);
  person.clock.end();
  await later();
  assert.deepEqual(person.screen.loading, { content: '', mask: true });
});

test('title bar, background, pull', async () => {
  const person = await phone();
  await call(person, 'setNavigationBar', { title: '新', backgroundColor: '#112233', frontColor: '#ffffff' });
  assert.deepEqual([person.screen.title, person.screen.titleBarColor, person.screen.frontColor], ['新', '#112233', '#ffffff']);
  assert.deepEqual(await call(person, 'getTitleColor'), ['success', { color: '#112233FF' }]);
  await call(person, 'setNavigationBarColor', { backgroundColor: '#445566' });
  await call(person, 'setNavigationBarTitle', { title: '更新' });
  assert.deepEqual([person.screen.title, person.screen.titleBarColor], ['更新', '#445566']);
  await call(person, 'setNavigationBar', { reset: true, title: '旧' });
  assert.deepEqual([person.screen.title, person.screen.titleBarColor, person.screen.frontColor], ['旧', '#ffffff', '#000000']);
  assert.deepEqual(await call(person, 'setBackgroundColor', { backgroundColor: '#445566' }), ['success', { success: true }]);
  await call(person, 'startPullDownRefresh');
  assert.equal(person.screen.refreshing, true);
  await call(person, 'stopPullDownRefresh');
  assert.equal(person.screen.refreshing, false);
  await fails(person, 'pageScrollTo', {}, 1, 'need scrollTop or selector');
  await fails(person, 'setTabBarBadge', { index: 5, text: '1' }, 2, '无效参数: Error: Index 5 of TabBar do not exists!');
  await fails(person, 'setTabBarStyle', { color: '#000000' }, 2);
});

test('what the phone knows: the same asynchronously and synchronously, and as documented', async () => {
  const person = await phone();
  const { my } = person;
  const [, info] = await call(person, 'getSystemInfo');
  assert.deepEqual(info, my.getSystemInfoSync());
  assert.deepEqual([my.SDKVersion, my.env.clientName, info.screen.width], ['2.9.7', 'ap', my.getWindowInfo().screenWidth]);
  assert.deepEqual(await call(person, 'getNetworkType'), ['success', { networkAvailable: true, networkType: 'WIFI' }]);
  person.faults.set('offline');
  assert.deepEqual(await call(person, 'getNetworkType'), ['success', { networkAvailable: false, networkType: 'NOTREACHABLE' }]);
  my.setStorageSync({ key: 'a', data: 'x' });
  assert.deepEqual((await call(person, 'getStorageInfo'))[1], { keys: ['a'], currentSize: 1, limitSize: 10240 });
  await call(person, 'setClipboard', { text: '抄' });
  assert.deepEqual(await call(person, 'getClipboard'), ['success', { text: '抄' }]);
  await fails(person, 'getExtConfig', {}, 20, '模板配置为空。');
  assert.deepEqual(my.getExtConfigSync(), {});
  assert.equal(my.getAppIdSync().appId, my.getAccountInfoSync().miniProgram.appId);
});

test('choosing a city, another mini-program, the album by its newer name, and calls that only inform the phone', async () => {
  const person = await phone();
  assert.deepEqual(await call(person, 'chooseCity', { cities: [{ city: '朝阳区', adCode: '110105', spell: 'chaoyang' }] }), [
    'success',
    { city: '朝阳区', adCode: '110105' },
  ]);
  person.answers.chooseCity = { chosen: [1] };
  assert.equal((await call(person, 'chooseCity', { showLocatedCity: true }))[1].longitude, undefined);
  person.answers.chooseCity = 'cancel';
  await fails(person, 'chooseCity', {}, 11, '用户取消操作');
  assert.equal((await call(person, 'navigateToMiniProgram', { appId: '2018' }))[0], 'success');
  person.answers.navigateToMiniProgram = 'forbidden';
  await fails(person, 'navigateToMiniProgram', { appId: '2018' }, 30);
  await fails(person, 'navigateToMiniProgram', {}, 2);
  await fails(person, 'saveImageToPhotosAlbum', {}, 2);
  await fails(person, 'canvasToTempFilePath', {}, 1);
  assert.equal((await call(person, 'openDocument', { filePath: 'a.pdf' }))[0], 'success');
  assert.deepEqual(await call(person, 'compressImage', { apFilePaths: ['a'] }), ['success', { apFilePaths: ['a'] }]);
  await call(person, 'setScreenBrightness', { brightness: 0.2 });
  assert.equal((await call(person, 'getScreenBrightness'))[1].brightness, 0.2);
});

test("the platform's own pages are calls of my.ap", async () => {
  const person = await phone();
  const ap = { my: person.my.ap };
  assert.ok(person.my.canIUse('ap.openURL') && person.my.canIUse('ap.openURL.object.url') && !person.my.canIUse('ap.none'));
  assert.deepEqual(await call(ap, 'navigateToAlipayPage', { appCode: 'antForest' }), ['success', {}]);
  assert.deepEqual(await call(ap, 'updateAlipayClient'), ['success', { success: true }]);
  await fails(ap, 'navigateToAlipayPage', {}, 2);
  await fails(ap, 'openURL', { url: 'http://shop.example' }, 2, '参数无效');
  person.answers['ap.openURL'] = 'forbidden';
  await fails(ap, 'openURL', { url: 'https://shop.example' }, 6002, '跳转目标不在白名单');
});

test('maps, canvases, videos and sounds have all their methods, which do nothing', async () => {
  const { my } = await phone();
  for (const creator of [
    'createMapContext',
    'createCanvasContext',
    'createVideoContext',
    'createInnerAudioContext',
    'createWebViewContext',
    'createLottieContext',
    'createCameraContext',
    'createOffscreenCanvas',
    'getBackgroundAudioManager',
  ]) {
    const context = my[creator]('id');
    for (const name of facts.call(creator).methods) assert.equal(typeof context[name], 'function', `${creator} ${name}`);
  }
  const answer = await new Promise((resolve) => void my.createMapContext('map').getCenterLocation({ fail: resolve }));
  assert.equal(answer.error, 1);
  const canvas = my.createCanvasContext('canvas');
  canvas.createLinearGradient(0, 0, 1, 1).addColorStop(0, '#ffffff');
  assert.ok(canvas.measureText('字').width > 0);
  await new Promise((resolve) => void canvas.draw(false, resolve));
  await new Promise((resolve) => void canvas.draw(resolve));
  const sounds = my.getBackgroundAudioManager();
  sounds.src = 'https://shop.example/a.mp3';
  assert.deepEqual([my.getBackgroundAudioManager().src, sounds.paused], ['https://shop.example/a.mp3', true]);
  assert.equal(my.createOffscreenCanvas().createImage().width, 0);
});

test('a camera takes the picture that the person chooses, on the page itself', async () => {
  const person = await phone();
  const camera = person.my.createCameraContext('camera');
  const taken = () => new Promise((resolve) => void camera.takePhoto({ success: resolve, fail: resolve }));
  const { tempImagePath } = await taken();
  assert.equal((await call(person, 'getImageInfo', { src: tempImagePath }))[0], 'success');
  person.answers.image = 'back';
  assert.equal((await taken()).error, 1);
  assert.deepEqual(person.shown, []);
});

test('there is never a new version', async () => {
  const { my } = await phone();
  const manager = my.getUpdateManager();
  manager.onUpdateReady(() => assert.fail('ready'));
  assert.deepEqual(await new Promise((resolve) => void manager.onCheckForUpdate(resolve)), { hasUpdate: false });
  const failure = await new Promise((resolve) => void manager.applyUpdate({ fail: resolve }).catch(() => {}));
  assert.equal(failure.error, 1);
});

test('an animation is a chain of steps, collected by export', async () => {
  const { my } = await phone();
  const animation = my.createAnimation({ duration: 100 });
  const usual = { duration: 100, timeFunction: 'linear', delay: 0, transformOrigin: '50% 50% 0' };
  assert.deepEqual(animation.rotate(45).scale(2, 2).step().opacity(0).step({ delay: 5 }).export(), [
    {
      config: usual,
      animation: [
        ['rotate', [45]],
        ['scale', [2, 2]],
      ],
    },
    { config: { ...usual, delay: 5 }, animation: [['opacity', [0]]] },
  ]);
  assert.deepEqual(animation.export(), []);
});

test('files are saved, listed and removed; base64 round-trips', async () => {
  const person = await phone();
  const [
    ,
    {
      apFilePaths: [picture],
    },
  ] = await call(person, 'chooseImage');
  const [, { apFilePath }] = await call(person, 'saveFile', { apFilePath: picture });
  const [, { fileList }] = await call(person, 'getSavedFileList');
  assert.deepEqual(
    fileList.map((file) => [file.apFilePath, file.size]),
    [[apFilePath, person.pictures[0].bytes.length]],
  );
  assert.equal((await call(person, 'getSavedFileInfo', { apFilePath }))[1].size, fileList[0].size);
  await call(person, 'removeSavedFile', { apFilePath });
  await fails(person, 'getSavedFileInfo', { apFilePath }, 12, '文件不存在。');
  await fails(person, 'saveFile', {}, 2);
  await fails(person, 'saveFile', { apFilePath: 'none' }, 12);
  const { my } = person;
  for (const text of ['', 'YQ==', 'YWI=', 'YWJj', '/+8A']) {
    const buffer = my.base64ToArrayBuffer(text);
    assert.equal(Buffer.from(buffer).toString('base64'), text);
    assert.equal(my.arrayBufferToBase64(buffer), text);
  }
});

test('the types of miniauth/testing list each call that asks, except sharing, which has no pages there', async () => {
  const types = await readFile(new URL('../../js/testing.d.ts', import.meta.url), 'utf8');
  const [, union] = /type FakeQuestion =([^;]*);/.exec(types);
  const named = [...union.matchAll(/'([^']+)'/g)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), [...Object.keys(QUESTIONS), 'chooseCity'].filter((name) => name !== 'showSharePanel').toSorted());
});

test('every panel has a choice that most people would press', () => {
  const given = {
    items: ['a'],
    number: '1',
    urls: ['a'],
    filePath: 'a',
    appId: 'a',
    appCode: 'a',
    url: 'https://a.example',
    name: 'a',
    address: 'a',
    latitude: 1,
    longitude: 1,
    list: [{ name: 'a' }],
    entityIds: ['a'],
    partnerId: 'a',
    passId: 'a',
    startLat: 30,
    startLng: 120,
    endLat: 30,
    endLng: 120,
    countDate: '2026-11-28',
    pid: 'a',
  };
  for (const [name, { panel }] of Object.entries(QUESTIONS)) {
    const { risk_type: riskType, needs = [], defaults } = facts.call(name);
    const bizContext = { ...Object.fromEntries(needs.map((need) => [need, 'a'])), risk_type: riskType };
    const { choices } = panel({ ...defaults, ...given, bizContext }, facts);
    assert.equal(choices.filter(({ main }) => main).length, 1, name);
  }
});
