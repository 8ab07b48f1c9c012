import assert from 'node:assert/strict';
import test from 'node:test';
import { transform } from 'esbuild';
import { locateStack } from '../compile/logic.mjs';
import { compileFiles, startLogic } from './support/logic.mjs';
import { Stage } from './support/stage.mjs';

const APP = { 'app.json': '{ "pages": ["pages/index/index"] }', 'app.js': 'App({});' };
const FILE = 'pages/index/index.js';

/** Line 6 fails when the page is loaded. */
const SOURCE = [
  '<template>',
  '  <view />',
  '</template>',
  '<script>',
  'Page({',
  "  onLoad() { throw new Error('no stock'); },",
  '});',
  '</script>',
].join('\n');

/** A framework's output for it: different code, and a map with the place in the source. */
async function built(source) {
  const code = SOURCE.split('\n')
    .map((line, index) => (index > 3 && index < 7 ? line : ''))
    .join('\n');
  const made = await transform(code, { minify: true, sourcemap: 'external', sourcefile: source });
  return { code: made.code.trim(), map: JSON.stringify({ ...JSON.parse(made.map), sourcesContent: [SOURCE] }) };
}

const inline = (map) => `data:application/json;charset=utf-8;base64,${Buffer.from(map).toString('base64')}`;

/** Returns the reported place of the error in a page's `onLoad`. */
async function placeOf(files) {
  const logic = await startLogic({ ...APP, ...files });
  const [{ stack }] = logic.of('error');
  const [{ file, line }] = locateStack(logic.project, stack);
  return `${file}:${line}`;
}

/** Ways in which frameworks' maps are found and name their sources. */
const SHAPES = {
  'in a file beside, from rollup': [
    '../../../../src/pages/index/index.vue',
    (code, map) => ({ [FILE]: `${code}\n//# sourceMappingURL=index.js.map\n`, [`${FILE}.map`]: map }),
  ],
  'in a folder of its own, as of uni-app': [
    'index.vue',
    (code, map) => ({ [FILE]: `${code}\n//# sourceMappingURL=../../maps/index.js.map`, 'maps/index.js.map': map }),
  ],
  'in the text, from webpack': [
    'webpack://shop/./src/pages/index/index.vue?a4b2',
    (code, map) => ({ [FILE]: `${code}\n//# sourceMappingURL=${inline(map)}` }),
  ],
  'beside, without a comment': ['webpack://shop/./src/pages/index/index.vue', (code, map) => ({ [FILE]: code, [`${FILE}.map`]: map })],
  'of an ES module': [
    '../../../src/pages/index/index.vue',
    (code, map) => ({ [FILE]: `${code}export const kept = 1;\n//# sourceMappingURL=index.js.map`, [`${FILE}.map`]: map }),
  ],
};

for (const [name, [source, filesOf]] of Object.entries(SHAPES)) {
  test(`an error leads to the framework's source by a map ${name}`, async () => {
    const { code, map } = await built(source);
    assert.match(
      await placeOf(filesOf(code, map)),
      source === 'index.vue' ? /^pages\/index\/index\.vue:6$/ : /^src\/pages\/index\/index\.vue:6$/,
    );
  });
}

test('with a missing, broken or useless map the built file is named', async () => {
  const { code, map } = await built('index.vue');
  const named = `${code}\n//# sourceMappingURL=index.js.map`;
  for (const text of [undefined, '{', JSON.stringify({ ...JSON.parse(map), mappings: 'AAAA;' })]) {
    assert.equal(await placeOf({ [FILE]: named, ...(text !== undefined && { [`${FILE}.map`]: text }) }), `${FILE}:1`);
  }
});

test('a source map is watched along with the file', async () => {
  const { code, map } = await built('index.vue');
  const { files } = await compileFiles({
    ...APP,
    [FILE]: `${code}\n//# sourceMappingURL=../../maps/index.js.map`,
    'maps/index.js.map': map,
  });
  assert.ok(files.some((file) => file.endsWith('/maps/index.js.map')));
});

test("a framework's output without maps is reported, with the setting that enables them", async () => {
  const outputs = {
    'uni-app': [{ [FILE]: 'my.createPage = Page; my.createPage({});' }, /uni-app.*--sourcemap/],
    Taro: [{ [FILE]: 'Page({});', 'taro.js': '', 'app.js': "require('./taro.js'); App({});" }, /Taro.*enableSourceMap/],
    mpx: [{ [FILE]: 'const id = "mpx-app-scope"; Page({ id });' }, /mpx.*productionSourceMap/],
  };
  const told = async (files) =>
    (await compileFiles({ ...APP, ...files })).notices.map(String).filter((text) => text.includes('source maps'));
  for (const [name, [files, text]] of Object.entries(outputs)) {
    const [notice, ...others] = await told(files);
    assert.match(notice, text, name);
    assert.deepEqual(others, [], name);
    const { map } = await built('index.vue');
    assert.deepEqual(await told({ ...files, [`${FILE}.map`]: map }), [], name);
  }
  assert.deepEqual(await told({ [FILE]: 'Page({});' }), [], 'a native app');
});

test('the timeline names the source and its line, and shows it', async () => {
  const { code, map } = await built('../../../src/pages/index/index.vue');
  const stage = await Stage.open({
    files: { ...APP, [FILE]: `${code}\n//# sourceMappingURL=${inline(map)}`, 'pages/index/index.axml': '<view />' },
  });
  try {
    const page = await stage.page();
    const entry = page.locator('li[data-kind="error"]', { hasText: 'no stock' });
    await entry.filter({ hasText: 'src/pages/index/index.vue:6' }).waitFor();
    const { code: lines } = JSON.parse(await entry.getAttribute('data-entry'));
    assert.deepEqual(
      lines.find(({ isMeant }) => isMeant),
      { line: 6, text: SOURCE.split('\n')[5], isMeant: true },
    );
  } finally {
    await stage.close();
  }
});
