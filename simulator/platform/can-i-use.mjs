/**
 * `my.canIUse`: `call`, `call.object|return|callback`, `call.object.option`, `call.object.option.value`, `call.return.field`;
 * and `tag`, `tag.attribute`, `tag.attribute.value`, for what exists here.
 *
 * @param {string} name
 * @param {string[]} names of the calls that exist
 * @param {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts
 */
export function canIUse(name, names, facts) {
  const [first, ...rest] = String(name).split('.');
  if (names.includes(first)) return callHas(facts.call(first), rest);
  const rules = facts.tagRules(first);
  if (!rules) return false;
  const [attribute, value] = rest;
  if (attribute === undefined) return true;
  if (value === undefined) return Object.hasOwn(rules.attributes, attribute) || Object.hasOwn(rules.events, attribute);
  const rule = rules.attributes[attribute];
  return Array.isArray(rule) && rule.includes(value);
}

const CALLBACKS = ['success', 'fail', 'complete'];

/** @param {any} call @param {string[]} path */
function callHas({ options, answer = [] }, [type, field, value]) {
  if (type === undefined) return true;
  if (type === 'object') {
    if (field === undefined) return true;
    if (value === undefined) return Object.hasOwn(options ?? {}, field) || (Boolean(options) && CALLBACKS.includes(field));
    return Array.isArray(options?.[field]) && options[field].includes(value);
  }
  if (type !== 'return' && type !== 'callback') return false;
  return field === undefined || answer.includes(field);
}
