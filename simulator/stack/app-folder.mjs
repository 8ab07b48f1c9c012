import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What each framework's sources are known by, what builds them for Alipay, and where that puts the mini-program. */
const FRAMEWORKS = [
  { name: 'uni-app', packages: /^@dcloudio\//, command: 'npx uni build -p mp-alipay', script: /\buni\b.*\bbuild\b.*mp-alipay/, output: 'dist/build/mp-alipay' },
  { name: 'Taro', packages: /^@tarojs\//, command: 'npx taro build --type alipay', script: /\btaro\b.*\bbuild\b.*alipay/, output: 'dist' },
  { name: 'mpx', packages: /^@mpxjs\//, command: 'npx mpx-cli-service build --targets=ali', script: /\bmpx\S*\b.*\bbuild\b/, output: 'dist/ali' },
];

/**
 * The folder that is run: that of `app.json`, or the one that mini.project.json names as `miniprogramRoot`.
 *
 * @param {string} folder as it was given
 * @returns {string} absolute
 * @throws {Error} of one line that says what to give instead: which command builds a framework's sources, and to where
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
  throw new Error(`${folder} is no mini-program: it has no app.json. Give the folder in which app.json is, or of a framework's output.`);
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
  return `${folder} holds the sources of ${name}: give what they are built to, ${wanted}, ` + (built ? `which is there (\`${command}\` builds it anew)` : `once \`${command}\` has built it`);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
