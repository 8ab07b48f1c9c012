import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** How to recognise each framework's sources, the command that builds them for Alipay, and where the output goes. */
const FRAMEWORKS = [
  {
    name: 'uni-app',
    packages: /^@dcloudio\//,
    command: 'npx uni build -p mp-alipay',
    script: /\buni\b.*\bbuild\b.*mp-alipay/,
    output: 'dist/build/mp-alipay',
  },
  { name: 'Taro', packages: /^@tarojs\//, command: 'npx taro build --type alipay', script: /\btaro\b.*\bbuild\b.*alipay/, output: 'dist' },
  {
    name: 'mpx',
    packages: /^@mpxjs\//,
    command: 'npx mpx-cli-service build --targets=ali',
    script: /\bmpx\S*\b.*\bbuild\b/,
    output: 'dist/ali',
  },
];

/**
 * Returns the folder to run: the one with `app.json`, or the one that mini.project.json names as `miniprogramRoot`.
 *
 * @param {string} folder as given on the command line
 * @returns {string} absolute path
 * @throws {Error} one line that says what to pass instead: for a framework's sources, the build command and its output folder
 */
export function findApp(folder) {
  const given = path.resolve(folder);
  const { miniprogramRoot } = readJson(path.join(given, 'mini.project.json'));
  const root = typeof miniprogramRoot === 'string' ? path.join(given, miniprogramRoot) : given;
  for (const place of [root, given]) if (existsSync(path.join(place, 'app.json'))) return place;
  if (!existsSync(given)) throw new Error(`there is no folder ${folder}`);
  for (const place of [given, path.dirname(given)]) {
    const framework = frameworkOf(place);
    if (framework) throw new Error(builtFirst(folder, place, framework));
  }
  throw new Error(
    `${folder} is not a mini-program: it has no app.json. Pass the folder that contains app.json, or a framework's output folder.`,
  );
}

function frameworkOf(place) {
  const { dependencies = {}, devDependencies = {}, scripts = {} } = readJson(path.join(place, 'package.json'));
  const packages = Object.keys({ ...dependencies, ...devDependencies });
  const known = FRAMEWORKS.find((framework) => packages.some((name) => framework.packages.test(name)));
  if (!known) return null;
  const script = Object.keys(scripts).find((name) => known.script.test(scripts[name]));
  return { ...known, command: script ? `npm run ${script}` : known.command };
}

function builtFirst(folder, place, { name, command, output }) {
  const wanted = path.relative('', path.join(place, output)) || '.';
  const built = existsSync(path.join(place, output, 'app.json'));
  return (
    `${folder} contains ${name} sources: pass the build output instead, ${wanted}, ` +
    (built ? `which exists (\`${command}\` rebuilds it)` : `after building it with \`${command}\``)
  );
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
