import { DirectiveEmitter, escapeAttribute } from './directives.mjs';
import { compileData, literal } from './expression.mjs';
import { componentProps, emitProps } from './props.mjs';
import { PLACEHOLDER, STRUCTURE, TAG_NAMES, tagRules } from './vocabulary.mjs';
import { slotName } from '../phone/slot-name.mjs';
import { CODE_TAGS, parseAxml } from './axml-tree.mjs';
import { Source } from './fault.mjs';

/**
 * Converts an AXML tree to Vue templates. Every element becomes a component `axml-<tag>` with one `v-bind` object, a custom component
 * `app-component`, a use of a template `app-template`, a slot `app-slot`; texts become interpolations of `$text(...)`.
 *
 * @typedef {object} Around what a view can refer to
 * @property {Record<string, string>} [components] custom components: tag -> path
 * @property {import('./files.mjs').Files} [files] the project's files, for import, include and import-sjs
 *
 * @typedef {object} View the compiled content of one AXML file
 * @property {Record<string, string>} templates by name, as Vue templates
 * @property {string[]} imports files whose templates it may use
 * @property {{ file: string, names: Record<string, string> }[]} sjs imports from SJS files: local name -> exported name
 * @property {import('./props.mjs').Handler[]} handlers
 * @property {SourceFault[]} faults
 * @property {SourceFault[]} notices what the platform accepts, but is probably a mistake
 */
export class TemplateEmitter extends DirectiveEmitter {
  /**
   * @param {Source} source
   * @param {Around} around
   * @param {View & { including: string[] }} view collects the result
   */
  constructor(source, around, view) {
    super(source, view);
    this.around = around;
    this.components = around.components ?? {};
  }

  /** Compiles a file: keeps its templates and returns the rest. */
  file(nodes) {
    this.importSjs(nodes);
    return this.nodes(nodes, new Set(), false);
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
    if (entity && keepSpace !== 'decoded') this.gap(offset, `the entity ${entity[0]} is unknown; write the character itself`);
    return `{{ $text(${this.pieces(text, offset, locals).join(', ')}) }}`;
  }

  element(node, locals, chain) {
    if (node.tag === 'import-sjs' || (this.isStructure(node) && this.definition(node))) return '';
    if (!this.isStructure(node) && !Object.hasOwn(this.components, node.tag) && !TAG_NAMES.includes(node.tag)) {
      this.gap(node.offset, `<${node.tag}> is not in this simulator's subset of AXML`);
    }
    // No source says what a phone does with these tags; assumed: it does not show their code.
    if (CODE_TAGS.includes(node.tag) && !Object.hasOwn(this.components, node.tag)) return '';
    const directives = this.directives(node);
    const loop = directives['a:for'] && this.loop(node, directives, locals);
    const inner = loop ? loop.locals : locals;
    const condition = this.condition(node, directives, directives['a:if'] ? inner : locals, chain);
    const body = this.body(node, inner);
    const conditioned = (what) => (condition ? `<template ${condition}>${what}</template>` : what);
    const looped = (what) => (loop ? `<template ${loop.directive}>${what}</template>` : what);
    // An a:if is evaluated for each item; an a:elif or a:else belongs to the tag before, so it is evaluated once.
    return condition.startsWith('v-else') ? conditioned(looped(body)) : looped(conditioned(body));
  }

  isStructure({ tag }) {
    return STRUCTURE.includes(tag) && !Object.hasOwn(this.components, tag);
  }

  /** Handles tags that define something for use elsewhere and render nothing themselves. */
  definition(node) {
    const { view } = this;
    if (node.tag === 'import') {
      const file = this.otherFile(find(node, 'src'), node, '.axml');
      if (file) view.imports.push(file);
      return true;
    }
    const name = node.tag === 'template' && find(node, 'name')?.value;
    if (!name) return false;
    // An included file contributes everything except its templates.
    if (this.isIncluded) return true;
    if (Object.hasOwn(view.templates, name)) this.gap(node.offset, `two templates are named "${name}"; the first one is used`);
    else {
      view.templates[name] = '';
      view.templates[name] = this.nodes(node.children, new Set(), false);
    }
    return true;
  }

