import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { zipOf } from './support/zip.mjs';
import test from 'node:test';
import { call, phones } from './support/phone.mjs';

const { phone, echo } = phones();
const APP = 'https://api.shop.example';

/** A phone whose person picks a picture, and the picture's path. */
async function withPicture(profile) {
  const asking = await phone(profile);
  const [, { apFilePaths }] = await call(asking, 'chooseImage');
  return { asking, filePath: apFilePaths[0] };
}

const upload = ({ asking, filePath }, path, options) =>
  call(asking, 'uploadFile', { url: APP + path, filePath, name: 'photo', ...options });
const download = (asking, path, options) => call(asking, 'downloadFile', { url: APP + path, ...options });

/** Ends a transfer that is never answered, and returns its outcome. */
const ended = (asking, name, options, end) =>
  new Promise((fail) => {
    const task = asking.my[name]({ url: `${APP}/slow`, ...options, fail });
    task.then(undefined, () => {});
    asking.clock.setTimeout(() => end(task), 20);
  });

test('chooseImage answers as many paths and sizes as requested; 11 if the person chooses none', async () => {
  const asking = await phone();
  const picture = { bytes: new Uint8Array(3), type: 'image/png' };
  asking.pictures = [picture, picture, { bytes: new Uint8Array(5), type: 'application/x-other' }];
  const [outcome, { apFilePaths, tempFilePaths, tempFiles }] = await call(asking, 'chooseImage', { count: 2 });
  assert.equal(outcome, 'success');
  assert.deepEqual(apFilePaths, tempFilePaths);
  assert.deepEqual(
    tempFiles,
    apFilePaths.map((path) => ({ path, size: 3 })),
  );
  assert.equal(new Set(apFilePaths).size, 2);
  for (const path of apFilePaths) assert.match(path, /^https:\/\/resource\/.+\.image$/);
  assert.equal((await call(asking, 'chooseImage'))[1].apFilePaths.length, 1);
  asking.answers.image = 'back';
  assert.deepEqual({ ...(await call(asking, 'chooseImage'))[1] }, { error: 11, errorMessage: '用户取消操作' });
});

test('the album can be refused: 2001, for good 2003, and then 2002 without a panel', async () => {
  const asking = await phone();
  asking.faults.set('numbered-refusal');
  const refused = async (answer) => {
    asking.answers.image = answer;
    return (await call(asking, 'chooseImage'))[1].error;
  };
  assert.deepEqual([await refused('refuse'), await refused('refuse-for-good'), await refused('nothing')], [2001, 2003, 2002]);
});

test("an upload is a POST of multipart/form-data, with the platform's content type", async () => {
  const picked = await withPicture();
  const header = { 'X-Mine': 'yes', 'Content-Type': 'text/plain' };
  const [outcome, answer] = await upload(picked, '/photos', { formData: { extra: '其他"信息"', count: 2 }, header });
  assert.deepEqual([outcome, Object.keys(answer), answer.statusCode], ['success', ['data', 'statusCode', 'header'], 200]);
  assert.equal(answer.header['x-echo'], 'Yes');
  const { method, url, contentTypes, mine, body } = JSON.parse(answer.data);
  assert.deepEqual([method, url, mine, contentTypes.length], ['POST', '/photos', 'yes', 1]);
  const form = await new Response(body, { headers: { 'content-type': contentTypes[0] } }).formData();
  assert.deepEqual([form.get('extra'), form.get('count')], ['其他"信息"', '2']);
  const { name, type } = form.get('photo');
  assert.deepEqual([name, type], [picked.filePath.split('/').pop(), 'image/gif']);
});

test('the file arrives byte for byte', async () => {
  const asking = await phone();
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
  asking.pictures = [{ bytes, type: 'image/png' }];
  let sent;
  const exchange = asking.exchange.bind(asking);
  asking.exchange = (outgoing, ...rest) => {
    sent = outgoing;
    return exchange(outgoing, ...rest);
  };
  const [
    ,
    {
      apFilePaths: [filePath],
    },
  ] = await call(asking, 'chooseImage');
  await upload({ asking, filePath }, '/photos');
  const headers = Object.fromEntries(sent.headers);
  const form = await new Response(sent.body, { headers }).formData();
  assert.deepEqual(new Uint8Array(await form.get('photo').arrayBuffer()), bytes);
});

