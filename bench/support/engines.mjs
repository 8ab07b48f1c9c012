import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { build } from 'esbuild';
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
  const ended = once(child, 'close');
  child.stdin.end(`${script}\nglobalThis.measured().then((result) => process.stdout.write(JSON.stringify(result)));`);
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk;
  const [code] = await ended;
  if (code !== 0) throw new Error(`the script ended with ${code}`);
  return JSON.parse(output);
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
