// Calls that ask the person about people, addresses, regions, messages and cards, and calls that the phone answers itself; without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { platform as facts } from '../../platform/index.mjs';
import { call, phones } from './support/phone.mjs';

const { phone } = phones();

/** A failure has no class. */
async function fails(person, name, options, error, errorMessage) {
  const [outcome, failure] = await call(person, name, options);
  assert.deepEqual([outcome, failure.error, failure.errorMessage], ['fail', error, errorMessage ?? failure.errorMessage]);
}

test('contacts: whom the person chooses; nobody, and no permission', async () => {
  const person = await phone();
  assert.deepEqual(await call(person, 'choosePhoneContact'), ['success', { name: '张三', mobile: '18100000000' }]);
  Object.assign(person.answers, {
    choosePhoneContact: { value: '李四，139' },
    chooseAlipayContact: { value: '李四' },
    chooseContact: { value: '李四,139' },
  });
  assert.deepEqual(await call(person, 'choosePhoneContact'), ['success', { name: '李四', mobile: '139' }]);
  const [{ realName, mobile }] = (await call(person, 'chooseAlipayContact'))[1].contacts;
  assert.deepEqual([realName, mobile], ['李四', '']);
  assert.equal((await call(person, 'chooseContact', { chooseType: 'single' }))[1].contactsDicArray[0].displayName, '李四');
  Object.assign(person.answers, { choosePhoneContact: 'refuse', chooseAlipayContact: 'refuse', chooseContact: 'cancel' });
  await fails(person, 'choosePhoneContact', {}, 2001, '用户不允许授权');
  await fails(person, 'chooseAlipayContact', {}, 10);
  assert.deepEqual(await call(person, 'chooseContact'), ['success', {}]);
  Object.assign(person.answers, { choosePhoneContact: 'cancel', chooseAlipayContact: 'cancel' });
  await fails(person, 'choosePhoneContact', {}, 11);
  await fails(person, 'chooseAlipayContact', {}, 11);
});

test('addresses and regions: what the person picks', async () => {
  const person = await phone();
  person.answers.getAddress = { value: '文三路 1 号' };
  const [, { resultStatus, result }] = await call(person, 'getAddress');
  assert.deepEqual([resultStatus, result.address, result.area], [9000, '浙江省杭州市西湖区文三路 1 号', '西湖区']);
  person.answers.getAddress = 'cancel';
  assert.deepEqual(await call(person, 'getAddress'), ['success', { resultStatus: 6001, result: '' }]);
  person.answers.getAddress = 'refuse';
  await fails(person, 'getAddress', {}, 4, '无权限调用该接口');
  const list = [{ name: '甲', subList: [{ name: '一' }, { name: '二', id: 2 }] }, { name: '乙' }];
  person.answers.multiLevelSelect = { chosen: [1] };
  assert.deepEqual(await call(person, 'multiLevelSelect', { list }), [
    'success',
    { success: true, result: [{ name: '甲' }, { name: '二' }] },
  ]);
  person.answers.multiLevelSelect = 'cancel';
  assert.deepEqual(await call(person, 'multiLevelSelect', { list }), ['success', { success: false }]);
  await fails(person, 'multiLevelSelect', {}, 2, '参数无效');
  assert.deepEqual(await call(person, 'regionPicker'), [
    'success',
    { data: ['浙江省', '杭州市', '西湖区'], code: ['330000', '330100', '330106'] },
  ]);
  person.answers.chooseDistrict = { chosen: [1] };
  assert.deepEqual(await call(person, 'chooseDistrict', { mode: 0 }), ['success', { name: '上海市', adCode: '310100' }]);
  const mainNormalList = [
    { name: '甲', adCode: '1' },
    { name: '乙', adCode: '2', ext: 'more' },
  ];
  assert.deepEqual(await call(person, 'chooseDistrict', { mode: 0, mainNormalList }), [
    'success',
    { name: '乙', adCode: '2', ext: 'more' },
  ]);
  Object.assign(person.answers, { regionPicker: 'cancel', chooseDistrict: 'cancel' });
  await fails(person, 'regionPicker', {}, 11, '用户取消选择');
  await fails(person, 'chooseDistrict', {}, 11);
});

