import { state } from '../state.mjs';
import { recordError } from '../timeline.mjs';
import { render } from './panels.html';

/** What each kind of consent is asked for as. */
const TITLES = {
  auth_user: '申请获取你的以下信息',
  userInfo: '申请获取你的昵称和头像',
  phoneNumber: '申请获取你的手机号',
};

/** What the settings call each kind. */
const KINDS = { userInfo: '昵称、头像', phoneNumber: '手机号' };

/** What a script clicked is nobody's decision. */
function isPersons(event, what) {
  if (!event.isTrusted) recordError(new Error(`a decision (${what}) that no user made was refused`), 'simulator');
  return event.isTrusted;
}

export const Panels = {
  name: 'phone-panels',
  render,
  setup: () => ({
    state,
    TITLES,
    KINDS,
    decide(event, action) {
      if (isPersons(event, action)) state.panel.decide(action);
    },
    switchTo(event, kind) {
      if (isPersons(event, kind)) state.panel.switched[kind] = event.target.checked;
    },
  }),
};
