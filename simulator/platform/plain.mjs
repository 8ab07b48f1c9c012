/** Copies data that the platform stores or shows: it keeps what JSON keeps. */
export function jsonCopy(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value) ?? 'null');
}

/** Whether a value is an ArrayBuffer of any realm. */
export function isArrayBuffer(value) {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
