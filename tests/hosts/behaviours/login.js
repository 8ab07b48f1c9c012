const { nickName, avatar } = require('./user.js');

const purpose = '成为会员，用于会员等级与积分';

exports.login = [
  {
    name: 'a request logs in silently, once',
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ open, server, calls, same }) {
      const auth = open();
      const first = await auth.httpRequest({ url: `${server}/session` });
      same([first.status, first.data.scope], [200, 'auth_base']);
      await auth.httpRequest({ url: `${server}/session` });
      same(await auth.login(), null, 'a user who is no member yet');
      same(calls.count('getAuthCode'), 1, 'codes');
      same(
        calls.requests().map(({ method }) => method),
        ['POST', 'GET', 'GET'],
        'requests',
      );
    },
  },
  {
    name: 'every attempt to log in has a name of its own',
    panels: 0,
    async run({ open, calls, same }) {
      const auth = open();
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await auth.login();
        await auth.logout();
      }
      const names = calls
        .requests()
        .filter(({ method }) => method === 'POST')
        .map(({ data }) => data.login_id);
      same(
        names.map((name) => /^[\w-]{16,64}$/.test(name) && new Set(name).size > 5),
        [true, true, true],
        `${names}`,
      );
      same(new Set(names).size, 3, `${names}`);
    },
  },
  {
    name: 'ten requests at once share one login',
    panels: 0,
    async run({ open, server, calls, same }) {
      const auth = open();
      const requests = Array.from({ length: 10 }, () => auth.httpRequest({ url: `${server}/session` }));
      same(
        (await Promise.all(requests)).map(({ status }) => status),
        Array(10).fill(200),
      );
      same(calls.count('getAuthCode'), 1, 'codes');
    },
  },
  {
    name: 'a tap makes a member, whose nickname is intact to the byte',
    apis: ['current', 'legacy'],
    panels: 1,
    async run({ open, server, calls, decisions, tap, same }) {
      const auth = open();
      const member = await auth.authorize(await tap(), { purpose });
      same([member.nickName, member.avatar], [nickName, avatar]);
      const [post] = calls.requests();
      same(Object.keys(post.data).sort(), ['authcode', 'consent', 'login_id', 'scope'], 'what is posted');
      same(post.data.consent.purpose, purpose);
      const { data } = await auth.httpRequest({ url: `${server}/member` });
      same(data.nick_name, nickName);
      same(
        decisions.some(({ kind, outcome }) => kind === 'consent' && outcome === 'granted'),
        true,
        'told',
      );
      same(JSON.stringify(decisions).includes(nickName.slice(0, 4)), false, 'decisions hold no nickname');
    },
  },
  {
    name: 'the session goes to the server alone',
    panels: 0,
    async run({ open, server, races, calls, same }) {
      const auth = open();
      await auth.login();
      await auth.httpRequest({ url: `${races}/echo` });
      same(calls.requests().pop().headers.authorization, undefined);
      await auth.httpRequest({ url: `${server}/session` });
      same(/^Bearer /.test(calls.requests().pop().headers.authorization), true);
    },
  },
  {
    name: 'logout ends the session here and on the server',
    panels: 0,
    async run({ open, server, calls, call, same, rejects }) {
      const auth = open();
      await auth.login();
      await auth.httpRequest({ url: `${server}/session` });
      const { headers } = calls.requests().pop();
      await auth.logout();
      const { value } = await call('request', { url: `${server}/session`, headers });
      same(value.status, 401, 'the server knows it no more');
      const anonymous = auth.httpRequest({ url: `${server}/session`, session: 'if-present' });
      const error = await rejects(anonymous, 'http_status');
      same(error.response.status, 401);
    },
  },
  {
    name: 'a logout during a login stays a logout, on the server too',
    panels: 0,
    async run({ open, server, calls, call, same, rejects }) {
      const auth = open();
      const login = auth.login();
      await auth.logout();
      const next = auth.login();
      await rejects(login, 'logged_out');
      same(await next, null, 'a login after the logout is a login of its own');
      const ended = calls.requests().filter(({ method }) => method === 'DELETE');
      same(ended.length, 1, 'the late session is ended');
      const { value } = await call('request', { url: `${server}/session`, headers: ended[0].headers });
      same(value.status, 401);
    },
  },
  {
    name: "a page that is left takes nothing with it that is the whole app's: a login, the question whose a kept session is, a logout",
    panels: 0,
    async run({ my, open, races, calls, leave, until, same }) {
      const { request } = my;
      let held = true;
      my.request = (options) => request(Object.assign({}, options, held && { url: `${races}/slow` }));
      const sent = (wanted) => calls.requests().filter(({ method }) => method === wanted);
      // Nobody answers before the page is left.
      const leftDuring = async (method, call) => {
        held = true;
        const done = call();
        await until(() => sent(method).length > 0);
        held = false;
        await leave();
        await done;
      };
      const server = `${races}/all/somebody${Math.random()}`;
      await leftDuring('POST', () => open(server).login());
      const kept = open(server);
      await leftDuring('GET', () => kept.login());
      await leftDuring('DELETE', () => kept.logout());
      same(calls.count('getAuthCode'), 1, 'codes');
      same(
        ['POST', 'GET', 'DELETE'].map((method) => sent(method).length >= 2),
        [true, true, true],
        'each is sent again',
      );
      const posted = sent('POST').map(({ data }) => JSON.stringify(data));
      same(new Set(posted).size, 1, 'the same code and login_id');
    },
  },
  {
    name: 'a platform that ends every request so is believed after a while',
    panels: 0,
    async run({ my, open, rejects, same }) {
      let sent = 0;
      my.request = ({ fail }) => {
        sent += 1;
        setTimeout(() => fail({ error: 1, errorMessage: 'left' }));
      };
      await rejects(open().login(), 'page_left');
      same(sent, 6, 'requests');
    },
  },
  {
    name: 'a logout while the person still reads the panel stays a logout, although they accept',
    panels: 1,
    async run({ open, tap, calls, same, rejects }) {
      const auth = open();
      const asked = auth.authorize(await tap(), { purpose });
      await auth.logout();
      await rejects(asked, 'logged_out');
      same(
        calls.requests().map(({ method }) => method),
        ['POST', 'DELETE'],
        'the late session is ended',
      );
    },
  },
];
