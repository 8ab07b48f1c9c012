import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { findAddresses } from '../stack/addresses.mjs';
import { findApp } from '../stack/app-folder.mjs';
import { findBinary } from '../stack/binary.mjs';
import { readMap } from '../stack/map.mjs';
import { folderOf } from './support/folder.mjs';

async function inFolder(files, check) {
  const { folder, remove } = await folderOf(files);
  try {
    await check(folder);
  } finally {
    await remove();
  }
}

test('servers are found in calls, constants and configuration, and the login server among them', () =>
  inFolder(
    {
      'app.js': "import { LOGIN } from './config';\nconst auth = createAuth({ my, server: LOGIN });",
      'config.js': "export const LOGIN = 'https://login.shop.example/v1';\nexport const docs = 'https://docs.shop.example/';",
      'pages/a.js': 'my.request({ url: `https://orders.shop.example/${id}` });\nmy.connectSocket({ url: "wss://live.shop.example/x" });',
      'pages/old.js':
        "my.httpRequest({ url: 'https://old.shop.example'.concat(path) });\nconst logoUrl = 'https://cdn.shop.example/logo.png';",
      'vendor.js': 'var n=t(3),o={request(e){return my.request(e)}};(0,n.createAuth)({my:my,server:"https://login.shop.example"});',
      'renamed.js': 'q({my:u,server:"https://second.shop.example"});',
      'stranger.js': "my.request({ url: 'https://elsewhere.invalid/' });",
      'ext.json': '{ "ext": { "apiHost": "http://127.0.0.1:3000" }, "title": "https://title.shop.example" }',
      'broken.js': 'my.request({ url: "https://broken.example"',
      'node_modules/p/index.js': "my.request({ url: 'https://package.example' });",
    },
    async (folder) => {
      const found = (await findAddresses(folder)).map(({ origin, isLogin }) => [origin.replace('.shop.example', ''), isLogin]);
      assert.deepEqual(found.sort(), [
        ['http://127.0.0.1:3000', false],
        ['https://live', false],
        ['https://login', true],
        ['https://old', false],
        ['https://orders', false],
        ['https://second', true],
      ]);
    },
  ));

test('the example has one server: the address that it probes as a forbidden one is not a server', async () => {
  const found = await findAddresses(fileURLToPath(new URL('../../example-miniapp', import.meta.url)));
  assert.deepEqual(found, [{ origin: 'https://api.shop.example', files: ['auth.js'], isLogin: true }]);
});

test('an app is the folder with app.json, also below miniprogramRoot', () =>
  inFolder({ 'a/app.json': '{}', 'b/mini.project.json': '{ "miniprogramRoot": "client" }', 'b/client/app.json': '{}' }, (folder) => {
    assert.equal(findApp(path.join(folder, 'a')), path.join(folder, 'a'));
    assert.equal(findApp(path.join(folder, 'b')), path.join(folder, 'b/client'));
    assert.throws(() => findApp(folder), /it has no app\.json/);
    assert.throws(() => findApp(path.join(folder, 'c')), /there is no folder .*c/);
  }));

const SOURCES = [
  [
    'uni-app',
    { dependencies: { '@dcloudio/uni-app': '3' }, scripts: { 'build:alipay': 'uni build -p mp-alipay' } },
    /npm run build:alipay/,
    'dist/build/mp-alipay',
  ],
  ['Taro', { dependencies: { '@tarojs/taro': '4' } }, /npx taro build --type alipay/, 'dist'],
  [
    'mpx',
    { dependencies: { '@mpxjs/core': '2' }, scripts: { build: 'mpx-cli-service build --targets=wx,ali' } },
    /npm run build/,
    'dist/ali',
  ],
];
for (const [name, manifest, command, output] of SOURCES) {
  test(`the sources of ${name} are rejected with the build command and the folder to pass`, () =>
    inFolder({ 'package.json': JSON.stringify(manifest), 'src/index.js': '' }, (folder) => {
      for (const given of [folder, path.join(folder, 'src')]) {
        assert.throws(
          () => findApp(given),
          (error) => {
            assert.match(error.message, new RegExp(`contains ${name} sources`));
            assert.match(error.message, command);
            assert.ok(error.message.includes(path.relative('', path.join(folder, output))), error.message);
            return true;
          },
        );
      }
    }));
}

test("a framework's build output is an app", () =>
  inFolder({ 'package.json': JSON.stringify(SOURCES[1][1]), 'dist/app.json': '{}' }, (folder) => {
    assert.equal(findApp(path.join(folder, 'dist')), path.join(folder, 'dist'));
    assert.throws(() => findApp(folder), /which exists/);
  }));

test('the program is the named one, or else the one on the PATH; without one the error says where to get it', () => {
  const node = process.execPath;
  assert.equal(findBinary(node, {}), node);
  assert.equal(findBinary(undefined, { MINIAUTH_BINARY: node }), node);
  assert.throws(() => findBinary(undefined, { MINIAUTH_BINARY: '/nowhere/miniauth' }), /MINIAUTH_BINARY names \/nowhere\/miniauth/);
  assert.throws(() => findBinary(undefined, { PATH: '/nowhere' }), /not on the PATH.*MINIAUTH_BINARY=/);
});

test('--map takes origins, and shows its format', () => {
  assert.deepEqual(readMap(['https://api.shop.example/v1=http://127.0.0.1:3000/']), {
    'https://api.shop.example': 'http://127.0.0.1:3000',
  });
  for (const pair of ['https://api.shop.example', 'api=http://127.0.0.1:1'])
    assert.throws(() => readMap([pair]), /--map https:\/\/api\.shop\.example=http:\/\/127\.0\.0\.1:3000/);
});
