import { CallFault } from './call-fault.mjs';

/** Calls that ask for people, addresses, regions and messages. Names, numbers and addresses are invented; the tester may type others. */

const no = { action: 'cancel', text: '取消' };
const refuse = { action: 'refuse', text: '不允许' };
const yes = { action: 'ok', text: '确定', main: true };

const NAME = '张三';
const MOBILE = '18100000000';
const AVATAR = 'https://avatars.shop.example/zhang.png';

/** A contact as the person types it: a name, a comma and a number. */
const contactInput = { type: 'text', value: `${NAME},${MOBILE}`, label: '姓名,手机号' };

function contactOf(value = contactInput.value) {
  const [name = '', mobile = ''] = value.split(/[,，]/).map((part) => part.trim());
  return { name, mobile };
}

/** A few of China's regions; the simulator does not need all of them. */
const REGIONS = [
  { names: ['浙江省', '杭州市', '西湖区'], codes: ['330000', '330100', '330106'] },
  { names: ['上海市', '上海市', '黄浦区'], codes: ['310000', '310100', '310101'] },
  { names: ['北京市', '北京市', '东城区'], codes: ['110000', '110100', '110101'] },
];

const SOME_REGIONS = '模拟器只有几个地区 · only a few regions are here';

/** All paths through a tree of choices, each to a leaf. */
function ways(list, before = []) {
  return list
    .filter((item) => typeof item === 'object' && item !== null)
    .flatMap((item) => {
      const way = [...before, item];
      return Array.isArray(item.subList) && item.subList.length > 0 ? ways(item.subList, way) : [way];
    });
}

function districtsOf({ mainNormalList }) {
  if (Array.isArray(mainNormalList) && mainNormalList.length > 0) return ways(mainNormalList).map((way) => way.at(-1));
  return REGIONS.map(({ names, codes }) => ({ name: names[1], adCode: codes[1] }));
}

