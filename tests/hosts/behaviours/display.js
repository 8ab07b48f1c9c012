const { nickName, nickNameInBase64, avatar, purpose } = require('./user.js');

const percent = encodeURIComponent(nickName);

/** What is tried, where it is found, and how it was encoded. */
const LEAKS = [
  [{ data: nickName }, 'data', 'plain'],
  [{ data: { order: [{ who: nickName }] } }, 'data.order[0].who', 'plain'],
  [{ data: { text: JSON.stringify({ avatar }) } }, 'data.text', 'plain'],
  [{ data: { text: JSON.stringify(JSON.stringify(nickName)) } }, 'data.text', 'plain'],
  [{ data: { text: JSON.stringify(inAscii(JSON.stringify(nickName))) } }, 'data.text', 'json, json'],
  [{ data: { text: percent } }, 'data.text', 'percent'],
  [{ data: { text: nickNameInBase64 } }, 'data.text', 'base64'],
  [{ data: { bytes: bytes(avatar).buffer } }, 'data.bytes', 'plain'],
  [{ data: bytes(avatar) }, 'data', 'plain'],
  [{ url: `?n=${percent}` }, 'url', 'percent'],
  [{ headers: { 'x-user': encodeURIComponent(avatar) } }, 'headers.x-user', 'percent'],
];

/** JSON as written by servers and tools that emit only ASCII. */
function inAscii(json) {
  return json.replace(/[^ -~]/g, (unit) => `\\u${`000${unit.charCodeAt(0).toString(16)}`.slice(-4)}`);
}

function bytes(ascii) {
  return Uint8Array.from(Array.from(ascii, (character) => character.charCodeAt(0)));
}

/** Shows the values through the documented way out. With only the old call, a plain tap asks. */
async function learn({ my, tap }, auth) {
  const info = await auth.getAuthUserInfo(await tap(my.getOpenUserInfo ? 'authorise' : undefined), { purpose });
  let shown;
  info.renderTo((values) => {
    shown = values;
  });
  return { info, shown };
}

