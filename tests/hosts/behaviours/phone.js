const { nickName, purpose } = require('./user.js');

let last = Date.now();

/** The events of the button with the scope phoneNumber. Each press has its own time stamp. */
function event(type, detail) {
  last += 1;
  return { type, timeStamp: last, target: {}, detail };
}

const fresh = (races) => `${races}/all/phone${Math.random().toString(36).slice(2)}`;

/** A platform with this answer. */
function answering(my, answer) {
  my.getPhoneNumber = ({ success, fail }) => {
    if (answer.error) setTimeout(() => fail(answer), 1);
    else setTimeout(() => success(answer), 1);
  };
}

const posts = (calls) => calls.requests().filter(({ url }) => /\/phone$/.test(url));
const state = (auth) => auth.session().consents.phoneNumber;

const real = [
  {
    name: 'the phone number: the person agrees at the button, the real server reads it once for the two events of the press, and the page gets it masked',
    panels: 1,
    async run({ open, press, calls, same }) {
      const auth = open();
      const events = (await press({ scope: 'phoneNumber' })).filter(({ type }) => type !== 'tap');
      same(
        events.map(({ type }) => type),
        ['getAuthorize', 'getPhoneNumber'],
      );
      const [first, second] = await Promise.all(events.map((each) => auth.getPhoneNumber(each, { purpose })));
      same([/^139\*{4}\d{4}$/.test(first.phoneNumber), typeof first.confirmed], [true, 'boolean'], first.phoneNumber);
      same([second, posts(calls).length, state(auth)], [first, 1, 'granted']);
      const { data } = await auth.httpRequest({ url: 'https://api.shop.example/consents' });
      same(JSON.stringify(data).includes(purpose), true, 'the server has the consent');
    },
  },
  {
    name: 'the phone number: the person refuses at the button, and a tap without a consent is told so by the real server',
    panels: 1,
    async run({ open, press, person, tap, calls, same, rejects }) {
      const auth = open();
      await person('refuse');
      const failed = (await press({ scope: 'phoneNumber' })).find(({ type }) => type === 'error');
      await rejects(auth.getPhoneNumber(failed, { purpose }), 'consent_refused');
      same([posts(calls).length, state(auth)], [0, 'denied']);
      const { advice } = await rejects(auth.getPhoneNumber(await tap(), { purpose }), 'phone_not_authorized');
      same([/手机号/.test(advice.zh), /phoneNumber/.test(advice.en)], [true, true]);
    },
  },
];

