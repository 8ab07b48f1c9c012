/**
 * A member, its fields in JavaScript's case: on the wire they are called `nick_name` and `stored_at`. A copy of the caller's own.
 *
 * @param {any} member
 * @returns {any}
 */
export function memberOf(member) {
  if (!member) return member;
  /** @type {Record<string, unknown>} */
  const copy = {};
  for (const name of Object.keys(member)) {
    copy[name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())] = member[name];
  }
  return copy;
}
