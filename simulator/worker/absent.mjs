import { send } from './channel.mjs';
import { reportError, runPageCode } from './report.mjs';

/**
 * Reports a call that the platform has and this simulator lacks. Code that never makes the call runs. If it is made, an error is shown, and
 * the call fails as if the phone lacked it (the number is assumed), so that the page continues.
 *
 * @param {string} name
 * @param {any} options of the call
 * @param {string} [why]
 */
export function lack(name, options, why = '') {
  const errorMessage = `${name} is not in this simulator${why && `: ${why}`}`;
  reportError(new Error(errorMessage));
  send({ type: 'noted-call', name: name.replace(/^my\./, ''), fields: {}, outcome: 'fail', result: { error: 1, errorMessage } });
  void Promise.resolve().then(() => {
    for (const callback of [options?.fail, options?.complete]) {
      if (typeof callback === 'function') runPageCode(() => callback({ error: 1, errorMessage }));
    }
  });
}

/** Properties of every function, which code may read from a stand-in too. */
const OF_FUNCTIONS = [...Object.getOwnPropertyNames(Function.prototype), ...Object.getOwnPropertyNames(Object.prototype), 'prototype'];

/** Returns a stand-in for a missing object: each of its fields is a stand-in too, and calling one reports that it is missing. It is not a promise. */
export function absent(name, why) {
  return new Proxy(function () {}, {
    get: (target, key) => {
      if (typeof key === 'symbol' || OF_FUNCTIONS.includes(key)) return Reflect.get(target, key);
      return key === 'then' || key === 'toJSON' ? undefined : absent(`${name}.${key}`, why);
    },
    apply: (_target, _self, [options]) => lack(name, options, why),
    construct: () => {
      lack(name, undefined, why);
      return absent(name, why);
    },
  });
}
