/**
 * Copies a member, converting field names to camel case: on the wire they are `nick_name` and `stored_at`.
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
