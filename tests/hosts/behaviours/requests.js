const AWKWARD = '😀\0\ud800"\\';

exports.requests = [
  {
    name: 'a text comes back as it went, with an emoji, NUL and half a surrogate pair, 1 MiB of it',
    panels: 0,
    async run({ open, races, calls, same }) {
      const text = AWKWARD + '字'.repeat(1024 * 1024);
      const auth = open();
      const { data } = await auth.httpRequest({ url: `${races}/echo`, method: 'POST', data: { text } });
      same(calls.requests().pop().data.text === text, true, "it reaches the platform's call unharmed");
      same(data.text === text, true, 'it comes back unharmed');
    },
  },
  {
    name: "a text and a buffer as the whole body reach the platform's call as they are",
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
      same(
        [sent[1], data].map((buffer) => Array.from(new Uint8Array(buffer))),
        [
          [255, 128, 7],
          [255, 128, 7],
        ],
      );
    },
  },
  {
    name: "a status outside 2xx rejects with the answer, the server's own code and advice",
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ open, server, same, rejects }) {
      const { response, advice } = await rejects(open().httpRequest({ url: `${server}/member` }), 'http_status');
      same([response.status, response.data.code], [404, 'member_unknown']);
      same(
        [advice.zh, advice.en].every((words) => words.length > 5),
        true,
        'advice',
      );
    },
  },
  {
    name: "abort() rejects at once, ends the platform's own task, and sends nothing that was not sent yet",
    panels: 0,
    async run({ my, open, races, calls, sleep, until, same, rejects }) {
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
      await until(() => calls.count('request') > 0);
      await sleep(50);
      slow.abort();
      await rejects(slow, 'aborted');
      await until(() => failed);
      same(failed.error, 9, "the platform's task");
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
      const waits = decisions.filter(({ outcome }) => outcome === 'retried').map(({ reason }) => Number(/(\d+) ms/.exec(reason)[1]));
      const parts = waits.map((wait, index) => wait / (index % 2 === 0 ? 300 : 600));
      same(
        parts.every((part) => part >= 0.5 && part <= 1),
        true,
        `half of the wait to all of it: ${waits}`,
      );
      same(new Set(parts).size > 1, true, `many phones come at many times: ${waits}`);
      await rejects(auth.httpRequest({ url: `${races}/echo`, method: 'POST', data: {} }), 'network');
      same(calls.count('request'), 7);
    },
  },
  {
    name: "a page of a proxy is an answer: its status and its text arrive, for the app's requests and for the client's own",
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ open, races, calls, same, rejects }) {
      const url = `${races}/gateway`;
      const { response } = await rejects(open().httpRequest({ url, session: 'none' }), 'http_status');
      same([response.status, /502 Bad Gateway/.test(response.data)], [502, true]);
      const own = await rejects(open(url).login(), 'http_status');
      same([own.response.status, /502 Bad Gateway/.test(own.response.data)], [502, true]);
      same(
        calls.requests().map(({ dataType }) => dataType),
        ['json', 'text'],
        'what the platform was asked for',
      );
    },
  },
  {
    name: 'an empty answer is a success, and logout resolves',
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ open, races, calls, same }) {
      const auth = open();
      same((await auth.httpRequest({ url: `${races}/nothing`, method: 'DELETE', session: 'none' })).status, 204);
      await auth.login();
      await auth.logout();
      same(calls.requests().pop().method, 'DELETE');
    },
  },
  {
    name: 'what is not JSON is an error that holds the answer, where the platform does not hand it over as text',
    panels: 0,
    async run({ open, races, outcome, same, rejects }) {
      const asked = open().httpRequest({ url: `${races}/echo`, method: 'POST', session: 'none', data: 'not {json}' });
      const text = outcome('request-not-json') === 'text';
      const { status, data } = text ? await asked : (await rejects(asked, 'request_encoding')).response;
      same([status, data], [200, 'not {json}']);
    },
  },
  {
    name: 'a text that was asked for is a text, whatever is in it',
    panels: 0,
    async run({ open, races, same }) {
      const request = { url: `${races}/echo`, method: 'POST', session: 'none', data: '{"a":1}', dataType: 'text' };
      same((await open().httpRequest(request)).data, '{"a":1}');
    },
  },
  {
    name: 'a content type goes out once, whatever its case',
    apis: ['current', 'legacy'],
    panels: 0,
    async run({ open, races, same }) {
      const auth = open();
      const types = async (name, data) => {
        const headers = name && { [name]: 'application/x-www-form-urlencoded' };
        return (await auth.httpRequest({ url: `${races}/types`, method: 'POST', session: 'none', headers, data })).data;
      };
      same(await types('Content-Type', { id: 'tea' }), ['application/x-www-form-urlencoded']);
      same(await types('content-type', { id: 'tea' }), ['application/x-www-form-urlencoded']);
      same(await types(undefined, { id: 'tea' }), ['application/json']);
    },
  },
  {
    name: 'a time-out, a page that is left, a stopped request and a domain that is not listed each have their code',
    panels: 0,
    async run({ open, races, calls, leave, fault, until, same, rejects }) {
      const auth = open();
      const post = (url, timeout) => auth.httpRequest({ url, method: 'POST', session: 'none', timeout });
      await rejects(post(`${races}/slow`, 300), 'timeout');
      const slow = post(`${races}/slow`, 20000);
      await until(() => calls.count('request') === 2);
      const left = rejects(slow, 'page_left');
      await leave();
      await left;
      await fault('throttled');
      const { advice } = await rejects(post(`${races}/echo`), 'address_refused');
      same([/稍后再试/.test(advice.zh), /less often/.test(advice.en)], [true, true]);
      await fault('');
      await rejects(post('https://elsewhere.example/'), 'domain_not_allowed');
    },
  },
  {
    name: "the platform's own time-out arrives as one, also when it calls it undecodable",
    panels: 0,
    async run({ my, open, races, same, rejects }) {
      const { request } = my;
      let failed;
      my.request = (options) =>
        request(
          Object.assign({}, options, {
            timeout: 200,
            fail: (failure) => {
              failed = failure;
              options.fail(failure);
            },
          }),
        );
      await rejects(open().httpRequest({ url: `${races}/slow`, method: 'POST', session: 'none', timeout: 20000 }), 'timeout');
      same([failed.error, failed.status], [14, 13]);
    },
  },
];
