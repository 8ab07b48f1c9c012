import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { newQuickJSWASMModule } from 'quickjs-emscripten';
import { launchBrowser } from '../../tests/support/browser.mjs';

/**
 * A script for engines without modules.
 *
 * @param {string} contents an ES module's text
 * @param {string} folder from where it imports
 * @param {import('esbuild').BuildOptions} [options]
 * @returns {Promise<string>}
 */
export async function bundle(contents, folder, options) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: 'iife',
    write: false,
    // As the package is: escaped, its text would be larger.
    charset: 'utf8',
    logLevel: 'error',
    ...options,
  });
  return outputFiles[0].text;
}

/**
 * What a script's `globalThis.measured` resolves to, in a new process of Node.
 *
 * @param {string} script
 */
export async function inNewNode(script) {
  const child = spawn(process.execPath, ['-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${script}\nglobalThis.measured().then((result) => process.stdout.write(JSON.stringify(result)));`);
  return resultOf(child);
}

/** What a program prints, as JSON. */
async function resultOf(child) {
  const ended = once(child, 'close');
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk;
  const [code] = await ended;
  if (code !== 0) throw new Error(`the script ended with ${code}`);
  return JSON.parse(output);
}

/** Nothing that is measured here waits for time. */
const NO_TIMERS = 'globalThis.setTimeout = () => 0; globalThis.clearTimeout = () => {};';

/**
 * The same in a new process of JavaScriptCore's shell.
 *
 * @param {string} script
 * @param {string[]} flags such as `--useJIT=false`
 */
export async function inNewJsc(script, flags) {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-bench-jsc-'));
  try {
    const file = path.join(folder, 'script.js');
    const now = 'globalThis.performance = { now: () => preciseTime() * 1e3 };';
    const print = 'globalThis.measured().then((result) => print(JSON.stringify(result)), (error) => { print(error); quit(1); });';
    await writeFile(file, `${NO_TIMERS}\n${now}\n${script}\n${print}`);
    return await resultOf(spawn('jsc', [...flags, file], { stdio: ['ignore', 'pipe', 'inherit'] }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * The same in QuickJS, which runs in this process in a new instance of its own module.
 *
 * @param {string} script
 */
export async function inNewQuickJs(script) {
  const vm = (await newQuickJSWASMModule()).newContext();
  const give = (name, call) => vm.newFunction(name, call).consume((fn) => vm.setProp(vm.global, name, fn));
  const result = new Promise((resolve, reject) => {
    give('resolve', (json) => resolve(JSON.parse(vm.getString(json))));
    give('reject', (message) => reject(new Error(vm.getString(message))));
  });
  give('now', () => vm.newNumber(performance.now()));
  const end = 'globalThis.measured().then((result) => resolve(JSON.stringify(result)), (error) => reject(`${error} ${error.stack}`));';
  vm.unwrapResult(vm.evalCode(`${NO_TIMERS}\nglobalThis.performance = { now };\n${script}\n${end}`));
  vm.unwrapResult(vm.runtime.executePendingJobs());
  return await result;
}

/**
 * A browser whose pages come from a server of ours, so that they may talk to it.
 *
 * @param {import('node:http').RequestListener} [listener] answers everything but the page itself
 */
export async function startChromium(listener) {
  const scripts = new Map();
  const server = createServer((request, response) => {
    const script = scripts.get(request.url);
    if (script === undefined && listener && !request.url.startsWith('/page')) {
      listener(request, response);
      return;
    }
    const isPage = request.url.startsWith('/page');
    // Only pages that are isolated from others may tell the time to some microseconds.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-type', isPage ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8');
    response.end(isPage ? `<!doctype html><script src="${request.url.replace('/page', '/script')}"></script>` : script);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await launchBrowser();
  let pages = 0;
  return {
    origin,
    /** What the script's `globalThis.measured` resolves to, in a new page of a new process. */
    async measured(script) {
      pages += 1;
      const name = String(pages);
      scripts.set(`/script${name}`, script);
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${origin}/page${name}`);
      const result = await page.evaluate(() => globalThis.measured());
      await context.close();
      scripts.delete(`/script${name}`);
      return result;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
