import { CallFault } from './call-fault.mjs';
import { CARDS, outcomes } from './questions-cards.mjs';
import { PEOPLE } from './questions-people.mjs';
import { PHONE } from './questions-phone.mjs';
import { RISK } from './questions-risk.mjs';

/**
 * The calls that ask the person something in one panel. `panel` builds the panel from page code's options; `settle` converts the person's
 * answer to what `success` gets, or throws.
 *
 * @typedef {{ action: string, text: string, main?: boolean, danger?: boolean }} Choice `main` marks the usual choice
 * @typedef {object} Question
 * @property {string} [title]
 * @property {string} [content]
 * @property {string} [note] small print for the tester
 * @property {Choice[]} choices
 * @property {{ type: string, value?: string, placeholder?: string, label: string }} [input]
 * @property {{ label: string, options: string[], chosen: number }[]} [lists]
 * @property {string[]} [pictures]
 * @property {boolean} [sheet] shown at the bottom of the screen, one choice per line
 *
 * @typedef {{ action: string, value?: string, chosen?: number[] }} Answer `value` from the input, `chosen` from the lists
 *
 * @typedef {object} Asking
 * @property {(fields: any, facts: any) => Question} panel
 * @property {(answer: Answer, fields: any, fault: (number: number, fields?: object) => CallFault, files: import('./files.mjs').Files) =>
 *   object | void} settle
 * @property {boolean} [leaves] the platform shows it on a page of its own, so the mini-program's page is shown again afterwards
 * @property {string} [permission] the settings' name of a permission that is asked for once
 */

const yes = (text) => ({ action: 'ok', text: String(text), main: true });
const no = (text = '取消') => ({ action: 'cancel', text: String(text) });
const refuse = { action: 'refuse', text: '不允许' };

/** The browser's input type for each of the platform's date formats. */
const DATES = { 'yyyy-MM-dd': 'date', 'HH:mm': 'time', 'yyyy-MM-dd HH:mm': 'datetime-local', 'yyyy-MM': 'month', yyyy: 'number' };

/** The default location: the one in the documents. */
const PLACE = { latitude: '30.274653', longitude: '120.126293' };
const AREA = {
  country: '中国',
  countryCode: '156',
  province: '浙江省',
  provinceAdcode: '330000',
  city: '杭州市',
  cityAdcode: '330100',
  district: '西湖区',
  districtAdcode: '330106',
};
const STREET = { streetNumber: { street: '学院路', number: '77号' } };

