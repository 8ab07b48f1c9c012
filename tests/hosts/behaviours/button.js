const { nickName, avatar, purpose } = require('./user.js');

/** Returns what an info shows. */
function shownBy(info) {
  const shown = {};
  info.renderTo((values) => Object.assign(shown, values));
  return shown;
}

/** The forms in which an event of the button reaches a handler, by sender. */
const SENDERS = {
  'native code': (event) => event,
  'a runtime without detail': ({ type, timeStamp }) => ({ type, timeStamp, target: {}, currentTarget: {} }),
  'uni-app': (event) => Object.assign(event, { mp: JSON.parse(JSON.stringify(event)), detail: event.detail || {}, stopPropagation() {} }),
  Taro: (event) => ({
    type: event.type.toLowerCase(),
    timeStamp: Date.now() + Math.random(),
    mpEvent: event,
    detail: event.detail || Object.assign({}, event),
  }),
  'MorJS on the web': (event) => Object.assign({}, event, { type: event.type.toLowerCase(), detail: event.detail || {} }),
};

const spellings = Object.keys(SENDERS).map((sender) => ({
  name: `the button as ${sender} sends it: agreed and refused by one handler`,
  panels: 2,
  async run({ open, press, person, calls, same, rejects }) {
    const auth = open();
    const send = SENDERS[sender];
    const results = async () => (await press()).slice(1).map((event) => send(event));
    person('refuse');
    const [failure] = await results();
    same(failure.type.toLowerCase(), 'error');
    if (failure.detail && failure.detail.errorMessage) {
      const { message, advice } = await rejects(auth.getAuthUserInfo(failure, { purpose }), 'consent_refused');
      same([message, /拒绝/.test(advice.zh)], [failure.detail.errorMessage, true]);
    } else {
      await rejects(auth.getAuthUserInfo(failure, { purpose }), 'display_not_authorized');
    }
    same(calls.count('getOpenUserInfo'), 0, 'a failure asks nothing');
    person('accept');
    const [agreed] = await results();
    same(shownBy(await auth.getAuthUserInfo(agreed, { purpose })), { nickName, avatar });
    same((await auth.consents()).map(({ scope, outcome }) => [scope, outcome]).pop(), ['userInfo', 'granted']);
  },
}));

