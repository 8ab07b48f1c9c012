// `miniauth check` as a command: its exit codes, files and languages.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findBinary } from '../support/binary.mjs';

const BINARY = findBinary();

const folder = mkdtempSync(join(tmpdir(), 'miniauth-check-'));
after(() => rmSync(folder, { recursive: true }));

function app(name, code) {
  const root = join(folder, name);
  mkdirSync(join(root, 'pages/a'), { recursive: true });
  writeFileSync(join(root, 'app.json'), '{ "pages": ["pages/a/index"] }');
  writeFileSync(join(root, 'pages/a/index.js'), code);
  return root;
}

function check(args, env = {}) {
  return spawnSync(BINARY, ['check', ...args], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });
}

test('0 for a clean app, 1 with findings, 2 where nothing can be read', () => {
  assert.equal(check([app('clean', 'Page({});')]).status, 0);
  const broken = check([app('broken', "Page({ onLoad() { my.getAuthCode({ scopes: 'auth_user' }); } });")]);
  assert.equal(broken.status, 1);
  assert.match(broken.stdout, /consent-without-tap/);
  const missing = check([join(folder, 'nothing')]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /Give the folder of a mini-program/);
  mkdirSync(join(folder, 'empty'));
  assert.equal(check([join(folder, 'empty')]).status, 2);
});

