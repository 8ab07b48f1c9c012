const { nickName, avatar, purpose } = require('./user.js');

const UNKNOWN = { userInfo: 'unknown', auth_user: 'unknown', phoneNumber: 'unknown' };

/** Returns the reported states in short form. */
const short = ({ status, member, consents }) => [status, member && member.nickName, consents.auth_user];

/** Every call of a client, as a listener may make it. It may reject, but it must settle. */
const CALLS = {
  prepare: (auth) => auth.prepare(),
  login: (auth) => auth.login(),
  authorize: (auth, { event }) => auth.authorize(event, { purpose }),
  getAuthUserInfo: (auth) =>
    auth.getAuthUserInfo(
      { type: 'getUserInfo', timeStamp: Date.now() + Math.random(), detail: { userInfo: { nickName, avatar } } },
      { purpose },
    ),
  getPhoneNumber: (auth) =>
    auth
      .getPhoneNumber({ type: 'getPhoneNumber', timeStamp: Date.now() + Math.random(), detail: { encryptedData: 'b64' } }, { purpose })
      .catch((error) => {
        // The server has a content key, but this is not encrypted with it.
        if (!error.response) throw error;
      }),
  getAuthCode: (auth) => auth.getAuthCode(),
  httpRequest: (auth, { server }) => auth.httpRequest({ url: `${server}/session` }),
  uploadFile: (auth, { races }) => {
    const file = { url: `${races}/echo/file`, session: 'none' };
    return auth.downloadFile(file).then(({ filePath }) => auth.uploadFile(Object.assign({ filePath, name: 'photo' }, file)));
  },
  downloadFile: (auth, { races }) => auth.downloadFile({ url: `${races}/echo/file`, session: 'none' }),
  connectSocket: (auth, { races }) =>
    auth
      .connectSocket({ url: `${races}/all/others/chat`, session: 'none' })
      .then((socket) => socket.send({ data: 'one' }).then(() => socket.close())),
  authorization: (auth) => auth.authorization('/orders'),
  consents: (auth) => auth.consents(),
  consentState: (auth) => auth.consentState(),
  guard: (auth) => auth.guard(),
  session: (auth) => Promise.resolve(auth.session()),
  onChange: (auth) => Promise.resolve(auth.onChange(() => {})()),
  onRequest: (auth) => Promise.resolve(auth.onRequest({ start() {} })()),
  logout: (auth) => auth.logout(),
};