test('messages and agreements: what the person allowed', async () => {
  const person = await phone();
  const [, taken] = await call(person, 'requestSubscribeMessage', { entityIds: ['a', 'b'] });
  assert.deepEqual([taken.behavior, taken.a, taken.result.subscribedEntityIds], ['subscribe', 'accept', ['a', 'b']]);
  person.answers.requestSubscribeMessage = 'refuse';
  const [outcome, left] = await call(person, 'requestSubscribeMessage', { entityIds: ['a'] });
  assert.deepEqual([outcome, left.a, left.result.unsubscribedEntityIds], ['success', 'reject', ['a']]);
  person.answers.requestSubscribeMessage = 'cancel';
  const [ended, { errorCode, behavior, errorMessage }] = await call(person, 'requestSubscribeMessage', { entityIds: ['a'] });
  assert.deepEqual([ended, errorCode, behavior, errorMessage], ['fail', 11, 'cancel', '用户取消订阅']);
  assert.equal((await call(person, 'requestSubscribeMessage', { entityIds: ['a', 'b', 'c', 'd'] }))[1].errorCode, 203);
  for (const code of Object.keys(facts.call('paySignCenter').results)) {
    person.answers.paySignCenter = code;
    assert.deepEqual(await call(person, 'paySignCenter', { signStr: 's' }), ['success', { resultStatus: code, result: '' }]);
  }
});

test('the platform’s own pages close again; calls for hardware that the simulator lacks do nothing', async () => {
  const person = await phone();
  for (const name of ['openCardList', 'openVoucherList', 'openTicketList']) assert.deepEqual(await call(person, name), ['success', {}]);
  for (const name of ['openMerchantCardList', 'openMerchantVoucherList', 'openMerchantTicketList']) {
    assert.deepEqual(await call(person, name, { partnerId: '2088' }), ['success', {}]);
    await fails(person, name, {}, 2);
  }
  for (const name of ['openVoucherDetail', 'openTicketDetail', 'openKBVoucherDetail']) {
    assert.deepEqual(await call(person, name, { partnerId: '2088', serialNumber: '1' }), ['success', {}]);
    await fails(person, name, { partnerId: '2088' }, 2);
  }
  assert.deepEqual(await call(person, 'openCardDetail', { passId: '1' }), ['success', {}]);
  assert.equal((await call(person, 'saveVideoToPhotosAlbum', { filePath: 'a.mp4' }))[0], 'success');
  await fails(person, 'saveVideoToPhotosAlbum', {}, 2);
  await fails(person, 'loadFontFace', { family: 'f', source: 'url(x)' }, 10, '加载失败');
  assert.deepEqual(await call(person, 'showAuthGuide', { authType: 'LBS' }), ['success', { shown: true }]);
  assert.deepEqual(await call(person, 'isScreenReaderEnabled'), ['success', { screenReaderEnabled: false }]);
  for (const name of [
    'hideAddToDesktopMenu',
    'hideAllAddToDesktopMenu',
    'setVisualEffectOnCapture',
    'startAccelerometer',
    'stopCompass',
    'startGyroscope',
  ])
    assert.equal((await call(person, name))[0], 'success', name);
  const { right, left, width, top, bottom, height } = person.my.getMenuButtonBoundingClientRect();
  assert.deepEqual([right - left, bottom - top, top > person.my.getSystemInfoSync().statusBarHeight], [width, height, true]);
  assert.equal(person.my.getAppBaseInfo().language, person.my.getSystemInfoSync().language);
  assert.equal(person.my.getSystemSetting().locationEnabled, true);
});

test('the city where the user is can be renamed while the list is open', async () => {
  const person = await phone();
  const { my } = person;
  const outcome = (name, options) => call(person, name, options);
  const heard = [];
  my.onLocatedComplete((place) => heard.push(place));
  const [, plain] = await outcome('chooseCity', { showLocatedCity: true });
  assert.deepEqual([plain, heard], [{ city: '杭州市', adCode: '330100', longitude: 120.126293, latitude: 30.274653 }, []]);
  const renamed = await new Promise((resolve) => {
    const task = my.chooseCity({ showLocatedCity: true, setLocatedCity: true, success: resolve });
    task.onLocatedComplete(({ longitude, locatedCityId }) => {
      heard.push([longitude, locatedCityId]);
      task.setLocatedCity({ locatedCityName: '余杭', success: (answer) => heard.push(answer) });
    });
  });
  const { locatedCityId } = heard.find((value) => value.locatedCityId);
  const place = { longitude: 120.126293, latitude: 30.274653, locatedCityId };
  assert.deepEqual(heard, [[120.126293, undefined], place, { locatedCityName: '余杭' }]);
  assert.equal(renamed.city, '余杭');
  await fails(person, 'setLocatedCity', { locatedCityId, locatedCityName: '西湖' }, 13, 'locatedCityId 不匹配');
  await fails(person, 'setLocatedCity', { locatedCityId }, 12, '必填参数为空');
  await fails(person, 'setLocatedCity', { locatedCityId, locatedCityName: 7 }, 11, '参数类型错误');
});

