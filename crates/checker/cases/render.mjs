// Gives every case as compilers leave it, on standard output: { case: { es2018: files, ... } }. Babel makes ES2018 and ES5,
// TypeScript ES2015 and ES5: the last version that does is 5.9.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import babel from '@babel/core';
import presetEnv from '@babel/preset-env';
import presetTypeScript from '@babel/preset-typescript';
import ts from 'typescript-5';

const ROOT = dirname(fileURLToPath(import.meta.url));

const byBabel = (options) => (text, filename) =>
  babel.transformSync(text, { ...options, filename, babelrc: false, configFile: false }).code;

const byTypeScript = (target) => (text, fileName) => {
  const compilerOptions = { target, module: ts.ModuleKind.CommonJS, esModuleInterop: true };
  return ts.transpileModule(text, { fileName, compilerOptions }).outputText;
};

const RENDITIONS = {
  // The lines stay where they are, so that the expected ways hold.
  es2018: byBabel({ presets: [presetTypeScript], retainLines: true }),
  es5: byBabel({ presets: [[presetEnv, { targets: { ie: '11' }, modules: 'commonjs' }], presetTypeScript] }),
  tsc2015: byTypeScript(ts.ScriptTarget.ES2015),
  tsc5: byTypeScript(ts.ScriptTarget.ES5),
};

/** The files of a case: sections that begin with `-- path --`. */
function sections(text) {
  const files = {};
  let current = null;
  for (const line of text.split('\n')) {
    const head = /^-- (.+) --$/.exec(line);
    if (head) {
      current = head[1];
      files[current] = '';
    } else if (current !== null) {
      files[current] += line + '\n';
    }
  }
  return files;
}

function render(files, compile) {
  const rendered = {};
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith('.ts')) {
      rendered[path.replace(/\.ts$/, '.js')] = compile(text, path) + '\n';
    } else if (path !== 'expected') {
      rendered[path] = text;
    }
  }
  return rendered;
}

const cases = {};
for (const entry of readdirSync(ROOT, { recursive: true }).sort()) {
  if (!entry.endsWith('.case')) {
    continue;
  }
  const files = sections(readFileSync(join(ROOT, entry), 'utf8'));
  const name = entry.replaceAll('\\', '/').replace(/\.case$/, '');
  cases[name] = Object.fromEntries(Object.entries(RENDITIONS).map(([kind, compile]) => [kind, render(files, compile)]));
}
process.stdout.write(JSON.stringify(cases));