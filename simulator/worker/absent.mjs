import { send } from './channel.mjs';
import { reportError, runPageCode } from './report.mjs';

/**
 * What the platform has and this simulator lacks. Code that never uses it runs; a call of it is an error when it is made, and fails as one
 * that this phone has not (the number is assumed), so that the page goes on.
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

/** What every function has, and code asks of it unseen. */
const OF_FUNCTIONS = [...Object.getOwnPropertyNames(Function.prototype), ...Object.getOwnPropertyNames(Object.prototype), 'prototype'];

/** An object about which nothing is known: each of its fields is such an object too, and calling one reports that it is missing. It is not a promise. */
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
