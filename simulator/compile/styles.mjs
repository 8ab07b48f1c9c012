import postcss from 'postcss';
import parseTolerantly from 'postcss-safe-parser';
import { asGap, SourceFault } from './fault.mjs';
import { convertLengths } from '../phone/lengths.mjs';
import { tagRules } from './vocabulary.mjs';

/** An address in a style, except data: addresses. */
const ADDRESS = /url\(\s*(?!['"]?data:)(?:'([^']*)'|"([^"]*)"|([^'")]*))\s*\)/g;

/** The placeholder for remote pictures, as in `<image>`. */
const ELSEWHERE = 'repeating-linear-gradient(45deg, #f2f3f5 0 6px, #e5e6eb 6px 12px)';

/**
 * Compiles an `.acss` file for the browser: scopes selectors below `root`, replaces tag names with the elements that represent them,
 * converts lengths and inlines `@import` of other `.acss` files. Syntax errors are skipped, as browsers do.
 *
 * @param {import('./files.mjs').Files} addresses
 * @param {string} file a missing file is an empty style
 * @param {{ root: string, host?: string, owner?: string | false }} names CSS selectors of the page (or all pages), and of a component's own
 *   node; `owner`: the page or component whose AXML alone the style applies to
 * @returns {Promise<{ css: string, faults: SourceFault[], notices: SourceFault[] }>}
 */
export async function compileStyle(addresses, file, names, seen = new Set()) {
  const text = seen.has(file) ? null : addresses.read(file);
  const found = { css: '', faults: [], notices: [] };
  seen.add(file);
  if (text === null) return found;
  let tree;
  try {
    tree = postcss.parse(text);
  } catch (error) {
    if (error.name !== 'CssSyntaxError') throw error;
    found.faults.push(asGap(faultAt(file, error, `${error.reason}: what follows may be ignored`)));
    tree = parseTolerantly(text);
  }
  const parts = [];
  const imports = [];
  tree.walkAtRules('import', (rule) => {
    imports.push(rule);
    rule.remove();
  });
  for (const rule of imports) {
    const address = /^(?:url\()?(['"])(.+?)\1\)?$/.exec(rule.params.trim())?.[2];
    const target = address && addresses.find(address, file, '.acss');
    if (!target) {
      const message = address ? `there is no file ${address}` : '@import needs the quoted path of an .acss file';
      found.faults.push(asGap(faultAt(file, rule.source.start, message)));
      continue;
    }
    const style = await compileStyle(addresses, target, names, seen);
    parts.push(style.css);
    found.faults.push(...style.faults);
    found.notices.push(...style.notices);
  }
  tree.walkRules((rule) => scopeRule(rule, names));
  tree.walkDecls((declaration) => {
    declaration.value = convertLengths(declaration.value).replace(ADDRESS, (_, ...[one, two, three]) =>
      picture(declaration, (one ?? two ?? three).trim(), { addresses, file, found }),
    );
  });
  found.css = [...parts, tree.toString()].join('\n');
  return found;
}

/** Resolves a picture's address to its local file, or to a placeholder. Fonts are not loaded. */
function picture(declaration, address, { addresses, file, found }) {
  const place = declaration.source.start;
  const isFont = declaration.prop === 'src';
  if (/^(https?:)?\/\//.test(address) || isFont) {
    found.notices.push(faultAt(file, place, `${address} is not loaded here`));
    return isFont ? 'local("none")' : ELSEWHERE;
  }
  const target = addresses.find(address.replace(/[?#].*$/, ''), file, '');
  if (target) {
    if (!address.startsWith('/')) found.notices.push(faultAt(file, place, `${address}: the platform takes only paths that begin with /`));
    return `url("/__simulator/files/${encodeURI(target)}")`;
  }
  found.faults.push(asGap(faultAt(file, place, `there is no file ${address}`)));
  return 'none';
}

/** Matches the compound selectors between combinators. */
const COMPOUND = /(?:\\.|\[[^\]]*\]|\((?:[^()]|\([^()]*\))*\)|[^\s>+~])+/g;

/** The scope adds no specificity: the mini-program's rules keep the platform's order among themselves. */
function scopeRule(rule, { root, host = root, owner }) {
  if (rule.parent?.type === 'atrule' && /keyframes$/.test(rule.parent.name)) return;
  if (rule.parent?.type === 'rule') return;
  rule.selectors = rule.selectors.map((selector) => {
    const elements = selector.replace(/(^|[\s>+~(,])([a-z][a-z-]*)(?![\w-]*\()/g, (match, before, name) =>
      tagRules(name) ? `${before}axml-${name}` : match,
    );
    const owned = owner ? elements.replace(COMPOUND, (compound) => ofOwner(compound, owner)) : elements;
    if (/^page(?![\w-])/.test(owned)) return owned.replace(/^page/, root);
    return `:where(${root}) ${owned.replaceAll(':host', host)}`;
  });
}

/**
 * Limits a part of a selector to the owner's AXML and the external classes that it passes to components: see phone/axml/style-owner.mjs.
 */
function ofOwner(compound, owner) {
  if (/^page(?![\w-])|:host/.test(compound)) return compound;
  const [, simple, pseudo] = /^((?:\\.|[^\\:])*)(.*)$/.exec(compound);
  const classes = /^(\.[^.#[]+)+$/.test(simple) ? simple.slice(1).split('.') : [];
  const given = classes.map((name) => `[data-external~=${JSON.stringify(`${owner}|${name.replaceAll('\\', '')}`)}]`).join('');
  return `${simple}:where([data-style-owner=${JSON.stringify(owner)}]${given && `, ${given}`})${pseudo}`;
}

function faultAt(file, { line, column }, message) {
  return new SourceFault(message, { file, line, column });
}
