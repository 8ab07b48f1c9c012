const { nickName, purpose } = require('./user.js');

/** Collects taps before they are used. */
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
      same((await auth.authorize(await tap(), { purpose })).nickName, nickName);
      const records = await auth.consents();
      same(
        records.map(({ outcome }) => outcome),
        ['refused', 'granted'],
      );
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
      same(/the limit is 1000 ms/.test(message), true, message);
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
      same((await Promise.all(both))[0].nickName, nickName);
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
      same([one.nickName, two.nickName], [nickName, nickName]);
      same(calls.count('getAuthCode'), 2, 'codes');
      same(code === calls.requests()[0].data.authcode, false, 'the code is another one');
    },
  },
  {
    name: "taps that come wrapped by a framework are one tap by the platform's own event",
    panels: 1,
    async run({ open, tap, same, rejects }) {
      const auth = open();
      const mpEvent = await tap();
      // As in Taro: another object with another time, and a lower-case type, around the same event.
      const wrapped = () => ({ type: 'tap', timeStamp: Date.now() + Math.random(), detail: {}, mpEvent });
      const first = auth.authorize(wrapped(), { purpose });
      await rejects(auth.authorize(wrapped(), { purpose }), 'tap_used');
      await rejects(auth.authorize(mpEvent, { purpose }), 'tap_used');
      same((await first).nickName, nickName);
    },
  },
  {
    name: 'used taps belong to the page: what one client used is used for another',
    panels: 1,
    async run({ open, races, tap, rejects }) {
      const event = await tap();
      await open().authorize(event, { purpose });
      await rejects(open(`${races}/all/somebody`).authorize(event, { purpose }), 'tap_used');
    },
  },
  {
    name: "two windows never follow from one press: the authorising button's events, and the privacy button's, allow no panel",
    panels: 1,
    async run({ open, press, calls, same, rejects }) {
      const auth = open();
      const [, ...events] = await press();
      same(
        events.map(({ type }) => type.toLowerCase()),
        ['getauthorize', 'getuserinfo'],
      );
      const privacy = { type: 'agreePrivacyAuthorization', timeStamp: Date.now() };
      for (const event of events.concat([privacy, { type: 'error', timeStamp: Date.now() }])) {
        await rejects(auth.authorize(event, { purpose }), 'tap_required');
        await rejects(auth.getAuthCode({ scopes: 'auth_user', event, purpose }), 'tap_required');
      }
      same(calls.count('getAuthCode'), 0, 'codes');
      (await auth.getAuthUserInfo(events[0], { purpose })).renderTo(() => {});
    },
  },
  {
    name: 'an app that lacks the call is told so, and nobody refused',
    panels: 0,
    async run({ open, tap, fault, same, rejects }) {
      const auth = open();
      await fault('no-permission:getAuthCode');
      const { cause, advice } = await rejects(auth.authorize(await tap(), { purpose }), 'call_not_permitted');
      same([cause.error, /N22104/.test(advice.en)], [4, true]);
      await rejects(auth.login(), 'call_not_permitted');
      same(
        (await auth.consents()).map(({ outcome }) => outcome),
        ['failed'],
      );
      same((await auth.consentState()).auth_user, 'unknown');
    },
  },
  {
    name: 'a refusal is one by any of its numbers, and one for good says where it can be taken back',
    panels: 2,
    async run({ open, tap, person, fault, same, rejects }) {
      const auth = open();
      await fault('numbered-refusal');
      person('refuse');
      await rejects(auth.authorize(await tap(), { purpose }), 'consent_refused');
      person('refuse-for-good');
      const forGood = await rejects(auth.authorize(await tap(), { purpose }), 'consent_refused');
      same([forGood.cause.error, /openSetting/.test(forGood.advice.en)], [2003, true]);
      const blocked = await rejects(auth.authorize(await tap(), { purpose }), 'consent_blocked');
      same([blocked.cause.error, /设置/.test(blocked.advice.zh)], [2002, true]);
      same(
        (await auth.consents()).map(({ outcome }) => outcome),
        ['refused', 'refused', 'refused'],
      );
      same((await auth.consentState()).auth_user, 'denied');
    },
  },
  {
    name: 'a scope that is not granted is told, in success and in fail',
    panels: 1,
    async run({ open, tap, fault, calls, same, rejects }) {
      const auth = open();
      for (const kind of ['partial', 'partial-fail']) {
        await fault(kind);
        await rejects(auth.authorize(await tap(), { purpose }), 'scope_not_granted');
      }
      same(calls.requests().length, 0, 'nothing was posted');
      same(
        (await auth.consents()).map(({ outcome }) => outcome),
        ['not_granted', 'not_granted'],
      );
    },
  },
];
