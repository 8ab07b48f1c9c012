import { parseExpressionAt } from 'acorn';

/**
 * Compiles AXML expressions (`{{ }}`) to JavaScript that Vue's compiler accepts.
 *
 * Page data is read as `$.name` and imports of `<import-sjs>` as `$sjs.name`, so names cannot collide with Vue's own. A missing parent
 * reads as undefined, as on the platform, hence `?.`. AXML has no assignments.
 *
 * @typedef {object} Names what an expression can read besides the page's data
 * @property {Set<string>} locals names bound by an enclosing a:for or slot-scope
 * @property {Set<string>} sjs names bound by <import-sjs> in the file
 */
export class ExpressionFault extends Error {
  /** @param {string} message @param {number} offset within the given text */
  constructor(message, offset) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Splits text into literal parts and `{{ }}` expressions.
 * @param {string} text
 * @returns {({ literal: string } | { expression: string, offset: number })[]}
 */
export function splitInterpolation(text) {
  const parts = [];
  let position = 0;
  while (position < text.length) {
    const start = text.indexOf('{{', position);
    if (start < 0) break;
    if (start > position) parts.push({ literal: text.slice(position, start) });
    const end = expressionEnd(text, start + 2);
    parts.push({ expression: text.slice(start + 2, end), offset: start + 2 });
    position = end + 2;
  }
  if (position < text.length) parts.push({ literal: text.slice(position) });
  return parts;
}

/** Finds the closing `}}`, skipping quoted strings and inner braces. */
function expressionEnd(text, start) {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === "'" || character === '"') {
      index = text.indexOf(character, index + 1);
      if (index < 0) break;
    } else if (character === '{') {
      depth += 1;
    } else if (character === '}') {
      if (depth === 0 && text[index + 1] === '}') return index;
      depth -= 1;
    }
  }
  throw new ExpressionFault('{{ is never closed by }}', start - 2);
}

/**
 * Compiles one expression.
 *
 * @param {string} source the text between `{{` and `}}`
 * @param {Names} names
 * @returns {string} JavaScript
 */
export function compileExpression(source, names) {
  if (source.trim() === '') throw new ExpressionFault('an empty expression', 0);
  try {
    return emit(parse(source), names);
  } catch (error) {
    // `a: 1, ...b` is an object without its braces.
    return (error instanceof ExpressionFault && object(source, names)) || raise(error);
  }
}

/**
 * Compiles a template's data: an object without its braces.
 * @param {string} source @param {Names} names
 * @returns {string} JavaScript
 */
export function compileData(source, names) {
  return object(source, names) || compileExpression(source, names);
}

function raise(error) {
  throw error;
}

function object(source, names) {
  try {
    return emit(parse(`{${source}}`), names);
  } catch (error) {
    if (error instanceof ExpressionFault) return '';
    throw error;
  }
}

function parse(source) {
  let tree;
  try {
    tree = parseExpressionAt(source, 0, { ecmaVersion: 2022, preserveParens: true });
  } catch (error) {
    throw new ExpressionFault(`not an expression: ${error.message.replace(/ \(\d+:\d+\)$/, '')}`, error.pos ?? 0);
  }
  const rest = source.slice(tree.end).search(/\S/);
  if (rest >= 0) throw new ExpressionFault('only one expression is allowed in {{ }}', tree.end + rest);
  return tree;
}

/** The unary operators that AXML allows; the others assign or have side effects. */
const UNARY = ['!', '-', '+', '~', 'typeof', 'void'];

const emitters = {
  Literal(node) {
    if (node.regex) throw new ExpressionFault('a regular expression is not part of AXML', node.start);
    return literal(node.value);
  },
  TemplateLiteral(node, names) {
    const texts = node.quasis.map(({ value }) => literal(value.cooked));
    const values = node.expressions.map((expression) => emit(expression, names));
    return `(${texts.flatMap((text, index) => (index < values.length ? [text, `(${values[index]})`] : [text])).join(' + ')})`;
  },
  Identifier({ name }, { locals, sjs }) {
    if (name === 'undefined' || locals.has(name)) return name;
    return sjs.has(name) ? `$sjs.${name}` : `$.${name}`;
  },
  MemberExpression(node, names) {
    const of = emit(node.object, names);
    return node.computed ? `${of}?.[${emit(node.property, names)}]` : `${of}?.${node.property.name}`;
  },
  /** Calling something that is not a function returns undefined. */
  CallExpression(node, names) {
    return `${emit(node.callee, names)}?.(${node.arguments.map((value) => emit(value, names)).join(', ')})`;
  },
  ParenthesizedExpression: (node, names) => `(${emit(node.expression, names)})`,
  ChainExpression: (node, names) => emit(node.expression, names),
  SpreadElement: (node, names) => `...${emit(node.argument, names)}`,
  ArrowFunctionExpression(node, names) {
    if (!node.expression || node.async || node.params.some(({ type }) => type !== 'Identifier')) unsupported(node, 'this kind of function');
    const params = node.params.map(({ name }) => name);
    return `((${params.join(', ')}) => (${emit(node.body, { ...names, locals: new Set([...names.locals, ...params]) })}))`;
  },
  UnaryExpression(node, names) {
    if (!UNARY.includes(node.operator)) unsupported(node, node.operator);
    return `(${node.operator} ${emit(node.argument, names)})`;
  },
  BinaryExpression: (node, names) => `(${emit(node.left, names)} ${node.operator} ${emit(node.right, names)})`,
  LogicalExpression: (node, names) => `(${emit(node.left, names)} ${node.operator} ${emit(node.right, names)})`,
  ConditionalExpression(node, names) {
    return `(${emit(node.test, names)} ? ${emit(node.consequent, names)} : ${emit(node.alternate, names)})`;
  },
  ArrayExpression(node, names) {
    return `[${node.elements.map((element) => (element ? emit(element, names) : 'undefined')).join(', ')}]`;
  },
  ObjectExpression(node, names) {
    return `{ ${node.properties.map((property) => emitProperty(property, names)).join(', ')} }`;
  },
};

function emit(node, names) {
  const emitter = emitters[node.type];
  if (!emitter) unsupported(node, node.type);
  return emitter(node, names);
}

function emitProperty(property, names) {
  if (property.type === 'SpreadElement') return emit(property, names);
  if (property.kind !== 'init' || property.method) unsupported(property, 'this kind of property');
  const { key, computed, value } = property;
  const name = computed ? `[${emit(key, names)}]` : literal(key.type === 'Identifier' ? key.name : String(key.value));
  return `${name}: ${emit(value, names)}`;
}

function unsupported(node, what) {
  throw new ExpressionFault(`${what} is not part of an AXML expression`, node.start);
}

/**
 * Returns a literal that is safe in a Vue template: quotes, brackets, braces and ampersands are escaped.
 * @param {unknown} value string, number, boolean or null
 */
export function literal(value) {
  if (typeof value !== 'string') return String(value);
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replace(/\\"/g, '"')
    .replace(/["'<>&{}`\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
}
