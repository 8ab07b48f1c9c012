import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'acorn';
import { platform } from '../../platform/index.mjs';

/** Finds an app's servers by reading its code and configuration; nothing is executed. */

/** Larger files are libraries. The second limit bounds the search. */
const LARGEST_FILE = 4_000_000;
const MOST_FILES = 3000;

const NOT_THE_APPS = ['package.json', 'package-lock.json'];

/** The platform's calls whose `url` addresses a server; frameworks use the same names. */
const CALLS = Object.keys(platform.calls.calls).filter((name) => {
  const { outgoing, options } = platform.call(name);
  return outgoing?.to === 'network' && options?.url;
});

/** Names of constants that hold a server's address. */
const NAMES = /url|uri|host|server|domain|origin|endpoint|gateway|api|base/i;

const ADDRESS = /^(https?|wss?):\/\/[\w.[\]:-]+/i;

/** Images and documentation pages are not servers. Names under `.invalid` never resolve (RFC 2606), so they are not servers either. */
const NO_SERVER =
  /^\w+:\/\/[^/]*\.invalid(:|\/|$)|\.(png|jpe?g|gif|webp|svg|ico|mp[34]|html?|css|js|md)([?#]|$)|^https?:\/\/(www\.w3\.org|\w+\.dev|github\.com|vuejs\.org|reactjs\.org)(\/|$)/i;

/**
 * @typedef {{ origin: string, files: string[], isLogin: boolean }} Address `isLogin`: it is passed to `createAuth`
 *
 * @param {string} folder the mini-program's folder
 * @returns {Promise<Address[]>} in order of first appearance, by file name
 */
export async function findAddresses(folder) {
  const found = [];
  const constants = new Map();
  const unsolved = [];
  for (const file of await filesIn(folder)) {
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => '');
    const read = file.endsWith('.json') ? readConfiguration(text) : readCode(text);
    for (const [name, url] of read.constants) constants.set(name, url);
    for (const each of read.found) found.push({ ...each, file });
    for (const name of read.servers) unsolved.push({ name, file });
  }
  for (const { name, file } of unsolved) if (constants.has(name)) found.push({ url: constants.get(name), isLogin: true, file });
  return merged(found);
}

function merged(found) {
  const byOrigin = new Map();
  for (const { url, file, isLogin } of found) {
    const origin = originOf(url);
    if (!origin || NO_SERVER.test(url)) continue;
    const known = byOrigin.get(origin) ?? { origin, files: [], isLogin: false };
    known.isLogin ||= isLogin;
    if (!known.files.includes(file)) known.files.push(file);
    byOrigin.set(origin, known);
  }
  return [...byOrigin.values()];
}

/** Returns the http(s) origin of an address; a WebSocket counts for its server. @param {string} url @returns {string | null} */
export function originOf(url) {
  const [address] = ADDRESS.exec(url) ?? [];
  const http = address?.replace(/^ws/i, 'http');
  return http && URL.canParse(http) ? new URL(http).origin : null;
}

async function filesIn(folder, below = '') {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true });
  const files = [];
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const name = below + entry.name;
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
      files.push(...(await filesIn(folder, `${name}/`)));
    if (entry.isFile() && /\.(js|json)$/.test(name) && !NOT_THE_APPS.includes(entry.name)) files.push(name);
    if (files.length >= MOST_FILES) break;
  }
  return files;
}

function readConfiguration(text) {
  const read = { found: [], constants: [], servers: [] };
  const visit = (value, name) => {
    if (typeof value === 'string') keep(read, name, value);
    else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) visit(inner, key);
  };
  try {
    visit(JSON.parse(text), '');
  } catch {
    // The build reports what is wrong with it.
  }
  return read;
}

function keep(read, name, url) {
  if (!ADDRESS.test(url)) return;
  read.constants.push([name, url]);
  if (NAMES.test(name)) read.found.push({ url, isLogin: false });
}

function readCode(text) {
  const read = { found: [], constants: [], servers: [] };
  if (text.length > LARGEST_FILE || !/https?:|wss?:|createAuth/i.test(text)) return read;
  const tree = parsed(text);
  try {
    if (tree) walk(tree, (node) => VISIT[node.type]?.(node, read));
  } catch (error) {
    // Generated code may be nested too deeply to walk: keep what was found so far.
    if (!(error instanceof RangeError)) throw error;
  }
  return read;
}

function parsed(text) {
  for (const sourceType of ['module', 'script']) {
    try {
      return parse(text, { ecmaVersion: 'latest', sourceType, allowHashBang: true, allowReturnOutsideFunction: true });
    } catch {
      // The build reports what is wrong with it.
    }
  }
  return null;
}

const VISIT = {
  VariableDeclarator: ({ id, init }, read) => id.type === 'Identifier' && init && keep(read, id.name, leading(init)),
  AssignmentExpression: ({ left, right }, read) => keep(read, nameOf(left) ?? '', leading(right)),
  Property: ({ key, value }, read) => keep(read, nameOf(key) ?? '', leading(value)),
  PropertyDefinition: ({ key, value }, read) => value && keep(read, nameOf(key) ?? '', leading(value)),
  CallExpression({ callee, arguments: [given] }, read) {
    if (given?.type !== 'ObjectExpression') return;
    const name = nameOf(callee);
    const server = member(given, 'server');
    // Even if a bundler renamed `createAuth`, the platform's object is still passed next to the address.
    const isClient = server && (name === 'createAuth' || member(given, 'my') !== undefined);
    if (isClient && leading(server)) read.found.push({ url: leading(server), isLogin: true });
    else if (isClient && nameOf(server)) read.servers.push(nameOf(server));
    const url = CALLS.includes(name) && member(given, 'url');
    if (url && ADDRESS.test(leading(url))) read.found.push({ url: leading(url), isLogin: false });
  },
};

function member({ properties }, name) {
  return properties.find((property) => property.type === 'Property' && nameOf(property.key) === name)?.value;
}

/** Returns a callee's or key's plain name: `a` for `a`, `x.a`, `x['a']` and `(0, x.a)`. */
function nameOf(node) {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'Literal') return String(node.value);
  if (node.type === 'MemberExpression') return nameOf(node.property);
  if (node.type === 'SequenceExpression') return nameOf(node.expressions[node.expressions.length - 1]);
  return undefined;
}

/** Returns the literal beginning of a string expression. */
function leading(node) {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis[0].value.cooked ?? '';
  if (node.type === 'BinaryExpression' && node.operator === '+') return leading(node.left);
  if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && nameOf(node.callee) === 'concat')
    return leading(node.callee.object);
  return '';
}

function walk(node, visit) {
  visit(node);
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) if (typeof inner?.type === 'string') walk(inner, visit);
  }
}
