import path from 'node:path';
import { SourceMap } from 'node:module';
import { divide, Source, SourceFault } from './fault.mjs';
import { Files } from './files.mjs';
import { bundleLogic, bundleWorker } from './logic.mjs';
import { readManifest } from './manifest.mjs';
import { readProjectConfig } from './project-config.mjs';
import { compileSjs } from './sjs.mjs';
import { compilePageView } from './template.mjs';
import { compileStyle } from './styles.mjs';

/**
 * Compiles a whole mini-program. A project with faults is only displayed, never run.
 *
 * @typedef {{ code: string, handlers: import('./props.mjs').Handler[] }} CompiledView
 * @typedef {{ file: string, code: string, sourceMap: SourceMap | null }} WorkerScript
 * @typedef {{
 *   folder: string, manifest: import('./manifest.mjs').Manifest, views: Record<string, CompiledView>, css: string, logic: string,
 *   assets: string[], bundle: Awaited<ReturnType<typeof bundleLogic>>, sourceMap: SourceMap | null, workers: WorkerScript[], faults: SourceFault[], notices: SourceFault[], files: string[],
 * }} Project `views`: by file, including imported ones; `notices`: probable mistakes that the platform accepts, and features that this
 *   simulator lacks
 *
 * @param {string} folder absolute path of the mini-program's folder
 * @param {object} options
 * @param {string} options.runtimeModule the address of Vue's runtime in the browser
 * @param {boolean} [options.strict] whether gaps, which a phone tolerates, are faults
 * @param {Project['bundle']} [options.bundled] the logic of an earlier build, if only views and styles have changed since
 * @returns {Promise<Project>}
 */
export async function compileProject(folder, { runtimeModule, strict = false, bundled }) {
  const addresses = new Files(folder);
  const { manifest, files, ...read } = await readManifest(folder, addresses);
  const config = await readProjectConfig(folder);
  const found = [...read.faults, ...config.faults];
  const notices = [...read.notices, ...config.notices];
  files.push(path.join(folder, 'mini.project.json'));
  const compiled = await compileViews(manifest, addresses, { runtimeModule, strict });
  found.push(...compiled.faults);
  notices.push(...compiled.notices);
  const routes = manifest.pages.map(({ route }) => route);
  const parts = [
    ['app.acss', { root: '.phone-view' }],
    ...manifest.components.map(({ path: name, isolatesStyle }) => [
      `${name}.acss`,
      { root: '.phone-view', host: `axml-host[data-is="${name}"]`, owner: isolatesStyle && name },
    ]),
    ...manifest.pages.map(({ route, isolatesStyle }) => [
      `${route}.acss`,
      { root: `.phone-view[data-view="${route}"]`, owner: isolatesStyle && route },
    ]),
  ];
  const styles = [];
  for (const [file, names] of parts) styles.push(await compileStyle(addresses, file, names));
  notices.push(...styles.flatMap((style) => style.notices));
  const nothing = { code: '', map: null, faults: [], notices: [], files: [] };
  const code = { routes, components: manifest.components.map(({ path: name }) => [name, addresses.absolute(`${name}.js`)]) };
  const logic = bundled ?? (routes.length > 0 ? await bundleLogic(folder, code, { ...config, strict }) : nothing);
  const bundles = await Promise.all(manifest.workers.map((file) => bundleWorker(folder, file, { strict })));
  const workers = bundles.map(({ code: text, map }, index) => ({
    file: manifest.workers[index],
    code: text,
    sourceMap: map && new SourceMap(map),
  }));
  const scripts = [logic, ...bundles];
  notices.push(...scripts.flatMap((script) => script.notices));
  const divided = divide([...found, ...[...styles, ...scripts].flatMap((part) => part.faults)], strict);
  return {
    folder,
    manifest,
    views: compiled.views,
    css: styles.map((style) => style.css).join('\n'),
    logic: logic.code,
    bundle: logic,
    sourceMap: logic.map && new SourceMap(logic.map),
    workers,
    assets: config.assets,
    notices: [...notices, ...divided.notices],
    faults: divided.faults,
    files: [...new Set([...files, ...addresses.asked, ...scripts.flatMap((part) => part.files)])],
  };
}

/** Compiles the views of all pages and components, and their imports, each once. */
async function compileViews(manifest, addresses, options) {
  const views = {};
  const faults = [];
  const notices = [];
  const compile = async (file, components, missing) => {
    if (Object.hasOwn(views, file)) return;
    const text = addresses.read(file);
    if (text === null) {
      faults.push(new SourceFault(missing, { file }));
      return;
    }
    const view = compilePageView(new Source(file, text), { ...options, components, files: addresses });
    views[file] = { code: view.code, handlers: view.handlers };
    faults.push(...view.faults);
    notices.push(...view.notices);
    // By the documents, imported files cannot use components; published code does it anyway (assumed to work).
    for (const imported of view.imports) await compile(imported, components);
    for (const sjs of view.sjs.filter((name) => !Object.hasOwn(views, name))) {
      const script = await compileSjs(addresses, sjs);
      views[sjs] = { code: script.code, handlers: [] };
      faults.push(...script.faults);
    }
  };
  for (const { route, components } of manifest.pages) {
    await compile(`${route}.axml`, components, `${route}.axml is missing, but app.json lists the page`);
  }
  for (const { path: name, components } of manifest.components) {
    await compile(`${name}.axml`, components, `${name}.axml is missing, but the component is used`);
  }
  return { views, faults, notices };
}