  /** Finds the file that an attribute names, and reports if there is none. */
  otherFile(attribute, node, extension) {
    if (!attribute?.value || attribute.value.includes('{{')) {
      this.gap(node.offset, `<${node.tag}> needs the path of a file`);
      return null;
    }
    const file = this.around.files?.find(attribute.value, this.source.file, extension);
    if (!file) this.gap(attribute.offset, `there is no file ${attribute.value}`);
    return file ?? null;
  }

  /** Collects imported SJS names, which are valid in the whole file, wherever the tag is. */
  importSjs(nodes) {
    for (const node of nodes) {
      if (node.kind !== 'element') continue;
      this.importSjs(node.children);
      if (node.tag !== 'import-sjs') continue;
      const names = sjsNames(find(node, 'name')?.value ?? '');
      if (!names) this.fault(node.offset, '<import-sjs> needs a name, such as name="util" or name="{ a, b: c }"');
      const file = names && this.otherFile(find(node, 'from'), node, '.sjs');
      // A name from a missing file reads as undefined.
      for (const name of Object.keys(names ?? {})) this.sjs.add(name);
      if (file) this.view.sjs.push({ file, names });
    }
  }

  /** Compiles another file's content in place. */
  include(node, locals) {
    const file = this.otherFile(find(node, 'src'), node, '.axml');
    if (!file) return '';
    const { including } = this.view;
    if (including.includes(file)) {
      this.fault(node.offset, `${file} includes itself`);
      return '';
    }
    const source = new Source(file, this.around.files.read(file));
    const { children, faults } = parseAxml(source);
    this.view.faults.push(...faults);
    const inner = new TemplateEmitter(source, this.around, { ...this.view, including: [...including, file] });
    inner.isIncluded = true;
    inner.importSjs(children);
    return inner.nodes(children, locals, false);
  }

  /** `<template is>`, `<include>` and `<slot>`. */
  structure(node, locals) {
    const of = (name) => find(node, name);
    const value = (attribute, read) => this.value(attribute.value ?? '', attribute.valueOffset, locals, read);
    if (node.tag === 'include') return this.include(node, locals);
    if (node.tag === 'template') {
      if (!of('is')) {
        this.gap(node.offset, '<template> needs a name to define it, or an is to use it');
        return this.nodes(node.children, locals, false);
      }
      const data = of('data')?.value ? value(of('data'), compileData) : '{}';
      const props = `{ file: ${literal(this.source.file)}, name: ${value(of('is'))}, data: ${data}, ${this.placeProps(node)} }`;
      return `<app-template v-bind="${escapeAttribute(props)}"></app-template>`;
    }
    const given = node.attributes.filter(({ name }) => name !== 'name' && !name.startsWith('a:') && !NOT_GIVEN.includes(name));
    const scope = given.map((attribute) => `${literal(camelCase(attribute.name))}: ${value(attribute)}`);
    const props = `{ name: ${of('name') ? value(of('name')) : literal('')}, scope: { ${scope.join(', ')} } }`;
    return `<app-slot v-bind="${escapeAttribute(props)}">${this.nodes(node.children, locals, false)}</app-slot>`;
  }

  placeProps(node) {
    const { file, line, column } = this.source.placeAt(node.offset);
    return `place: { file: ${literal(file)}, line: ${line}, column: ${column} }`;
  }

  /** Compiles a custom component and its slot contents. */
  component(node, locals) {
    const props = componentProps(node, {
      ...this.emit(locals),
      is: this.components[node.tag],
    });
    const contents = this.slotContents(node).map(({ name, scope, nodes }) => {
      const inner = this.nodes(nodes, scope ? new Set([...locals, scope]) : locals, false);
      if (inner === '') return '';
      const parameter = scope ? `="${scope}"` : '';
      if (!name.includes('{{')) return `<template v-slot:${slotName(name)}${parameter}>${inner}</template>`;
      const list = `[$slot(${this.value(name, node.offset, locals)})]`;
      return `<template v-for="$name in ${escapeAttribute(list)}" v-slot:[$name]${parameter}>${inner}</template>`;
    });
    return `<app-component v-bind="${escapeAttribute(props)}">${contents.join('')}</app-component>`;
  }

