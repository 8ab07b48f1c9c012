import { compile } from '@vue/compiler-dom';
import { parseAxml } from './axml-tree.mjs';
import { SourceFault } from './fault.mjs';
import { emitTemplate } from './template.mjs';

/**
 * Compiles one page's AXML to an ES module that exports `render`. The page evaluates nothing: the module is served as a
 * script of its own.
 *
 * @param {import('./fault.mjs').Source} source
 * @param {{ runtimeModule: string }} options the address of Vue's runtime in the browser
 * @returns {{ code: string, handlers: import('./props.mjs').Handler[], faults: SourceFault[], notices: SourceFault[] }}
 */
export function compilePageView(source, { runtimeModule }) {
  const tree = parseAxml(source);
  const { template, handlers, faults, notices } = emitTemplate(tree.children, source);
  const all = [...tree.faults, ...faults].sort((a, b) => a.line - b.line || a.column - b.column);
  const places = handlers.map(({ offset, ...handler }) => ({ ...handler, ...source.placeAt(offset) }));
  if (all.length > 0) return { code: '', handlers: places, faults: all, notices };
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
