import { state } from '../state.mjs';
import { record } from '../timeline.mjs';
import { tell } from '../worker-link.mjs';
import { oneAtATime } from './one-at-a-time.mjs';

/**
 * Shows the consent panel and waits for the user.
 * @param {{ app_name: string, items: string[] }} request what the panel says
 * @param {string} reason the call that opened it
 * @returns {Promise<'accept' | 'refuse' | 'back'>}
 */
export function askConsent(request, reason) {
  return oneAtATime(() => show(request, reason));
}

function show(request, reason) {
  const entry = record('panel', { panel: 'consent', reason, items: request.items, action: 'shown' });
  return new Promise((resolve) => {
    state.consent = {
      appName: request.app_name,
      items: request.items,
      decide(action) {
        state.consent = null;
        entry.action = action;
        resolve(action);
        tell({ type: 'panel-closed' });
      },
    };
  });
}
