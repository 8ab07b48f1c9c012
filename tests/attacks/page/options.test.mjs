import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bareEngine } from '../../bare/support/engine.mjs';
import { installPacked } from '../../bare/support/packed.mjs';
import { ASKED, CREATED, NAMED, SENT, TELLING } from './options.mjs';
import { AVATAR, NICKNAME, SERVER, event, platform } from './support/platform.mjs';
import { HOSTS } from './support/throwing.mjs';

let packed;
before(async () => {
  packed = await installPacked();
});
after(() => packed?.remove());

for (const [host, { globals, entry }] of Object.entries(HOSTS)) {
  const start = () => {
    const engine = bareEngine(globals, packed.folder);
    const { createAuth, MiniauthError } = engine.require(`dist/${entry}`);
    return {
      MiniauthError,
      options: engine.options,
      createAuth,
      open: (my, more) => createAuth({ my, server: SERVER, ...engine.options, ...more }),
    };
  };

  /** Checks that an error is a complete MiniauthError: its type, its log output, and a stack that leads to the caller. */
  const isOurs = (error, MiniauthError, name) => {
    assert.ok(error instanceof MiniauthError, `${name}: ${error}`);
    assert.equal(error.constructor, MiniauthError, name);
    assert.ok(error.advice.zh.endsWith('。') && error.advice.en.endsWith('.'), name);
    const logged = JSON.parse(JSON.stringify(error));
    assert.deepEqual([logged.name, logged.code, logged.message], ['MiniauthError', error.code, error.message], name);
    assert.match(error.stack, /options\.(test\.)?mjs/, name);
    assert.ok(error.stack.includes(error.message), name);
  };

  test(`${host}: wrong options are named, with what was got and what is wanted`, async () => {
    const { MiniauthError, createAuth, options, open } = start();
    for (const [name, [given, words]] of Object.entries(CREATED)) {
      const whole =
        given === undefined ? options : typeof given === 'object' ? Object.create(null, Object.getOwnPropertyDescriptors(given)) : given;
      if (typeof whole === 'object' && given) {
        const usual = { my: platform(), server: SERVER, ...options };
        for (const key of Object.keys(usual)) if (!(key in whole)) whole[key] = usual[key];
      }
      if (host === 'Worker' && typeof whole !== 'object') continue;
      const check = (error) => {
        isOurs(error, MiniauthError, name);
        assert.equal(error.code, 'options_invalid', name);
        assert.match(error.message, words, name);
        return true;
      };
      await assert.rejects(async () => createAuth(whole).login(), check, name);
    }
    for (const [name, [ask, code, words]] of Object.entries(ASKED)) {
      const my = platform();
      await assert.rejects(
        async () => ask(open(my)),
        (error) => {
          isOurs(error, MiniauthError, name);
          assert.equal(error.code, code, `${name}: ${error.message}`);
          assert.match(error.message, words, name);
          return true;
        },
        name,
      );
      assert.deepEqual([my.left, my.panels], [[], 0], name);
    }
  });

  // These are the names that the output of @dcloudio/uni-mp-alipay 3 and 2 puts on `my`.
  test(`${host}: my is accepted with what uni-app adds to it`, async () => {
    const { open } = start();
    const my = platform();
    for (const name of ['createApp', 'createPage', 'createPluginApp', 'createSubpackageApp', 'createComponent', '$on', '$emit'])
      my[name] = () => {};
    await assert.rejects(open(my).getAuthUserInfo({}, { purpose: '成为会员' }), { code: 'tap_required' });
  });

  test(`${host}: what is sent is what JSON makes of it`, async () => {
    const { open } = start();
    for (const [name, data] of Object.entries(SENT)) {
      const my = platform();
      await open(my).httpRequest({ url: `${SERVER}/orders`, method: 'POST', data });
      assert.equal(JSON.stringify(my.left[0]), JSON.stringify(data), name);
    }
  });

  test(`${host}: a user whose nickname occurs in the package's own requests logs in, becomes a member and logs out`, async () => {
    for (const nickName of NAMED) {
      const { open } = start();
      const my = Object.assign(platform(), { getOpenUserInfo: ({ success }) => success({ nickName, avatar: AVATAR }) });
      const [first, second] = [open(my), open(my)];
      await first.guard();
      await first.getAuthUserInfo(event('getAuthorize'), { purpose: '会' });
      for (const auth of [first, second]) {
        assert.equal(await auth.login(), null, nickName);
        assert.equal((await auth.authorize(event('tap'), { purpose: '用于等级' })).storedAt, 1, nickName);
        await auth.logout();
      }
      const purpose = `用于 ${nickName} ${encodeURIComponent(nickName)} 的等级`;
      // An everyday word does not identify anyone.
      if (!TELLING.includes(nickName)) continue;
      const decisions = [];
      const third = open(my, { observe: (decision) => decisions.push(decision) });
      await assert.rejects(third.authorize(event('tap'), { purpose }), { code: 'display_only_forwarded', where: 'purpose' }, nickName);
      assert.ok(!JSON.stringify([decisions, await third.consents()]).includes(nickName), nickName);
    }
  });

  test(`${host}: no message holds a nickname that names an option, a field or a header, or is in an address`, async () => {
    const { open } = start();
    const auth = open(platform());
    await auth.getAuthUserInfo(event('getAuthorize'), { purpose: '展示' });
    const url = `${SERVER}/orders`;
    const calls = (client) => [
      client.httpRequest({ url, [NICKNAME]: 1 }),
      client.httpRequest({ url: NICKNAME }),
      client.httpRequest({ url: `/${NICKNAME}` }),
      client.httpRequest({ url, method: NICKNAME }),
      client.httpRequest({ url, headers: { [NICKNAME]: 1 } }),
      client.httpRequest({ url, method: 'POST', data: { user: { [NICKNAME]: 10n } } }),
      client.authorize(event('tap'), { [NICKNAME]: 1 }),
      client.authorize(event('tap'), NICKNAME),
      client.authorize(event(NICKNAME), { purpose: '会员' }),
      client.getAuthCode({ scopes: NICKNAME }),
    ];
    for (const { reason: error } of await Promise.allSettled(calls(auth).concat(calls(open(platform()))))) {
      assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes(NICKNAME), error.stack);
      assert.match(error.code, /options_invalid|tap_required|display_only_forwarded/);
    }
  });

  test(`${host}: in development the server may be in a private network`, async () => {
    const { open } = start();
    const my = platform();
    const server = 'http://192.168.1.5:8701';
    assert.equal(await open(my, { server, debug: true }).login(), null);
  });

  test(`${host}: an answer that cannot be read, and one from elsewhere, say what came and whence`, async () => {
    const { open } = start();
    const answers = async (status, data) => {
      const my = Object.assign(platform(), { request: ({ success }) => success({ status, data, headers: {} }) });
      return open(my)
        .login()
        .then(assert.fail, (error) => error);
    };
    const page = await answers(200, '<html>shop</html>');
    assert.deepEqual([page.code, page.cause, page.response.status], ['server_answer_invalid', '<html>shop</html>', 200]);
    for (const data of ['', '<html>', '{"code":"not_found","detail":"no such path"}']) {
      const missing = await answers(404, data);
      assert.match(missing.message, /404 at https:\/\/api\.shop\.example\/auth/);
      assert.equal(missing.response.status, 404);
    }
  });

  test(`${host}: only renderTo gives out display information`, async () => {
    const { open } = start();
    const auth = open(platform());
    const info = await auth.getAuthUserInfo(event('getAuthorize'), { purpose: '展示' });
    assert.deepEqual(
      [Object.keys(info), { ...info }, Object.getOwnPropertyNames(info), `${info}`],
      [[], {}, [], '[miniauth: display only]'],
    );
    const { nickName } = await new Promise((resolve) => void info.renderTo(resolve));
    assert.equal(nickName, NICKNAME);
    await assert.rejects(
      async () =>
        info.renderTo(
          {
            setData() {
              throw new RangeError('the page');
            },
          },
          'user',
        ),
      { name: 'RangeError' },
    );
  });
}
