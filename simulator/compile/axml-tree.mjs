import { Tokenizer, QuoteType } from 'htmlparser2';

/**
 * Parses AXML to a tree that records the offset of every node and attribute.
 *
 * htmlparser2's Parser silently repairs mistakes; its Tokenizer reports everything, so unclosed tags and stray closing tags are reported
 * here. Published mini-programs contain such mistakes, so they are gaps: the platform tolerates them (assumed).
 *
 * @typedef {{ kind: 'element', tag: string, offset: number, attributes: Attribute[], children: Node[] }} Element
 * @typedef {{ kind: 'text', text: string, offset: number }} Text
 * @typedef {{ name: string, value: string | null, offset: number, valueOffset: number }} Attribute
 * @typedef {Element | Text} Node
 *
 * @param {import('./fault.mjs').Source} source
 * @returns {{ children: Node[], faults: import('./fault.mjs').SourceFault[] }}
 */
export function parseAxml(source) {
  const builder = new TreeBuilder(source);
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: true }, builder);
  tokenizer.write(masked(source.text));
  tokenizer.end();
  return { children: builder.root.children, faults: builder.faults };
}

/** Characters with a meaning for the tokenizer, and their stand-ins (private use area) inside `{{ }}`. */
const MASKED = ['<', '>', '&'];
const MASK_START = 0xe000;

/** The tags of web pages whose content is code, not text. AXML has neither. */
export const CODE_TAGS = ['script', 'style'];

const EXPRESSION = /\{\{[^]*?\}\}/g;
const CODE = new RegExp(`(?<=<(${CODE_TAGS.join('|')})\\b[^>]*>)[^]*?(?=</\\1\\s*>)`, 'g');

/** AXML allows unescaped `{{ a < b && c }}`: mask what would confuse the tokenizer, without moving offsets; so does code in a web page. */
function masked(text) {
  const mask = (part) => part.replace(/[<>&]/g, (character) => String.fromCharCode(MASK_START + MASKED.indexOf(character)));
  return text.replace(CODE, mask).replace(EXPRESSION, mask);
}

function unmask(text) {
  return text.replace(/[\ue000-\ue002]/g, (character) => MASKED[character.charCodeAt(0) - MASK_START]);
}

class TreeBuilder {
  constructor(source) {
    this.source = source;
    this.faults = [];
    this.root = { kind: 'element', tag: '#root', offset: 0, attributes: [], children: [] };
    this.open = [this.root];
    this.element = null;
    this.attribute = null;
  }

  get parent() {
    return this.open[this.open.length - 1];
  }

  fault(offset, message) {
    this.faults.push(this.source.fault(offset, message));
  }

  gap(offset, message) {
    this.faults.push(this.source.gap(offset, message));
  }

  slice(start, end) {
    return this.source.text.slice(start, end);
  }

  ontext(start, end) {
    this.appendText(this.slice(start, end), start);
  }

  ontextentity(codepoint, end) {
    this.appendText(String.fromCodePoint(codepoint), end);
  }

  appendText(text, offset) {
    const last = this.parent.children[this.parent.children.length - 1];
    if (last?.kind === 'text') last.text += unmask(text);
    else this.parent.children.push({ kind: 'text', text: unmask(text), offset });
  }

  onopentagname(start, end) {
    this.element = { kind: 'element', tag: this.slice(start, end), offset: start - 1, attributes: [], children: [] };
  }

  onattribname(start, end) {
    this.attribute = { name: this.slice(start, end), value: null, offset: start, valueOffset: end };
  }

  onattribdata(start, end) {
    if (this.attribute.value === null) this.attribute.valueOffset = start;
    this.attribute.value = (this.attribute.value ?? '') + unmask(this.slice(start, end));
  }

  onattribentity(codepoint) {
    this.attribute.value = (this.attribute.value ?? '') + String.fromCodePoint(codepoint);
  }

  onattribend(quote) {
    const attribute = this.attribute;
    if (quote === QuoteType.Unquoted) this.gap(attribute.offset, `the value of ${attribute.name} needs quotes`);
    if (quote !== QuoteType.NoValue) attribute.value ??= '';
    if (this.element.attributes.some(({ name }) => name === attribute.name)) {
      this.gap(attribute.offset, `${attribute.name} is set twice on one <${this.element.tag}>; the first one is used`);
      return;
    }
    this.element.attributes.push(attribute);
  }

  onopentagend() {
    this.parent.children.push(this.element);
    this.open.push(this.element);
  }

  onselfclosingtag() {
    this.parent.children.push(this.element);
  }

  onclosetag(start, end) {
    const tag = this.slice(start, end);
    if (this.parent.tag === tag && this.open.length > 1) {
      this.open.pop();
    } else if (this.open.some((element) => element.tag === tag)) {
      while (this.parent.tag !== tag) this.reportUnclosed(this.open.pop());
      this.open.pop();
    } else {
      this.gap(start - 2, `</${tag}> closes nothing`);
    }
  }

  onend() {
    while (this.open.length > 1) this.reportUnclosed(this.open.pop());
  }

  reportUnclosed(element) {
    this.gap(element.offset, `<${element.tag}> is never closed`);
  }

  oncomment() {}

  oncdata(start) {
    this.fault(start, 'CDATA is not part of AXML');
  }

  ondeclaration(start) {
    this.fault(start, 'declarations are not part of AXML');
  }

  onprocessinginstruction(start) {
    this.fault(start, 'processing instructions are not part of AXML');
  }
}