/** @type {Record<string, import('./questions.mjs').Asking>} */
export const PEOPLE = {
  choosePhoneContact: {
    leaves: true,
    panel: () => ({ title: '选择联系人', input: contactInput, choices: [no, refuse, yes] }),
    settle({ action, value }, _fields, fault) {
      if (action === 'refuse') throw fault(2001);
      if (action === 'cancel') throw fault(11);
      return contactOf(value);
    },
  },
  chooseAlipayContact: {
    leaves: true,
    panel: () => ({ title: '选择支付宝联系人', input: contactInput, choices: [no, refuse, yes] }),
    settle({ action, value }, _fields, fault) {
      if (action === 'refuse') throw fault(10);
      if (action === 'cancel') throw fault(11);
      const { name, mobile } = contactOf(value);
      return { contacts: [{ realName: name, mobile, email: '', avatar: AVATAR, userId: '2088000000000001' }] };
    },
  },
  chooseContact: {
    leaves: true,
    panel: () => ({ title: '选择联系人', input: contactInput, choices: [no, yes] }),
    /** Choosing nobody is also a success, with an empty answer. */
    settle({ action, value }) {
      if (action !== 'ok') return {};
      const { name, mobile } = contactOf(value);
      return { contactsDicArray: [{ userId: '2088000000000001', avatar: AVATAR, mobile, realName: name, displayName: name }] };
    },
  },
  addPhoneContact: {
    leaves: true,
    panel: (fields) => ({
      title: '添加到通讯录',
      content: Object.entries(fields)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n'),
      choices: [no, { action: 'existing', text: '添加到现有联系人' }, { action: 'ok', text: '创建新联系人', main: true }],
    }),
    settle({ action }, _fields, fault) {
      if (action === 'cancel') throw fault(3);
      return { success: true };
    },
  },
  getAddress: {
    leaves: true,
    panel: () => ({
      title: '选择收货地址',
      input: { type: 'text', value: '西溪路 556 号', label: '详细地址' },
      choices: [refuse, { action: 'cancel', text: '返回' }, yes],
    }),
    settle({ action, value = '西溪路 556 号' }, _fields, fault) {
      if (action === 'refuse') throw fault(4);
      if (action === 'cancel') return { resultStatus: 6001, result: '' };
      const [prov, city, area] = REGIONS[0].names;
      const address = `${prov}${city}${area}${value}`;
      return {
        resultStatus: 9000,
        result: { address, country: '中国', prov, city, area, street: '', fullname: NAME, mobilePhone: MOBILE },
      };
    },
  },
  multiLevelSelect: {
    panel({ title, list }, facts) {
      if (!Array.isArray(list)) throw CallFault.of(facts, 'multiLevelSelect', 2);
      return {
        title: title ?? '请选择',
        lists: [{ label: '选项', options: ways(list).map((way) => way.map(({ name }) => String(name)).join(' / ')), chosen: 0 }],
        choices: [no, yes],
      };
    },
    settle({ action, chosen = [0] }, { list }) {
      if (action !== 'ok') return { success: false };
      return { success: true, result: ways(list)[chosen[0]].map(({ name }) => ({ name })) };
    },
  },
  regionPicker: {
    panel: ({ title }) => ({
      title: title ?? '选择地区',
      note: SOME_REGIONS,
      lists: [{ label: '省市区', options: REGIONS.map(({ names }) => names.join(' / ')), chosen: 0 }],
      choices: [no, yes],
    }),
    settle({ action, chosen = [0] }, _fields, fault) {
      if (action !== 'ok') throw fault(11);
      const { names, codes } = REGIONS[chosen[0]];
      return { data: [...names], code: [...codes] };
    },
  },
  chooseDistrict: {
    leaves: true,
    panel: (fields) => ({
      title: fields.mainTitle ?? '选择城市',
      note: SOME_REGIONS,
      lists: [{ label: '城市', options: districtsOf(fields).map(({ name }) => String(name)), chosen: 0 }],
      choices: [no, yes],
    }),
    settle({ action, chosen = [0] }, fields, fault) {
      if (action !== 'ok') throw fault(11);
      const { name, adCode, ext } = districtsOf(fields)[chosen[0]];
      return { name, adCode, ...(ext !== undefined && { ext }) };
    },
  },
  // Each id is a one-time template. The simulator does not let the person choose single templates, or refuse further questions.
  requestSubscribeMessage: {
    panel({ entityIds }, facts) {
      if (!Array.isArray(entityIds) || entityIds.length === 0 || entityIds.length > 3)
        throw CallFault.of(facts, 'requestSubscribeMessage', 203, unsubscribed(203, { behavior: '', show: false, result: {} }));
      return {
        title: '订阅消息',
        content: entityIds.map(String).join('\n'),
        sheet: true,
        choices: [no, { action: 'refuse', text: '全部不订阅' }, { ...yes, text: '订阅' }],
      };
    },
    settle({ action }, { entityIds }, fault) {
      const none = { subscribedEntityIds: [], unsubscribedEntityIds: entityIds, currentSubscribedEntityIds: [] };
      if (action === 'cancel')
        throw fault(11, unsubscribed(11, { behavior: 'cancel', show: true, result: { entityList: entityIds, ...none } }));
      const [taken, left] = action === 'ok' ? [entityIds, []] : [[], entityIds];
      const each = Object.fromEntries(entityIds.map((id) => [id, action === 'ok' ? 'accept' : 'reject']));
      const result = {
        subscribeEntityIds: taken,
        subscribedEntityIds: taken,
        unsubscribedEntityIds: left,
        currentSubscribedEntityIds: taken,
      };
      return { behavior: 'subscribe', keep: false, refuse: false, show: true, result, ...each };
    },
  },
  // The documents only say that a guide is shown.
  showAuthGuide: {
    panel: ({ authType }) => ({
      title: '请在手机设置中打开权限',
      content: String(authType ?? ''),
      choices: [{ action: 'ok', text: '知道了', main: true }],
    }),
    settle: () => ({ shown: true }),
  },
};

/** A failure of this call has its number in `errorCode`. */
function unsubscribed(errorCode, more) {
  return { errorCode, keep: false, refuse: false, ...more };
}