test('an answer to an upload is a success, whatever its status', async () => {
  const [outcome, { statusCode, data }] = await upload(await withPicture(), '/status/401');
  assert.deepEqual([outcome, statusCode, JSON.parse(data).method], ['success', 401, 'POST']);
});

test('what my.uploadFile rejects: 11 without a file or a name, 20 if not https, the whitelist by profile', async () => {
  const picked = await withPicture();
  const refusal = async (options) => (await upload(picked, '/never', options))[1].error;
  for (const options of [
    { filePath: 'https://resource/none.image' },
    { filePath: undefined },
    { name: '' },
    { name: undefined },
    { url: '' },
    { header: { a: 1 } },
  ]) {
    assert.equal(await refusal(options), 11, JSON.stringify(options));
  }
  assert.equal(await refusal({ url: 'http://api.shop.example/never' }), 20);
  const elsewhere = { url: 'https://elsewhere.example/never' };
  assert.equal(await refusal(elsewhere), 4);
  assert.equal((await upload(await withPicture('upload-whitelist:13'), '/never', elsewhere))[1].error, 13);
  assert.equal(
    echo().seen.some(({ url }) => url === '/never'),
    false,
  );
});

test('an upload ends with 9 when aborted, 1 when its page is left, and 12 when it times out or there is no network', async () => {
  const { asking, filePath } = await withPicture();
  const given = { filePath, name: 'photo' };
  assert.deepEqual(
    { ...(await ended(asking, 'uploadFile', given, (task) => task.abort())) },
    { error: 9, errorMessage: 'uploadFile:fail abort' },
  );
  assert.equal((await ended(asking, 'uploadFile', given, () => asking.decisions.leavePage())).error, 1);
  const before = asking.clock.now();
  assert.deepEqual({ ...(await upload({ asking, filePath }, '/slow'))[1] }, { error: 12, errorMessage: '上传文件失败: 超时' });
  assert.ok(asking.clock.now() - before >= 60_000, 'the documented default');
  assert.equal(asking.clock.timers.size, 0, 'no timer is left');
  asking.faults.set('offline');
  assert.equal((await upload({ asking, filePath }, '/photos'))[1].error, 12);
});

test('an upload reports its progress, and the headers before the answer', async () => {
  const asking = await phone();
  asking.pictures = [{ bytes: new Uint8Array(300_000), type: 'image/png' }];
  const [
    ,
    {
      apFilePaths: [filePath],
    },
  ] = await call(asking, 'chooseImage');
  const heard = [];
  const deaf = () => heard.push('deaf');
  await new Promise((resolve) => {
    const task = asking.my.uploadFile({ url: `${APP}/photos`, filePath, name: 'photo', success: () => resolve(heard.push('success')) });
    task.onProgressUpdate(({ progress, totalBytesWritten, totalBytesExpectedToWrite }) =>
      heard.push(['progress', progress, totalBytesWritten <= totalBytesExpectedToWrite && totalBytesExpectedToWrite > 300_000]),
    );
    task.onHeadersReceived(({ header }) => heard.push(['headers', header['x-echo']]));
    task.onProgressUpdate(deaf);
    task.offProgressUpdate(deaf);
    task.onHeadersReceived(deaf);
    task.offHeadersReceived(deaf);
  });
  const steps = heard.slice(0, -2);
  assert.ok(steps.length > 1, 'more than once');
  assert.ok(steps.every(([what, , whole]) => what === 'progress' && whole));
  assert.deepEqual(
    steps.map(([, progress]) => progress),
    steps.map(([, progress]) => progress).sort((a, b) => a - b),
  );
  assert.equal(steps.at(-1)[1], 100);
  assert.deepEqual(heard.slice(-2), [['headers', 'Yes'], 'success']);
});

