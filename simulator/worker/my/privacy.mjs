import { send } from '../channel.mjs';
import { runPageCode } from '../report.mjs';

let listener = null;

/** `my.onNeedPrivacyAuthorization`: the app shows its own privacy popup from now on. */
export function onNeedPrivacyAuthorization(listen) {
  if (typeof listen !== 'function') throw new TypeError('my.onNeedPrivacyAuthorization takes a function');
  if (!listener) send({ type: 'privacy-listening' });
  listener = listen;
}

/** A call waits for the person: page code is told, and answers through `resolve`. */
export function needPrivacy({ number, call }) {
  const resolve = ({ event }) => send({ type: 'privacy-decision', number, event });
  runPageCode(() => listener(resolve, { referrer: call }));
}
