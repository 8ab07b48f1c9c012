import { literal } from './expression.mjs';
import { AUTHORIZE, firesNone, hasTag } from './vocabulary.mjs';

/**
 * Compiles an element's attributes to the object that its component is bound to: plain attributes as camel-case properties, `data-*`
 * collected in `dataset`, `mark:*` in `marks`, events in `events`.
 *
 * @typedef {{ name: string, attribute: string, file: string, line: number, column: number }} Handler a method named in AXML
 *
 * @typedef {object} Emit what the emitter provides
 * @property {(attribute: import('./axml-tree.mjs').Attribute) => string} value JavaScript of an attribute's value
 * @property {(offset: number, message: string) => void} gap reports what this simulator lacks or the platform tolerates
 * @property {(offset: number, message: string) => void} notice reports a probable mistake that the platform accepts
 * @property {(offset: number) => { file: string, line: number, column: number }} place
 * @property {(handler: { name: string, attribute: string, offset: number }) => void} handler
 *
 * @param {import('./axml-tree.mjs').Element} written
 * @param {NonNullable<ReturnType<import('./vocabulary.mjs').tagRules>>} rules
 * @param {Emit} emit
 * @returns {string} a JavaScript object literal
 */
export function emitProps(written, rules, emit) {
  const node = hyphenated(written, rules, emit);
  const props = [];
  const dataset = [];
  const marks = [];
  const events = [];
  const shown = [];
  for (const attribute of ownAttributes(node)) {
    const { name } = attribute;
    if (rules.isPlaceholder && !ON_ANY_NODE.includes(name) && !/^(data-|mark:|on|catch|capture-)/.test(name)) {
      shown.push(`${literal(name)}: ${attribute.value === null ? 'true' : emit.value(attribute)}`);
    }
    if (name.startsWith('data-')) {
      if (/[A-Z]/.test(name)) emit.notice(attribute.offset, `${name}: the platform expects lower-case letters, and hyphens between words`);
      dataset.push(`'${camelCase(name.slice('data-'.length))}': ${emit.value(attribute)}`);
    } else if (/^mark:[A-Za-z_]\w*$/.test(name)) {
      marks.push(`'${name.slice('mark:'.length)}': ${emit.value(attribute)}`);
    } else if (Object.hasOwn(rules.events, name)) {
      events.push(emitEvent(node, attribute, rules.events[name], emit));
    } else if (Object.hasOwn(rules.attributes, name)) {
      const prop = emitProp(node, attribute, rules.attributes[name], emit);
      if (!rules.isPlaceholder || ON_ANY_NODE.includes(name)) props.push(prop);
    } else if (!rules.isUnknown) emit.gap(attribute.offset, unknownAttribute(node.tag, name, rules));
  }
  checkButton(node, emit);
  if (dataset.length > 0) props.push(`dataset: { ${dataset.join(', ')} }`);
  if (marks.length > 0) props.push(`marks: { ${marks.join(', ')} }`);
  if (events.length > 0) props.push(`events: [${events.filter(Boolean).join(', ')}]`);
  if (rules.isPlaceholder) props.push(`tag: ${literal(node.tag)}, shown: { ${shown.join(', ')} }`);
  return `{ ${props.join(', ')} }`;
}

/**
 * Converts `formType` to `form-type`, as the platform does (assumed: its makers' own packages and published apps are written so).
 */
function hyphenated(node, rules, emit) {
  const attributes = node.attributes.map((attribute) => {
    const name = attribute.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (name === attribute.name || Object.hasOwn(rules.attributes, attribute.name) || !Object.hasOwn(rules.attributes, name))
      return attribute;
    emit.gap(attribute.offset, `${attribute.name} is written ${name}`);
    return { ...attribute, name };
  });
  return { ...node, attributes };
}

/** Attributes that a placeholder treats as any node does; it displays the others. */
const ON_ANY_NODE = ['id', 'class', 'style', 'hidden', 'hover-class'];

/** Returns all attributes except directives and slot assignments. */
function ownAttributes(node) {
  return node.attributes.filter(({ name }) => !name.startsWith('a:') && name !== 'slot' && name !== 'slot-scope');
}

/**
 * Compiles what a custom component receives: values, its owner's functions (`onXxx`), the name of the method that receives its reference,
 * and its node's attributes.
 *
 * @param {import('./axml-tree.mjs').Element} node
 * @param {Emit & { is: string }} emit `is`: the component's path
 * @returns {string} a JavaScript object literal
 */
export function componentProps(node, emit) {
  const given = [];
  const functions = [];
  const host = [];
  let reference = '';
  for (const attribute of ownAttributes(node)) {
    const { name, value, offset } = attribute;
    const js = value === null ? 'true' : emit.value(attribute);
    if (/^(on|catch)[A-Z]/.test(name)) {
      if (value && !value.includes('{{')) emit.handler({ name: value, attribute: name, offset });
      functions.push(`${literal(name)}: ${js}`);
    } else if (name === 'ref') {
      reference = `refersTo: ${js}, `;
      if (value && !value.includes('{{')) emit.handler({ name: value, attribute: name, offset });
    } else {
      if (HOST.includes(name)) host.push(`${literal(name)}: ${name === 'style' ? `$style(${js})` : js}`);
      // Under both spellings, since no source says which one is used (assumed).
      for (const spelling of new Set([name, name.startsWith('data-') ? name : dashless(name)])) given.push(`${literal(spelling)}: ${js}`);
    }
  }
  const { file, line, column } = emit.place(node.offset);
  const place = `place: { file: ${literal(file)}, line: ${line}, column: ${column} }`;
  return `{ is: ${literal(emit.is)}, ${reference}given: { ${given.join(', ')} }, functions: { ${functions.join(', ')} }, host: { ${host.join(', ')} }, ${place} }`;
}