exports.button = spellings.concat(
  [
    {
      name: 'the two events of one press share one outcome, in either order',
      panels: 1,
      async run({ open, press, calls, same }) {
        const auth = open();
        const [, agreed, carrying] = await press();
        const ask = (event) => auth.getAuthUserInfo(event, { purpose });
        const infos = await Promise.all([ask(agreed), ask(carrying)]);
        same(infos.map(shownBy), [
          { nickName, avatar },
          { nickName, avatar },
        ]);
        same([infos[0] === infos[1], calls.count('getOpenUserInfo')], [true, 1]);
        const again = (event) => Object.assign({}, event, { timeStamp: Date.now() + Math.random() });
        const turned = await Promise.all([ask(again(carrying)), ask(again(agreed))]);
        same(turned.map(shownBy), [
          { nickName, avatar },
          { nickName, avatar },
        ]);
        same(calls.count('getOpenUserInfo'), 1, 'the event carried the values');
      },
    },
    {
      name: 'what an event carries is shown, known to the guard, and records nothing',
      panels: 1,
      async run({ open, server, press, calls, same, rejects }) {
        const auth = open();
        const [, , carrying] = await press();
        same(shownBy(await auth.getAuthUserInfo(carrying, { purpose })), { nickName, avatar });
        same([calls.count('getOpenUserInfo'), await auth.consents()], [0, []]);
        const leak = auth.httpRequest({ url: `${server}/save`, method: 'POST', session: 'none', data: { who: nickName } });
        await rejects(leak, 'display_only_forwarded');
      },
    },
    {
      name: 'a plain tap asks nobody: it has the answer, or names the button, and records no refusal',
      panels: { row: 'open-user-info-asks' },
      async run({ open, tap, outcome, same, rejects }) {
        const auth = open();
        const asked = auth.getAuthUserInfo(await tap(), { purpose });
        if (outcome('open-user-info-plain-tap') === '10000') {
          same(shownBy(await asked), { nickName, avatar });
          return;
        }
        const { advice } = await rejects(asked, 'authorize_button_required');
        const button = '<button open-type="getAuthorize" scope="userInfo" onGetAuthorize="show" onError="show">';
        same([advice.en.includes(button), /授权按钮/.test(advice.zh)], [true, true]);
        same(await auth.consents(), []);
      },
    },
    {
      name: 'what the button got holds for a plain tap, also when the app is started again',
      panels: 1,
      async run({ open, tap, same }) {
        const auth = open();
        await auth.getAuthUserInfo(await tap('authorise'), { purpose });
        same(shownBy(await auth.getAuthUserInfo(await tap(), { purpose })), { nickName, avatar });
        same((await auth.consents()).length, 1, 'one answer, one record');
      },
      async again({ open, tap, same }) {
        same(shownBy(await open().getAuthUserInfo(await tap(), { purpose })), { nickName, avatar });
      },
    },
    {
      name: 'two kinds of consent, two windows, and each is known by itself',
      panels: 2,
      async run({ open, tap, withdraw, same }) {
        const auth = open();
        const state = () => auth.consentState();
        same(await state(), { userInfo: 'unknown', auth_user: 'unknown', phoneNumber: 'unknown' });
        same((await auth.authorize(await tap(), { purpose })).nickName, nickName);
        same(await state(), { userInfo: 'unknown', auth_user: 'granted', phoneNumber: 'unknown' });
        await auth.getAuthUserInfo(await tap('authorise'), { purpose });
        same(
          (await auth.consents()).map(({ scope, outcome }) => [scope, outcome]),
          [
            ['auth_user', 'granted'],
            ['userInfo', 'granted'],
          ],
        );
        same(await state(), { userInfo: 'granted', auth_user: 'granted', phoneNumber: 'unknown' });
        await withdraw('userInfo');
        same((await state()).auth_user, 'granted');
      },
    },
    {
      name: 'settings that do not answer, and settings that are not there, say nothing',
      panels: 0,
      async run({ my, open, fault, same }) {
        const unknown = { userInfo: 'unknown', auth_user: 'unknown', phoneNumber: 'unknown' };
        const auth = open();
        await fault('no-answer:getSetting');
        same(await auth.consentState(), unknown, 'no answer');
        await fault('');
        my.getSetting = ({ fail }) => fail({ error: 4, errorMessage: '无权调用' });
        same(await auth.consentState(), unknown, 'failed');
        my.getSetting = () => {
          throw new Error('getSetting');
        };
        same(await auth.consentState(), unknown, 'thrown');
        delete my.getSetting;
        same(await auth.consentState(), unknown, 'absent');
      },
    },
    {
      name: 'presses at once share one answer',
      panels: 1,
      async run({ open, press, calls, same }) {
        const auth = open();
        const [, agreed] = await press();
        const another = Object.assign({}, agreed, { timeStamp: agreed.timeStamp + 1 });
        const infos = await Promise.all([agreed, another].map((event) => auth.getAuthUserInfo(event, { purpose })));
        same(
          infos.map((info) => shownBy(info).nickName),
          [nickName, nickName],
        );
        same(calls.count('getOpenUserInfo'), 1);
      },
    },
    {
      name: 'where there is only the old call, a tap asks with auth_user, once',
      apis: ['legacy'],
      panels: 1,
      async run({ open, server, tap, calls, same }) {
        const auth = open(server, { tapLifetime: 60000 });
        const events = [await tap(), await tap()];
        const infos = await Promise.all(events.map((event) => auth.getAuthUserInfo(event, { purpose })));
        same(
          infos.map((info) => shownBy(info).nickName),
          [nickName, nickName],
        );
        await auth.getAuthUserInfo(await tap(), { purpose });
        same(calls.count('getAuthCode'), 1, 'what was granted is not asked again while it holds');
        same(
          (await auth.consents()).map(({ scope }) => scope),
          ['auth_user'],
        );
      },
    },
    {
      name: 'a refusal to the old call is told, and asked again on the next tap',
      apis: ['legacy'],
      panels: 2,
      async run({ open, tap, person, same, rejects }) {
        const auth = open();
        person('refuse');
        await rejects(auth.getAuthUserInfo(await tap(), { purpose }), 'consent_refused');
        person('accept');
        same(shownBy(await auth.getAuthUserInfo(await tap(), { purpose })).nickName, nickName);
      },
    },
  ].concat(
    ['response-object', 'response-flat'].map((shape) => ({
      name: `the answer is read for what it is: ${shape}`,
      panels: 1,
      async run({ open, tap, fault, same }) {
        const auth = open();
        await fault(shape);
        same(shownBy(await auth.getAuthUserInfo(await tap('authorise'), { purpose })), { nickName, avatar });
      },
    })),
    [
      {
        name: 'the product that is missing is named by its own code, and nobody refused',
        alone: true,
        panels: 1,
        async run({ open, tap, product, same, rejects }) {
          const auth = open();
          const event = await tap('authorise');
          await product('获取会员基础信息', false);
          try {
            const { advice } = await rejects(auth.getAuthUserInfo(event, { purpose }), 'display_product_not_in_force');
            same([/获取会员基础信息/.test(advice.zh), /I1080300001000054282/.test(advice.en)], [true, true]);
            same(await auth.consents(), []);
          } finally {
            await product('获取会员基础信息', true);
          }
        },
      },
    ],
  ),
);
