import path from 'node:path';
import { build } from 'esbuild';
import { SourceFault } from './fault.mjs';

/** Browser globals that SJS lacks: they read as undefined. */
const HIDDEN = ['window', 'self', 'globalThis', 'document', 'location', 'navigator', 'fetch', 'localStorage', 'setTimeout', 'setInterval'];

/**
 * Bundles an SJS file and its imports to an ES module for the view.
 *
 * @param {import('./files.mjs').Files} files
 * @param {string} file
 * @returns {Promise<{ code: string, faults: SourceFault[] }>}
 */
export async function compileSjs(files, file) {
  const { folder } = files;
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [files.absolute(file)],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'exported',
      loader: { '.sjs': 'js' },
      resolveExtensions: ['.sjs', '.js'],
      target: 'es2020',
      charset: 'utf8',
      metafile: true,
      logLevel: 'silent',
      absWorkingDir: folder,
    });
    for (const input of Object.keys(metafile.inputs)) files.asked.add(path.resolve(folder, input));
    const hidden = HIDDEN.join(', ');
    // A file with module.exports has only a default export.
    const code = `const { default: whole, ...named } = ((${hidden}) => {\n${outputFiles[0].text}\nreturn exported;\n})();`;
    const names = await exportedNames(files, file);
    const lines = names.map((name) => `export const ${name} = named[${JSON.stringify(name)}];`);
    return { code: [code, 'export default whole;', ...lines].join('\n'), faults: [] };
  } catch (error) {
    if (!error.errors) throw error;
    return {
      code: '',
      faults: error.errors.map(
        ({ text, location }) =>
          new SourceFault(text, location ? { file: location.file, line: location.line, column: location.column + 1 } : { file }),
      ),
    };
  }
}

async function exportedNames(files, file) {
  const { metafile } = await build({
    entryPoints: [files.absolute(file)],
    bundle: true,
    write: false,
    format: 'esm',
    loader: { '.sjs': 'js' },
    resolveExtensions: ['.sjs', '.js'],
    metafile: true,
    logLevel: 'silent',
    outfile: 'sjs.js',
  });
  return Object.values(metafile.outputs)[0].exports.filter((name) => name !== 'default');
}
