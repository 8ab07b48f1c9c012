/**
 * Removes from a Worker's global scope everything that a mini-program does not have there.
 *
 * Lists what stays, so names that future browsers add are removed too. Built-ins that at least one measured engine lacks (globalThis,
 * BigInt, Atomics, WeakRef) are also removed: code that runs here runs on the oldest engine. This is not the security boundary; that is the
 * Content-Security-Policy of the Worker's script, which blocks the network and forbids turning strings into code.
 */
const scope = self;

/** The language's globals in the oldest engine. */
export const LANGUAGE = words(`
  Object Function Boolean Symbol Number Math Date String RegExp JSON Promise Reflect Proxy Intl Error EvalError
  RangeError ReferenceError SyntaxError TypeError URIError Array Map Set WeakMap WeakSet ArrayBuffer DataView
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array
  undefined NaN Infinity isNaN isFinite parseInt parseFloat encodeURI encodeURIComponent decodeURI
  decodeURIComponent escape unescape
`);

/** Further globals of page logic. */
export const PAGE_LOGIC = [
  ...LANGUAGE,
  ...words(`
  setTimeout clearTimeout setInterval clearInterval WebAssembly console
`),
];

/**
 * Names that page code can read but that are undefined: the platform reserves them (OD mini/framework/框架概述.md), so code that checks for a
 * browser does not throw (assumed). `eval` exists and throws.
 */
const RESERVED = words('globalThis global AlipayJSBridge fetch self window document location XMLHttpRequest');

/** Defines the reserved names after the browser's globals were removed. */
export function reserveNames() {
  defineGlobals(Object.fromEntries(RESERVED.map((name) => [name, undefined])));
  defineGlobals({
    eval() {
      throw new EvalError('eval is not available in a mini-program');
    },
    // Taro's part for Alipay reads it unchecked (@tarojs/plugin-platform-alipay), so it must exist (assumed).
    navigator: { userAgent: 'miniauth simulator', swuserAgent: 'miniauth simulator' },
  });
}

/** @param {string} text @returns {string[]} */
function words(text) {
  return text.trim().split(/\s+/);
}

/**
 * Deletes every global whose name is not listed.
 *
 * @param {string[]} names the globals to keep
 * @throws if the browser refuses to delete a name: page code must not run then
 */
export function removeForbiddenGlobals(names) {
  const keeps = new Set(names);
  forbidFunctionConstructor();
  if (keeps.has('setTimeout')) refuseStringTimers();
  const stuck = [];
  for (let owner = scope; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      const kept = owner === scope && keeps.has(name);
      if (!kept && !Reflect.deleteProperty(owner, name) && isReachable(owner, name)) stuck.push(name);
    }
  }
  if (stuck.length > 0) throw new Error(`this browser refuses to remove: ${stuck.join(', ')}`);
}

/** A few numeric constants (TEMPORARY, PERSISTENT) cannot be deleted, and are harmless. */
function isReachable(owner, name) {
  const { value } = Object.getOwnPropertyDescriptor(owner, name);
  return typeof value !== 'number';
}

/** Defines globals, such as `my` and `Page`. @param {Record<string, unknown>} values by name */
export function defineGlobals(values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(scope, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

/** Keeps `Function` for `instanceof` and its prototype, but forbids compiling strings. */
function forbidFunctionConstructor() {
  const prototype = Function.prototype;
  const forbidden = function Function() {
    throw new EvalError('new Function is not available in a mini-program');
  };
  forbidden.prototype = prototype;
  Object.defineProperty(prototype, 'constructor', {
    value: forbidden,
    writable: true,
    enumerable: false,
    configurable: true,
  });
  defineGlobals({ Function: forbidden });
}

function refuseStringTimers() {
  for (const name of ['setTimeout', 'setInterval']) {
    const native = scope[name].bind(scope);
    const timer = (callback, ...rest) => {
      if (typeof callback !== 'function') {
        throw new TypeError(`${name} takes a function: a mini-program has no string timers`);
      }
      return native(callback, ...rest);
    };
    defineGlobals({ [name]: timer });
  }
  for (const name of ['clearTimeout', 'clearInterval']) defineGlobals({ [name]: scope[name].bind(scope) });
}
