import { shallowReactive } from 'vue';
import { sandbox } from '../api.mjs';
import { relaunch, state } from '../state.mjs';
import { clearStorage } from '../storage.mjs';
import { recordError } from '../timeline.mjs';
import { render } from './controls.html';
import { template } from './template.mjs';

const FAULTS = [
  { kind: 'none', label: '无 none' },
  { kind: 'identity_mismatch', label: '返回他人的信息 identity mismatch', method: 'alipay.user.info.share' },
  { kind: 'wrong_signature', label: '签名错误 wrong signature' },
  { kind: 'unsigned', label: '没有签名 unsigned' },
  { kind: 'unavailable', label: '断开连接 unavailable' },
  { kind: 'server_error', label: '网关出错 server error' },
  { kind: 'delay', label: '延迟 3 秒 delay', delay_ms: 3000 },
];

/** What was last set from here; the sandbox keeps it, so this page remembers it across its own reloads. */
const KEPT = 'sandbox-settings';
const settings = shallowReactive({ fault: 'none', product: true, ...JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') });

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    recordError(error, 'sandbox');
  }
  sessionStorage.setItem(KEPT, JSON.stringify(settings));
}

export const Controls = template('simulator-controls', render, {
  setup: () => ({
    state,
    settings,
    FAULTS,
    relaunch,
    freshUser: () => attempt(async () => {
      const number = Math.floor(1000 + Math.random() * 9000);
      const { id } = await sandbox.createUser({ nick_name: `新用户${number}`, avatar: `https://${state.project.avatarHost}/new-${number}.png` });
      relaunch({ user: id });
    }),
    revoke: () => attempt(() => sandbox.revoke(state.user)),
    setFault: (kind) => attempt(async () => {
      const { label: _label, ...fault } = FAULTS.find((entry) => entry.kind === kind);
      await sandbox.setFault(fault.kind === 'identity_mismatch' ? { ...fault, as_user: otherUser() } : fault);
      settings.fault = kind;
    }),
    setProduct: (inForce) => attempt(async () => {
      await sandbox.setProduct(inForce);
      settings.product = inForce;
    }),
    clear() {
      clearStorage();
      relaunch();
    },
  }),
});

function otherUser() {
  return state.users.find(({ id }) => id !== state.user)?.id;
}
