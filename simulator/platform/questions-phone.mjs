import { CallFault } from './call-fault.mjs';

/** Calls that ask the person about the phone: its microphone, videos, Wi-Fi, routes, steps, and the identity of its user. */

const no = { action: 'cancel', text: '取消' };
const refuse = { action: 'refuse', text: '不允许' };
const yes = (text) => ({ action: 'ok', text, main: true });

/** The platform's answer instead of encrypted data if the app has no key. */
const NO_KEY = { code: '40001', msg: 'Missing Required Arguments', subCode: 'isv.missing-encrypt-key', subMsg: '缺少加密配置' };

function checkDate(countDate, fault) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(String(countDate))) throw fault(2);
}

/** On a phone the app would end here; the person opens it again. */
const back = { title: '小程序已退出', choices: [yes('再次打开')] };

/** The means of travel, with an assumed speed in metres per second for the suggested time. */
const TRAVEL = { walk: ['步行', 1.4], bus: ['公交', 6], drive: ['驾车', 10], ride: ['骑行', 4] };

/** Returns the distance between two places in metres, in a straight line. */
function straightLine(...degrees) {
  const [startLat, startLng, endLat, endLng] = degrees.map((value) => (value * Math.PI) / 180);
  const half = (from, to) => Math.sin((to - from) / 2) ** 2;
  const share = half(startLat, endLat) + Math.cos(startLat) * Math.cos(endLat) * half(startLng, endLng);
  return Math.round(2 * 6_371_000 * Math.asin(Math.sqrt(share)));
}

/** Reads the options of a route. Assumed: wrong options fail with 2. */
function routeOf({ searchType, startLat, startLng, endLat, endLng, city }) {
  const places = [startLat, startLng, endLat, endLng].map(Number);
  if (!Object.hasOwn(TRAVEL, searchType) || !places.every(Number.isFinite) || (searchType === 'bus' && !city)) {
    throw new CallFault(2, 'startLat, startLng, endLat and endLng are required, and city for a bus');
  }
  const [name, speed] = TRAVEL[searchType];
  const metres = straightLine(...places);
  return { name, places, suggested: `${metres},${Math.round(metres / speed)}` };
}

/** @type {Record<string, import('./questions.mjs').Asking>} */
export const PHONE = {
  // The settings' name of this permission is assumed.
  'RecorderManager.start': {
    permission: 'audioRecord',
    panel: () => ({
      title: '小程序要使用你的麦克风',
      note: '不会真实录音，文件里没有声音 · nothing is recorded, the file has no sound in it',
      choices: [refuse, yes('允许')],
    }),
    settle({ action }, _fields, fault) {
      if (action !== 'ok') throw fault(10);
    },
  },
  chooseVideo: {
    leaves: true,
    panel: () => ({
      title: '选择视频',
      note: '视频文件里没有画面 · there is no picture in the file',
      choices: [no, refuse, yes('选择')],
    }),
    settle({ action }, _fields, fault, files) {
      if (action === 'refuse') throw fault(2001);
      if (action === 'cancel') throw fault(11);
      const bytes = new Uint8Array(1024);
      return { tempFilePath: files.add({ bytes, type: 'video/mp4' }), duration: 10, size: bytes.length, height: 480, width: 640 };
    },
  },
  connectWifi: {
    panel: ({ SSID }) => ({
      title: `加入 Wi-Fi“${SSID}”`,
      choices: [refuse, { action: 'wrong', text: '密码错误' }, yes('加入')],
    }),
    settle({ action }, _fields, fault) {
      if (action === 'refuse') throw fault(12007);
      if (action === 'wrong') throw fault(12002);
    },
  },
  calculateRoute: {
    panel(fields) {
      const { name, places, suggested } = routeOf(fields);
      return {
        title: `${name}路线`,
        content: `${places.slice(0, 2).join(', ')} → ${places.slice(2).join(', ')}`,
        note: '模拟器没有地图，建议值按直线距离 · no map is here: the values are those of the straight line',
        input: { type: 'text', value: suggested, label: '距离（米）,时间（秒）' },
        choices: [{ action: 'none', text: '没有路线' }, yes('确定')],
      };
    },
    settle({ action, value }, fields) {
      if (action !== 'ok') return { success: false };
      const [distance, duration] = (value ?? routeOf(fields).suggested).split(/[,，]/).map(Number);
      return { success: true, distance, duration };
    },
  },
  getRunData: {
    permission: 'alipaysports',
    panel({ countDate }, facts) {
      checkDate(countDate, (number) => CallFault.of(facts, 'getRunData', number));
      return {
        title: '小程序要使用你的运动数据',
        content: countDate,
        note: '步数由平台加密，模拟器没有。不填报文，结果就是“缺少加密配置” · the platform encrypts the steps: without a text here the answer says that the key is missing',
        input: { type: 'text', placeholder: 'response', label: '加密报文' },
        choices: [refuse, { action: 'closed', text: '未开通运动' }, yes('允许')],
      };
    },
    settle({ action, value = '' }, { countDate }, fault) {
      checkDate(countDate, fault);
      if (action === 'closed') throw fault(1005);
      if (action !== 'ok') throw fault(1003);
      return { response: value === '' ? NO_KEY : value };
    },
  },
  watchShake: {
    panel: () => ({ title: '摇一摇', choices: [yes('摇')] }),
    settle: () => ({}),
  },
  startIfaaAuthentication: {
    leaves: true,
    panel: () => ({ title: '验证指纹', choices: [no, { action: 'other', text: '验证失败' }, yes('验证通过')] }),
    settle({ action }, _fields, fault) {
      if (action === 'cancel') throw fault(61003);
      if (action === 'other') throw fault(61001);
      return { verifyId: 'simulator' };
    },
  },
  exitMiniProgram: { leaves: true, panel: () => back, settle: () => ({}) },
  navigateBackMiniProgram: { leaves: true, panel: () => back, settle: () => ({}) },
};