test('a download is a file whose path names its type, or is the requested path; uploadFile reads it', async () => {
  const asking = await phone();
  const [outcome, answer] = await download(asking, '/a', { header: { 'X-Mine': 'yes' } });
  assert.deepEqual([outcome, Object.keys(answer)], ['success', ['apFilePath', 'tempFilePath', 'headers', 'header']]);
  assert.match(answer.apFilePath, /^https:\/\/resource\/.+\.other$/);
  assert.equal(answer.tempFilePath, answer.apFilePath);
  const [, { data }] = await upload({ asking, filePath: answer.apFilePath }, '/photos');
  assert.match(JSON.parse(data).body, /\\"mine\\":\\"yes\\"|"mine":"yes"/);
  const kept = await download(asking, '/a', { filePath: 'https://usr/my.json' });
  assert.equal(kept[1].filePath, 'https://usr/my.json');
  assert.equal((await upload({ asking, filePath: 'https://usr/my.json' }, '/photos'))[0], 'success');
  const [, image] = await call(asking, 'downloadFile', { url: 'data:image/png;base64,AAAA' });
  assert.match(image.apFilePath, /\.image$/);
});

test('a status outside 2xx fails a download with 12, or its body is the file (download-status:ok)', async () => {
  assert.deepEqual({ ...(await download(await phone(), '/status/401'))[1] }, { error: 12, errorMessage: 'download failed' });
  const [outcome, { apFilePath }] = await download(await phone('download-status:ok'), '/status/401');
  assert.equal(outcome, 'success');
  assert.match(apFilePath, /\.other$/);
});

test('most failed downloads end with 12; 2 for invalid addresses, 20 if not https; no whitelist is documented for it', async () => {
  const asking = await phone();
  const refusal = async (url) => (await call(asking, 'downloadFile', { url }))[1].error;
  assert.deepEqual(
    [
      await refusal(''),
      await refusal('/relative'),
      await refusal('http://api.shop.example/'),
      await refusal('https://elsewhere.example/'),
      await refusal(`${APP}/slow`),
    ],
    [2, 2, 20, 12, 12],
  );
  assert.equal((await ended(asking, 'downloadFile', {}, (task) => task.abort())).error, 9);
  assert.equal((await ended(asking, 'downloadFile', {}, () => asking.decisions.leavePage())).error, 1);
  asking.faults.set('offline');
  assert.equal(await refusal(`${APP}/a`), 12);
});

test('canIUse knows the methods of returned objects', async () => {
  const { my } = await phone();
  for (const name of ['uploadFile.return.onHeadersReceived', 'connectSocket.return.send', 'uploadFile.object.filePath'])
    assert.equal(my.canIUse(name), true, name);
  for (const name of ['uploadFile.return.send', 'uploadFile.callback.abort']) assert.equal(my.canIUse(name), false, name);
});

/** A phone, its user's folder and its file manager, with each action as a promise of the outcome and the answer. */
async function withFiles() {
  const asking = await phone();
  const { my } = asking;
  const manager = my.getFileSystemManager();
  const act = (name, options) => call({ my: manager }, name, options);
  const fails = async (name, options, error) => {
    const [outcome, answer] = await act(name, options);
    assert.deepEqual([outcome, answer.error], ['fail', error], `${name} ${JSON.stringify(options)}`);
    assert.ok(answer.errorMessage);
  };
  return { asking, my, manager, act, fails, home: my.env.USER_DATA_PATH };
}

test('files are written, added to, copied, moved and read; there is one file manager', async () => {
  const { my, manager, act, home } = await withFiles();
  assert.equal(my.getFileSystemManager(), manager);
  assert.ok(my.canIUse('getFileSystemManager.return.readFileSync'));
  const filePath = `${home}/a.txt`;
  assert.deepEqual(await act('writeFile', { filePath, data: '汉' }), ['success', { success: true }]);
  await act('appendFile', { filePath, data: '字' });
  assert.deepEqual(await act('readFile', { filePath, encoding: 'utf8' }), ['success', { data: '汉字', dataType: 'string' }]);
  const [, { data, dataType }] = await act('readFile', { filePath });
  assert.deepEqual([Buffer.from(data).toString(), dataType], ['汉字', 'ArrayBuffer']);
  await act('copyFile', { srcPath: filePath, destPath: `${home}/b.txt` });
  await act('mkdir', { dirPath: `${home}/in/side`, recursive: true });
  await act('rename', { oldPath: `${home}/b.txt`, newPath: `${home}/in/side/c.txt` });
  await act('rename', { oldPath: `${home}/in`, newPath: `${home}/out` });
  assert.deepEqual((await act('readdir', { dirPath: home }))[1].files.toSorted(), ['a.txt', 'out']);
  const [, { stats }] = await act('stat', { path: `${home}/out`, recursive: true });
  assert.deepEqual(
    Object.entries(stats).map(([path, each]) => [path, each.isDirectory(), each.stats.isFile(), each.size]),
    [
      ['side', true, false, 0],
      ['side/c.txt', false, true, 6],
    ],
  );
  await act('rmdir', { dirPath: `${home}/out`, recursive: true });
  await act('unlink', { filePath });
  assert.deepEqual((await act('readdir', { dirPath: home }))[1].files, []);
});

