const { nickName, purpose } = require('./user.js');

/** Platform calls that never call back, or too late. */
exports.waiting = [
  {
    name: "a login that the platform never answers ends in the request's time, and the next one works",
    panels: 0,
    async run({ open, server, calls, fault, same, rejects }) {
      const auth = open();
      await fault('no-answer:getAuthCode');
      // It would wait longer.
      auth.login().catch(() => {});
      const request = (timeout) => auth.httpRequest({ url: `${server}/session`, timeout });
      const started = Date.now();
      await rejects(request(1000), 'platform_timeout');
      same(Date.now() - started < 10000, true, "not the login's own time");
      await fault('');
      same((await request(5000)).status, 200, 'a login of its own');
      same(calls.requests().filter(({ method }) => method === 'POST').length, 1, 'logins');
    },
  },
  {
    name: 'a panel that never answers ends with a time-out, for all that waited, and blocks neither the next panel nor the next login',
    panels: 1,
    async run({ open, server, tap, fault, same, rejects }) {
      const auth = open(server, { panelTimeout: 3000, tapLifetime: 60000 });
      await fault('no-answer:getAuthCode');
      const events = [await tap(), await tap()];
      const [{ advice }] = await Promise.all([
        rejects(auth.authorize(events[0], { purpose }), 'platform_timeout'),
        rejects(auth.getAuthCode({ scopes: 'auth_user', event: events[1], purpose }), 'platform_timeout'),
      ]);
      same(advice.zh.length > 5, true);
      await fault('');
      same((await auth.authorize(await tap(), { purpose })).nickName, nickName);
      same(await auth.login().then(({ nickName: name }) => name), nickName);
      same(
        (await auth.consents()).map(({ outcome }) => outcome),
        ['failed', 'granted'],
      );
    },
  },
  {
    name: 'an answer after the time-out changes nothing but the record: a late code is dropped',
    panels: 1,
    async run({ my, open, server, tap, calls, sleep, same, rejects }) {
      const { getAuthCode } = my;
      my.getAuthCode = (options) =>
        getAuthCode(Object.assign({}, options, { success: (answer) => void setTimeout(() => options.success(answer), 2000) }));
      const auth = open(server, { panelTimeout: 1000 });
      await rejects(auth.authorize(await tap(), { purpose }), 'platform_timeout');
      await sleep(3000);
      same(
        (await auth.consents()).map(({ outcome, late }) => [outcome, Boolean(late)]),
        [
          ['failed', false],
          ['granted', true],
        ],
      );
      same([calls.requests().length, (await auth.consentState()).auth_user], [0, 'unknown']);
      my.getAuthCode = getAuthCode;
      same((await auth.authorize(await tap(), { purpose })).nickName, nickName);
    },
  },
  {
    name: 'nickname and avatar that come after the time-out are not shown, and the consent that they stand for is recorded as late',
    panels: 1,
    async run({ my, open, server, tap, press, sleep, same, rejects }) {
      const { getOpenUserInfo } = my;
      my.getOpenUserInfo = (options) =>
        getOpenUserInfo(Object.assign({}, options, { success: (answer) => void setTimeout(() => options.success(answer), 2000) }));
      const auth = open(server, { panelTimeout: 1000 });
      const [, agreed] = await press();
      await rejects(auth.getAuthUserInfo(agreed, { purpose }), 'platform_timeout');
      await sleep(3000);
      same(
        (await auth.consents()).map(({ scope, outcome, late }) => [scope, outcome, Boolean(late)]),
        [['userInfo', 'granted', true]],
      );
      my.getOpenUserInfo = getOpenUserInfo;
      let shown;
      (await auth.getAuthUserInfo(await tap(), { purpose })).renderTo((values) => {
        shown = values;
      });
      same(shown.nickName, nickName);
    },
  },
  {
    name: 'nickname and avatar that never come end with a time-out, and the next press has them',
    panels: 1,
    async run({ my, open, server, tap, press, fault, same, rejects }) {
      const auth = open(server, { panelTimeout: 1000 });
      await fault('no-answer:getOpenUserInfo');
      const [, first] = await press();
      await rejects(auth.getAuthUserInfo(first, { purpose }), 'platform_timeout');
      await rejects(auth.getAuthUserInfo(await tap(), { purpose }), 'platform_timeout');
      await fault('');
      let shown;
      (await auth.getAuthUserInfo(await tap(), { purpose })).renderTo((values) => {
        shown = values;
      });
      same(shown.nickName, nickName);
      same(typeof my.getOpenUserInfo, 'function');
    },
  },
  {
    name: 'a privacy popup that is disagreed with, or never answered, is survived, and agreed to later',
    panels: 1,
    async run({ open, server, tap, person, outcome, same, rejects }) {
      const auth = open(server, { panelTimeout: 3000 });
      person('disagree', 'privacy');
      const asked = auth.authorize(await tap(), { purpose });
      const ends = outcome('privacy-check');
      if (ends === 'fails') await rejects(asked, 'platform_error');
      else if (ends === 'never') await rejects(asked, 'platform_timeout');
      else same((await asked).nickName, nickName);
      person('agree', 'privacy');
      same((await auth.authorize(await tap(), { purpose })).nickName, nickName);
      same(await auth.login().then(({ nickName: name }) => name), nickName);
    },
  },
];
