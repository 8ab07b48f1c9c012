import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SourceMap } from 'node:module';
import { divide, Source, SourceFault } from './fault.mjs';
import { bundleLogic, bundleWorker } from './logic.mjs';
import { readManifest, readProjectConfig } from './manifest.mjs';
import { compilePageView } from './template.mjs';
import { compileStyle } from './styles.mjs';

/**
 * Compiles a whole mini-program. A project with faults has nothing else that is of use: it is shown, not run.
 *
 * @typedef {{ route: string, view: string, handlers: import('./props.mjs').Handler[] }} CompiledPage
 * @typedef {{ file: string, code: string, sourceMap: SourceMap | null }} WorkerScript
 * @typedef {{
 *   folder: string, manifest: import('./manifest.mjs').Manifest, pages: CompiledPage[], css: string, logic: string,
 *   sourceMap: SourceMap | null, workers: WorkerScript[], faults: SourceFault[], notices: SourceFault[], files: string[],
 * }} Project `notices`: what the platform takes and nobody means, or what it has and this simulator does not act on
 *
 * @param {string} folder absolute path of the mini-program's folder
 * @param {object} options
 * @param {string} options.runtimeModule the address of Vue's runtime in the browser
 * @param {boolean} [options.strict] whether gaps, with which a phone runs the mini-program all the same, are faults
 * @returns {Promise<Project>}
 */
export async function compileProject(folder, { runtimeModule, strict = false }) {
  const read = await readManifest(folder);
  const { manifest, files } = read;
  const config = await readProjectConfig(folder);
  const found = [...read.faults, ...config.faults];
  const notices = [...read.notices, ...config.notices];
  files.push(path.join(folder, 'mini.project.json'));
  const routes = manifest.pages.map(({ route }) => route);
  const pages = [];
  for (const route of routes) {
    const file = `${route}.axml`;
    files.push(path.join(folder, file));
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => null);
    if (text === null) {
      found.push(new SourceFault(`there is no ${file}, but app.json lists the page`, { file }));
      continue;
    }
    const view = compilePageView(new Source(file, text), { runtimeModule, strict });
    pages.push({ route, view: view.code, handlers: view.handlers });
    found.push(...view.faults);
    notices.push(...view.notices);
  }
  const styles = [await compileStyle(folder, 'app.acss', '.phone-view')];
  for (const route of routes)
    {styles.push(await compileStyle(folder, `${route}.acss`, `.phone-view[data-view="${route}"]`));}
  const nothing = { code: '', map: null, faults: [], notices: [], files: [] };
  const logic = routes.length > 0 ? await bundleLogic(folder, routes, { ...config, strict }) : nothing;
  const bundles = await Promise.all(manifest.workers.map((file) => bundleWorker(folder, file, { strict })));
  const workers = bundles.map(({ code, map }, index) => ({ file: manifest.workers[index], code, sourceMap: map && new SourceMap(map) }));
  const scripts = [logic, ...bundles];
  notices.push(...scripts.flatMap((script) => script.notices));
  const divided = divide([...found, ...[...styles, ...scripts].flatMap((part) => part.faults)], strict);
  return {
    folder,
    manifest,
    pages,
    css: styles.map((style) => style.css).join('\n'),
    logic: logic.code,
    sourceMap: logic.map && new SourceMap(logic.map),
    workers,
    notices: [...notices, ...divided.notices],
    faults: divided.faults,
    files: [...files, ...[...styles, ...scripts].flatMap((part) => part.files)],
  };
}
