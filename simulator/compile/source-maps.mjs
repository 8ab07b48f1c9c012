import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SourceFault } from './fault.mjs';

/** The comment with which a built file names its source map. */
const COMMENT = /\n?\/\/[#@] sourceMappingURL=(\S+)[ \t]*(?=\s*$)/;
const INLINE = /^data:application\/json[^,]*;base64,/;

/**
 * Returns a script with its source map inline, where the bundler finds it after any other change: the map that its last comment names,
 * inline or in a file, or the one next to it. A map without real mappings (of minified code, mapping only lines) would point to wrong
 * places, and is dropped.
 *
 * @param {string} file absolute path
 * @param {string} text
 * @returns {Promise<{ text: string, map: string | null }>} `map`: the file that it was read from
 */
export async function withSourceMap(file, text) {
  const [comment = '', address = `${path.basename(file)}.map`] = COMMENT.exec(text) ?? [];
  const isInline = INLINE.test(address);
  const map = isInline ? file : path.resolve(path.dirname(file), address);
  const json = isInline ? Buffer.from(address.replace(INLINE, ''), 'base64').toString() : await readFile(map, 'utf8').catch(() => '');
  const bare = comment ? text.replace(COMMENT, '') : text;
  if (!leadsSomewhere(json)) return { text: bare, map: null };
  return { text: `${bare}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}`, map };
}

function leadsSomewhere(json) {
  try {
    const { mappings } = JSON.parse(json);
    return mappings.split(/[;,]/).filter(Boolean).length > 1;
  } catch {
    return false;
  }
}

/**
 * Returns the readable name of a source in a map: without webpack's prefix and suffix, relative to the folder with the sources, which
 * contains the framework's output.
 *
 * @param {string} source
 * @returns {string | null} null for code that the bundler generated
 */
export function nameOfSource(source) {
  const name = source
    .replace(/^webpack:\/\/[^/]*\//, '')
    .replace(/\?.*$/, '')
    .replace(/^(?:\.{1,2}\/)+/, '');
  return /^webpack\/(?:bootstrap|runtime)/.test(name) ? null : name;
}

/** How to recognise each framework's output for Alipay, and how to enable its source maps. */
const FRAMEWORKS = [
  {
    name: 'uni-app',
    isOf: (_file, text) => /\bmy\.createPage\b/.test(text),
    cure: "build with --sourcemap, and with a plugin behind uni() in vite.config: { name: 'source-maps', config: () => ({ build: { sourcemap: true } }) }",
  },
  {
    name: 'Taro',
    isOf: (file) => file === 'taro.js',
    cure: "in config/index: mini: { enableSourceMap: true, sourceMapType: 'source-map' }",
  },
  { name: 'mpx', isOf: (_file, text) => text.includes('mpx-app-scope'), cure: 'in vue.config.js: productionSourceMap: true' },
];

/**
 * Notices a framework's output without source maps.
 */
export class SourceMaps {
  #has = false;
  #framework = undefined;

  /** @param {string} file its path in the mini-program @param {string} text @param {string | null} map */
  note(file, text, map) {
    if (file.includes('node_modules')) return;
    this.#has ||= map !== null;
    this.#framework ??= FRAMEWORKS.find(({ isOf }) => isOf(file, text));
  }

  /** @returns {SourceFault[]} */
  get notices() {
    if (this.#has || !this.#framework) return [];
    const { name, cure } = this.#framework;
    const message = `this was built by ${name} without source maps, so errors refer to the built files: ${cure}`;
    return [new SourceFault(message, { file: 'app.js' })];
  }
}
