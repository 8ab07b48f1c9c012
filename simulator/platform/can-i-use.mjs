/**
 * `my.canIUse`: `call`, `call.object|return|callback`, `call.object.option`, `call.object.option.value`, `call.return.field`;
 * and `tag`, `tag.attribute`, `tag.attribute.value`, for what exists here.
 *
 * @param {string} name
 * @param {Record<string, any>} calls the calls that exist, of platform/calls.json
 * @param {(tag: string) => { attributes: Record<string, any>, events: Record<string, any> } | undefined} tagRules
 */
export function canIUse(name, calls, tagRules) {
  const [first, ...rest] = String(name).split('.');
  if (Object.hasOwn(calls, first)) return callHas(calls[first], rest, calls);
  const rules = tagRules(first);
  if (!rules) return false;
  const [attribute, value] = rest;
  if (attribute === undefined) return true;
  if (value === undefined) return Object.hasOwn(rules.attributes, attribute) || Object.hasOwn(rules.events, attribute);
  const rule = rules.attributes[attribute];
  return Array.isArray(rule) && rule.includes(value);
}

const CALLBACKS = ['success', 'fail', 'complete'];

/** @param {any} call @param {string[]} path */
function callHas(call, [type, field, value], calls) {
  const { options, answer = [] } = call.like ? { ...calls[call.like], ...call } : call;
  if (type === undefined) return true;
  if (type === 'object') {
    if (field === undefined) return true;
    if (value === undefined) return Object.hasOwn(options ?? {}, field) || (Boolean(options) && CALLBACKS.includes(field));
    return Array.isArray(options?.[field]) && options[field].includes(value);
  }
  if (type !== 'return' && type !== 'callback') return false;
  return field === undefined || answer.includes(field);
}
