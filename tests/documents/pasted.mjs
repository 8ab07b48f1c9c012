import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const FENCE = /^```(\w*)\n([^]*?)^```$/gm;

/** What a test can read on the page, whatever the document shows there. */
const WINDOWS = `
<view class="seen-user">{{user.nickName}}</view>
<view class="seen-member">{{member.nick_name}}</view>
<view class="seen-advice">{{advice}}</view>
`;

/**
 * The code blocks of a document, in order.
 *
 * @param {string} text
 * @returns {{ language: string, code: string }[]}
 */
export function blocks(text) {
  return [...text.matchAll(FENCE)].map(([, language, code]) => ({ language, code }));
}

/**
 * A mini-program of one page as an author makes it who follows a document: shared files where their first line names them, the
 * page, further methods pasted into it, and the tags; where a comment shows only a button, the button.
 *
 * @param {string} text of the document
 * @returns {{ files: Record<string, string>, buttons: string[] }} `buttons` names each button's handler, in their order on the page
 */
export function pastedApp(text) {
  const found = blocks(text);
  const scripts = found.filter(({ language }) => language === 'js').map(({ code }) => code);
  const files = { 'app.js': 'App({});\n', 'app.json': '{ "pages": ["pages/index/index"] }', 'pages/index/index.json': '{}' };
  let page = scripts.find((code) => code.includes('Page({')) ?? '';
  for (const code of scripts) {
    const [, name] = /^\/\/ ([\w/]+\.js)\b/.exec(code) ?? [];
    if (name) files[name] = code;
    else if (/^ {2}(?:async )?\w+\(/.test(code)) page = page.replace(/\}\);\n$/, `${code}});\n`);
  }
  files['pages/index/index.js'] = page;
  const shown = found.filter(({ language }) => language === 'xml').map(({ code }) => code).join('');
  const handled = (tags, handler) => tags.includes(`="${handler}"`);
  const hinted = [...page.matchAll(/\/\/ (<button [^\n]*?>)/g)].map(([, tag]) => `${tag}按钮</button>\n`);
  const extra = hinted.filter((tag) => !handlers(tag).every((handler) => handled(shown, handler)));
  const axml = shown + extra.join('');
  // What is called without a button of its own is called by somebody.
  const methods = [...page.matchAll(/^ {2}(?:async )?(\w+)\((?:event)?\) \{$/gm)].map(([, name]) => name);
  const further = methods.filter((name) => !handled(axml, name)).map((name) => `<button onTap="${name}">${name}</button>\n`);
  files['pages/index/index.axml'] = `<view>\n${axml}${further.join('')}${WINDOWS}</view>\n`;
  const buttons = [...(axml + further.join('')).matchAll(/<button [^>]*>/g)].map(([tag]) => handlers(tag)[0]);
  return { files, buttons };
}

function handlers(tag) {
  return [...new Set([...tag.matchAll(/\bon(?:Tap|GetAuthorize|Error)="(\w+)"/g)].map(([, handler]) => handler))];
}

/**
 * The same app with its module in a Worker, as the document's sentence about it says: other shared file, and what app.json and
 * mini.project.json have to hold. Nothing for a document that has no such code.
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
    files: {
      ...files,
      'auth.js': shared.code,
      'app.json': JSON.stringify({ pages: ['pages/index/index'], workers: [script] }),
      'mini.project.json': `{ ${settings.join(', ')} }`,
    },
    buttons,
  };
}

/**
 * Puts the app into a folder, with the installed package.
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
  if (files['app.json'].includes('"workers"')) await cp(path.join(copy, 'dist', 'workers'), path.join(appDir, 'workers'), { recursive: true });
}

/** @param {string} name of a document, from the project's root @returns {Promise<string>} */
export function documentText(name) {
  return readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
}
