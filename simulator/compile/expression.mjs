import { parseExpressionAt } from 'acorn';

/**
 * AXML expressions (`{{ }}`) to JavaScript that Vue's compiler takes.
 *
 * Page data is read as `$.name`, so that no name can collide with Vue's own; a missing parent reads as undefined, as on
 * the platform, hence `?.`. Calls, assignments and functions are not part of AXML: data in, value out.
 */
export class ExpressionFault extends Error {
  /** @param {string} message @param {number} offset within the text that was given */
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

/** The offset of the closing `}}`, passing over quoted strings and inner braces. */
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
 * @param {string} source the text between `{{` and `}}`
 * @param {Set<string>} locals names bound by a:for around it
 * @returns {string} JavaScript
 */
export function compileExpression(source, locals) {
  if (source.trim() === '') throw new ExpressionFault('an empty expression', 0);
  let tree;
  try {
    tree = parseExpressionAt(source, 0, { ecmaVersion: 2018 });
  } catch (error) {
    throw new ExpressionFault(`not an expression: ${error.message.replace(/ \(\d+:\d+\)$/, '')}`, error.pos ?? 0);
  }
  const rest = source.slice(tree.end).search(/\S/);
  if (rest >= 0) throw new ExpressionFault('only one expression may stand in {{ }}', tree.end + rest);
  return emit(tree, locals);
}

const emitters = {
  Literal(node) {
    if (node.regex) throw new ExpressionFault('a regular expression is not part of AXML', node.start);
    return literal(node.value);
  },
  Identifier(node, locals) {
    if (node.name === 'undefined' || locals.has(node.name)) return node.name;
    return `$.${node.name}`;
  },
  MemberExpression(node, locals) {
    const object = emit(node.object, locals);
    return node.computed ? `${object}?.[${emit(node.property, locals)}]` : `${object}?.${node.property.name}`;
  },
  UnaryExpression(node, locals) {
    if (!['!', '-', '+', 'typeof'].includes(node.operator)) unsupported(node, node.operator);
    return `(${node.operator} ${emit(node.argument, locals)})`;
  },
  BinaryExpression(node, locals) {
    if (['in', 'instanceof', '&', '|', '^', '<<', '>>', '>>>'].includes(node.operator))
      {unsupported(node, node.operator);}
    return `(${emit(node.left, locals)} ${node.operator} ${emit(node.right, locals)})`;
  },
  LogicalExpression(node, locals) {
    return `(${emit(node.left, locals)} ${node.operator} ${emit(node.right, locals)})`;
  },
  ConditionalExpression(node, locals) {
    return `(${emit(node.test, locals)} ? ${emit(node.consequent, locals)} : ${emit(node.alternate, locals)})`;
  },
  ArrayExpression(node, locals) {
    return `[${node.elements.map((element) => (element ? emit(element, locals) : 'undefined')).join(', ')}]`;
  },
  ObjectExpression(node, locals) {
    return `{ ${node.properties.map((property) => emitProperty(property, locals)).join(', ')} }`;
  },
};

function emit(node, locals) {
  const emitter = emitters[node.type];
  if (!emitter) unsupported(node, node.type === 'CallExpression' ? 'a call' : node.type);
  return emitter(node, locals);
}

function emitProperty(property, locals) {
  if (property.type !== 'Property' || property.kind !== 'init' || property.method || property.computed)
    {unsupported(property, 'this kind of property');}
  const key = property.key.type === 'Identifier' ? property.key.name : String(property.key.value);
  return `${literal(key)}: ${emit(property.value, locals)}`;
}

function unsupported(node, what) {
  throw new ExpressionFault(`${what} is not part of an AXML expression`, node.start);
}

/**
 * A literal that survives a Vue template whatever it holds: no quote, bracket, brace or ampersand stays as it is.
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