test('ways and steps: what the person enters, and that there is none', async () => {
  const person = await phone();
  const places = { startLat: 30.257839, startLng: 120.062726, endLat: 30.256718, endLng: 120.059985 };
  assert.deepEqual(await call(person, 'calculateRoute', places), ['success', { success: true, distance: 291, duration: 208 }]);
  person.answers.calculateRoute = { value: '500，60' };
  const bus = { ...places, searchType: 'bus', city: 'hangzhou' };
  assert.deepEqual(await call(person, 'calculateRoute', bus), ['success', { success: true, distance: 500, duration: 60 }]);
  person.answers.calculateRoute = 'none';
  assert.deepEqual(await call(person, 'calculateRoute', places), ['success', { success: false }]);
  await fails(person, 'calculateRoute', { ...places, endLat: undefined }, 2);
  await fails(person, 'calculateRoute', { ...places, searchType: 'bus' }, 2);
  await fails(person, 'getRunData', { countDate: 'today' }, 2, '接口参数无效');
  person.answers.getRunData = 'refuse';
  await fails(person, 'getRunData', { countDate: '2026-11-28' }, 1003, '未授权支付宝应用计步权限');
  person.answers.getRunData = 'closed';
  await fails(person, 'getRunData', { countDate: '2026-11-28' }, 1005, '用户未开通支付宝运动功能');
  person.answers.getRunData = {};
  assert.equal((await call(person, 'getRunData', { countDate: '2026-11-28' }))[1].response.subCode, 'isv.missing-encrypt-key');
  person.answers.getRunData = 'refuse';
  assert.equal((await call(person, 'getRunData', { countDate: '2026-11-28' }))[0], 'success', 'the permission is asked for once');
  await fails(person, 'getRunData', {}, 2);
  assert.equal((await call(person, 'getSetting'))[1].authSetting.alipaysports, true);
});

test('risks and pictures are judged by the person; each has its documented errors', async () => {
  const person = await phone();
  const ap = { my: person.my.ap };
  const given = { pid: '2088', bizContext: { risk_type: 'riskinfo_nsf_common', pid: '2088', user_id: '2088', mobile_no: 'null' } };
  assert.equal((await call(ap, 'nsf', given))[1].result.riskResult, '{"riskinfo_nsf_common":"rank1"}');
  person.answers['ap.nsf'] = 'rank3';
  assert.equal((await call(ap, 'nsf', given))[1].result.riskResultDesc, '{"rank3":"等级 3"}');
  person.answers['ap.nsf'] = 'SYSTEM_OUT_ERROR';
  await fails(ap, 'nsf', given, 'SYSTEM_OUT_ERROR', '系统繁忙');
  await fails(ap, 'nsf', { pid: '2088' }, 'bizContentEmpty', '风险数据内容为空');
  await fails(ap, 'nsf', { ...given, pid: undefined }, 'paramMissingError', '参数缺失');
  const campaign = { ...given.bizContext, service: 'marketing' };
  await fails(ap, 'preventCheat', { pid: '2088', bizContext: campaign }, 'riskTypeNoAuth');
  campaign.risk_type = 'riskinfo_anticheat_common';
  assert.match((await call(ap, 'preventCheat', { pid: '2088', bizContext: campaign }))[1].result.riskResult, /anticheat_common":"rank1/);
  const picture = { pid: '2088', bizContext: { risk_type: 'img_risk', content: 'https://shop.example/a.png' } };
  const { apply_id: id } = JSON.parse((await call(ap, 'imgRisk', picture))[1].riskResult);
  const asked = { pid: '2088', bizContext: { risk_type: 'img_risk_result', apply_id: id } };
  person.answers['ap.imgRiskCallback'] = 'REJECTED';
  assert.equal((await call(ap, 'imgRiskCallback', asked))[1].riskResult, '{"action":"REJECTED"}');
  person.answers['ap.imgRisk'] = '4';
  const [outcome, { error, errorCode }] = await call(ap, 'imgRisk', picture);
  assert.deepEqual([outcome, error, errorCode], ['fail', undefined, '4']);
});

test('someone is added to the contacts, or not', async () => {
  const person = await phone();
  assert.deepEqual(await call(person, 'addPhoneContact', { nickName: '七月流火' }), ['success', { success: true }]);
  person.answers.addPhoneContact = 'cancel';
  await fails(person, 'addPhoneContact', {}, 3);
});

/** A phone's recorder, and the events that its listeners received. */
async function withRecorder() {
  const person = await phone();
  const recorder = person.my.getRecorderManager();
  const heard = [];
  for (const event of ['Start', 'Pause', 'Resume', 'Stop', 'Error']) recorder[`on${event}`]((value) => heard.push([event, value]));
  const wait = (milliseconds) =>
    new Promise((resolve) => {
      person.clock.setTimeout(resolve, milliseconds);
    });
  return { person, recorder, heard, wait };
}

