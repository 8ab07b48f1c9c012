/** Clients that take connections and request slots and never give them back. */

/** Requests that a client repeats without ever reading an answer. */
export const UNREAD = ['GET /openapi.json', 'GET /metrics', 'GET /session', 'HEAD /healthz'];

/** Addresses that send unfinished bodies, and how many each sends: in total more than there are request slots. */
export const ADDRESSES = Array.from({ length: 12 }, (_, at) => `127.0.0.${at + 2}`);
export const UNFINISHED_EACH = 100;

/** How many connections the server allows; one address tries to keep them all. */
export const KEPT = 40;

export const tried = [
  {
    group: 'clients that never read',
    what: 'as many as the server takes connections, which keep requesting a large answer, a small one and none',
    count: UNREAD.length,
    held: 'disconnected after write_timeout_seconds; others are served',
    test: 'tests/attacks/server/connections.test.mjs#clients that never read',
  },
  {
    group: 'unfinished bodies',
    what: 'bodies from 12 addresses that are begun but never finished, more than max_requests_under_way',
    count: ADDRESSES.length * UNFINISHED_EACH,
    held: 'they do not count against max_requests_under_way: no session check is refused',
    test: 'tests/attacks/server/connections.test.mjs#unfinished bodies do not count against the limit of requests',
  },
  {
    group: 'connections that stay open',
    what: 'as many as the server takes, from one address: idle, in use, or as slow as is allowed',
    count: 3 * KEPT,
    held: 'the address gets an eighth of them; further ones are closed and counted; others are served',
    test: 'tests/attacks/server/connections.test.mjs#one address takes no more than its share',
  },
];
