const KINDS = [
  ['the real server', ({ server }) => server],
  ["a server that keeps a user's newest session only", ({ races }) => `${races}/one/${fresh()}`],
  ['a server that keeps all sessions', ({ races }) => `${races}/all/${fresh()}`],
];

function fresh() {
  return Math.random().toString(36).slice(2);
}

/** Delays the answers of the next `count` requests so that they arrive `gap` milliseconds apart. */
function stagger(my, count, gap) {
  const send = my.request;
  let sent = 0;
  my.request = (options) => {
    const wait = sent < count ? sent * gap : 0;
    sent += 1;
    const later = (settle) => (answer) => void setTimeout(() => settle(answer), wait);
    return send(Object.assign({}, options, { success: later(options.success), fail: later(options.fail) }));
  };
}

/** Ends the session without the client's knowledge. */
async function endOnServer({ call, calls }, auth, server) {
  await auth.httpRequest({ url: `${server}/session` });
  const { authorization } = calls.requests().pop().headers;
  const { value } = await call('request', { url: `${server}/auth`, method: 'DELETE', headers: { authorization }, dataType: 'text' });
  if (value.status !== 204) throw new Error(`the session was not ended: ${JSON.stringify(value)}`);
}

const ten = (send) => Promise.all(Array.from({ length: 10 }, send));

const races = [];
for (const [kind, address] of KINDS) {
  for (const [when, gap] of [
    ['at the same instant', 0],
    ['70 ms apart', 70],
  ]) {
    races.push({
      name: `ten requests learn ${when} that their session has expired, from ${kind}: one login, ten answers`,
      panels: 0,
      async run(app) {
        const { my, open, calls, same } = app;
        const server = address(app);
        const auth = open(server);
        await endOnServer(app, auth, server);
        stagger(my, 10, gap);
        const before = calls.count('getAuthCode');
        const answers = await ten(() => auth.httpRequest({ url: `${server}/session` }));
        same(
          answers.map(({ status }) => status),
          Array(10).fill(200),
        );
        same(calls.count('getAuthCode') - before, 1, 'logins');
      },
    });
  }
}

/** Changes the texts under the package's keys. */
function spoil(my, server, change) {
  const key = `${server}/miniauth-session`;
  const { data } = my.getStorageSync({ key });
  if (typeof data !== 'string') throw new Error('no session was stored');
  my.setStorageSync({ key, data: change(data) });
}

exports.sessions = races.concat(
  [
    {
      name: 'a POST is sent again when the server said that its session has expired, for then it did nothing',
      panels: 0,
      async run(app) {
        const { open, calls, same } = app;
        const server = KINDS[2][1](app);
        const auth = open(server);
        await endOnServer(app, auth, server);
        const data = { id: 'tea' };
        same((await auth.httpRequest({ url: `${server}/orders`, method: 'POST', data })).data, { placed: data });
        const posts = calls.requests().filter(({ url }) => url === `${server}/orders`);
        same(
          posts.map((post) => post.data),
          [data, data],
        );
      },
    },
    {
      name: 'a 401 that does not say that the session has expired surfaces, without a login',
      panels: 0,
      async run({ open, races: address, calls, same, rejects }) {
        const server = `${address}/all/${fresh()}`;
        const { response } = await rejects(open(server).httpRequest({ url: `${server}/forbidden` }), 'http_status');
        same([response.status, calls.count('getAuthCode'), calls.requests().length], [401, 1, 2]);
      },
    },
    {
      name: 'a second refusal of the session surfaces: one login, one replay, no more',
      panels: 0,
      async run({ open, races: address, calls, same, rejects }) {
        const server = `${address}/never/${fresh()}`;
        const { response } = await rejects(open(server).httpRequest({ url: `${server}/session` }), 'http_status');
        same([response.status, response.data.code], [401, 'session_expired']);
        same(calls.count('getAuthCode'), 2, 'the first login, and one more');
        same(calls.requests().filter(({ method }) => method === 'GET').length, 2, 'requests');
      },
    },
    {
      name: 'when the login fails, all ten requests settle with its reason, and the next login works',
      panels: 0,
      async run(app) {
        const { my, open, server, same } = app;
        const auth = open();
        await endOnServer(app, auth, server);
        stagger(my, 10, 20);
        const { getAuthCode } = my;
        my.getAuthCode = ({ fail }) => fail({ error: 12, errorMessage: '网络异常' });
        const code = (request) =>
          request.then(
            () => 'settled',
            (error) => error.code,
          );
        same(await ten(() => code(auth.httpRequest({ url: `${server}/session` }))), Array(10).fill('network'));
        my.getAuthCode = getAuthCode;
        same((await auth.httpRequest({ url: `${server}/session` })).status, 200);
      },
    },
    {
      name: 'a session outlives the app, without a login',
      panels: 0,
      async run({ open, same }) {
        same(await open().login(), null);
      },
      async again({ open, server, calls, same }) {
        const auth = open();
        same((await auth.httpRequest({ url: `${server}/session` })).status, 200);
        same(await auth.login(), null);
        same(calls.count('getAuthCode'), 0, 'codes');
        await auth.logout();
        same(calls.count('removeStorageSync'), 1, 'the stored session is removed');
      },
    },
    {
      name: 'a half-written session is dropped',
      panels: 0,
      async run({ my, open, server }) {
        await open().login();
        spoil(my, server, (text) => text.slice(0, -3));
      },
      async again({ open, calls, same }) {
        same(await open().login(), null);
        same(calls.count('getAuthCode'), 1, 'codes');
      },
    },
    {
      name: 'a stored session that the server no longer knows costs one silent login',
      panels: 0,
      async run(app) {
        const { open, server } = app;
        await endOnServer(app, open(), server);
      },
      async again({ open, server, calls, same }) {
        same((await open().httpRequest({ url: `${server}/session` })).status, 200);
        same(calls.count('getAuthCode'), 1, 'codes');
      },
    },
  ].concat(
    [
      [
        'throws',
        () => {
          throw new Error('storage is full');
        },
      ],
      ['answers with an error object', () => ({ error: 14, errorMessage: '存储失败' })],
    ].map(([how, broken]) => ({
      name: `storage that ${how} costs only the persistence`,
      panels: 0,
      async run({ my, open, server, decisions, same }) {
        Object.assign(my, { getStorageSync: broken, setStorageSync: broken, removeStorageSync: broken });
        const auth = open();
        same(await auth.login(), null);
        same((await auth.httpRequest({ url: `${server}/session` })).status, 200);
        await auth.logout();
        const told = decisions.filter(({ operation, outcome }) => operation === 'storage' && outcome === 'failed');
        same(told.length > 0, true, 'told');
      },
    })),
  ),
);