exports.state = [
  {
    name: 'what is known of the session is there at once: nothing before the first call, then whether one lives, whose it is, and what was agreed to',
    panels: 1,
    async run({ open, tap, same, until }) {
      const auth = open();
      same(auth.session(), { status: 'unknown', consents: UNKNOWN }, 'at first');
      same(await auth.consents(), []);
      await until(() => auth.session().status !== 'unknown');
      same(auth.session(), { status: 'none', subject: null, member: null, consents: UNKNOWN }, 'once the module has started');
      await auth.login();
      const { subject } = auth.session();
      same(/^[0-9a-f]{16}$/.test(subject), true, `a subject: ${subject}`);
      same(auth.session(), { status: 'living', subject, member: null, consents: UNKNOWN }, 'logged in');
      const member = await auth.authorize(await tap(), { purpose });
      same(
        auth.session(),
        { status: 'living', subject, member, consents: Object.assign({}, UNKNOWN, { auth_user: 'granted' }) },
        'a member',
      );
      auth.session().member.nickName = 'changed';
      same(auth.session().member.nickName, nickName, "a copy of the caller's own");
      await auth.logout();
      const { status, member: after, subject: gone } = auth.session();
      same([status, after, gone], ['none', null, null], 'logged out');
    },
    async again({ open, same, until }) {
      const auth = open();
      await auth.consents();
      await until(() => auth.session().status === 'none');
      same(auth.session().consents, UNKNOWN, 'after a start nothing is known of consents');
    },
  },
  {
    name: 'a session that was kept lives, and whose it is is not known before the server was asked',
    panels: 1,
    async run({ open, tap }) {
      await open().authorize(await tap(), { purpose });
    },
    async again({ open, until, same }) {
      const auth = open();
      await auth.consents();
      await until(() => auth.session().status === 'living');
      same(auth.session(), { status: 'living', consents: UNKNOWN });
      await auth.login();
      same([auth.session().member.nickName, typeof auth.session().subject], [nickName, 'string']);
    },
  },
  {
    name: 'a session that has run out by the clock lives no longer',
    panels: 0,
    async run({ my, open, races, same, until, sleep }) {
      const { request } = my;
      my.request = (options) =>
        request(
          Object.assign({}, options, {
            success: (answer) =>
              options.success(Object.assign({}, answer, { data: answer.data.replace(/"expires_in":\d+/, '"expires_in":2') })),
          }),
        );
      const auth = open(`${races}/all/brief${Math.random()}`);
      await auth.login();
      same(auth.session().status, 'living');
      await sleep(2500);
      await until(() => auth.session().status === 'none');
    },
  },
  {
    name: 'a number that no clock has takes neither the session nor the module along',
    panels: 0,
    async run({ my, open, races, same }) {
      const { request } = my;
      for (const [seconds, lives] of [
        ['1e300', true],
        ['1e400', true],
        ['9007199254740993', true],
        ['0.5', true],
        ['-1', false],
      ]) {
        my.request = (options) =>
          request(
            Object.assign({}, options, {
              success: (answer) =>
                options.success(
                  Object.assign({}, answer, {
                    data: answer.data
                      .replace(/"expires_in":\d+/, `"expires_in":${seconds}`)
                      .replace(/"member":null/, '"member":{"stored_at":-1e300}'),
                  }),
                ),
            }),
          );
        const auth = open(`${races}/all/number${Math.random()}`);
        const told = await auth.login().then(
          () => 'logged in',
          ({ code }) => code,
        );
        same(told, lives ? 'logged in' : 'server_answer_invalid', seconds);
        same(await auth.consents(), [], `and the module works after ${seconds}`);
        if (seconds[0] === '1') same(auth.session().status, 'living', seconds);
      }
    },
  },
  {
    name: 'a listener is told each change once, when it is done, with what is known then; and no more after it is taken away',
    panels: 1,
    async run({ open, tap, same, sleep }) {
      const auth = open();
      const told = [];
      const stop = auth.onChange((session) => void told.push([short(session), short(auth.session())]));
      await auth.login();
      await auth.login();
      await auth.authorize(await tap(), { purpose });
      await auth.consentState();
      await auth.logout();
      same(
        told.map(([session]) => session).filter(([status]) => status !== 'none'),
        [
          ['living', null, 'unknown'],
          ['living', null, 'granted'],
          ['living', nickName, 'granted'],
        ],
      );
      same(told.map(([session]) => session).pop(), ['none', null, 'granted']);
      same(
        told.every(([session, asked]) => JSON.stringify(session) === JSON.stringify(asked)),
        true,
        'session() says the same',
      );
      const { length } = told;
      stop();
      stop();
      await auth.login();
      await sleep(10);
      same(told.length, length, 'taken away');
    },
  },
  {
    name: 'an expired session that is renewed on the way is not told as a logout',
    panels: 0,
    async run({ open, races, calls, call, same }) {
      const server = `${races}/all/renewed${Math.random()}`;
      const auth = open(server);
      await auth.login();
      const told = [];
      auth.onChange(({ status }) => void told.push(status));
      await auth.httpRequest({ url: `${server}/session` });
      const { authorization } = calls.requests().pop().headers;
      await call('request', { url: `${server}/auth`, method: 'DELETE', headers: { authorization }, dataType: 'text' });
      same((await auth.httpRequest({ url: `${server}/session` })).status, 200);
      same([told.filter((status) => status !== 'living'), auth.session().status], [[], 'living']);
    },
  },
].concat(
  Object.keys(CALLS).map((name) => ({
    name: `a listener may call ${name}() while it is told, and wait for it`,
    panels: 1,
    async run({ open, server, races, tap, until, same }) {
      const auth = open(server, { tapLifetime: 60000 });
      same(Object.keys(CALLS).sort(), Object.keys(auth).sort(), 'every call of the client is tried');
      // Both before a panel may cover the page.
      const [event, another] = [await tap(), await tap()];
      const settled = [];
      let calls = 0;
      const stop = auth.onChange(async () => {
        // A listener that changes something each time is called forever.
        calls += 1;
        if (calls > 3) return;
        await CALLS[name](auth, { event, server, races }).then(
          () => settled.push('done'),
          () => settled.push('failed'),
        );
      });
      // A logout in between stops them.
      await auth.login().catch(() => {});
      await auth.authorize(another, { purpose }).catch(() => {});
      await until(() => settled.length >= Math.min(calls, 3) && calls > 0);
      stop();
      same(settled.includes('done'), true, `${settled}`);
      same((await auth.httpRequest({ url: `${server}/session` })).status, 200, 'and the client goes on');
    },
  })),
  [
    {
      name: 'a listener that throws, or rejects, breaks nothing, and is told where its author looks',
      alone: true,
      panels: 0,
      async run({ open, same, until }) {
        const auth = open();
        const { error } = console;
        const reported = [];
        console.error = (reason) => void reported.push(reason && reason.message);
        try {
          const told = [];
          auth.onChange(() => {
            throw new Error('at once');
          });
          auth.onChange(() => Promise.reject(new Error('later')));
          auth.onRequest({
            start() {
              throw new Error('at the start');
            },
            end() {
              throw new Error('at the end');
            },
          });
          auth.onChange(({ status }) => void told.push(status));
          same(await auth.login(), null);
          await until(() => told.includes('living'));
          await until(() => ['at once', 'later', 'at the start', 'at the end'].every((words) => reported.includes(words)));
        } finally {
          console.error = error;
        }
      },
    },
    {
      name: 'a listener that another takes away while they are told is told no more',
      panels: 0,
      async run({ open, same, until }) {
        const auth = open();
        const told = [];
        const stops = [];
        auth.onChange(({ status }) => {
          told.push(`first ${status}`);
          stops[0]();
        });
        stops.push(auth.onChange(() => void told.push('second')));
        await auth.login();
        await until(() => told.includes('first living'));
        same(told.includes('second'), false);
      },
    },
    {
      name: 'requests are told from their start to their end, each once, without what they hold',
      panels: 0,
      async run({ open, races, same, rejects, until }) {
        const server = `${races}/all/told${Math.random()}`;
        const auth = open(server);
        const told = [];
        const stop = auth.onRequest({
          start: (event) => void told.push(Object.assign({ event: 'start' }, event)),
          end: (event) => void told.push(Object.assign({ event: 'end' }, event)),
          error: (event) => void told.push(Object.assign({ event: 'error' }, event)),
        });
        await auth.login();
        await auth.httpRequest({ url: `${server}/session` });
        await auth.httpRequest({ url: `${races}/echo/back?name=somebody#here` });
        await rejects(
          auth.httpRequest({ url: `${races}/gateway`, method: 'POST', session: 'none', data: { secret: 'secret' } }),
          'http_status',
        );
        await rejects(auth.httpRequest({ url: `${races}/broken`, session: 'none' }), 'network');
        await rejects(auth.httpRequest({ url: `${races}/slow`, method: 'POST', session: 'none', timeout: 300 }), 'timeout');
        const given = auth.httpRequest({ url: `${races}/slow`, session: 'none' });
        given.abort();
        await rejects(given, 'aborted');
        await until(() => told.length >= 14);
        const path = server.replace(/^https:..[^/]*/, '');
        const rows = told.map(({ event, operation, method, path: where, status, code, attempt }) => [
          event,
          operation,
          method,
          where,
          status,
          code,
          attempt,
        ]);
        const of = (operation, event, where) => rows.filter((row) => row[1] === operation && row[0] === event && row[3] === where);
        same(of('httpRequest', 'start', `${path}/session`), [
          ['start', 'httpRequest', 'GET', `${path}/session`, undefined, undefined, undefined],
        ]);
        same(of('httpRequest', 'end', `${path}/session`), [['end', 'httpRequest', 'GET', `${path}/session`, 200, undefined, 1]]);
        same(of('httpRequest', 'end', '/echo/back').length, 1, 'an address without its query');
        same(
          rows.filter((row) => row[1] === 'login'),
          [
            ['start', 'login'],
            ['end', 'login'],
          ].map((row) => row.concat(Array(5).fill(undefined))),
        );
        same(
          of('httpRequest', 'end', '/gateway').map((row) => row[4]),
          [502],
          'a status is an answer',
        );
        same(
          of('httpRequest', 'error', '/broken').map((row) => row.slice(5)),
          [['network', 3]],
          'sent three times',
        );
        same(
          of('httpRequest', 'error', '/slow').map((row) => row[5]),
          ['timeout', 'aborted'],
        );
        same(/somebody|secret|here/.test(JSON.stringify(told)), false, 'neither query nor data');
        const ids = (events) =>
          told
            .filter(({ event }) => events.includes(event))
            .map(({ id }) => id)
            .sort();
        same(ids(['start']), ids(['end', 'error']), 'every start has one end');
        same(
          told.filter(({ event }) => event !== 'start').every(({ ms }) => ms >= 0),
          true,
        );
        same(told.find(({ code }) => code === 'timeout').ms >= 300, true);
        stop();
        const { length } = told;
        await auth.logout();
        same(told.length, length, 'taken away');
      },
    },
    {
      name: 'a listener is a function, and one for requests an object of functions',
      panels: 0,
      async run({ open, same }) {
        const auth = open();
        const code = (call) => {
          try {
            call();
            return 'none';
          } catch (error) {
            return error.code;
          }
        };
        same(
          [
            () => auth.onChange(),
            () => auth.onChange({}),
            () => auth.onRequest({ start: 1 }),
            () => auth.onRequest({ begin() {} }),
            () => auth.onRequest(5),
          ].map(code),
          Array(5).fill('options_invalid'),
        );
        same(await auth.login(), null, 'nothing came of them');
      },
    },
  ],
);
