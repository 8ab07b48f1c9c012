const { nickName, purpose } = require('./user.js');

/** For taps that are gathered before they are used. */
const PATIENT = { tapLifetime: 60000 };

exports.consent = [
  {
    name: 'a refusal is told, and nothing asks again before a new tap',
    apis: ['current', 'legacy'],
    panels: 2,
    async run({ open, tap, person, same, rejects }) {
      const auth = open();
      person('refuse');
      const event = await tap();
      const { advice } = await rejects(auth.authorize(event, { purpose }), 'consent_refused');
      same(/拒绝/.test(advice.zh) && /new tap/.test(advice.en), true, 'advice');
      await rejects(auth.authorize(event, { purpose }), 'tap_used');
      await rejects(auth.getAuthUserInfo(event, { purpose }), 'tap_used');
      person('accept');
      same((await auth.authorize(await tap(), { purpose })).nick_name, nickName);
      const records = await auth.consents();
      same(records.map(({ outcome }) => outcome), ['refused', 'granted']);
    },
  },
  {
    name: 'a panel that is closed without an answer is no consent',
    panels: 1,
    async run({ open, tap, person, calls, same, rejects }) {
      const auth = open();
      person('back');
      await rejects(auth.authorize(await tap(), { purpose }), 'consent_dismissed');
      same(calls.requests().length, 0, 'nothing was posted');
    },
  },
  {
    name: 'a refusal to show nickname and avatar is told',
    apis: ['current', 'legacy'],
    panels: 1,
    async run({ open, tap, person, rejects }) {
      const auth = open();
      person('refuse');
      await rejects(auth.getAuthUserInfo(await tap(), { purpose }), 'consent_refused');
    },
  },
  {
    name: 'without a tap, with an old tap, with another event or without a purpose there is no panel',
    panels: 0,
    async run({ open, calls, rejects, same }) {
      const auth = open();
      const event = (fields) => Object.assign({ type: 'tap', timeStamp: Date.now() + Math.random() }, fields);
      const attempts = [
        [undefined, purpose, 'tap_required'],
        [event({ type: 'load' }), purpose, 'tap_required'],
        [event({ timeStamp: Date.now() - 6000 }), purpose, 'tap_stale'],
        [event(), '', 'purpose_required'],
        [event(), undefined, 'purpose_required'],
      ];
      for (const [given, why, code] of attempts) {
        const options = { purpose: why };
        await rejects(auth.authorize(given, options), code);
        await rejects(auth.getAuthUserInfo(given, options), code);
        await rejects(auth.getAuthCode(Object.assign({ scopes: 'auth_user', event: given }, options)), code);
      }
      same(calls.count('getAuthCode'), 0);
    },
  },
  {
    name: 'an app may say for how long a tap holds',
    panels: 0,
    async run({ open, server, calls, rejects, same }) {
      const auth = open(server, { tapLifetime: 1000 });
      const event = { type: 'tap', timeStamp: Date.now() - 2000 };
      const { message } = await rejects(auth.authorize(event, { purpose }), 'tap_stale');
      same(/holds for 1000 ms/.test(message), true, message);
      same(calls.count('getAuthCode'), 0);
    },
  },
  {
    name: 'one tap proves once, also when bubbling delivers it as two objects',
    panels: 1,
    async run({ open, tap, same, rejects }) {
      const auth = open();
      const event = await tap();
      const copy = Object.assign({}, event);
      const both = [auth.authorize(event, { purpose }), rejects(auth.authorize(copy, { purpose }), 'tap_used')];
      same((await Promise.all(both))[0].nick_name, nickName);
    },
  },
  {
    name: 'taps at once share one panel: the same call its outcome, another call a code of its own',
    apis: ['current', 'legacy'],
    panels: 1,
    async run({ open, server, tap, calls, same }) {
      const auth = open(server, PATIENT);
      const [first, second, third] = [await tap(), await tap(), await tap()];
      const [one, two, code] = await Promise.all([
        auth.authorize(first, { purpose }),
        auth.authorize(second, { purpose }),
        auth.getAuthCode({ scopes: ['auth_user'], event: third, purpose }),
      ]);
      same([one.nick_name, two.nick_name], [nickName, nickName]);
      same(calls.count('getAuthCode'), 2, 'codes');
      same(code === calls.requests()[0].data.authcode, false, 'the code is another one');
    },
  },
  {
    name: 'taps at once for nickname and avatar share one panel and its outcome',
    apis: ['current', 'legacy'],
    panels: 1,
    async run({ open, server, tap, same }) {
      const auth = open(server, PATIENT);
      const events = [await tap(), await tap()];
      const infos = await Promise.all(events.map((event) => auth.getAuthUserInfo(event, { purpose })));
      const shown = [];
      infos.forEach((info) => info.renderTo((values) => shown.push(values.nickName)));
      same(shown, [nickName, nickName]);
    },
  },
  {
    name: 'with the authorising button the consent is there already: no panel of ours',
    panels: 1,
    async run({ open, tap, calls, same }) {
      const auth = open();
      const event = await tap('authorise');
      same(event.type.toLowerCase(), 'getauthorize');
      const shown = {};
      (await auth.getAuthUserInfo(event, { purpose })).renderTo((values) => Object.assign(shown, values));
      same(shown.nickName, nickName);
      same(calls.count('getAuthCode'), 0, 'codes');
    },
  },
  {
    name: 'what was granted is not asked again while it holds',
    panels: 1,
    async run({ open, tap, calls, same }) {
      const auth = open();
      await auth.authorize(await tap(), { purpose });
      const shown = {};
      (await auth.getAuthUserInfo(await tap(), { purpose })).renderTo((values) => Object.assign(shown, values));
      same(shown.nickName, nickName);
      same(calls.count('getAuthCode'), 1, 'codes');
    },
  },
];
