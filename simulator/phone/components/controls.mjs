import { shallowReactive } from 'vue';
import { sandbox } from '../api.mjs';
import facts from '../../platform/facts.mjs';
import { FAULT_LIST } from '../../platform/faults.mjs';
import { clearStorage, phoneFaults, relaunch, state } from '../state.mjs';
import { record, recordError } from '../timeline.mjs';
import { tell } from '../worker-link.mjs';
import { render } from './controls.html';

/** The gateway faults to choose from; `fault` is sent to the sandbox. */
const FAULTS = [
  { label: '无 none', fault: { kind: 'none' } },
  { label: '返回他人的信息 identity mismatch', fault: { kind: 'identity_mismatch', method: 'alipay.user.info.share' } },
  { label: '签名错误 wrong signature', fault: { kind: 'wrong_signature' } },
  { label: '没有签名 unsigned', fault: { kind: 'unsigned' } },
  { label: '断开连接 unavailable', fault: { kind: 'unavailable' } },
  { label: '网关出错 server error', fault: { kind: 'server_error' } },
  { label: '延迟 3 秒 delay', fault: { kind: 'delay', delay_ms: 3000 } },
];

/** The ids that identify a user; empty means as in the profile. */
const IDS = ['', ...facts.profiles.ids.values];

const PRODUCTS = ['获取会员信息', '获取会员基础信息'];

/** The settings last made here; the sandbox keeps them, so this page remembers them across its own reloads. */
const KEPT = 'sandbox-settings';
const settings = shallowReactive({ fault: 'none', products: {}, ids: {}, ...JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') });

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    recordError(error, 'sandbox');
  }
  sessionStorage.setItem(KEPT, JSON.stringify(settings));
}

for (const product of PRODUCTS) settings.products[product] ??= true;

export const Controls = {
  name: 'simulator-controls',
  render,
  setup: () => ({
    state,
    settings,
    FAULTS,
    IDS,
    PRODUCTS,
    FAULT_LIST,
    relaunch,
    freshUser: () =>
      attempt(async () => {
        const number = Math.floor(1000 + Math.random() * 9000);
        const { id } = await sandbox.createUser({
          nick_name: `新用户${number}`,
          avatar: `https://${state.project.avatarHost}/new-${number}.png`,
        });
        relaunch({ user: id });
      }),
    revoke: () =>
      attempt(async () => {
        const { user } = state;
        const entry = record('revocation', { user, outcome: 'pending' });
        await sandbox.revoke(user);
        entry.outcome = 'done';
      }),
    setIds: (ids) =>
      attempt(async () => {
        await sandbox.setIds(state.user, ids || null);
        settings.ids = { ...settings.ids, [state.user]: ids };
      }),
    setFault: (kind) =>
      attempt(async () => {
        const { fault } = FAULTS.find((choice) => choice.fault.kind === kind);
        await sandbox.setFault(kind === 'identity_mismatch' ? { ...fault, as_user: otherUser() } : fault);
        settings.fault = kind;
      }),
    setProduct: (product, inForce) =>
      attempt(async () => {
        await sandbox.setProduct(product, inForce);
        settings.products = { ...settings.products, [product]: inForce };
      }),
    /** Accepts `name` or `name:call`, separated by commas; an unknown fault is reported and changes nothing. */
    setPhoneFault: (field) =>
      attempt(() => {
        try {
          phoneFaults.set(field.value);
        } catch (error) {
          field.value = state.phoneFaults;
          throw error;
        }
        state.phoneFaults = field.value;
        tell({ type: 'phone-faults', faults: field.value });
      }),
    clear() {
      clearStorage();
      relaunch();
    },
  }),
};

function otherUser() {
  return state.users.find(({ id }) => id !== state.user)?.id;
}
