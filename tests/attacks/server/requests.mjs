/** Requests that an extractor, the router or the parser rejects. */

const BEARER = `Authorization: Bearer ${'x'.repeat(43)}`;
const JSON_TYPE = 'Content-Type: application/json';
const head = (line, ...headers) => [`${line} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');

/** Requests answered with a problem document: the bytes sent, the status and the code. */
export const REFUSED = [
  [head('DELETE /sessions/%ff', BEARER), 401, 'session_unknown'],
  [head('DELETE /sessions/%ff'), 401, 'bearer_missing'],
  [head('DELETE /sessions/%00', BEARER), 401, 'session_unknown'],
  [head('DELETE /sessions/', BEARER), 404, 'not_found'],
  [head('DELETE /sessions/a/b', BEARER), 404, 'not_found'],
  [head(`DELETE /sessions/${'a'.repeat(7_000)}`, BEARER), 401, 'session_unknown'],
  [head('GET /%ff'), 404, 'not_found'],
  [head('GET /apps/%ff/session'), 404, 'not_found'],
  [head('GET //session'), 404, 'not_found'],
  [head('GET /session/../member'), 404, 'not_found'],
  [head('GET /session%2f'), 404, 'not_found'],
  [head('GET http://elsewhere.example/none'), 404, 'not_found'],
  [head('GET http://elsewhere.example/session'), 401, 'bearer_missing'],
  [head('OPTIONS *'), 404, 'not_found'],
  [head('CONNECT elsewhere.example:443'), 404, 'not_found'],
  [head('OPTIONS /auth'), 405, 'method_not_allowed'],
  [head('TRACE /session'), 405, 'method_not_allowed'],
  [head('BREW /healthz'), 405, 'method_not_allowed'],
  [head('GET /session', 'Authorization: Bearer \xff\xfe'), 400, 'bearer_malformed'],
  [head('GET /session', BEARER, BEARER), 400, 'bearer_malformed'],
  [head('GET /session', 'Authorization:'), 400, 'bearer_malformed'],
  [head('POST /auth', 'Content-Length: 0'), 415, 'content_type_unsupported'],
  [head('POST /auth', 'Content-Type: \xff', 'Content-Length: 2') + '{}', 415, 'content_type_unsupported'],
  [head('POST /auth', 'Content-Type: application/json; charset=gbk', 'Content-Length: 2') + '{}', 415, 'content_type_unsupported'],
  [head('POST /auth', 'Content-Type: multipart/form-data', 'Content-Length: 2') + '{}', 415, 'content_type_unsupported'],
  [head('POST /auth', JSON_TYPE, 'Content-Length: 0'), 400, 'body_malformed'],
  [head('POST /auth', JSON_TYPE, 'Content-Length: 2') + '\xff\xfe', 400, 'body_malformed'],
  [head('POST /auth', JSON_TYPE, 'Transfer-Encoding: chunked') + 'zz\r\n', 400, 'body_malformed'],
  [head('POST /auth', JSON_TYPE, `Content-Length: ${2 ** 40}`) + 'a'.repeat(20_000), 413, 'body_too_large'],
  [head('POST /auth', JSON_TYPE, 'Transfer-Encoding: chunked') + `4e20\r\n${'a'.repeat(20_000)}\r\n`, 413, 'body_too_large'],
  [head('POST /auth', JSON_TYPE, 'Content-Length: 100') + '{', 408, 'request_timeout'],
  [head('POST /member/refresh', BEARER, 'Content-Length: 100') + '{', 408, 'request_timeout'],
  [head('POST /platform-messages', 'Content-Length: 3') + 'a=b', 422, 'field_invalid'],
  [head('POST /platform-messages', 'Content-Length: 1') + '\xff', 400, 'body_malformed'],
];

/** The largest head allowed in the test, in bytes; `padded` makes a head of an exact size. */
export const MOST = 12_000;
const padded = (bytes) => {
  const bare = head('GET /healthz', 'X: ');
  return head('GET /healthz', `X: ${'a'.repeat(bytes - bare.length)}`);
};

/** Requests that the HTTP library answers itself, with only a status. */
export const BEFORE_HTTP = [
  ['GET\r\n\r\n', 400],
  ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['POST /auth HTTP/9.9\r\n\r\n', 400],
  [head('GET /ses sion'), 400],
  [head('GET /session', 'no colon'), 400],
  [head('GET /session', 'a: \0'), 400],
  [head('POST /auth', 'Content-Length: 1', 'Content-Length: 2'), 400],
  [head('POST /auth', 'Content-Length: -1'), 400],
  [head('GET /healthz', ...Array.from({ length: 100 }, (_, at) => `x-${at}: a`)), 431],
  [padded(MOST + 1), 431],
  [padded(MOST + 500), 431],
  [padded(2 * MOST), 431],
  [padded(MOST + 1) + head('GET /healthz').repeat(9), 431],
];

/** A request with the largest allowed head. */
export const LARGEST = padded(MOST);

export const tried = [
  {
    group: 'malformed requests',
    what: 'paths, methods, headers and bodies that the server does not accept, and input that is not HTTP or too large',
    count: REFUSED.length + BEFORE_HTTP.length,
    held: 'a problem document with its code, or only a status where the HTTP library refuses; max_header_bytes is exact to the byte',
    test: 'tests/attacks/server/requests.test.mjs#every refusal is a problem document',
  },
];
