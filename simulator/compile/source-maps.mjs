import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SourceFault } from './fault.mjs';

/** Where a built file says what it was built from. */
const COMMENT = /\n?\/\/[#@] sourceMappingURL=(\S+)[ \t]*(?=\s*$)/;
const INLINE = /^data:application\/json[^,]*;base64,/;

/**
 * A script whose source map stands in its text, where the bundler finds it whatever is done to the script before: the map that its last
 * comment names, in the text or in a file, or else the one beside it. A map that leads nowhere (as of minified code whose lines alone were
 * mapped) would name a wrong place, and is left out.
 *
 * @param {string} file absolute path
 * @param {string} text
 * @returns {Promise<{ text: string, map: string | null }>} `map`: where it was read
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
 * The name under which a person knows a source that a map names: without what webpack puts before it and behind it, and from the folder of
 * the sources, which a framework's output is inside of.
 *
 * @param {string} source
 * @returns {string | null} none for what the bundler made itself
 */
export function nameOfSource(source) {
  const name = source.replace(/^webpack:\/\/[^/]*\//, '').replace(/\?.*$/, '').replace(/^(?:\.{1,2}\/)+/, '');
  return /^webpack\/(?:bootstrap|runtime)/.test(name) ? null : name;
}

/** What a framework's output for Alipay is known by, and how it gets source maps. */
const FRAMEWORKS = [
  {
    name: 'uni-app',
    isOf: (_file, text) => /\bmy\.createPage\b/.test(text),
    cure: 'build with --sourcemap, and with a plugin behind uni() in vite.config: { name: \'source-maps\', config: () => ({ build: { sourcemap: true } }) }',
  },
  { name: 'Taro', isOf: (file) => file === 'taro.js', cure: "in config/index: mini: { enableSourceMap: true, sourceMapType: 'source-map' }" },
  { name: 'mpx', isOf: (_file, text) => text.includes('mpx-app-scope'), cure: 'in vue.config.js: productionSourceMap: true' },
];

/**
 * Watches over the files of a build: what a framework made, and without source maps, is told.
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
    return [new SourceFault(`this was built by ${name} without source maps, so that errors name the built files: ${cure}`, { file: 'app.js' })];
  }
}
