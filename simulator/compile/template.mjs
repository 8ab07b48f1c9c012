import { compile } from '@vue/compiler-dom';
import { parseAxml } from './axml-tree.mjs';
import { TemplateEmitter } from './emitter.mjs';
import { divide, SourceFault } from './fault.mjs';

/**
 * Compiles an AXML file to an ES module with `render`, `templates` by name, `imports` and `sjs`. It is served as a script of its own, so
 * the page needs no eval.
 *
 * @param {import('./fault.mjs').Source} source
 * @param {import('./emitter.mjs').Around & { runtimeModule: string, strict?: boolean }} options `runtimeModule`: the address of Vue's runtime in the browser;
 *   `strict`: whether gaps are faults
 * @returns {{ code: string, handlers: import('./props.mjs').Handler[], faults: SourceFault[], notices: SourceFault[], imports: string[],
 *   sjs: string[] }} `imports` and `sjs`: the files that the module needs
 */
export function compilePageView(source, { runtimeModule, strict, components, files }) {
  const tree = parseAxml(source);
  const view = { templates: {}, imports: [], sjs: [], handlers: [], faults: [...tree.faults], notices: [], including: [source.file] };
  const template = new TemplateEmitter(source, { components, files }, view).file(tree.children);
  const inOrder = (found) => found.sort((a, b) => a.line - b.line || a.column - b.column);
  const { faults, notices: gaps } = divide(inOrder(view.faults), strict);
  const found = {
    handlers: view.handlers,
    notices: inOrder([...gaps, ...view.notices]),
    imports: view.imports,
    sjs: view.sjs.map(({ file }) => file),
  };
  if (faults.length > 0) return { code: '', faults, ...found };
  const errors = [];
  const rendered = (text) => `(() => {\n${renderFunction(text, errors)}\n})()`;
  const templates = Object.entries(view.templates).map(([name, text]) => `${JSON.stringify(name)}: ${rendered(text)}`);
  const code = [
    `import * as Vue from ${JSON.stringify(runtimeModule)};`,
    ...view.sjs.map(({ file }, index) => `import * as sjs${index} from ${JSON.stringify(`/__simulator/views/${encodeURI(file)}.js`)};`),
    `export const imports = ${JSON.stringify(view.imports)};`,
    `export const sjs = { ${view.sjs.flatMap(({ names }, index) => Object.entries(names).map(([here, there]) => `${here}: sjs${index}[${JSON.stringify(there)}]`)).join(', ')} };`,
    `export const templates = { ${templates.join(',\n')} };`,
    `export const render = ${rendered(template)};`,
  ].join('\n');
  const unexpected = errors.map((error) => new SourceFault(`the compiled template is not valid: ${error.message}`, { file: source.file }));
  return { code, faults: unexpected, ...found };
}

/** Returns the body of a function that returns the render function. */
function renderFunction(template, errors) {
  return compile(template, {
    mode: 'function',
    prefixIdentifiers: true,
    hoistStatic: false,
    cacheHandlers: false,
    whitespace: 'preserve',
    comments: false,
    onError: (error) => errors.push(error),
  }).code;
}