exports.display = [
  {
    name: 'display information is shown, and cannot leave',
    apis: ['current', 'legacy'],
    panels: 1,
    async run(app) {
      const { open, server, calls, same, rejects } = app;
      const auth = open();
      const { info, shown } = await learn(app, auth);
      same([shown.nickName, shown.avatar], [nickName, avatar]);
      const data = {};
      info.renderTo({ setData: (set) => Object.assign(data, set) }, 'display');
      same(data.display.nickName, nickName);
      same([JSON.stringify({ info }), `${info}`], ['{"info":"[miniauth: display only]"}', '[miniauth: display only]']);
      const before = calls.requests().length;
      for (const [options, where, encoding] of LEAKS.concat([[{ data: { info } }, 'data.info', 'plain']])) {
        const request = Object.assign({ method: 'POST', session: 'none' }, options, { url: `${server}/save${options.url || ''}` });
        const error = await rejects(auth.httpRequest(request), 'display_only_forwarded');
        same([error.where, error.encoding], [where, encoding]);
        same(error.message.includes(nickName), false, 'the message holds no nickname');
      }
      same(calls.requests().length, before, 'nothing was sent');
    },
  },
  {
    name: 'what the user typed may equal the nickname where it is declared',
    panels: 1,
    async run(app) {
      const { open, races, calls, decisions, same, rejects } = app;
      const auth = open();
      await learn(app, auth);
      const request = { url: `${races}/echo`, method: 'POST', session: 'none', data: { receiver: nickName } };
      await rejects(auth.httpRequest(request), 'display_only_forwarded');
      await auth.httpRequest(Object.assign({ typed: ['data.receiver'] }, request));
      same(calls.requests().pop().data.receiver, nickName);
      same(decisions.pop().where, 'data.receiver', 'recorded as a decision');
    },
  },
  {
    name: 'one snapshot is checked and sent: getters and later changes do not slip past',
    panels: 1,
    async run(app) {
      const { open, races, calls, same } = app;
      const auth = open();
      await learn(app, auth);
      let reads = 0;
      const data = {
        get who() {
          reads += 1;
          return reads === 1 ? 'nobody' : nickName;
        },
        list: ['nobody'],
      };
      const sending = auth.httpRequest({ url: `${races}/echo`, method: 'POST', session: 'none', data });
      data.list[0] = nickName;
      await sending;
      same(reads, 1, 'reads of a getter');
      same(calls.requests().pop().data, { who: 'nobody', list: ['nobody'] });
    },
  },
  {
    name: "guard() stands in front of the platform's own calls, and names what it cannot cover",
    panels: 1,
    async run(app) {
      const { my, host, open, server, races, calls, call, same } = app;
      const auth = open();
      const { covered, watched, uncovered } = await auth.guard();
      same(
        watched,
        ['getOpenUserInfo', 'getAuthUserInfo'].filter((name) => my[name]),
        'watched',
      );
      const transports = [
        'SocketTask.close',
        'SocketTask.send',
        'closeSocket',
        'connectSocket',
        'httpRequest',
        'request',
        'sendSocketMessage',
      ];
      const files = ['FileSystemManager.appendFile', 'FileSystemManager.writeFile'];
      const filesAtOnce = files.map((name) => `${name}Sync`);
      const others = [
        'WebViewContext.postMessage',
        'navigateBackMiniProgram',
        'navigateToMiniProgram',
        'setClipboard',
        'setStorage',
        'setStorageSync',
        'uploadFile',
      ];
      const expected = transports
        .concat(others, files, filesAtOnce)
        .filter((name) => name !== 'request' || my.request)
        .sort();
      const atOnce = host === 'worker' ? ['setStorageSync'].concat(filesAtOnce) : [];
      same(
        covered.slice().sort(),
        expected.filter((name) => !atOnce.includes(name)),
        'covered',
      );
      // No platform allows guarding a page's own function, or a Worker's messages; a download may be the avatar itself.
      const listed = ['Page.onShareAppMessage', 'downloadFile'].concat(my.createWorker ? ['Worker.postMessage'] : []);
      same(uncovered.map(({ name }) => name).sort(), listed.concat(atOnce).sort(), 'uncovered');
      await learn(app, auth);
      const before = calls.requests().length;
      for (const name of ['request', 'httpRequest']) {
        const { value: refused } = await call(name, { url: `${races}/echo`, method: 'POST', data: { deep: [nickName] } });
        same([refused.code, refused.where], ['display_only_forwarded', `${name}.data.deep[0]`]);
      }
      same((await call('setStorage', { key: 'user', data: avatar })).value.code, 'display_only_forwarded');
      same([calls.requests().length, calls.count('setStorage')], [before, 0], 'nothing went out');
      if (host !== 'worker') {
        let thrown = {};
        try {
          my.setStorageSync({ key: 'user', data: { nickName } });
        } catch (error) {
          thrown = error;
        }
        same([thrown.code, thrown.where], ['display_only_forwarded', 'setStorageSync.data.nickName']);
      }
      same((await call('request', { url: `${races}/echo`, method: 'POST', data: { cart: [1] } })).outcome, 'success');
      same((await auth.httpRequest({ url: `${server}/session` })).status, 200, 'our own requests pass');
    },
  },
  {
    name: "guard({ whenUnsure: 'refuse' }): what cannot be checked is refused as soon as display information is known",
    hosts: ['worker'],
    panels: 1,
    async run(app) {
      const { my, open, calls, same } = app;
      const auth = open();
      const { covered, uncovered } = await auth.guard({ whenUnsure: 'refuse' });
      same([covered.includes('setStorageSync'), uncovered.some(({ name }) => name === 'setStorageSync')], [true, false]);
      my.setStorageSync({ key: 'cart', data: [1] });
      await learn(app, auth);
      let thrown = {};
      try {
        my.setStorageSync({ key: 'cart', data: [2] });
      } catch (error) {
        thrown = error;
      }
      same(thrown.code, 'display_only_unchecked');
      same(/my\.setStorage\./.test(thrown.advice.en), true, 'what to call instead');
      same(calls.count('setStorageSync'), 1);
      await auth.login();
      same(calls.count('setStorageSync'), 2, 'our own session is still stored');
    },
  },
  {
    name: 'guard() also learns what page code gets by calling the platform itself',
    panels: 1,
    async run(app) {
      const { my, open, tap, races, call, same } = app;
      const auth = open();
      await auth.guard();
      const send = async () => (await call('request', { url: `${races}/echo`, method: 'POST', data: { nickName } })).outcome;
      same(await send(), 'success', 'nobody knows it yet');
      await tap('authorise');
      const asked = [];
      my.getOpenUserInfo({
        success: ({ response }) => asked.push(JSON.parse(response).response.nickName),
        complete: () => asked.push('complete'),
      });
      await app.until(() => asked.length === 2);
      same(asked, [nickName, 'complete'], 'page code has its answer');
      same(await send(), 'fail');
    },
  },
  {
    name: 'what one client knows of the user is known to the other',
    panels: 1,
    async run(app) {
      const { open, races, rejects } = app;
      await learn(app, open());
      const other = open(`${races}/all/somebody`);
      const request = { url: `${races}/echo`, method: 'POST', session: 'none', data: { nickName } };
      await rejects(other.httpRequest(request), 'display_only_forwarded');
    },
  },
];
