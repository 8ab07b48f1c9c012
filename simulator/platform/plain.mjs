/** The copy that the platform makes of data that it stores or shows: whatever JSON keeps. */
export function jsonCopy(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value) ?? 'null');
}

/** Whether a value is a buffer, of whatever realm. */
export function isArrayBuffer(value) {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