/** Attributes of a component's own node, if it has one. */
const HOST = ['id', 'class', 'style'];

function dashless(name) {
  return name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function emitEvent(node, attribute, { type, stops, captures }, emit) {
  const { name, value, offset } = attribute;
  const isExpression = value?.includes('{{');
  if (!isExpression && !/^[A-Za-z_$][\w$]*$/.test(value ?? '')) {
    emit.gap(offset, `${name} must be the name of a method of the page, or an expression that returns one`);
    return '';
  }
  if (!isExpression) emit.handler({ name: value, attribute: name, offset });
  if (firesNone(node.tag, type)) {
    emit.notice(offset, `the platform fires no ${type} on <${node.tag}>: put ${name} on a <view> around it`);
    return '';
  }
  const method = isExpression ? emit.value(attribute) : `'${value}'`;
  return `{ type: '${type}', stops: ${stops}, captures: ${captures}, method: ${method} }`;
}

/** Inline styles may contain rpx; if they come from an expression, only the running page can convert them. */
function emitProp(node, attribute, rule, emit) {
  const value = emitValue(node, attribute, rule, emit);
  return attribute.name === 'style' ? `style: $style(${value})` : `'${camelCase(attribute.name)}': ${value}`;
}

function emitValue(node, attribute, rule, emit) {
  if (rule === 'flag') return emitFlag(attribute, emit);
  const { name, value, offset } = attribute;
  if (value === null) {
    emit.gap(offset, `${name} needs a value`);
  } else if (Array.isArray(rule) && !value.includes('{{') && !rule.includes(value) && name !== 'scope') {
    const known = hasTag(node.tag, name, value) ? 'exists on the platform, but not' : 'is not';
    emit.gap(offset, `${name}="${value}" ${known} in this simulator's subset of AXML (${rule.join(', ')})`);
  }
  return emit.value(attribute);
}

/** A string attribute is true unless empty, whatever it says, as on the platform; the developer gets a notice. */
function emitFlag(attribute, emit) {
  const { name, value, offset } = attribute;
  if (value === null) return 'true';
  const expression = /^\{\{[^]*\}\}$/.test(value) && !value.slice(2, -2).includes('}}');
  if (expression) {
    const { file, line, column } = emit.place(offset);
    return `$flag(${emit.value(attribute)}, '${name}', ${literal(file)}, ${line}, ${column})`;
  }
  if (value !== 'true') {
    emit.notice(offset, `${name}="${value}" is a string, so it is ${value === '' ? 'false' : 'true'}: write ${name}="{{...}}"`);
  }
  return value === '' ? 'false' : 'true';
}

/** Reports attributes that the authorising button lacks or that have no effect: the platform accepts such a button silently. */
function checkButton(node, emit) {
  if (node.tag !== 'button') return;
  const find = (name) => node.attributes.find((attribute) => attribute.name === name);
  const type = find('open-type');
  const scope = find('scope');
  const hint = (attribute, message) => attribute && emit.notice(attribute.offset, message);
  if (type?.value === AUTHORIZE.open_type) {
    const scopes = Object.keys(AUTHORIZE.scopes);
    if (!scope || (!scope.value?.includes('{{') && !scopes.includes(scope.value))) {
      hint(scope ?? type, `without a valid scope (${scopes.join(', ')}) every press ends in onError: ${AUTHORIZE.missing_scope}`);
    }
    if (!find('onGetAuthorize') && !scopes.some((name) => find(eventAttribute(name)) && scope?.value === name)) {
      hint(type, 'nothing handles the consent: bind onGetAuthorize');
    }
    if (!find('onError')) hint(type, 'nothing handles a refusal: bind onError');
    for (const name of scopes.filter((each) => each !== scope?.value && scopes.includes(scope?.value))) {
      hint(find(eventAttribute(name)), `${eventAttribute(name)} comes only with scope="${name}"`);
    }
  } else if (!type) {
    for (const name of ['scope', 'onGetAuthorize', 'onError', ...Object.keys(AUTHORIZE.scopes).map(eventAttribute)]) {
      hint(find(name), `${name} does nothing without open-type="${AUTHORIZE.open_type}"`);
    }
  }
  if (type?.value === 'agreePrivacyAuthorization' && !find('onAgreePrivacyAuthorization')) {
    hint(type, 'nothing handles the agreement: bind onAgreePrivacyAuthorization');
  }
}

/** Returns the handler attribute of a scope's own event. */
function eventAttribute(scope) {
  const { event } = AUTHORIZE.scopes[scope];
  return `on${event[0].toUpperCase()}${event.slice(1)}`;
}

function unknownAttribute(tag, name, rules) {
  const event = /^(on|catch|capture|bind)[-A-Z:]/.test(name);
  const known = Object.keys(event ? rules.events : rules.attributes).sort();
  const kind = event ? 'an event' : 'an attribute';
  if (!event) known.push('data-*');
  const there = hasTag(tag, name) ? `${name} of <${tag}> exists on the platform, but not` : `${name} is not ${kind} of <${tag}>`;
  return `${there} in this simulator's subset of AXML (${known.join(', ')})`;
}

function camelCase(name) {
  return name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase()).replace(/[^\w]/g, '_');
}
