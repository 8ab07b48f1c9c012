import { shallowReactive, watch } from 'vue';
import { state } from '../state.mjs';
import { record } from '../timeline.mjs';

const TOAST_DURATION = 2000;

/**
 * Shows one panel of the platform and waits for the person's answer. Panels come one at a time.
 *
 * @param {{ kind: string, [field: string]: any }} panel
 * @returns {Promise<any>}
 */
export function ask(panel) {
  const entry = record('panel', { ...noted(panel), action: 'shown' });
  return new Promise((resolve) => {
    const settle = (action, answer) => {
      stop();
      state.panel = null;
      entry.action = action;
      resolve(answer);
    };
    // The person goes to the home screen: the platform cancels its question.
    const stop = watch(
      () => state.background,
      (left) => left && panel.kind !== 'alert' && !panel.choices && settle(...leaving(panel)),
    );
    state.panel = panel.choices ? question(panel, settle) : PANELS[panel.kind](panel, settle);
  });
}

/** Draws the open panel again, after its question has changed. */
export function redraw() {
  if (state.panel) state.panel = { ...state.panel };
}

/** Builds a panel with choices and optional inputs. */
function question({ kind, title, content, note, choices, input, lists = [], pictures = [], sheet = false }, settle) {
  const answer = { value: input?.value ?? '', chosen: lists.map(({ chosen }) => chosen) };
  const text = (value) => (value === undefined ? '' : String(value));
  return {
    kind,
    question: { title: text(title), content: text(content), note, choices, input, lists, pictures, sheet },
    answer,
    decide: (action) => settle(action, { action, ...answer }),
  };
}

/** Returns a panel's description for the timeline. */
function noted({ kind, call, items, title, content, scope, authSetting, count }) {
  if (kind === 'image') return { panel: kind, count };
  if (kind === 'alert') return { panel: kind, title, content };
  return { panel: kind, reason: call, scope, items: items ?? (authSetting && Object.keys(authSetting)) };
}

function leaving({ kind, authSetting }) {
  return kind === 'settings' ? ['closed', authSetting] : ['background', kind === 'privacy' ? 'disagree' : 'background'];
}

/** The content of each kind of panel, and how it is answered. */
const PANELS = {
  consent: ({ scope, appName, items, numbered }, settle) => ({
    kind: 'consent',
    scope,
    appName,
    items,
    numbered,
    decide: (action) => settle(action, action),
  }),
  privacy: ({ contract }, settle) => ({ kind: 'privacy', contract, decide: (action) => settle(action, action) }),
  contract: (_panel, settle) => ({ kind: 'contract', decide: () => settle('closed', {}) }),
  settings: ({ authSetting }, settle) => {
    const switched = shallowReactive({ ...authSetting });
    return { kind: 'settings', switched, decide: () => settle('closed', { ...switched }) };
  },
  image: ({ count, numbered, purpose }, settle) => ({
    kind: 'image',
    count,
    numbered,
    purpose,
    decide: (action) => settle(action, action),
    choose: (files) => settle('chosen', { files }),
  }),
  alert: ({ title = '', content = '', buttonText = '确定' }, settle) => ({
    kind: 'alert',
    title: String(title),
    content: String(content),
    buttonText: String(buttonText),
    decide: () => settle('closed', {}),
  }),
};

/** `my.showToast`: resolves when the toast disappears. */
export function toast({ content = '', type = 'none', duration = TOAST_DURATION }) {
  record('panel', { panel: 'toast', content, type });
  const shown = { content: String(content), type: String(type) };
  state.toast = shown;
  return new Promise((resolve) => {
    const gone = () => {
      if (state.toast === shown) state.toast = null;
      resolve({});
    };
    shown.hide = gone;
    setTimeout(gone, Number(duration) || TOAST_DURATION);
  });
}

/** `my.hideToast`. */
export function hideToast() {
  state.toast?.hide();
}