test('2, with the reason and the next step, where nothing was found because not everything could be followed', () => {
  const wrapped = check([app('wrapped', "import make from 'page-tools'; Page(make({}));"), '--lang', 'en']);
  assert.equal(wrapped.status, 2);
  assert.match(wrapped.stdout, /Missing packages or files: page-tools[^]*Install the packages that are missing/);
  const sources = join(folder, 'sources');
  mkdirSync(join(sources, 'src'), { recursive: true });
  writeFileSync(join(sources, 'pages.json'), '{}');
  writeFileSync(join(sources, 'src/App.vue'), '<script>export default {}</script>');
  const source = check([sources, '--lang', 'en', '--format', 'json']);
  assert.equal(source.status, 2);
  assert.match(source.stderr, /uni-app's source, without an app\.json\. Compile it for Alipay/);
  assert.equal(JSON.parse(source.stdout).summary.complete, false);
});

test('the language is that of the locale, unless it is asked for', () => {
  const root = app('language', 'Page({});');
  assert.match(check([root], { LANG: 'zh_CN.UTF-8' }).stdout, /检查了/);
  assert.match(check([root], { LANG: 'de_DE.UTF-8' }).stdout, /files checked/);
  assert.match(check([root, '--lang', 'en'], { LANG: 'zh_CN.UTF-8' }).stdout, /files checked/);
});

test('--explain prints the documentation of a rule, and names the rules when there is none such', () => {
  const explained = check(['--explain', 'display-only-forwarded']);
  assert.equal(explained.status, 0);
  assert.match(explained.stdout, /## Breaks it[^]*## Keeps it/);
  const unknown = check(['--explain', 'nothing']);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /consent-unneeded/);
});

test('--fix corrects the field and leaves nothing to find', () => {
  const root = app('fix', 'Page({ onLoad() { my.getAuthCode({ success: (res) => console.log(res.authcode) }); } });');
  assert.equal(check([root]).status, 1);
  assert.equal(check([root, '--fix']).status, 0);
  assert.match(readFileSync(join(root, 'pages/a/index.js'), 'utf8'), /res\.authCode/);
  assert.equal(check([root]).status, 0);
});

test('each format is what it says', () => {
  const root = app('formats', "const a = 'http://shop.example';");
  assert.equal(JSON.parse(check([root, '--format', 'json']).stdout).findings.length, 1);
  assert.equal(JSON.parse(check([root, '--format', 'sarif']).stdout).version, '2.1.0');
  assert.match(check([root, '--format', 'github']).stdout, /^::error file=pages\/a\/index\.js,line=1,/);
  assert.ok(check([root, '--color', 'always']).stdout.includes('\u001b['));
});

test('--baseline fails on new findings only, and says how to write one', () => {
  const root = app('baseline', "const a = 'http://shop.example';\n");
  const known = join(folder, 'known.json');
  const none = check([root, '--baseline', known]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /Write it with --write-baseline/);
  assert.equal(check([root, '--write-baseline', known]).status, 0);
  writeFileSync(join(root, 'pages/a/index.js'), "// moved\nconst a = 'http://shop.example';\nPage({});\n");
  const moved = check([root, '--baseline', known, '--lang', 'en']);
  assert.equal(moved.status, 0);
  assert.match(moved.stdout, /1 finding is in the baseline/);
  writeFileSync(join(root, 'pages/a/index.js'), "const a = 'http://shop.example';\nconst b = 'ws://new.example';\nPage({});\n");
  const added = check([root, '--baseline', known, '--format', 'json']);
  assert.equal(added.status, 1);
  assert.deepEqual(
    JSON.parse(added.stdout).findings.map((finding) => finding.subject),
    ['ws://new.example'],
  );
  writeFileSync(known, '[]');
  assert.match(check([root, '--baseline', known]).stderr, /not what --write-baseline writes/);
  assert.equal(check([root, '--write-baseline', known, '--rule', 'insecure-url']).status, 2);
});

test('the configuration is the one of the folder or the one named, and faults are reported', () => {
  const root = app('configured', "const a = 'http://shop.example';\nPage({});\n");
  assert.equal(check([root]).status, 1);
  writeFileSync(join(root, 'miniauth-check.json'), '{ "exclude": ["pages/**"] }');
  const excluded = check([root, '--lang', 'en']);
  assert.equal(excluded.status, 0);
  assert.match(excluded.stdout, /1 finding is in files that the configuration excludes\.\n[^]*: 0 findings/);
  assert.equal(JSON.parse(check([root, '--format', 'json']).stdout).summary.excluded, 1);
  writeFileSync(join(root, 'miniauth-check.json'), '{ "rules": { "insecure-url": "off" } }');
  assert.equal(check([root]).status, 0);
  const named = join(folder, 'named.json');
  writeFileSync(named, '{ "rules": { "insecure": "off" } }');
  const faulty = check([root, '--config', named]);
  assert.equal(faulty.status, 2);
  assert.match(faulty.stderr, /named\.json: there is no rule insecure\. The rules are: consent-without-tap/);
  const missing = check([root, '--config', join(folder, 'missing.json')]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /missing\.json: /);
});

test('--changed-since looks at what differs from a commit, new files too', () => {
  const root = app('changed', "const a = 'http://old.example';\nPage({});\n");
  const git = (...args) =>
    spawnSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@shop.example', ...args], { encoding: 'utf8' });
  const outside = check([root, '--changed-since', 'HEAD']);
  assert.equal(outside.status, 2);
  assert.match(outside.stderr, /--changed-since HEAD: .*It needs git/);
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  const unchanged = check([root, '--changed-since', 'HEAD', '--lang', 'en']);
  assert.equal(unchanged.status, 0);
  assert.match(unchanged.stdout, /1 finding has nothing to do with the files that changed/);
  writeFileSync(join(root, 'new.js'), "const a = 'http://new.example';\n");
  const added = check([root, '--changed-since', 'HEAD', '--format', 'json']);
  assert.equal(added.status, 1);
  assert.deepEqual(
    JSON.parse(added.stdout).findings.map((finding) => finding.place.file),
    ['new.js'],
  );
  const unknown = check([root, '--changed-since', 'no-such-branch']);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /no-such-branch/);
  assert.equal(check([root, '--changed-since', '--output=x']).status, 2);
});

test('2, with the scripts that were not run, when the time runs out and nothing was found', () => {
  const late = check([app('late', 'Page({});'), '--time', '0', '--lang', 'en']);
  assert.equal(late.status, 2);
  assert.match(late.stdout, /Not analysed, because time ran out: pages\/a\/index\.js[^]*Give more time by --page-time and --time/);
});
