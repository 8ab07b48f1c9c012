import { parse, Parser } from 'acorn';
import { platform } from '../../platform/index.mjs';
import { asGap, Source } from './fault.mjs';

/** The platform does not translate the files of Workers, so they must suit the oldest engine. */
const WORKER_LANGUAGE = 5;

/** The newest syntax of the browsers that the simulator supports. */
const NEWEST = 2024;

const CALLS = platform.simulatedCalls();

/**
 * Reports what the bundler accepts but the platform does not: syntax that its compiler rejects or does not translate. In the mini-program's
 * own code it also reports calls of `my` functions that this simulator lacks, as gaps, since they may never run. (Reading `my.x` to check
 * for it is fine.)
 *
 * @param {string} file the path shown in faults
 * @param {string} text
 * @param {{ own: boolean, syntax: import('./project-config.mjs').Syntax }} options `own`: whether the file belongs to the mini-program, not
 *   to a package
 * @returns {{ faults: import('./fault.mjs').SourceFault[], isModule?: boolean, twice?: { name: string, start: number }[],
 *   untranslated?: import('./fault.mjs').SourceFault }} `isModule`: an ES module of the mini-program; `twice`: its functions that share their
 *   name with a variable; `untranslated`: the place of syntax newer than ES5 that stays untranslated
 */
export function checkSource(file, text, { own, syntax }) {
  const source = new Source(file, text);
  const { tree, error, twice = [] } = parseEither(text, syntax.newest);
  if (error) {
    const fault = syntaxFault(source, error, newestWords(syntax));
    // Syntax that is only too new is not a mistake: it runs here.
    return { faults: [parseEither(text, NEWEST).error ? fault : asGap(fault)] };
  }
  const calls = own ? unknownCalls(tree) : [];
  const faults = calls.map(({ name, offset }) =>
    source.gap(offset, `my.${name} is not in this simulator's subset, which simulator/README.md lists`),
  );
  const doubly = twice.map(({ name, start }) =>
    source.gap(start, `${name} is declared twice in an ES module, which newer compilers reject`),
  );
  faults.push(...doubly);
  const { error: newer } = syntax.safe < syntax.newest ? parseEither(text, syntax.safe) : {};
  return { faults, isModule: own && tree.sourceType === 'module', twice, untranslated: newer && source.fault(newer.pos ?? 0, '') };
}

function newestWords({ newest, safe }) {
  if (safe < newest) return `ES${newest}, and the platform does not translate this file`;
  if (newest > 2018) return `ES${newest}, the newest syntax that the platform takes`;
  return `ES${newest}, the newest syntax that the platform takes without "compileOptions": { "transpile": {} } in mini.project.json`;
}

/**
 * Checks a Worker's file, where there is no `my`.
 *
 * @param {string} file the path shown in faults
 * @param {string} text
 * @returns {{ faults: import('./fault.mjs').SourceFault[] }}
 */
export function checkWorkerSource(file, text) {
  try {
    parse(text, { ecmaVersion: WORKER_LANGUAGE, sourceType: 'script' });
    return { faults: [] };
  } catch (error) {
    return { faults: [syntaxFault(new Source(file, text), error, `ES${WORKER_LANGUAGE}, which a Worker's files must be`)] };
  }
}

function syntaxFault(source, error, language) {
  const reason = error.message.replace(/ \(\d+:\d+\)$/, '');
  return source.fault(error.pos ?? 0, `not ${language}: ${reason}`);
}

/** Parses a file as a script or an ES module; only its syntax tells which. */
function parseEither(text, ecmaVersion) {
  try {
    return { tree: parse(text, { ecmaVersion, sourceType: 'script', allowReturnOutsideFunction: true }) };
  } catch (error) {
    if (ecmaVersion < 2015 || !/'import' and 'export'/.test(error.message)) return { error };
  }
  try {
    const tree = Lenient.parse(text, { ecmaVersion, sourceType: 'module' });
    return { tree, twice: declaredTwice(tree) };
  } catch (error) {
    return { error };
  }
}

/** Ignores double declarations: the bundler accepts them where a script may have them. */
const Lenient = Parser.extend(
  (Strict) =>
    class extends Strict {
      raiseRecoverable(offset, message) {
        if (!/has already been declared$/.test(message)) super.raiseRecoverable(offset, message);
      }
    },
);

/** Finds a module's functions that share their name with a variable: allowed in scripts, and so in translated modules. */
function declaredTwice({ body }) {
  const variables = new Set(
    body
      .filter(({ type, kind }) => type === 'VariableDeclaration' && kind === 'var')
      .flatMap(({ declarations }) => declarations.map(({ id }) => id.name)),
  );
  return body
    .filter(({ type, id }) => type === 'FunctionDeclaration' && variables.has(id.name))
    .map(({ id }) => ({ name: id.name, start: id.start }));
}

function unknownCalls(tree) {
  const found = [];
  const visit = (node) => {
    if (Array.isArray(node)) node.forEach(visit);
    if (typeof node?.type !== 'string') return;
    const name = node.type === 'CallExpression' && calledOnMy(node.callee);
    if (name && !CALLS.includes(name)) found.push({ name, offset: node.callee.start });
    Object.values(node).forEach(visit);
  };
  visit(tree.body);
  return found;
}

function calledOnMy(callee) {
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier' || callee.object.name !== 'my') {
    return null;
  }
  if (!callee.computed) return callee.property.name;
  return callee.property.type === 'Literal' ? String(callee.property.value) : null;
}
