import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { baseHeaders, HttpFault } from './respond.mjs';

/** What mini.project.json has to say for modules to be packaged. */
const PACKAGED = '**/*.wasm';

/**
 * A WebAssembly module of the mini-program's package, for `MYWebAssembly`. What the platform would not package is not
 * there: modules in node_modules, and all of them where mini.project.json does not name them.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {string} folder the mini-program's
 * @param {string} name the module's path in it
 */
export async function sendModule(response, folder, name) {
  const root = await realpath(folder);
  const file = await realpath(path.join(root, decodeURIComponent(name))).catch(() => null);
  if (!file || !file.startsWith(root + path.sep) || path.extname(file) !== '.wasm')
    {throw new HttpFault(404, `there is no module /${name} in the package`);}
  if (path.relative(root, file).split(path.sep).includes('node_modules'))
    {throw new HttpFault(404, `/${name} is not packaged: modules in node_modules are not`);}
  if (!(await packagesModules(root)))
    {throw new HttpFault(404, `/${name} is not packaged: mini.project.json lacks "assetsInclude": ["${PACKAGED}"]`);}
  const bytes = await readFile(file);
  response.writeHead(200, { ...baseHeaders(), 'content-type': 'application/wasm' });
  response.end(bytes);
}

async function packagesModules(root) {
  const text = await readFile(path.join(root, 'mini.project.json'), 'utf8').catch(() => '{}');
  try {
    const { assetsInclude } = JSON.parse(text);
    return Array.isArray(assetsInclude) && assetsInclude.includes(PACKAGED);
  } catch {
    throw new HttpFault(500, 'mini.project.json is not valid JSON');
  }
}
