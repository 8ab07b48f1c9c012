import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from '@vue/compiler-dom';
import { build } from 'esbuild';
import postcss from 'postcss';

/** Where the browser finds Vue: pages and the host share one copy. */
export const VUE_MODULE = '/__simulator/vue.js';

const PHONE = fileURLToPath(new URL('../phone/', import.meta.url));

/**
 * Bundles the host page: its script, its styles and Vue's runtime (without the template compiler, which needs eval).
 * @returns {Promise<{ html: string, 'host.js': string, 'host.css': string, 'vue.js': string }>}
 */
export async function bundleHost() {
  const common = {
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    absWorkingDir: PHONE,
  };
  const flags = {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  };
  const [vue, host, html] = await Promise.all([
    build({
      ...common,
      stdin: { contents: "export * from 'vue/dist/vue.runtime.esm-bundler.js';", resolveDir: PHONE },
      define: { ...flags, 'process.env.NODE_ENV': '"production"' },
    }),
    build({ ...common, entryPoints: ['host.mjs'], outdir: 'out', plugins: [sharedVue, templates, hostStyles] }),
    readFile(new URL('../phone/index.html', import.meta.url), 'utf8'),
  ]);
  const output = (extension) => host.outputFiles.find(({ path }) => path.endsWith(extension)).text;
  return { html, 'host.js': output('.js'), 'host.css': output('.css'), 'vue.js': vue.outputFiles[0].text };
}

const sharedVue = {
  name: 'shared-vue',
  setup(bundler) {
    bundler.onResolve({ filter: /^vue$/ }, () => ({ path: VUE_MODULE, external: true }));
  },
};

/** `import { render } from './panel.html'`: a Vue template, compiled when bundling. */
const templates = {
  name: 'templates',
  setup(bundler) {
    bundler.onLoad({ filter: /\.html$/ }, async ({ path }) => {
      const { code } = compile(await readFile(path, 'utf8'), {
        mode: 'module',
        prefixIdentifiers: true,
        hoistStatic: false,
        comments: false,
        runtimeModuleName: 'vue',
      });
      return { contents: code, loader: 'js' };
    });
  },
};

/** The scope of the host's own styles: it ends at the pages, so a mini-program's class names never match. */
const HOST = '(:root) to (.phone-view > *)';

/** Keeps the host's styles out of the pages; only axml.css, which styles the tags themselves, applies there. */
const hostStyles = {
  name: 'host-styles',
  setup(bundler) {
    bundler.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: path.endsWith('/axml.css') ? text : scoped(text), loader: 'css' };
    });
  },
};

function scoped(text) {
  const style = postcss.parse(text);
  const scope = postcss.atRule({ name: 'scope', params: HOST, nodes: [] });
  for (const node of [...style.nodes]) if (!isGlobal(node)) scope.append(node);
  if (scope.nodes.length > 0) style.append(scope);
  return style.toString();
}

/** Whether a rule cannot be scoped; such rules do not affect the pages. */
function isGlobal({ name, selector }) {
  return ['import', 'keyframes'].includes(name) || selector === ':root';
}