exports.phone = real
  .concat(
    [
      ['a text', { response: '{"response":"b64","sign":"sig"}' }],
      ['an object', { response: { response: 'b64', sign: 'sig' } }],
      ['with the signature beside it', { response: 'b64', sign: 'sig' }],
    ].map(([shape, answer]) => ({
      name: `the phone number: the server gets what the platform answered as it came, ${shape}, and the page gets it masked`,
      panels: 0,
      async run({ my, open, races, calls, until, same }) {
        answering(my, answer);
        const server = fresh(races);
        const auth = open(server);
        const phone = await auth.getPhoneNumber(event('getAuthorize'), { purpose });
        same(phone, { phoneNumber: '138****1234', confirmed: true });
        const [{ method, data, headers }] = posts(calls);
        same([method, data.response, data.sign, data.consent.purpose], ['POST', answer.response, answer.sign, purpose]);
        same(/^Bearer /.test(headers.authorization), true, 'logged in first');
        same(
          (await auth.consents()).map(({ scope, outcome }) => [scope, outcome]),
          [['phoneNumber', 'granted']],
        );
        await until(() => state(auth) === 'granted');
      },
    })),
  )
  .concat([
    {
      name: 'the phone number that the event carries is not asked for, and the two events of one press are one post',
      panels: 0,
      async run({ my, open, races, calls, same }) {
        let asked = 0;
        my.getPhoneNumber = ({ fail }) => {
          asked += 1;
          setTimeout(() => fail({ error: 12 }), 1);
        };
        const auth = open(fresh(races));
        const carrying = (name) => event(name, { encryptedData: 'b64', sign: 'sig' });
        const both = [carrying('getPhoneNumber'), event('getAuthorize')].map((each) => auth.getPhoneNumber(each, { purpose }));
        same(
          (await Promise.all(both)).map(({ phoneNumber }) => phoneNumber),
          ['138****1234', '138****1234'],
        );
        same([asked, posts(calls).map(({ data }) => [data.response, data.sign])], [0, [['b64', 'sig']]]);
        same((await auth.getPhoneNumber(carrying('getphonenumber'), { purpose })).confirmed, true, 'in lower case');
      },
    },
    {
      name: 'the phone number refused at the button: nothing is asked or sent, and the words say what it was',
      panels: 0,
      async run({ my, open, races, calls, until, same, rejects }) {
        answering(my, { response: 'b64' });
        const auth = open(fresh(races));
        const failed = (words) => auth.getPhoneNumber(event('error', { type: 'getAuthorize', errorMessage: words }), { purpose });
        await rejects(failed('用户取消授权'), 'consent_refused');
        await until(() => state(auth) === 'denied');
        const { advice } = await rejects(failed('系统繁忙'), 'phone_not_authorized');
        same([/手机号/.test(advice.zh), /phoneNumber/.test(advice.en)], [true, true]);
        await rejects(failed('ISV权限不足'), 'phone_product_not_in_force');
        await rejects(failed('请输入合法的scope'), 'phone_not_authorized');
        same([posts(calls).length, calls.count('getPhoneNumber')], [0, 0]);
        same((await auth.consents()).map(({ scope, outcome }) => [scope, outcome]).slice(0, 2), [
          ['phoneNumber', 'refused'],
          ['phoneNumber', 'not_granted'],
        ]);
      },
    },
    {
      name: 'the phone number without a consent: the server reads that, says so by its own code, and nothing is recorded',
      panels: 0,
      async run({ my, open, races, same, rejects }) {
        answering(my, { response: 'refused' });
        const auth = open(fresh(races));
        const { response, advice } = await rejects(auth.getPhoneNumber(event('getAuthorize'), { purpose }), 'phone_not_authorized');
        same([response.status, advice.zh], [403, '同意后再试。']);
        same([await auth.consents(), state(auth)], [[], 'unknown']);
      },
    },
    {
      name: 'the phone number taken back since: the server says so, and then nobody has agreed; another of its failures says nothing of it',
      panels: 0,
      async run({ my, open, races, until, same, rejects }) {
        answering(my, { response: 'b64' });
        const auth = open(fresh(races));
        const ask = () => auth.getPhoneNumber(event('getAuthorize'), { purpose });
        await ask();
        await until(() => state(auth) === 'granted');
        await ask();
        same(
          (await auth.consents()).map(({ outcome }) => outcome),
          ['granted'],
          'agreed to once, read twice',
        );
        answering(my, { response: 'failing' });
        await rejects(ask(), 'http_status');
        same(state(auth), 'granted');
        answering(my, { response: 'refused' });
        await rejects(ask(), 'phone_not_authorized');
        await until(() => state(auth) === 'unknown');
      },
    },
    {
      name: 'the phone number: what the platform fails with, a call that is missing, and one that never answers, each have their code',
      panels: 0,
      async run({ my, open, races, calls, same, rejects }) {
        const auth = open(fresh(races), { panelTimeout: 500 });
        const ask = () => auth.getPhoneNumber(event('getAuthorize'), { purpose });
        answering(my, { error: 4, errorMessage: '无权调用 N22104' });
        await rejects(ask(), 'call_not_permitted');
        answering(my, { error: 11, errorMessage: '用户拒绝' });
        await rejects(ask(), 'consent_refused');
        answering(my, {});
        await rejects(ask(), 'platform_answer_invalid');
        my.getPhoneNumber = () => {};
        await rejects(ask(), 'platform_timeout');
        delete my.getPhoneNumber;
        const other = open(fresh(races));
        await rejects(other.getPhoneNumber(event('getAuthorize'), { purpose }), 'platform_unsupported');
        same([posts(calls).length, await auth.consents()], [0, []]);
      },
    },
    {
      name: "the phone number needs the user's own act and a purpose, once",
      panels: 0,
      async run({ my, open, races, calls, same, rejects }) {
        answering(my, { response: 'b64' });
        const auth = open(fresh(races));
        await rejects(auth.getPhoneNumber(event('load'), { purpose }), 'tap_required');
        await rejects(auth.getPhoneNumber(undefined, { purpose }), 'tap_required');
        await rejects(auth.getPhoneNumber(event('getAuthorize'), {}), 'purpose_required');
        const pressed = event('getAuthorize');
        await auth.getPhoneNumber(pressed, { purpose });
        await rejects(auth.getPhoneNumber(pressed, { purpose }), 'tap_used');
        await rejects(auth.authorize(event('getPhoneNumber', { encryptedData: 'b64' }), { purpose }), 'tap_required');
        same(posts(calls).length, 1);
      },
    },
    {
      name: 'the way of the phone number takes nothing else along: an event with the nickname in it is refused',
      panels: 1,
      async run({ open, races, tap, calls, rejects, same }) {
        const auth = open(fresh(races));
        await auth.getAuthUserInfo(await tap('authorise'), { purpose });
        const smuggled = event('getPhoneNumber', { encryptedData: nickName, sign: 'sig' });
        await rejects(auth.getPhoneNumber(smuggled, { purpose }), 'display_only_forwarded');
        same(posts(calls).length, 0);
      },
    },
    {
      name: 'the phone number is posted once more when the session has expired',
      panels: 0,
      async run({ my, open, races, call, calls, same }) {
        answering(my, { response: 'b64' });
        const server = fresh(races);
        const auth = open(server);
        await auth.httpRequest({ url: `${server}/session` });
        const { authorization } = calls.requests().pop().headers;
        await call('request', { url: `${server}/auth`, method: 'DELETE', headers: { authorization }, dataType: 'text' });
        same((await auth.getPhoneNumber(event('getAuthorize'), { purpose })).phoneNumber, '138****1234');
        same(posts(calls).length, 2);
      },
    },
    {
      name: 'the phone number is posted once more when the page is left meanwhile',
      panels: 0,
      async run({ my, open, races, calls, leave, until, same }) {
        answering(my, { response: 'b64' });
        const auth = open(fresh(races));
        await auth.login();
        const { request } = my;
        let held = true;
        my.request = (options) => request(Object.assign({}, options, held && { url: `${races}/slow` }));
        const asked = auth.getPhoneNumber(event('getAuthorize'), { purpose });
        await until(() => calls.requests().some(({ data }) => data && data.response));
        held = false;
        await leave();
        same((await asked).phoneNumber, '138****1234');
        const sent = calls.requests().filter(({ data }) => data && data.response);
        // Returning may leave a page once more.
        same([sent.length >= 2, sent.every(({ data }) => data.response === 'b64')], [true, true]);
      },
    },
  ]);
