import { parse } from 'acorn';
import { Source } from './fault.mjs';
import { MY_CALLS } from '../worker/my/names.mjs';

/** The platform's own compiler rejects anything newer. */
const LANGUAGE = 2018;

/** The files of Workers are to be left as they are, so that they have to suit the oldest engine. */
const WORKER_LANGUAGE = 5;

/**
 * What the bundler would let pass: syntax above ES2018 anywhere, and, in the mini-program's own code, a call of a `my`
 * function that this simulator does not have. (Reading `my.x` to see whether it exists is fine.)
 *
 * @param {string} file path for the faults
 * @param {string} text
 * @param {{ own: boolean }} options whether the file is the mini-program's own, and not a package's
 * @returns {import('./fault.mjs').SourceFault[]}
 */
export function checkSource(file, text, { own }) {
  const source = new Source(file, text);
  let tree;
  try {
    tree = parseEither(text);
  } catch (error) {
    return [syntaxFault(source, error, `ES${LANGUAGE}, the newest syntax that the platform takes`)];
  }
  return own
    ? unknownCalls(tree).map(({ name, offset }) =>
        source.fault(offset, `my.${name} is not in this simulator's subset (${MY_CALLS.join(', ')})`),
      )
    : [];
}

/**
 * The same for what runs in a Worker, where there is no `my`.
 *
 * @param {string} file path for the faults
 * @param {string} text
 * @returns {import('./fault.mjs').SourceFault[]}
 */
export function checkWorkerSource(file, text) {
  try {
    parse(text, { ecmaVersion: WORKER_LANGUAGE, sourceType: 'script' });
    return [];
  } catch (error) {
    return [syntaxFault(new Source(file, text), error, `ES${WORKER_LANGUAGE}, which the files of a Worker have to be`)];
  }
}

function syntaxFault(source, error, language) {
  const reason = error.message.replace(/ \(\d+:\d+\)$/, '');
  return source.fault(error.pos ?? 0, `not ${language}: ${reason}`);
}

/** A file is an ES module or a script; which of the two, only its syntax says. */
function parseEither(text) {
  try {
    return parse(text, { ecmaVersion: LANGUAGE, sourceType: 'script', allowReturnOutsideFunction: true });
  } catch (error) {
    if (!/'import' and 'export'/.test(error.message)) throw error;
    return parse(text, { ecmaVersion: LANGUAGE, sourceType: 'module' });
  }
}

function unknownCalls(tree) {
  const found = [];
  const visit = (node) => {
    if (Array.isArray(node)) node.forEach(visit);
    if (typeof node?.type !== 'string') return;
    const name = node.type === 'CallExpression' && calledOnMy(node.callee);
    if (name && !MY_CALLS.includes(name)) found.push({ name, offset: node.callee.start });
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