test('the file manager fails with the documented numbers', async () => {
  const { asking, fails, act, home } = await withFiles();
  const none = `${home}/none`;
  await act('mkdir', { dirPath: `${home}/dir` });
  await act('writeFile', { filePath: `${home}/dir/a`, data: '1' });
  const dir = `${home}/dir`;
  await fails('access', { path: none }, 10022);
  await fails('access', {}, 2);
  await fails('readFile', { filePath: none }, 10022);
  await fails('readFile', { filePath: `${dir}/a`, encoding: 'gbk' }, 2);
  await fails('appendFile', { filePath: none, data: '1' }, 10022);
  await fails('appendFile', { filePath: dir, data: '1' }, 10025);
  await fails('copyFile', { srcPath: `${dir}/a`, destPath: dir }, 10023);
  await fails('copyFile', { srcPath: none, destPath: `${home}/b` }, 10022);
  await fails('mkdir', { dirPath: dir }, 10025);
  await fails('mkdir', { dirPath: `${home}/x/y` }, 10022);
  await fails('readdir', { dirPath: none }, 10022);
  await fails('rename', { oldPath: none, newPath: `${home}/b` }, 10022);
  await fails('rmdir', { dirPath: dir }, 10027);
  await fails('rmdir', { dirPath: none }, 10022);
  await fails('unlink', { filePath: dir }, 10023);
  await fails('unlink', { filePath: none }, 10022);
  await fails('stat', { path: none }, 10022);
  await fails('getFileInfo', { filePath: none }, 12);
  await fails('removeSavedFile', { filePath: `${dir}/a` }, 10022);
  for (const filePath of ['https://resource/1.image', '/etc/a', 'https://usr2/a']) await fails('writeFile', { filePath, data: '1' }, 10024);
  await fails('unzip', { zipFilePath: `${dir}/a`, targetPath: dir }, 3);
  await fails('writeFile', { filePath: none, data: 1 }, 2);
  const most = new ArrayBuffer(10 * 1024 * 1024);
  await fails('writeFile', { filePath: none, data: new ArrayBuffer(most.byteLength + 1) }, 10028);
  for (let file = 0; file < 4; file += 1) await act('writeFile', { filePath: `${home}/${file}`, data: most });
  await fails('writeFile', { filePath: none, data: most }, 10028);
  assert.deepEqual(asking.reported, []);
});

