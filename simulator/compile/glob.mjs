/**
 * The globs of mini.project.json: `**`, `*`, `?`, `{a,b}`; an entry that begins with `!` takes back what an earlier one matched.
 *
 * @param {string[]} globs
 * @param {string} file a path with slashes
 * @returns {boolean}
 */
export function matchesGlobs(globs, file) {
  return globs.reduce((matched, glob) => {
    const negated = glob.startsWith('!');
    return toPattern(negated ? glob.slice(1) : glob).test(file) ? !negated : matched;
  }, false);
}

const PARTS = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{}]+|[{}]/g;

function toPattern(glob) {
  const source = glob.replace(/^\.?\//, '').replace(PARTS, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1 && part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escaped).join('|')})`;
    return escaped(part);
  });
  return new RegExp(`^${source}$`, 's');
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
