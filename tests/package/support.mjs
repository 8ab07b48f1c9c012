import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import webpack from 'webpack';

const run = promisify(execFile);

/** Whether slow tests run too. */
export const LONG = Boolean(process.env.MINIAUTH_LONG);

/** Apps' bundlers, by name: each writes CommonJS files to the app's folder `dist`, from a configuration in its own format. */
export const BUNDLERS = {
  webpack: async (app, config) => {
    const output = { ...config.output, path: path.join(app, 'dist') };
    const stats = await promisify(webpack)({ ...config, context: app, output });
    const { errors } = stats.toJson({ all: false, errors: true });
    if (errors.length > 0) throw new Error(errors[0].message);
  },
  esbuild: (app, config) => esbuild({ ...config, absWorkingDir: app, logLevel: 'error' }),
  ...(LONG && {
    rollup: async (app, config) => {
      const { rollup } = await (await installTools())('rollup');
      const input = Object.fromEntries(Object.entries(config.input).map(([name, file]) => [name, path.join(app, file)]));
      const bundle = await rollup({ ...config, input });
      await bundle.write({ ...config.output, dir: path.join(app, config.output.dir) });
    },
    vite: async (app, config) => {
      const { build } = await (await installTools())('vite');
      await build({ ...config, root: app, configFile: false, logLevel: 'error' });
    },
  }),
};

/** A bundler's configuration from pkg/README.md. */
export async function configuration(packed, bundler) {
  const text = await recipe(packed, bundler);
  if (LONG) await installTools();
  // Its imports resolve in the folder of the tools.
  const file = new URL(`tools/${bundler}.${process.pid}.mjs`, import.meta.url);
  await writeFile(file, text);
  try {
    return (await import(file)).default;
  } finally {
    await rm(file);
  }
}

/** The same configuration for one file. */
export function forOneFile(config, file) {
  if (config.entryPoints) return { ...config, entryPoints: { app: file }, minify: true };
  if (config.input) return { ...config, input: { app: file } };
  if (config.build) return { ...config, build: { ...config.build, lib: { ...config.build.lib, entry: { app: file } }, minify: 'esbuild' } };
  return { ...config, entry: { app: `./${file}` } };
}

/** @type {Promise<(name: string) => Promise<any>> | undefined} */
let installed;

/** Installs the tools of tests/package/tools once, and imports from them. */
export function installTools() {
  installed ??= (async () => {
    const folder = new URL('tools/', import.meta.url);
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
    const require = createRequire(new URL('package.json', folder));
    return (name) => import(pathToFileURL(require.resolve(name)));
  })();
  return installed;
}

/** Creates an app with these files beside the installed package. */
export async function makeApp(packed, name, files) {
  const app = path.join(packed.folder, '../..', name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(app, file)), { recursive: true });
    await writeFile(path.join(app, file), text);
  }
  return app;
}

/** All files that a bundler wrote. */
export async function made(app) {
  const names = (await readdir(path.join(app, 'dist'), { recursive: true })).filter((name) => name.endsWith('.js'));
  return Promise.all(names.map((name) => readFile(path.join(app, 'dist', name))));
}

/** The code after `<!-- recipe: name -->` in pkg/README.md. */
export async function recipe(packed, name) {
  const readme = await readFile(path.join(packed.folder, 'README.md'), 'utf8');
  const found = new RegExp(`<!-- recipe: ${name} -->\\n\`\`\`js\\n([^]*?)\`\`\``).exec(readme);
  if (!found) throw new Error(`pkg/README.md has no recipe ${name}`);
  return found[1];
}
