const { avatar, nickName, purpose } = require('./user.js');

/** A custom server that only accepts the newest session. */
const fresh = (races) => `${races}/one/carrier${Math.random().toString(36).slice(2)}`;

/** Ends the client's session on the server: there is a newer one. */
const expire = ({ my, call }, server) =>
  call(my.request ? 'request' : 'httpRequest', { url: `${server}/auth`, method: 'POST', data: {}, dataType: 'text' });

const EVENTS_OF_MY = ['Open', 'Message', 'Error', 'Close'];

const sessions = (decisions) =>
  decisions.filter(({ kind }) => kind === 'session').map(({ operation, outcome }) => `${operation} ${outcome}`);

exports.transports = [
  {
    name: 'an upload carries the session, and is sent once more with a new one where it has expired; its progress is told',
    apis: ['current', 'legacy'],
    panels: 0,
    async run(app) {
      const { open, races, calls, decisions, same } = app;
      const server = fresh(races);
      const auth = open(server);
      const seen = [];
      auth.onRequest({ start: ({ operation, method, path }) => seen.push(operation, method, path.replace(/^.*[/]/, '')) });
      const { filePath } = await auth.downloadFile({ url: '/file' });
      await expire(app, server);
      decisions.length = 0;
      const told = [];
      const onProgress = ({ progress }) => told.push(progress);
      const came = [];
      const onHeaders = (headers) => came.push(headers['content-type']);
      const sent = {
        url: '/upload',
        filePath,
        name: 'photo',
        fileType: 'image',
        formData: { note: '红茶' },
        hideLoading: true,
        onProgress,
        onHeaders,
      };
      const { status, data, headers } = await auth.uploadFile(sent);
      same([status, /name="photo"/.test(data.form), /红茶/.test(data.form)], [200, true, true]);
      const passed = calls.of('uploadFile').map(({ fileType, hideLoading, timeout }) => [fileType, hideLoading, timeout]);
      same(
        passed,
        [
          ['image', true, 30000],
          ['image', true, 30000],
        ],
        'uploads',
      );
      same(told.pop(), 100, 'progress');
      same(came.pop(), headers['content-type'], 'headers');
      same(sessions(decisions), ['login started', 'uploadFile replayed']);
      same(seen.slice(-3), ['uploadFile', 'POST', 'upload']);
    },
  },
  {
    name: 'an upload that the server refuses, a domain that is not listed and a file that is not there each have their code',
    panels: 0,
    async run({ open, races, same, rejects }) {
      const auth = open(fresh(races));
      const { filePath } = await auth.downloadFile({ url: '/file' });
      const upload = (url, path) => auth.uploadFile({ url, filePath: path, name: 'photo' });
      same((await rejects(upload('/nowhere', filePath), 'http_status')).response.status, 404);
      await rejects(upload('https://elsewhere.example/', filePath), 'domain_not_allowed');
      await rejects(upload('/upload', '/nothing'), 'options_invalid');
    },
  },
  {
    name: 'a download carries a session that lives, though the platform does not say why one was refused',
    apis: ['current', 'legacy'],
    panels: 0,
    async run(app) {
      const { open, races, calls, decisions, same } = app;
      const server = fresh(races);
      const auth = open(server);
      const came = [];
      const onHeaders = (headers) => came.push(headers['content-type']);
      const first = await auth.downloadFile({ url: `${server}/file`, headers: { 'x-of': 'tea' }, timeout: 9000, onHeaders });
      const { headers, header, timeout } = calls.of('downloadFile')[0];
      same([headers['x-of'], header['x-of'], timeout, came], ['tea', 'tea', 9000, [first.headers['content-type']]]);
      await expire(app, server);
      decisions.length = 0;
      const second = await auth.downloadFile({ url: '/file' });
      same([typeof first.filePath, typeof second.filePath, calls.count('downloadFile')], ['string', 'string', 2]);
      same(
        calls
          .requests()
          .pop()
          .url.replace(/^.*[/]/, ''),
        'auth',
        'a login',
      );
      same(sessions(decisions), ['login started']);
      same(
        (await auth.uploadFile({ url: '/upload', filePath: second.filePath, name: 'photo' })).data.form.includes('the file'),
        true,
        'no error in it',
      );
    },
  },
  {
    name: 'a WebSocket opens with a valid session, by header or first message, and passes on what arrives',
    apis: ['current', 'legacy'],
    panels: 0,
    async run(app) {
      const { open, races, calls, decisions, outcome, until, same } = app;
      const server = fresh(races);
      const auth = open(server);
      await auth.login();
      await expire(app, server);
      decisions.length = 0;
      const came = [];
      const closed = [];
      const onMessage = ({ data, isBuffer }) => came.push([data, isBuffer]);
      const socket = await auth.connectSocket({ url: '/chat', onMessage, onClose: (event) => closed.push(event) });
      same(sessions(decisions), ['login started']);
      await Promise.all([socket.send({ data: 'one' }), socket.send({ data: 'two' })]);
      await socket.send({ data: 'AP8=', isBuffer: true });
      await until(() => came.length === 4);
      const how = outcome('socket-header') === 'sent' ? 'header' : 'message';
      same(came, [
        [how, false],
        ['one', false],
        ['two', false],
        ['AP8=', true],
      ]);
      await socket.close({ code: 4000, reason: 'done' });
      await until(() => closed.length > 0);
      same([closed.length, calls.count('connectSocket')], [1, 1]);
      const again = await auth.connectSocket({ url: `${server.replace('https', 'wss')}/chat`, onMessage });
      await until(() => came.length === 5);
      await again.close();
    },
  },
  {
    name: "a closed WebSocket leaves no listener on my, and takes none away that is the page's",
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ my, open, races, calls, until, same, rejects }) {
      const auth = open(fresh(races));
      const heard = [];
      my.onSocketClose(() => heard.push('close'));
      my.onSocketError(() => heard.push('error'));
      const before = calls.count('onSocketClose');
      const left = () => EVENTS_OF_MY.map((name) => calls.count(`onSocket${name}`) - calls.count(`offSocket${name}`));
      const none = left();
      // Closed by the page, rejected by the server, and aborted while opening.
      for (let opened = 0; opened < 2; opened += 1) {
        let closed = false;
        const onClose = () => {
          closed = true;
        };
        const socket = await auth.connectSocket({ url: '/chat', onClose });
        await socket.close();
        await until(() => closed);
      }
      // If each has a SocketTask, no listeners are added to my.
      const isOfMy = calls.count('onSocketClose') > before;
      await rejects(auth.connectSocket({ url: '/refused' }), 'network');
      // Events of my for this socket must not be taken for the next one's.
      await until(() => heard.includes('error') === isOfMy);
      const slow = auth.connectSocket({ url: `${races}/slow` });
      await until(() => calls.count('connectSocket') === 4);
      slow.abort();
      await rejects(slow, 'aborted');
      await until(() => String(left()) === String(none));
      same(heard.filter((event) => event === 'close').length >= 2, isOfMy, 'the page heard of its own');
    },
  },
  {
    name: 'a WebSocket that is refused or given up, and one that another server has, without the session',
    panels: 0,
    async run({ open, races, calls, until, same, rejects }) {
      const auth = open(fresh(races));
      await rejects(auth.connectSocket({ url: '/refused' }), 'network');
      const slow = auth.connectSocket({ url: `${races}/slow` });
      await until(() => calls.count('connectSocket') === 2);
      slow.abort();
      await rejects(slow, 'aborted');
      const came = [];
      let closed = false;
      const onClose = () => {
        closed = true;
      };
      const onMessage = ({ data }) => came.push(data);
      const socket = await auth.connectSocket({ url: `${races}/all/others/chat`, onMessage, onClose });
      await socket.send({ data: 'hello' });
      await until(() => came.length > 0);
      same(came, ['nobody'], 'what came first was no session');
      await socket.close();
      await until(() => closed);
      await rejects(socket.send({ data: 'late' }), 'network');
    },
  },
  {
    name: "an upload that is given up ends the platform's task, and one that takes too long ends too",
    panels: 0,
    async run({ open, races, calls, until, same, rejects }) {
      const auth = open(fresh(races));
      const { filePath } = await auth.downloadFile({ url: '/file' });
      const upload = (timeout) => auth.uploadFile({ url: `${races}/slow`, filePath, name: 'photo', session: 'none', timeout });
      const slow = upload();
      await until(() => calls.count('uploadFile') === 1);
      slow.abort();
      await rejects(slow, 'aborted');
      await rejects(upload(80), 'timeout');
      same(calls.count('uploadFile'), 2);
    },
  },
  {
    name: 'display information leaves by no transport',
    panels: 1,
    async run({ open, races, tap, calls, until, same, rejects }) {
      const auth = open(fresh(races));
      await auth.getAuthUserInfo(await tap('authorise'), { purpose });
      const { filePath } = await auth.downloadFile({ url: '/file' });
      const came = [];
      const socket = await auth.connectSocket({ url: '/chat', onMessage: ({ data }) => came.push(data) });
      const where = async (promise) => (await rejects(promise, 'display_only_forwarded')).where;
      const upload = { url: '/upload', filePath, name: 'photo' };
      same(await where(auth.uploadFile(Object.assign({ formData: { by: nickName } }, upload))), 'data.formData.by');
      same(await where(auth.uploadFile(Object.assign({ headers: { 'x-by': encodeURIComponent(nickName) } }, upload))), 'headers.x-by');
      same(await where(auth.downloadFile({ url: `/file?of=${encodeURIComponent(avatar)}` })), 'url');
      same(await where(auth.connectSocket({ url: '/chat', data: { by: nickName } })), 'data.data.by');
      same(await where(socket.send({ data: JSON.stringify({ by: nickName }) })), 'SocketTask.send.data');
      same(await where(socket.close({ reason: nickName })), 'SocketTask.close.reason');
      await socket.send({ data: 'last' });
      await until(() => came.length === 2);
      same([came[1], ['uploadFile', 'downloadFile', 'connectSocket'].map((name) => calls.count(name))], ['last', [0, 1, 1]]);
      await socket.close();
    },
  },
  {
    name: "a header for somebody else's transport is for addresses below the server alone, and is renewed where it is asked for",
    panels: 0,
    async run(app) {
      const { open, races, call, calls, same, rejects } = app;
      const server = fresh(races);
      const auth = open(server);
      const first = await auth.authorization(`${server}/orders`);
      same(/^Bearer .{43}$/.test(first.authorization), true);
      same(await auth.authorization('/orders'), first);
      same(await auth.authorization('/orders', { confirm: true }), first, 'it lives');
      await expire(app, server);
      const second = await auth.authorization('/orders', { confirm: true });
      same(second.authorization === first.authorization, false, 'a new one');
      const order = { url: `${server}/orders`, method: 'POST', headers: second, data: {} };
      same((await call('request', order)).value.status, 200);
      const before = calls.requests().length;
      for (const url of [`${races}/elsewhere`, 'https://elsewhere.example/', `${server}-2/orders`, '/../orders']) {
        const { message } = await rejects(auth.authorization(url), 'options_invalid');
        same(/below server/.test(message), true, message);
      }
      for (const url of ['orders', '//elsewhere.example/', undefined]) await rejects(auth.authorization(url), 'options_invalid');
      same(calls.requests().length, before);
    },
  },
  {
    name: 'an address that begins with a slash lies below the server',
    panels: 0,
    async run({ open, races, calls, same, rejects }) {
      const server = fresh(races);
      const { data } = await open(`${server}/`)
        .httpRequest({ url: '/orders?x=1', method: 'POST', data: { id: 'tea' } })
        .catch((error) => error);
      const { url, headers } = calls.requests().pop();
      same([url, /^Bearer /.test(headers.authorization), data], [`${server}/orders?x=1`, true, { placed: { id: 'tea' } }]);
      for (const wrong of ['orders', '//elsewhere.example/orders', './orders', '']) {
        await rejects(open(server).httpRequest({ url: wrong }), 'options_invalid');
      }
    },
  },
  {
    name: "an option of the platform's that a transport does not take is refused with the reason",
    panels: 0,
    async run({ open, races, calls, same, rejects }) {
      const auth = open(fresh(races));
      await auth.login();
      for (const [call, option, why] of [
        ['uploadFile', 'header', 'use headers'],
        ['downloadFile', 'header', 'use headers'],
        ['connectSocket', 'multiple', 'it is set where the platform supports it'],
        ['uploadFile', 'complete', 'it returns a promise'],
      ]) {
        const { message } = await rejects(auth[call]({ url: '/file', [option]: {} }), 'options_invalid');
        same(message.includes(`${option}: ${why}. `) || message, true);
      }
      same(['uploadFile', 'downloadFile', 'connectSocket'].map(calls.count), [0, 0, 0]);
    },
  },
];
