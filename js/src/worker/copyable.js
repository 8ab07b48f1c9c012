/** Deeper nesting is not passed on. */
const MAXIMUM_DEPTH = 40;

/**
 * Copies a value for a message: functions and symbols are omitted, errors keep their name and message. Fields whose getters throw and
 * cycles are omitted too.
 *
 * @param {any} value
 * @returns {any}
 */
export function copyable(value) {
  return copy(value, []);
}

/**
 * Whether a value is an error of any realm.
 *
 * @param {unknown} value
 */
export function isError(value) {
  return tagOf(value) === '[object Error]';
}

/**
 * @param {any} value
 * @param {object[]} above the objects that contain it
 * @returns {any}
 */
function copy(value, above) {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.length > MAXIMUM_DEPTH || above.indexOf(value) >= 0) return undefined;
  if (tagOf(value) === '[object ArrayBuffer]' || ArrayBuffer.isView(value)) return value;
  const inside = above.concat([value]);
  if (Array.isArray(value)) return value.map((item) => copy(item, inside));
  const copied = fields(value, inside);
  if (isError(value)) {
    ['name', 'message'].forEach((name) => {
      const text = read(value, name);
      copied[name] = typeof text === 'string' ? text : '';
    });
  }
  return copied;
}

/**
 * @param {object} object
 * @param {object[]} inside
 */
function fields(object, inside) {
  /** @type {Record<string, any>} */
  const copied = {};
  namesOf(object).forEach((name) => {
    const value = copy(read(object, name), inside);
    // Assignment would fail for a field named `__proto__`.
    Object.defineProperty(copied, name, { value, enumerable: true, configurable: true, writable: true });
  });
  return copied;
}

/**
 * @param {any} object
 * @param {string} name
 */
function read(object, name) {
  try {
    return object[name];
  } catch {
    return undefined;
  }
}

/** @param {object} object */
function namesOf(object) {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

/** @param {unknown} value */
function tagOf(value) {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return '';
  }
}