test('recordings: as long as they took without pauses, in a file; refused 10, too short 7, a second one 4, a left page 1001', async () => {
  const { person, recorder, heard, wait } = await withRecorder();
  assert.equal(person.my.getRecorderManager(), recorder);
  recorder.start({ format: 'mp3' });
  await wait(2000);
  recorder.pause();
  await wait(5000);
  recorder.resume();
  await wait(1000);
  recorder.start();
  await wait(1);
  recorder.stop();
  await wait(1);
  const [, , , [, second], [, { tempFilePath, duration, fileSize }]] = heard;
  assert.deepEqual(
    heard.map(([event]) => event),
    ['Start', 'Pause', 'Resume', 'Error', 'Stop'],
  );
  assert.deepEqual([second.error, Math.round(duration)], [4, 3]);
  assert.equal(person.my.getFileSystemManager().statSync(tempFilePath).stats.size, fileSize);
  heard.length = 0;
  recorder.start({ duration: 1500 });
  await wait(1600);
  recorder.start({ sampleRate: 44100, encodeBitRate: 48000 });
  await wait(1);
  recorder.start();
  await wait(500);
  recorder.stop();
  await wait(1);
  recorder.start();
  await wait(500);
  person.decisions.leavePage();
  await wait(1);
  assert.deepEqual(
    heard.map(([event, value]) => [event, value?.error ?? value?.duration]),
    [
      ['Start', undefined],
      ['Stop', 1.5],
      ['Error', 3],
      ['Start', undefined],
      ['Error', 7],
      ['Start', undefined],
      ['Error', 1001],
    ],
  );
  const other = await withRecorder();
  other.person.answers['RecorderManager.start'] = 'refuse';
  other.recorder.start();
  await other.wait(1);
  assert.deepEqual(
    other.heard.map(([event, { error, errMsg }]) => [event, error, errMsg]),
    [['Error', 10, '获取权限失败']],
  );
});

test('Bluetooth is switched off: 12 when it is opened, 10000 without, and no devices', async () => {
  const person = await phone();
  assert.deepEqual(await call(person, 'getBluetoothAdapterState'), ['success', { discovering: false, available: false }]);
  await fails(person, 'openBluetoothAdapter', {}, 12, '蓝牙未打开。');
  for (const name of ['startBluetoothDevicesDiscovery', 'getBluetoothDevices', 'connectBLEDevice', 'writeBLECharacteristicValue'])
    await fails(person, name, { deviceId: '1' }, 10000, '未初始化蓝牙适配器。');
  await fails(person, 'startBeaconDiscovery', { uuids: ['1'] }, 11001);
  assert.deepEqual(await call(person, 'getBLEDeviceStatus'), ['success', { authStatus: 3, powerStatus: 4 }]);
  assert.deepEqual(await call(person, 'closeBluetoothAdapter'), ['success', {}]);
  person.my.onBluetoothDeviceFound(() => assert.fail('there are none'));
  person.my.offBluetoothDeviceFound();
});

test('videos, Wi-Fi, shaking and fingerprints: what the person did, or the documented number', async () => {
  const person = await phone();
  const [, { tempFilePath, size }] = await call(person, 'chooseVideo');
  assert.match(tempFilePath, /\.video$/);
  assert.equal((await call(person, 'getFileInfo', { apFilePath: tempFilePath }))[1].size, size);
  await fails(person, 'getConnectedWifi', {}, 12000);
  await call(person, 'startWifi');
  assert.equal((await call(person, 'getConnectedWifi'))[1].wifi.secure, true);
  await fails(person, 'getWifiList', {}, 12012);
  assert.deepEqual(await call(person, 'connectWifi', { SSID: 'a' }), ['success', {}]);
  assert.deepEqual(await call(person, 'watchShake'), ['success', {}]);
  assert.ok((await call(person, 'startIfaaAuthentication'))[1].verifyId);
  const numbers = {
    chooseVideo: { cancel: 11, refuse: 2001 },
    connectWifi: { refuse: 12007, wrong: 12002 },
    startIfaaAuthentication: { cancel: 61003, other: 61001 },
  };
  for (const [name, actions] of Object.entries(numbers)) {
    for (const [action, number] of Object.entries(actions)) {
      person.answers[name] = action;
      await fails(person, name, {}, number);
    }
  }
  await fails(person, 'getBackgroundFetchData', { fetchType: 'pre' }, 3);
  await fails(person, 'generateImageFromCode', { code: 'a', format: 'QRCODE', width: 9 }, 103);
  assert.equal((await call({ my: person.my.ap }, 'getMainSelectedCity'))[1].code, '330100');
  assert.deepEqual((await call(person, 'getAvailableAudioSources'))[1].audioSources, ['auto', 'mic']);
});
