import { state } from '../state.mjs';
import { record } from '../timeline.mjs';
import { oneAtATime } from './one-at-a-time.mjs';

const TOAST_DURATION = 2000;

/** `my.alert`: settles when the user closes it. */
export function alert(fields) {
  return oneAtATime(() => showAlert(fields));
}

function showAlert({ title = '', content = '', buttonText = '确定' }) {
  const entry = record('panel', { panel: 'alert', title, content, action: 'shown' });
  return new Promise((resolve) => {
    state.alert = {
      title: String(title),
      content: String(content),
      buttonText: String(buttonText),
      close() {
        state.alert = null;
        entry.action = 'closed';
        resolve({});
      },
    };
  });
}

/** `my.showToast`: settles when it has gone by itself. */
export function showToast({ content = '', type = 'none', duration = TOAST_DURATION }) {
  record('panel', { panel: 'toast', content, type });
  const toast = { content: String(content), type: String(type) };
  state.toast = toast;
  return new Promise((resolve) => {
    setTimeout(
      () => {
        if (state.toast === toast) state.toast = null;
        resolve({});
      },
      Number(duration) || TOAST_DURATION,
    );
  });
}
