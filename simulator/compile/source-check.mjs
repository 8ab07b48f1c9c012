import { parse, Parser } from 'acorn';
import { platform } from '../../platform/index.mjs';
import { asGap, Source } from './fault.mjs';

/** The files of Workers are to be left as they are, so that they have to suit the oldest engine. */
const WORKER_LANGUAGE = 5;

/** What the browsers that the simulator runs in take. */
const NEWEST = 2024;

const CALLS = platform.simulatedCalls();

/**
 * What the bundler would let pass: syntax that the platform's compiler does not take or does not translate, and, in the
 * mini-program's own code, a call of a `my` function that this simulator does not have: a gap, for it may never be reached. (Reading
 * `my.x` to see whether it exists is fine.)
 *
 * @param {string} file path for the faults
 * @param {string} text
 * @param {{ own: boolean, syntax: import('./project-config.mjs').Syntax }} options `own`: whether the file is the
 *   mini-program's, and not a package's
 * @returns {{ faults: import('./fault.mjs').SourceFault[], isModule?: boolean, twice?: { name: string, start: number }[], untranslated?: import('./fault.mjs').SourceFault }}
 *   `isModule`: an ES module of the mini-program's own; `twice`: names of functions in it that are variables too; `untranslated`: where the file is newer than what runs everywhere
 */
export function checkSource(file, text, { own, syntax }) {
  const source = new Source(file, text);
  const { tree, error, twice = [] } = parseEither(text, syntax.newest);
  if (error) {
    const fault = syntaxFault(source, error, newestWords(syntax));
    // What is no mistake but only newer runs here.
    return { faults: [parseEither(text, NEWEST).error ? fault : asGap(fault)] };
  }
  const calls = own ? unknownCalls(tree) : [];
  const faults = calls.map(({ name, offset }) =>
    source.gap(offset, `my.${name} is not in this simulator's subset, which simulator/README.md lists`),
  );
  faults.push(...twice.map(({ name, start }) => source.gap(start, `${name} is declared twice in an ES module, and newer compilers take it for a mistake`)));
  const { error: newer } = syntax.safe < syntax.newest ? parseEither(text, syntax.safe) : {};
  return { faults, isModule: own && tree.sourceType === 'module', twice, untranslated: newer && source.fault(newer.pos ?? 0, '') };
}

function newestWords({ newest, safe }) {
  if (safe < newest) return `ES${newest}, and the platform does not translate this file`;
  if (newest > 2018) return `ES${newest}, the newest syntax that the platform takes`;
  return `ES${newest}, the newest syntax that the platform takes without "compileOptions": { "transpile": {} } in mini.project.json`;
}

/**
 * The same for what runs in a Worker, where there is no `my`.
 *
 * @param {string} file path for the faults
 * @param {string} text
 * @returns {{ faults: import('./fault.mjs').SourceFault[] }}
 */
export function checkWorkerSource(file, text) {
  try {
    parse(text, { ecmaVersion: WORKER_LANGUAGE, sourceType: 'script' });
    return { faults: [] };
  } catch (error) {
    return { faults: [syntaxFault(new Source(file, text), error, `ES${WORKER_LANGUAGE}, which the files of a Worker have to be`)] };
  }
}

function syntaxFault(source, error, language) {
  const reason = error.message.replace(/ \(\d+:\d+\)$/, '');
  return source.fault(error.pos ?? 0, `not ${language}: ${reason}`);
}

/** A file is an ES module or a script; which of the two, only its syntax says. */
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

/** Leaves what is declared twice to the bundler, which takes it where a script may have it. */
const Lenient = Parser.extend((Strict) => class extends Strict {
  raiseRecoverable(offset, message) {
    if (!/has already been declared$/.test(message)) super.raiseRecoverable(offset, message);
  }
});

/** Functions of a module that share their name with a variable: a script may have that, and so may what a module is translated to. */
function declaredTwice({ body }) {
  const variables = new Set(body.filter(({ type, kind }) => type === 'VariableDeclaration' && kind === 'var').flatMap(({ declarations }) => declarations.map(({ id }) => id.name)));
  return body.filter(({ type, id }) => type === 'FunctionDeclaration' && variables.has(id.name)).map(({ id }) => ({ name: id.name, start: id.start }));
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
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier' || callee.object.name !== 'my')
    {return null;}
  if (!callee.computed) return callee.property.name;
  return callee.property.type === 'Literal' ? String(callee.property.value) : null;
}
