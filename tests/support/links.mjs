import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Finds the broken links of a page.
 *
 * @param {string} file the page
 * @param {object} [where]
 * @param {string} [where.root] the repository
 * @param {string} [where.home] its address on the web: links below it are looked up in `root`
 * @returns {Promise<{ followed: number, broken: string[] }>} without following links to other sites
 */
export async function followLinks(file, { root, home } = {}) {
  const broken = [];
  let followed = 0;
  for (const address of addresses(await readFile(file, 'utf8'))) {
    const [target, anchor] = address.split('#');
    const inRepository = home && target.startsWith(`${home}/blob/main/`);
    if (/^[a-z]+:/.test(target) && !inRepository) continue;
    followed += 1;
    const to = inRepository
      ? path.join(root, target.slice(`${home}/blob/main/`.length))
      : path.resolve(path.dirname(file), target || path.basename(file));
    const found = await stat(to).catch(() => undefined);
    if (!found || (anchor && !(found.isFile() && anchors(await readFile(to, 'utf8')).has(decodeURIComponent(anchor)))))
      broken.push(address);
  }
  return { followed, broken };
}

/** The targets of a page's links and pictures, except those in code blocks. */
function addresses(text) {
  const prose = text.replaceAll(/^( *)```[^]*?^\1```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, address]) => address);
}

/** The anchors of a page's headings, as on GitHub: the second of two equal ones gets a number. */
function anchors(text) {
  const found = new Set();
  for (const [, heading] of text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const plain = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let number = 1; found.has(anchor); number += 1) anchor = `${plain}-${number}`;
    found.add(anchor);
  }
  return found;
}
