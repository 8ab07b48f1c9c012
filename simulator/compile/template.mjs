import { compile } from '@vue/compiler-dom';
import { compileExpression, ExpressionFault, literal, splitInterpolation } from './expression.mjs';
import { emitProps } from './props.mjs';
import { DIRECTIVES, hasTag, PLACEHOLDER, TAG_NAMES, tagRules } from './vocabulary.mjs';
import { parseAxml } from './axml-tree.mjs';
import { divide, SourceFault } from './fault.mjs';

/**
 * An AXML tree to a Vue template. Every element becomes a component `axml-<tag>` with one `v-bind` object; texts become
 * interpolations of `$text(...)`.
 *
 * @param {import('./axml-tree.mjs').Node[]} nodes
 * @param {import('./fault.mjs').Source} source
 * @returns {{ template: string, handlers: import('./props.mjs').Handler[], faults: import('./fault.mjs').SourceFault[],
 *   notices: import('./fault.mjs').SourceFault[] }} `notices`: what the platform takes, and nobody means
 */
export function emitTemplate(nodes, source) {
  const emitter = new TemplateEmitter(source);
  const template = emitter.nodes(nodes, new Set(), false);
  return { template, handlers: emitter.handlers, faults: emitter.faults, notices: emitter.notices };
}

/** Tags that show nothing where they stand: what they define is used elsewhere. */
const INVISIBLE = ['import', 'import-sjs', 'template'];

class TemplateEmitter {
  constructor(source) {
    this.source = source;
    this.faults = [];
    this.notices = [];
    this.handlers = [];
  }

  fault(offset, message) {
    this.faults.push(this.source.fault(offset, message));
  }

  gap(offset, message) {
    this.faults.push(this.source.gap(offset, message));
  }

  notice(offset, message) {
    this.notices.push(this.source.fault(offset, message));
  }

  /** JavaScript for an attribute's value: the bare value of a single expression, else one string. */
  value(text, offset, locals) {
    const pieces = this.pieces(text, offset, locals);
    if (pieces.length === 0) return literal('');
    return pieces.length === 1 ? pieces[0] : `$text(${pieces.join(', ')})`;
  }

  /** JavaScript for each part of a text; `undefined` for one that is beyond this simulator. */
  pieces(text, offset, locals) {
    try {
      return splitInterpolation(text).map((part) =>
        'literal' in part ? literal(part.literal) : this.expression(part, locals),
      );
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      this.gap(offset + error.offset, error.message);
      return ['undefined'];
    }
  }

  expression(part, locals) {
    try {
      return compileExpression(part.expression, locals);
    } catch (error) {
      if (error instanceof ExpressionFault) error.offset += part.offset;
      throw error;
    }
  }

  nodes(nodes, locals, keepSpace) {
    let chain = false;
    return nodes
      .map((node) => {
        if (node.kind === 'text') {
          const text = this.text(node, locals, keepSpace);
          if (text !== '') chain = false;
          return text;
        }
        const output = this.element(node, locals, chain);
        chain = node.attributes.some(({ name }) => name === 'a:if' || name === 'a:elif') && !has(node, 'a:for');
        return output;
      })
      .join('');
  }

  text(node, locals, keepSpace) {
    const text = keepSpace ? node.text : node.text.trim().replace(/\s+/g, ' ');
    if (text === '') return '';
    const offset = node.offset + (keepSpace ? 0 : node.text.length - node.text.trimStart().length);
    const entity = /&[a-zA-Z0-9#]+;/.exec(text.replace(/\{\{[^]*?\}\}/g, ''));
    if (entity) this.gap(offset, `the entity ${entity[0]} is unknown; write the character itself`);
    return `{{ $text(${this.pieces(text, offset, locals).join(', ')}) }}`;
  }

  element(node, locals, chain) {
    if (!TAG_NAMES.includes(node.tag)) {
      const known = hasTag(node.tag) ? ' is known to the platform, but' : ' is';
      this.gap(node.offset, `<${node.tag}>${known} not in this simulator's subset of AXML (${TAG_NAMES.join(', ')})`);
      if (INVISIBLE.includes(node.tag)) return '';
    }
    const directives = this.directives(node);
    const loop = directives['a:for'] && this.loop(node, directives, locals);
    const inner = loop ? loop.locals : locals;
    const condition = this.condition(node, directives, directives['a:if'] ? inner : locals, chain);
    const body = this.body(node, inner);
    const conditioned = (what) => (condition ? `<template ${condition}>${what}</template>` : what);
    const looped = (what) => (loop ? `<template ${loop.directive}>${what}</template>` : what);
    // A condition of its own is asked for each item; one that hangs on the tag before it, once.
    return condition.startsWith('v-else') ? conditioned(looped(body)) : looped(conditioned(body));
  }

  body(node, locals) {
    const children = this.nodes(node.children, locals, node.tag === 'text');
    if (node.tag === 'block') {
      for (const { name, offset } of node.attributes) {
        if (!name.startsWith('a:')) this.gap(offset, `<block> takes only a: directives, not ${name}`);
      }
      return `<template v-if="true">${children}</template>`;
    }
    const rules = tagRules(node.tag) ?? PLACEHOLDER;
    if (!rules.children && children !== '') this.gap(node.offset, `<${node.tag}> takes no content`);
    const props = emitProps(node, rules, {
      value: (attribute) => this.value(attribute.value ?? '', attribute.valueOffset, locals),
      gap: (offset, message) => this.gap(offset, message),
      notice: (offset, message) => this.notice(offset, message),
      place: (offset) => this.source.placeAt(offset),
      handler: (handler) => this.handlers.push(handler),
    });
    // What takes no content is drawn without, and what stands in it follows.
    const [inside, behind] = rules.children ? [children, ''] : ['', children];
    const drawn = rules === PLACEHOLDER ? 'placeholder' : node.tag;
    return `<axml-${drawn} v-bind="${escapeAttribute(props)}">${inside}</axml-${drawn}>${behind}`;
  }

  directives(node) {
    const found = {};
    for (const attribute of node.attributes.filter(({ name }) => name.startsWith('a:'))) {
      if (!DIRECTIVES.includes(attribute.name)) {
        this.gap(
          attribute.offset,
          `${attribute.name} is not in this simulator's subset of AXML (${DIRECTIVES.join(', ')})`,
        );
      }
      found[attribute.name] = attribute;
    }
    if (!found['a:for']) {
      for (const name of ['a:for-item', 'a:for-index', 'a:key']) {
        if (found[name]) this.gap(found[name].offset, `${name} without a:for on the same tag`);
      }
    }
    return found;
  }

  loop(node, directives, locals) {
    const item = this.bindingName(directives['a:for-item'], 'item');
    const index = this.bindingName(directives['a:for-index'], 'index');
    const inner = new Set([...locals, item, index]);
    const list = this.required(directives['a:for'], locals);
    if (!directives['a:key']) this.notice(directives['a:for'].offset, 'a:for without a:key: the platform warns of it');
    const key = this.key(directives['a:key'], item, index, inner);
    const { line, column } = this.source.placeAt(directives['a:for'].offset);
    return {
      locals: inner,
      directive: `v-for="(${item}, ${index}) in $list(${escapeAttribute(list)}, ${line}, ${column})" :key="${escapeAttribute(key)}"`,
    };
  }

  bindingName(attribute, fallback) {
    if (!attribute) return fallback;
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(attribute.value ?? '')) return attribute.value;
    this.fault(attribute.offset, `${attribute.name} must be a plain name`);
    return fallback;
  }

