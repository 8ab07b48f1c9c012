/**
 * One element's attributes to the object that its component is bound to: plain attributes as camel-case properties,
 * `data-*` gathered as `dataset`, events gathered as `events`.
 *
 * @typedef {{ name: string, attribute: string, file: string, line: number, column: number }} Handler a method that AXML names
 *
 * @typedef {object} Emit what the element's surroundings provide
 * @property {(attribute: import('./axml-tree.mjs').Attribute) => string} value JavaScript of an attribute's value
 * @property {(offset: number, message: string) => void} fault
 * @property {(handler: { name: string, attribute: string, offset: number }) => void} handler
 *
 * @param {import('./axml-tree.mjs').Element} node
 * @param {NonNullable<ReturnType<import('./vocabulary.mjs').tagRules>>} rules
 * @param {Emit} emit
 * @returns {string} a JavaScript object literal
 */
export function emitProps(node, rules, emit) {
  const props = [];
  const dataset = [];
  const events = [];
  for (const attribute of node.attributes.filter(({ name }) => !name.startsWith('a:'))) {
    const { name } = attribute;
    if (name.startsWith('data-')) {
      dataset.push(`'${camelCase(name.slice('data-'.length))}': ${emit.value(attribute)}`);
    } else if (Object.hasOwn(rules.events, name)) {
      events.push(emitEvent(attribute, rules.events[name], emit));
    } else if (Object.hasOwn(rules.attributes, name)) {
      props.push(emitProp(attribute, rules.attributes[name], emit));
    } else {
      emit.fault(attribute.offset, unknownAttribute(node.tag, name, rules));
    }
  }
  checkTogether(node, emit);
  if (dataset.length > 0) props.push(`dataset: { ${dataset.join(', ')} }`);
  if (events.length > 0) props.push(`events: [${events.join(', ')}]`);
  return `{ ${props.join(', ')} }`;
}

function emitEvent(attribute, { type, stops }, emit) {
  const { name, value, offset } = attribute;
  if (!/^[A-Za-z_$][\w$]*$/.test(value ?? '')) {
    emit.fault(offset, `${name} must be the name of a method of the page`);
    return '';
  }
  emit.handler({ name: value, attribute: name, offset });
  return `{ type: '${type}', stops: ${stops}, method: '${value}' }`;
}

/** Inline styles may hold rpx, which only the running page can convert when they come from an expression. */
function emitProp(attribute, rule, emit) {
  const value = emitValue(attribute, rule, emit);
  return attribute.name === 'style' ? `style: $style(${value})` : `'${camelCase(attribute.name)}': ${value}`;
}

function emitValue(attribute, rule, emit) {
  if (rule === 'flag') return emitFlag(attribute, emit);
  const { name, value, offset } = attribute;
  if (value === null) {
    emit.fault(offset, `${name} needs a value`);
  } else if (Array.isArray(rule) && !value.includes('{{') && !rule.includes(value)) {
    emit.fault(offset, `${name}="${value}" is not in this simulator's subset of AXML (${rule.join(', ')})`);
  }
  return emit.value(attribute);
}

/** On the platform the string "false" counts as true; nobody who writes it means that, so it is read as false. */
function emitFlag(attribute, emit) {
  const { name, value, offset } = attribute;
  if (value === null || value === '' || value === 'true') return 'true';
  if (value === 'false') return 'false';
  if (!value.includes('{{')) emit.fault(offset, `${name} is true or false, or an expression in {{ }}`);
  return emit.value(attribute);
}

/** Attributes that mean something only beside another one. */
function checkTogether(node, emit) {
  const find = (name) => node.attributes.find((attribute) => attribute.name === name);
  const openType = find('open-type');
  if (openType && !find('scope')) emit.fault(openType.offset, 'open-type="getAuthorize" needs a scope');
  for (const name of ['scope', 'onGetAuthorize', 'onError']) {
    const attribute = find(name);
    if (attribute && !openType) emit.fault(attribute.offset, `${name} without open-type="getAuthorize" does nothing`);
  }
}

function unknownAttribute(tag, name, rules) {
  const event = /^(on|catch|capture|bind)[A-Z:]/.test(name);
  const known = Object.keys(event ? rules.events : rules.attributes).sort();
  const kind = event ? 'an event' : 'an attribute';
  if (!event) known.push('data-*');
  return `${name} is not ${kind} of <${tag}> in this simulator's subset of AXML (${known.join(', ')})`;
}

function camelCase(name) {
  return name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase()).replace(/[^\w]/g, '_');
}
