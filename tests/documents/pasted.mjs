import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const FENCE = /^```(\w*)\n([^]*?)^```$/gm;

/** Text that a test can read on the page, whatever the document shows there. */
const WINDOWS = `
<view class="seen-user">{{user.nickName}}</view>
<view class="seen-member">{{member.nickName}}</view>
<view class="seen-advice">{{advice}}</view>
`;

/**
 * Returns a document's code blocks in order.
 *
 * @param {string} text
 * @returns {{ language: string, code: string }[]}
 */
export function blocks(text) {
  return [...text.matchAll(FENCE)].map(([, language, code]) => ({ language, code }));
}

/** Returns a section of a document. @param {string} text @param {string} title @returns {string} */
export function section(text, title) {
  const [, after] = text.split(`\n## ${title}\n`);
  return after.split('\n## ')[0];
}

/**
 * Builds a one-page mini-program as a reader of the document would: the page, further methods pasted into it, and the tags.
 *
 * @param {string} text of the document
 * @returns {{ files: Record<string, string>, buttons: string[] }} `buttons`: each button's handler, in page order
 */
export function pastedApp(text) {
  const found = blocks(text);
  const [page, ...further] = found
    .filter(({ language, code }) => language === 'js' && /^Page\(|^ {2}(?:async )?\w+\(/m.test(code))
    .map(({ code }) => code);
  const axml = found
    .filter(({ language }) => language === 'xml')
    .map(({ code }) => code)
    .join('');
  const files = {
    'app.js': 'App({});\n',
    'app.json': '{ "pages": ["pages/index/index"] }',
    'pages/index/index.json': '{}',
    'pages/index/index.js': further.reduce(withMethods, page),
    'pages/index/index.axml': `<view>\n${axml}${WINDOWS}</view>\n`,
  };
  return { files, buttons: buttonsOf(axml) };
}

function withMethods(page, methods) {
  return page.replace(/\}\);\n$/, `\n${methods}});\n`);
}

function buttonsOf(axml) {
  return [...axml.matchAll(/<button [^>]*>/g)].map(([tag]) => handlers(tag)[0]);
}

function handlers(tag) {
  return [...new Set([...tag.matchAll(/\bon(?:Tap|GetAuthorize|Error)="(\w+)"/g)].map(([, handler]) => handler))];
}

/** The first line of a block that names its file, in a script and in tags. */
const NAMED = /^(?:\/\/|<!--) ((?:[\w-]+\/)*[\w.-]+\.(?:js|axml))\b.*\n/;

/**
 * Returns the files of a document whose code names them: later blocks of a page are added to it, methods before its end, tags below.
 *
 * @param {string} text of the document
 * @returns {Record<string, string>} including app.json and the components' json
 */
export function namedFiles(text) {
  const files = { 'app.js': 'App({});\n' };
  for (const { language, code } of blocks(text)) {
    const [line, name] = NAMED.exec(code) ?? [];
    if (!name) continue;
    const further = code.slice(line.length);
    if (language === 'js' && further.startsWith('  ')) files[name] = withMethods(files[name], further);
    else files[name] = (language === 'xml' && files[name] ? files[name] : '') + further;
  }
  const scripts = Object.keys(files)
    .filter((name) => name.endsWith('.js'))
    .map((name) => name.slice(0, -'.js'.length));
  const below = (folder) => scripts.filter((name) => name.startsWith(folder));
  for (const name of below('components/')) files[`${name}.json`] = '{ "component": true }';
  for (const name of below('pages/')) files[`${name}.json`] = '{}';
  files['app.json'] = JSON.stringify({ pages: below('pages/') });
  return files;
}

/**
 * Returns the pages of such a document for the simulator, without components. The first page also gets text for the test to read, and a
 * link to the list.
 *
 * @param {string} text of the document
 * @returns {{ files: Record<string, string>, buttons: string[] }} the handlers of the first page
 */
export function namedApp(text) {
  const files = Object.fromEntries(Object.entries(namedFiles(text)).filter(([name]) => !/^(components|tests?)\//.test(name)));
  const [first] = JSON.parse(files['app.json']).pages;
  const axml = files[`${first}.axml`];
  files[`${first}.js`] = withMethods(files[`${first}.js`], "  goOn() {\n    my.navigateTo({ url: '/pages/orders/orders' });\n  },\n");
  files[`${first}.axml`] = `<view>\n${axml}${WINDOWS}<view class="go-on" onTap="goOn">订单</view></view>\n`;
  return { files, buttons: buttonsOf(axml) };
}

/**
 * Returns the same app with its module in a Worker, as the document describes: another shared file, and other content of app.json and
 * mini.project.json. Undefined if the document has no such code.
 *
 * @param {string} text @param {{ files: Record<string, string>, buttons: string[] }} app
 * @returns {{ files: Record<string, string>, buttons: string[] } | undefined}
 */
export function workerApp(text, { files, buttons }) {
  const shared = blocks(text).find(({ code }) => code.includes("require('miniauth/worker')"));
  if (!shared) return undefined;
  const [, script] = /createWorker\('([^']+)'\)/.exec(shared.code);
  const settings = ['compileOptions', 'assetsInclude'].map((name) => new RegExp(`\`("${name}": [^\`]+)\``).exec(text)[1]);
  return {
    buttons,
    files: {
      ...files,
      'auth.js': shared.code,
      'app.json': JSON.stringify({ ...JSON.parse(files['app.json']), workers: [script] }),
      'mini.project.json': `{ ${settings.join(', ')} }`,
    },
  };
}

/**
 * Writes the app into a folder, with the installed package.
 *
 * @param {Record<string, string>} files @param {string} appDir @param {string} installed folder of the package
 */
export async function writeApp(files, appDir, installed) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(appDir, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const copy = path.join(appDir, 'node_modules', 'miniauth');
  await cp(installed, copy, { recursive: true });
  if (files['app.json'].includes('"workers"'))
    await cp(path.join(copy, 'dist', 'workers'), path.join(appDir, 'workers'), { recursive: true });
}

/** @param {string} name of a document, from the project's root @returns {Promise<string>} */
export function documentText(name) {
  return readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
}
