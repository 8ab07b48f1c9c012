import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Whose file it is: the mini-program's own, or a package's, which may be linked from elsewhere.
 *
 * @param {string} folder the mini-program's
 * @param {string} file absolute path
 * @returns {{ isPackage: boolean, name: string, place: string }} `name` of the package; `place`: the path that the platform's
 *   compiler would see
 */
export function ownerOf(folder, file) {
  const relative = path.relative(folder, file).split(path.sep).join('/');
  const [, installed] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(relative) ?? [];
  if (installed) return { isPackage: true, name: installed, place: relative.slice(relative.indexOf('node_modules/')) };
  if (!relative.startsWith('..')) return { isPackage: false, name: '', place: relative };
  const root = packageRoot(path.dirname(file));
  const name = nameOf(root);
  return { isPackage: true, name, place: `node_modules/${name}/${path.relative(root, file).split(path.sep).join('/')}` };
}

function packageRoot(folder) {
  const parent = path.dirname(folder);
  return parent === folder || existsSync(path.join(folder, 'package.json')) ? folder : packageRoot(parent);
}

function nameOf(root) {
  try {
    return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).name ?? path.basename(root);
  } catch {
    return path.basename(root);
  }
}
