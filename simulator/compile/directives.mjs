import { compileExpression, ExpressionFault, literal, splitInterpolation } from './expression.mjs';
import { DIRECTIVES } from './vocabulary.mjs';

/** The common part of all tags of a file: attribute values and `a:` directives. */
export class DirectiveEmitter {
  /**
   * @param {import('./fault.mjs').Source} source
   * @param {{ faults: import('./fault.mjs').SourceFault[], notices: import('./fault.mjs').SourceFault[] }} view collects the findings
   */
  constructor(source, view) {
    Object.assign(this, { source, view });
    /** Names imported from SJS files. */
    this.sjs = new Set();
  }

  fault(offset, message) {
    this.view.faults.push(this.source.fault(offset, message));
  }

  gap(offset, message) {
    this.view.faults.push(this.source.gap(offset, message));
  }

  notice(offset, message) {
    this.view.notices.push(this.source.fault(offset, message));
  }

  /** Returns JavaScript for an attribute's value: the bare value of a single expression, otherwise a string. */
  value(text, offset, locals, read = compileExpression) {
    const pieces = this.pieces(text, offset, locals, read);
    if (pieces.length === 0) return literal('');
    return pieces.length === 1 ? pieces[0] : `$text(${pieces.join(', ')})`;
  }

  /** Returns JavaScript for each part of a text; `undefined` for a part that this simulator cannot compile. */
  pieces(text, offset, locals, read = compileExpression) {
    try {
      return splitInterpolation(text).map((part) => ('literal' in part ? literal(part.literal) : this.expression(part, locals, read)));
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      this.gap(offset + error.offset, error.message);
      return ['undefined'];
    }
  }

  expression(part, locals, read) {
    try {
      return read(part.expression, { locals, sjs: this.sjs });
    } catch (error) {
      if (error instanceof ExpressionFault) error.offset += part.offset;
      throw error;
    }
  }

  directives(node) {
    const found = {};
    for (const attribute of node.attributes.filter(({ name }) => name.startsWith('a:'))) {
      if (!DIRECTIVES.includes(attribute.name)) {
        this.gap(attribute.offset, `${attribute.name} is not in this simulator's subset of AXML (${DIRECTIVES.join(', ')})`);
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
    if (!directives['a:key']) this.notice(directives['a:for'].offset, 'a:for without a:key: the platform warns about it');
    const key = this.key(directives['a:key'], item, index, inner);
    const { file, line, column } = this.source.placeAt(directives['a:for'].offset);
    return {
      locals: inner,
      directive: `v-for="(${item}, ${index}) in $list(${escapeAttribute(`${list}, ${literal(file)}, ${line}, ${column}`)})" :key="${escapeAttribute(key)}"`,
    };
  }

  bindingName(attribute, fallback) {
    if (!attribute) return fallback;
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(attribute.value ?? '')) return attribute.value;
    this.fault(attribute.offset, `${attribute.name} must be a plain name`);
    return fallback;
  }

  /** a:key names a field of the item, or `*this` for the item itself; the default is the index. */
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
    if (name !== 'a:else' && attribute.value && !attribute.value.includes('{{')) {
      this.notice(attribute.offset, `${name}="${attribute.value}" is a string, so it is true: write ${name}="{{...}}"`);
    }
    if (name === 'a:if') return `v-if="${escapeAttribute(this.required(attribute, locals))}"`;
    if (!chain) {
      this.gap(attribute.offset, `${name} must directly follow a tag with a:if or a:elif (and without a:for)`);
      return '';
    }
    if (directives['a:for']) {
      this.gap(attribute.offset, `${name} and a:for on one tag: put ${name} on a <block> around it`);
    }
    return name === 'a:else' ? 'v-else' : `v-else-if="${escapeAttribute(this.required(attribute, locals))}"`;
  }

  required(attribute, locals) {
    if (!attribute.value) this.fault(attribute.offset, `${attribute.name} needs a value`);
    return this.value(attribute.value ?? '', attribute.valueOffset, locals);
  }
}

/** Escapes a text for an attribute of a Vue template. */
export function escapeAttribute(text) {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