/** @type {Record<string, Asking>} */
export const QUESTIONS = {
  ...PEOPLE,
  ...CARDS,
  ...PHONE,
  ...RISK,
  confirm: {
    panel: ({ title, content, confirmButtonText, cancelButtonText }) => ({
      title,
      content,
      choices: [no(cancelButtonText), yes(confirmButtonText)],
    }),
    settle: ({ action }) => ({ confirm: action === 'ok' }),
  },
  prompt: {
    panel: ({ title, message, placeholder, okButtonText, cancelButtonText }) => ({
      title,
      content: message,
      input: { type: 'text', placeholder, label: '' },
      choices: [no(cancelButtonText), yes(okButtonText)],
    }),
    settle: ({ action, value = '' }) => (action === 'ok' ? { ok: true, inputValue: value } : { ok: false }),
  },
  showModal: {
    panel: ({ title, content, showCancel, cancelText, confirmText, editable, placeholderText }) => ({
      title,
      content,
      ...(editable === true && { input: { type: 'text', placeholder: placeholderText, label: '' } }),
      choices: [...(showCancel === false ? [] : [no(cancelText)]), yes(confirmText)],
    }),
    settle: ({ action, value = '' }, { editable }) => ({
      confirm: action === 'ok',
      ...(editable === true && action === 'ok' && { content: value }),
    }),
  },
  showActionSheet: {
    panel: ({ title, items, cancelButtonText, destructiveBtnIndex }) => ({
      title,
      sheet: true,
      choices: [
        ...listed(items).map((text, index) => ({ action: String(index), text, main: index === 0, danger: index === destructiveBtnIndex })),
        no(cancelButtonText),
      ],
    }),
    settle: ({ action }) => ({ index: action === 'cancel' ? -1 : Number(action) }),
  },
  datePicker: {
    panel: ({ format, currentDate }) => ({
      title: '选择日期',
      input: { type: DATES[format] ?? 'date', value: String(currentDate ?? '').replace(' ', 'T'), label: String(format) },
      choices: [no(), yes('确定')],
    }),
    settle({ action, value = '' }, _fields, fault) {
      if (action !== 'ok') throw fault(11);
      return { date: value.replace('T', ' ') };
    },
  },
  optionsSelect: {
    panel: ({ title, optionsOne, optionsTwo, selectedOneIndex = 0, selectedTwoIndex = 0, positiveString, negativeString }) => ({
      title,
      lists: [
        { label: '选项一', options: listed(optionsOne), chosen: selectedOneIndex },
        { label: '选项二', options: listed(optionsTwo), chosen: selectedTwoIndex },
      ].filter(({ options }) => options.length > 0),
      choices: [no(negativeString), yes(positiveString)],
    }),
    settle({ action, chosen }, { optionsOne, optionsTwo, selectedOneIndex = 0, selectedTwoIndex = 0 }) {
      if (action !== 'ok') return { selectedOneIndex: '', selectedOneOption: '', selectedTwoIndex: '', selectedTwoOption: '' };
      const [one, two = selectedTwoIndex] = chosen ?? [selectedOneIndex];
      const second = listed(optionsTwo).length > 0;
      return {
        selectedOneIndex: one,
        selectedOneOption: listed(optionsOne)[one],
        selectedTwoIndex: second ? two : '',
        selectedTwoOption: second ? listed(optionsTwo)[two] : '',
      };
    },
  },
  scan: {
    leaves: true,
    panel: () => ({
      title: '扫一扫',
      note: '请填写要扫到的内容 · enter the content of the code',
      input: { type: 'text', value: 'https://shop.example/', label: '码的内容' },
      choices: [no(), refuse, { action: 'barCode', text: '条形码' }, { action: 'qrCode', text: '二维码', main: true }],
    }),
    settle({ action, value = 'https://shop.example/' }, _fields, fault) {
      if (action === 'refuse') throw fault(2001);
      if (action === 'cancel') throw fault(10);
      return { code: value, result: value, [action]: value, scanType: action, imageChannel: 'camera', rawData: base64(value) };
    },
  },
  tradePay: {
    leaves: true,
    panel: ({ tradeNO, orderStr }, facts) => ({
      title: '付款',
      content: tradeNO === undefined ? String(orderStr ?? '') : `交易号 ${tradeNO}`,
      note: '不会真实扣款，服务端也不会收到通知 · no money moves, and no server is notified',
      sheet: true,
      choices: outcomes(facts, 'tradePay', '9000'),
    }),
    settle: ({ action }) => ({ resultCode: action }),
  },
  getLocation: {
    permission: 'location',
    panel: () => ({
      title: '小程序要使用你的位置',
      note: '允许后不再询问，可在设置中关闭 · asked once, until it is switched off in the settings',
      input: { type: 'text', value: `${PLACE.latitude},${PLACE.longitude}`, label: '纬度,经度' },
      choices: [refuse, yes('允许')],
    }),
    settle({ action, value = `${PLACE.latitude},${PLACE.longitude}` }, { type = 0 }, fault) {
      if (action !== 'ok') throw fault(2001);
      const [latitude, longitude] = value.split(',').map((part) => part.trim());
      const area = {
        ...(Number(type) > 0 && AREA),
        ...(Number(type) > 1 && STREET),
        ...(Number(type) > 2 && { pois: [{ number: '1', address: '黄龙时代广场' }] }),
      };
      return { longitude, latitude, accuracy: '65', horizontalAccuracy: '65', ...area };
    },
  },
  chooseLocation: {
    leaves: true,
    panel: () => ({ title: '选择位置', input: { type: 'text', value: '黄龙时代广场', label: '位置名称' }, choices: [no(), yes('确定')] }),
    settle({ action, value = '黄龙时代广场' }, { latitude = Number(PLACE.latitude), longitude = Number(PLACE.longitude) }, fault) {
      if (action !== 'ok') throw fault(11);
      return { latitude, longitude, name: value, address: '学院路 77 号', provinceName: AREA.province, cityName: AREA.city };
    },
  },
  openLocation: {
    leaves: true,
    panel({ latitude, longitude, name, address }) {
      if ([latitude, longitude, name, address].some((value) => value === undefined || value === '')) {
        throw new CallFault(2, 'longitude, latitude, name and address are required');
      }
      const note = '模拟器不显示地图 · the simulator shows no map';
      return { title: String(name), content: `${address}\n${latitude}, ${longitude}`, note, choices: [yes('返回')] };
    },
    settle: () => ({}),
  },
  // Assumed: cancelling is a success too.
  makePhoneCall: {
    panel({ number }, facts) {
      if (number === undefined || String(number) === '') throw CallFault.of(facts, 'makePhoneCall', 2);
      return { title: String(number), choices: [no(), yes('呼叫')] };
    },
    settle: () => ({}),
  },
  previewImage: {
    panel({ urls, current = 0 }, facts) {
      if (!Array.isArray(urls) || urls.length === 0) throw CallFault.of(facts, 'previewImage', 2);
      return { title: `${Number(current) + 1} / ${urls.length}`, pictures: urls.map(String), choices: [yes('关闭')] };
    },
    settle: () => ({}),
  },
  saveImage: saving('saveImage', ({ url }) => url),
  saveVideoToPhotosAlbum: saving('saveVideoToPhotosAlbum', ({ filePath }) => filePath),
  saveImageToPhotosAlbum: saving('saveImageToPhotosAlbum', ({ filePath }) => filePath),
  // No source says which channels there are.
  showSharePanel: {
    panel: ({ title, desc, path, imageUrl }) => ({
      title: title ?? '分享',
      content: [desc, path].filter(Boolean).join('\n'),
      pictures: imageUrl ? [String(imageUrl)] : [],
      choices: [no(), yes('分享')],
    }),
    settle({ action }) {
      if (action !== 'ok') throw new CallFault(undefined, 'the user shared nothing');
      return { channelName: 'ALPContact', shareResult: true };
    },
  },
  openDocument: {
    leaves: true,
    panel({ filePath }) {
      const note = '模拟器不显示文档 · the simulator shows no documents';
      return { title: '文档', content: String(filePath ?? ''), note, choices: [yes('返回')] };
    },
    settle: () => ({}),
  },
  'ap.navigateToAlipayPage': leaving(({ appCode, path }) => appCode ?? path, 60001),
  'ap.openAlipayApp': leaving(({ appCode }) => appCode, 2),
  'ap.openURL': leaving(({ url }) => (/^(https|alipays):\/\//.test(String(url)) ? url : undefined), 6002),
  'ap.updateAlipayClient': leaving(() => '支付宝升级页', 3),
  navigateToMiniProgram: {
    leaves: true,
    panel({ appId, path }) {
      if (typeof appId !== 'string' || appId === '') throw new CallFault(2, 'appId is required');
      const note = '模拟器无法打开其他小程序 · the simulator cannot open other mini-programs';
      return {
        title: `打开小程序 ${appId}`,
        content: path,
        note,
        choices: [{ action: 'forbidden', text: '不允许被跳转' }, yes('打开后返回')],
      };
    },
    settle({ action }, _fields, fault) {
      if (action === 'forbidden') throw fault(30);
    },
  },
};

/**
 * Builds the question for a page of the platform's own, which the simulator lacks; the call fails without an address, or if the tester
 * forbids it.
 *
 * @param {(fields: any) => unknown} addressOf
 * @param {number} forbidden
 * @returns {Asking}
 */
function leaving(addressOf, forbidden) {
  return {
    leaves: true,
    panel(fields) {
      const address = addressOf(fields);
      if (address === undefined) throw new CallFault(2, '参数无效');
      const note = "模拟器没有支付宝自带的页面 · the simulator has none of Alipay's own pages";
      return { title: '离开小程序', content: String(address), note, choices: [{ action: 'forbidden', text: '打不开' }, yes('打开后返回')] };
    },
    settle({ action }, _fields, fault) {
      if (action === 'forbidden') throw fault(forbidden);
    },
  };
}

/** @returns {Asking} */
function saving(name, pictureOf) {
  return {
    panel(fields, facts) {
      const picture = pictureOf(fields);
      if (typeof picture !== 'string' || picture === '') throw CallFault.of(facts, name, 2);
      const [title, pictures] = name === 'saveVideoToPhotosAlbum' ? ['保存视频', []] : ['保存图片', [picture]];
      return { title, pictures, choices: [{ action: 'fail', text: '失败' }, refuse, yes('保存')] };
    },
    settle({ action }, _fields, fault) {
      if (action === 'refuse') throw fault(15);
      if (action === 'fail') throw fault(17);
    },
  };
}

function listed(items) {
  return Array.isArray(items) ? items.map(String) : [];
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