test('an archive is unpacked into a folder, whole or not at all', async () => {
  const { my } = await phone();
  const fs = my.getFileSystemManager();
  const dir = my.env.USER_DATA_PATH;
  const unzip = (bytes, targetPath = `${dir}/out`) => {
    fs.writeFileSync(`${dir}/a.zip`, new Uint8Array(bytes).buffer);
    return new Promise((resolve) => {
      const settle = (name) => (value) => resolve([name, value.error]);
      fs.unzip({ zipFilePath: `${dir}/a.zip`, targetPath, success: settle('success'), fail: settle('fail') })?.catch(() => {});
    });
  };
  const good = { 'a.txt': '甲', 'b/': '', 'b/c/d.json': '{}'.repeat(1000) };
  assert.deepEqual(await unzip(zipOf(good)), ['success', undefined]);
  assert.equal(fs.readFileSync(`${dir}/out/a.txt`, 'utf8').data, '甲');
  assert.equal(fs.readFileSync(`${dir}/out/b/c/d.json`, 'utf8').data.length, 2000);
  assert.deepEqual(fs.readdirSync(`${dir}/out`).files.toSorted(), ['a.txt', 'b']);
  assert.deepEqual(await unzip(zipOf(good), dir), ['success', undefined]);
  const failing = {
    'no archive': Buffer.from('PK'),
    'cut off': zipOf(good).subarray(40),
    'leads out': zipOf({ 'a.txt': 'x', '../b.txt': 'x' }),
    absolute: zipOf({ '/b.txt': 'x' }),
    backslashes: zipOf({ '..\\b.txt': 'x' }),
    'larger than it says': zipOf({ 'b.txt': 'x'.repeat(5000) }, { size: 10 }),
    'larger than a file may be': zipOf({ 'b.txt': 'x'.repeat(11 * 1024 * 1024) }),
    'says to be large': zipOf({ 'b.txt': 'x' }, { size: 0xfffffff0 }),
    'with a password': zipOf({ 'b.txt': 'x' }, { flags: 1 }),
    'another method': zipOf({ 'b.txt': 'x' }, { method: 12 }),
    'a file where a folder is': zipOf({ b: 'x' }),
    'a folder where a file is': zipOf({ 'a.txt/e': 'x' }),
  };
  const before = fs.statSync(dir, true).stats;
  for (const [what, bytes] of Object.entries(failing)) assert.deepEqual(await unzip(bytes), ['fail', 3], what);
  assert.deepEqual(Object.keys(fs.statSync(dir, true).stats), Object.keys(before));
  assert.deepEqual(await unzip(zipOf(good), `${dir}/none/out`), ['fail', 10022]);
  assert.deepEqual(await unzip(zipOf(good), 'https://elsewhere/out'), ['fail', 10024]);
});

test('each Sync call takes its options one by one or as an object, and returns what fail would get', async () => {
  const { manager, home } = await withFiles();
  const path = `${home}/a`;
  assert.deepEqual(manager.writeFileSync(path, '5L2g', 'base64'), { success: true });
  assert.deepEqual(manager.readFileSync({ filePath: path, encoding: 'hex' }), { data: 'e4bda0', dataType: 'string' });
  assert.deepEqual(manager.accessSync(`${home}/none`), { error: 10022, errorMessage: '文件/目录不存在' });
  assert.equal(manager.statSync(path).stats.isFile(), true);
  assert.equal(manager.statSync(`${home}/none`).stats, undefined);
  for (const [encoding, text] of Object.entries({ ascii: 'az', latin1: 'ÿa', 'utf-16le': '你好', 'ucs-2': '你', 'utf-8': '你' })) {
    manager.writeFileSync(path, text, encoding);
    assert.equal(manager.readFileSync(path, encoding).data, text);
    assert.equal(manager.getFileInfoSync(path, 'sha1').size, Buffer.from(text, encoding).length);
  }
});

test('temporary files are read, measured and kept by the file manager, and a written file is uploaded', async () => {
  const picked = await withPicture();
  const { my, pictures } = picked.asking;
  const manager = my.getFileSystemManager();
  const [{ bytes }] = pictures;
  for (const digestAlgorithm of [undefined, 'md5', 'sha1']) {
    const digest = createHash(digestAlgorithm ?? 'md5')
      .update(bytes)
      .digest('hex');
    const size = bytes.length;
    assert.deepEqual(await call(picked.asking, 'getFileInfo', { apFilePath: picked.filePath, digestAlgorithm }), [
      'success',
      { size, digest },
    ]);
    assert.deepEqual(manager.getFileInfoSync(picked.filePath, digestAlgorithm), { size, digest });
  }
  const { savedFilePath } = manager.saveFileSync(picked.filePath);
  assert.equal(manager.accessSync(picked.filePath).error, 10022);
  const [kept] = manager.getSavedFileListSync().fileList;
  assert.deepEqual([kept.filePath, kept.size], [savedFilePath, bytes.length]);
  assert.equal((await call(picked.asking, 'getSavedFileList'))[1].fileList[0].apFilePath, savedFilePath);
  const filePath = `${my.env.USER_DATA_PATH}/photo.png`;
  manager.copyFileSync(savedFilePath, filePath);
  manager.removeSavedFileSync(savedFilePath);
  assert.deepEqual(manager.getSavedFileListSync().fileList, []);
  assert.equal((await upload({ ...picked, filePath }, '/photos'))[0], 'success');
});