  /** Groups a custom component's children by slot; those without a slot name go to the default slot. */
  slotContents(node) {
    const slots = new Map();
    let last = '';
    for (const child of node.children) {
      const isElement = child.kind === 'element';
      if (isElement && !['a:elif', 'a:else'].some((name) => has(child, name))) last = find(child, 'slot')?.value ?? '';
      else if (!isElement && child.text.trim() === '') continue;
      else if (!isElement) last = '';
      const slot = slots.get(last) ?? { name: last, scope: '', nodes: [] };
      slots.set(last, slot);
      slot.nodes.push(child);
      const scope = isElement ? find(child, 'slot-scope') : undefined;
      if (!scope) continue;
      if (!/^[A-Za-z_]\w*$/.test(scope.value ?? '')) this.gap(scope.offset, 'slot-scope must be a plain name');
      else if (slot.scope !== '' && slot.scope !== scope.value) this.gap(scope.offset, `this slot's scope is already called ${slot.scope}`);
      else slot.scope = scope.value;
    }
    return [...slots.values()];
  }

  /** What the attribute compilers need from this file. */
  emit(locals) {
    return {
      value: (attribute) => this.value(attribute.value ?? '', attribute.valueOffset, locals),
      gap: (offset, message) => this.gap(offset, message),
      notice: (offset, message) => this.notice(offset, message),
      place: (offset) => this.source.placeAt(offset),
      handler: ({ offset, ...handler }) => this.view.handlers.push({ ...handler, ...this.source.placeAt(offset) }),
    };
  }

  body(node, locals) {
    if (Object.hasOwn(this.components, node.tag) && !this.components[node.tag].includes('://')) return this.component(node, locals);
    if (this.isStructure(node)) return this.structure(node, locals);
    const children = this.nodes(node.children, locals, node.tag === 'text' && (has(node, 'decode') ? 'decoded' : true));
    if (node.tag === 'block') {
      for (const { name, offset } of node.attributes) {
        if (!name.startsWith('a:') && !NOT_GIVEN.includes(name)) this.gap(offset, `<block> takes only a: directives, not ${name}`);
      }
      return `<template v-if="true">${children}</template>`;
    }
    const rules = tagRules(node.tag) ?? PLACEHOLDER;
    if (!rules.children && children !== '') this.gap(node.offset, `<${node.tag}> takes no content`);
    const props = emitProps(node, rules, this.emit(locals));
    // A tag that takes no content is drawn without it; its content follows.
    const [inside, behind] = rules.children ? [children, ''] : ['', children];
    const drawn = rules.isPlaceholder ? 'placeholder' : node.tag;
    return `<axml-${drawn} v-bind="${escapeAttribute(props)}">${inside}</axml-${drawn}>${behind}`;
  }
}

/** Attributes that only assign a tag to a slot. */
const NOT_GIVEN = ['slot', 'slot-scope'];

function find(node, name) {
  return node.attributes.find((attribute) => attribute.name === name);
}

function has(node, name) {
  return find(node, name) !== undefined;
}

/** Parses import names: `util` is the default export, `{ a, b: c }` the exports a and b. @returns {Record<string, string> | null} */
function sjsNames(text) {
  if (/^[A-Za-z_]\w*$/.test(text.trim())) return { [text.trim()]: 'default' };
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  const pairs = inner
    ?.split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => /^\s*([A-Za-z_]\w*)\s*(?::\s*([A-Za-z_]\w*)\s*)?$/.exec(part));
  return pairs?.every(Boolean) ? Object.fromEntries(pairs.map(([, there, here = there]) => [here, there])) : null;
}

function camelCase(name) {
  return name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}
