import { readFile } from 'node:fs/promises';
import path from 'node:path';
import postcss from 'postcss';
import { asGap, SourceFault } from './fault.mjs';
import { tagRules } from './vocabulary.mjs';

/** The width of the phone is 750 rpx and 375 CSS pixels. */
const PIXELS_PER_RPX = 375 / 750;

/** What the page must not fetch: all but what the style itself holds. */
const FOREIGN_URL = /url\(\s*(?!['"]?data:)(?:'[^']*'|"[^"]*"|[^'")]*)\s*\)/;

/**
 * Compiles an `.acss` file for the browser: selectors scoped below `root`, tag names turned into the elements that stand
 * for them, `rpx` into pixels, `@import` of other `.acss` files inlined.
 *
 * @param {string} folder the mini-program's folder
 * @param {string} file path relative to it; a missing file is an empty style
 * @param {string} root CSS selector of the page (or of all pages)
 * @returns {Promise<{ css: string, faults: import('./fault.mjs').SourceFault[], files: string[], missing?: boolean }>}
 */
export async function compileStyle(folder, file, root, seen = new Set()) {
  const absolute = path.join(folder, file);
  if (seen.has(absolute)) return { css: '', faults: [], files: [] };
  seen.add(absolute);
  const text = await readFile(absolute, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return { css: '', faults: [], files: [], missing: true };
  const faults = [];
  const files = [absolute];
  let tree;
  try {
    tree = postcss.parse(text);
  } catch (error) {
    if (error.name !== 'CssSyntaxError') throw error;
    return { css: '', files, faults: [faultAt(file, error, error.reason)] };
  }
  const imported = [];
  tree.walkAtRules('import', (rule) => {
    const target = /^(['"])(.+)\1$/.exec(rule.params.trim())?.[2];
    const resolved = target && withExtension(importPath(file, target));
    if (resolved?.endsWith('.acss') && !resolved.startsWith('..')) imported.push({ rule, target: resolved });
    else
      {faults.push(faultAt(file, rule.source.start, '@import takes the quoted path of an .acss file of the mini-program'));}
    rule.remove();
  });
  tree.walkRules((rule) => scopeRule(rule, root));
  tree.walkDecls((declaration) => {
    declaration.value = convertLengths(declaration.value);
    if (!FOREIGN_URL.test(declaration.value)) return;
    const message = 'only data: addresses can stand in url() here; use <image> for files';
    faults.push(asGap(faultAt(file, declaration.source.start, message)));
    declaration.value = declaration.value.replace(new RegExp(FOREIGN_URL, 'g'), 'none');
  });
  const parts = [];
  for (const { rule, target } of imported) {
    const style = await compileStyle(folder, target, root, seen);
    if (style.missing) faults.push(faultAt(file, rule.source.start, `${target} does not exist`));
    parts.push(style.css);
    faults.push(...style.faults);
    files.push(...style.files);
  }
  return { css: [...parts, tree.toString()].join('\n'), faults, files };
}

/** Turns `rpx` lengths into pixels; inline styles of a page are treated the same way in the browser. */
export function convertLengths(value) {
  return value.replace(/(-?\d*\.?\d+)rpx\b/g, (_, number) => `${Number(number) * PIXELS_PER_RPX}px`);
}

function scopeRule(rule, root) {
  if (rule.parent?.type === 'atrule' && /keyframes$/.test(rule.parent.name)) return;
  if (rule.parent?.type === 'rule') return;
  rule.selectors = rule.selectors.map((selector) => {
    const elements = selector.replace(/(^|[\s>+~(,])([a-z][a-z-]*)(?![\w-]*\()/g, (match, before, name) =>
      tagRules(name) ? `${before}axml-${name}` : match,
    );
    return /^page(?![\w-])/.test(elements) ? elements.replace(/^page/, root) : `${root} ${elements}`;
  });
}

function importPath(file, target) {
  return target.startsWith('/') ? target.slice(1) : path.posix.join(path.posix.dirname(file), target);
}

/** The ending may be left out (assumed, from published code). */
function withExtension(file) {
  return path.posix.extname(file) === '' ? `${file}.acss` : file;
}

function faultAt(file, { line, column }, message) {
  return new SourceFault(message, { file, line, column });
}
