/**
 * Takes from a Worker's global scope everything that a mini-program does not have there.
 *
 * It is a list of what may stay, so that whatever a browser adds tomorrow is taken away too. Left out are also built-ins
 * that at least one measured engine lacks (globalThis, BigInt, Atomics, WeakRef): what runs here runs on the poorest.
 * Taking names away is no wall: the wall is the Content-Security-Policy of the Worker's script, which closes the network
 * and forbids turning strings into code.
 */
const scope = self;

/** The language, as the poorest engine has it. */
export const LANGUAGE = words(`
  Object Function Boolean Symbol Number Math Date String RegExp JSON Promise Reflect Proxy Intl Error EvalError
  RangeError ReferenceError SyntaxError TypeError URIError Array Map Set WeakMap WeakSet ArrayBuffer DataView
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array
  undefined NaN Infinity isNaN isFinite parseInt parseFloat encodeURI encodeURIComponent decodeURI
  decodeURIComponent escape unescape
`);

/** What page logic has besides. */
export const PAGE_LOGIC = [...LANGUAGE, ...words(`
  setTimeout clearTimeout setInterval clearInterval WebAssembly console
`)];

/**
 * Names that page code can read, and that stand for nothing there: the platform keeps them for itself (OD mini/framework/框架概述.md), so
 * that code which looks whether it is in a browser goes on (assumed). `eval` is there, and refuses.
 */
const RESERVED = words('globalThis global AlipayJSBridge fetch self window document location XMLHttpRequest');

/** Puts them in the place of what was taken away. */
export function reserveNames() {
  defineGlobals(Object.fromEntries(RESERVED.map((name) => [name, undefined])));
  defineGlobals({
    eval() {
      throw new EvalError('eval is not available in a mini-program');
    },
    // Taro's part for Alipay reads it without asking (@tarojs/plugin-platform-alipay), so that there must be one (assumed).
    navigator: { userAgent: 'miniauth simulator', swuserAgent: 'miniauth simulator' },
  });
}

/** @param {string} text @returns {string[]} */
function words(text) {
  return text.trim().split(/\s+/);
}

/**
 * @param {string[]} names what may stay
 * @throws if the browser refuses to give up a name: page code must then not run
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
  if (stuck.length > 0) throw new Error(`this browser does not let go of: ${stuck.join(', ')}`);
}

/** A few numeric constants of the browser (TEMPORARY, PERSISTENT) cannot be deleted, and lead nowhere. */
function isReachable(owner, name) {
  const { value } = Object.getOwnPropertyDescriptor(owner, name);
  return typeof value !== 'number';
}

/** @param {Record<string, unknown>} values what page code finds by bare name, such as `my` and `Page` */
export function defineGlobals(values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(scope, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

/** `Function` stays for `instanceof` and for its prototype, but makes no code out of strings. */
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
      if (typeof callback !== 'function')
        {throw new TypeError(`${name} takes a function: a mini-program has no string timers`);}
      return native(callback, ...rest);
    };
    defineGlobals({ [name]: timer });
  }
  for (const name of ['clearTimeout', 'clearInterval']) defineGlobals({ [name]: scope[name].bind(scope) });
}
