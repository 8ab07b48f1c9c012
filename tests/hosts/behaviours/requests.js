const AWKWARD = '😀\0\ud800"\\';

exports.requests = [
  {
    name: 'a text comes back as it went, with an emoji, NUL and half a surrogate pair, 1 MiB of it',
    panels: 0,
    async run({ open, races, calls, same }) {
      const text = AWKWARD + '字'.repeat(1024 * 1024);
      const auth = open();
      const { data } = await auth.httpRequest({ url: `${races}/echo`, method: 'POST', data: { text } });
      same(calls.requests().pop().data.text === text, true, 'it reaches the platform\'s call unharmed');
      same(data.text === text, true, 'it comes back unharmed');
    },
  },
  {
    name: 'a text and a buffer as the whole body reach the platform\'s call as they are',
    panels: 0,
    async run({ my, open, races, same }) {
      const sent = [];
      my.request = ({ data, success }) => {
        sent.push(data);
        success({ status: 200, data, headers: {} });
      };
      const auth = open();
      const text = await auth.httpRequest({ url: `${races}/echo`, method: 'POST', data: AWKWARD });
      same([sent[0] === AWKWARD, text.data === AWKWARD], [true, true]);
      const bytes = new Uint8Array([0, 255, 128, 7]);
      const { data } = await auth.httpRequest({ url: `${races}/echo`, method: 'POST', data: bytes.subarray(1) });
      same([sent[1], data].map((buffer) => Array.from(new Uint8Array(buffer))), [[255, 128, 7], [255, 128, 7]]);
    },
  },
  {
    name: 'a status outside 2xx rejects with the answer, the server\'s own code and advice',
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ open, server, same, rejects }) {
      const { response, advice } = await rejects(open().httpRequest({ url: `${server}/member` }), 'http_status');
      same([response.status, response.data.code], [404, 'member_unknown']);
      same([advice.zh, advice.en].every((words) => words.length > 5), true, 'advice');
    },
  },
  {
    name: 'abort() rejects at once, ends the platform\'s own task, and sends nothing that was not sent yet',
    panels: 0,
    async run({ my, open, races, calls, sleep, same, rejects }) {
      let failed;
      const { request } = my;
      my.request = (options) =>
        request(
          Object.assign({}, options, {
            fail: (error) => {
              failed = error;
              options.fail(error);
            },
          }),
        );
      const auth = open();
      const slow = auth.httpRequest({ url: `${races}/slow` });
      while (calls.count('request') === 0) await sleep(5);
      await sleep(50);
      slow.abort();
      await rejects(slow, 'aborted');
      for (let waited = 0; !failed && waited < 100; waited += 1) await sleep(20);
      same(failed && failed.error, 9, 'the platform\'s task');
      const never = auth.httpRequest({ url: `${races}/echo` });
      never.abort();
      await rejects(never, 'aborted');
      await auth.httpRequest({ url: `${races}/echo` });
      same(calls.count('request'), 2);
    },
  },
  {
    name: 'the time-out is kept although the platform ignores it',
    panels: 0,
    async run({ my, open, races, rejects }) {
      const { request } = my;
      my.request = (options) => request(Object.assign({}, options, { timeout: 60000 }));
      await rejects(open().httpRequest({ url: `${races}/slow`, method: 'POST', timeout: 80 }), 'timeout');
    },
  },
  {
    name: 'an idempotent request is sent again when the network fails, twice at most; a POST never',
    panels: 0,
    async run({ my, open, races, calls, decisions, same, rejects }) {
      const { request } = my;
      const auth = open();
      const failing = (times) => {
        let left = times;
        my.request = (options) => {
          left -= 1;
          return request(left >= 0 ? Object.assign({}, options, { url: `${races}/broken` }) : options);
        };
      };
      failing(2);
      same((await auth.httpRequest({ url: `${races}/echo` })).status, 200);
      same([calls.count('request'), decisions.filter(({ outcome }) => outcome === 'retried').length], [3, 2]);
      failing(9);
      await rejects(auth.httpRequest({ url: `${races}/echo`, method: 'PUT', data: {} }), 'network');
      same(calls.count('request'), 6);
      await rejects(auth.httpRequest({ url: `${races}/echo`, method: 'POST', data: {} }), 'network');
      same(calls.count('request'), 7);
    },
  },
];