  /** a:key names a field of the item, or `*this` for the item itself; without one, the index. */
  key(attribute, item, index, locals) {
    if (!attribute) return index;
    if (attribute.value === '*this') return item;
    if (attribute.value?.includes('{{')) return this.value(attribute.value, attribute.valueOffset, locals);
    return `(${item}?.[${literal(attribute.value ?? '')}] ?? ${index})`;
  }

  condition(node, directives, locals, chain) {
    const [name, ...others] = ['a:if', 'a:elif', 'a:else'].filter((directive) => directives[directive]);
    if (!name) return '';
    const attribute = directives[name];
    if (others.length > 0) this.fault(attribute.offset, `${name} and ${others[0]} on one tag`);
    if (name !== 'a:else' && attribute.value && !attribute.value.includes('{{'))
      {this.notice(attribute.offset, `${name}="${attribute.value}" is a text, and so true: write ${name}="{{...}}"`);}
    if (name === 'a:if') return `v-if="${escapeAttribute(this.required(attribute, locals))}"`;
    if (!chain) {
      this.gap(attribute.offset, `${name} must directly follow a tag with a:if or a:elif (and without a:for)`);
      return '';
    }
    if (directives['a:for'])
      {this.gap(attribute.offset, `${name} and a:for on one tag: put ${name} on a <block> around it`);}
    return name === 'a:else' ? 'v-else' : `v-else-if="${escapeAttribute(this.required(attribute, locals))}"`;
  }

  required(attribute, locals) {
    if (!attribute.value) this.fault(attribute.offset, `${attribute.name} needs a value`);
    return this.value(attribute.value ?? '', attribute.valueOffset, locals);
  }
}

function has(node, name) {
  return node.attributes.some((attribute) => attribute.name === name);
}

function escapeAttribute(text) {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * Compiles one page's AXML to an ES module that exports `render`. The page evaluates nothing: the module is served as a
 * script of its own.
 *
 * @param {import('./fault.mjs').Source} source
 * @param {{ runtimeModule: string, strict?: boolean }} options the address of Vue's runtime in the browser; whether gaps are faults
 * @returns {{ code: string, handlers: import('./props.mjs').Handler[], faults: SourceFault[], notices: SourceFault[] }}
 */
export function compilePageView(source, { runtimeModule, strict }) {
  const tree = parseAxml(source);
  const emitted = emitTemplate(tree.children, source);
  const inOrder = (found) => found.sort((a, b) => a.line - b.line || a.column - b.column);
  const { faults, notices: gaps } = divide(inOrder([...tree.faults, ...emitted.faults]), strict);
  const notices = inOrder([...gaps, ...emitted.notices]);
  const { template } = emitted;
  const places = emitted.handlers.map(({ offset, ...handler }) => ({ ...handler, ...source.placeAt(offset) }));
  if (faults.length > 0) return { code: '', handlers: places, faults, notices };
  const errors = [];
  const { code } = compile(template, {
    mode: 'module',
    prefixIdentifiers: true,
    hoistStatic: false,
    cacheHandlers: false,
    whitespace: 'preserve',
    comments: false,
    runtimeModuleName: runtimeModule,
    onError: (error) => errors.push(error),
  });
  const unexpected = errors.map(
    (error) => new SourceFault(`the compiled template is not valid: ${error.message}`, { file: source.file }),
  );
  return { code, handlers: places, faults: unexpected, notices };
}
