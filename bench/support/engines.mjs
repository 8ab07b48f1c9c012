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
 * Bundles a script for engines without modules.
 *
 * @param {string} contents an ES module's text
 * @param {string} folder the base of its imports
 * @param {import('esbuild').BuildOptions} [options]
 * @returns {Promise<string>}
 */
export async function bundle(contents, folder, options) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: 'iife',
    write: false,
    // UTF-8 like the package: escaped, its text would be larger.
    charset: 'utf8',
    logLevel: 'error',
    ...options,
  });
  return outputFiles[0].text;
}

/**
 * Runs a script in a new process of Node, and returns what its `globalThis.measured` resolves to.
 *
 * @param {string} script
 */
export async function inNewNode(script) {
  const child = spawn(process.execPath, ['-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${script}\nglobalThis.measured().then((result) => process.stdout.write(JSON.stringify(result)));`);
  return resultOf(child);
}

/** Reads the output of a program as JSON. */
async function resultOf(child) {
  const ended = once(child, 'close');
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk;
  const [code] = await ended;
  if (code !== 0) throw new Error(`the script ended with ${code}`);
  return JSON.parse(output);
}

/** Turns timers off: no measured code waits for one. */
const NO_TIMERS = 'globalThis.setTimeout = () => 0; globalThis.clearTimeout = () => {};';

/**
 * Does the same in a new process of JavaScriptCore's shell.
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
 * Does the same in QuickJS, which runs in this process as a new instance of its module.
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
 * Starts a browser whose pages come from our server, so that they may call it.
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
    // Only isolated pages get times with a resolution of some microseconds.
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
    /** Runs the script in a new page of a new process, and returns what its `globalThis.measured` resolves to. */
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
