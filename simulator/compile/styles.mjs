import postcss from 'postcss';
import parseTolerantly from 'postcss-safe-parser';
import { asGap, SourceFault } from './fault.mjs';
import { convertLengths } from '../phone/lengths.mjs';
import { tagRules } from './vocabulary.mjs';

/** An address in a style, but for what the style itself holds. */
const ADDRESS = /url\(\s*(?!['"]?data:)(?:'([^']*)'|"([^"]*)"|([^'")]*))\s*\)/g;

/** Stands for a picture that is not fetched, as in `<image>`. */
const ELSEWHERE = 'repeating-linear-gradient(45deg, #f2f3f5 0 6px, #e5e6eb 6px 12px)';

/**
 * Compiles an `.acss` file for the browser: selectors scoped below `root`, tag names turned into the elements that stand
 * for them, lengths into the browser's, `@import` of other `.acss` files inlined. A mistake of syntax is passed over as browsers do.
 *
 * @param {import('./files.mjs').Files} addresses
 * @param {string} file a missing one is an empty style
 * @param {{ root: string, host?: string, owner?: string | false }} names CSS selectors of the page (or of all pages), and of a component's own node;
 *   `owner`: the page or component in whose AXML alone the style counts
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
    found.faults.push(asGap(faultAt(file, error, `${error.reason}: what follows may not count`)));
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
      const message = address ? `there is no file ${address}` : '@import takes the quoted path of an .acss file';
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

/** What a picture's address becomes: its file here, or what stands for it. Fonts are not loaded. */
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

/** What stands between two combinators of a selector. */
const COMPOUND = /(?:\\.|\[[^\]]*\]|\((?:[^()]|\([^()]*\))*\)|[^\s>+~])+/g;

/** The scope adds no weight: among themselves, the mini-program's rules weigh what they weigh on the platform. */
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
 * Holds a part of a selector to what stands in the owner's AXML, and to the classes that it gives to components as their external ones:
 * see phone/axml/style-owner.mjs.
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
