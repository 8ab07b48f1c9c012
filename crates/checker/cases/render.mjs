// Gives every case as ES2018 and as ES5, as Babel makes them, on standard output: { case: { es2018: files, es5: files } }.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import babel from '@babel/core';
import presetEnv from '@babel/preset-env';
import presetTypeScript from '@babel/preset-typescript';

const ROOT = dirname(fileURLToPath(import.meta.url));

const RENDITIONS = {
  // The lines stay where they are, so that the expected ways hold.
  es2018: { presets: [presetTypeScript], retainLines: true },
  es5: { presets: [[presetEnv, { targets: { ie: '11' }, modules: 'commonjs' }], presetTypeScript] },
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

function render(files, options) {
  const rendered = {};
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith('.ts')) {
      const { code } = babel.transformSync(text, { ...options, filename: path, babelrc: false, configFile: false });
      rendered[path.replace(/\.ts$/, '.js')] = code + '\n';
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
  cases[name] = Object.fromEntries(
    Object.entries(RENDITIONS).map(([kind, options]) => [kind, render(files, options)]),
  );
}
process.stdout.write(JSON.stringify(cases));
