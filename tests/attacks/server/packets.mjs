/** Packet loss, in the test's own network. */

/** Percentages of TCP packets lost, on every connection: client, gateway, PostgreSQL and Redis. */
export const LOSSES = [5, 20];

/** Stores whose open connections die silently, while new ones get through. */
export const FORGOTTEN = ['redis', 'postgres'];

export const tried = [
  {
    group: 'lost packets (`--long`)',
    what: '5 and 20 % of all TCP packets between clients, server, gateway, PostgreSQL and Redis, by nftables in a network namespace',
    count: LOSSES.length,
    held: 'every login and session check succeeds; no code is exchanged twice',
    test: 'tests/attacks/server/packets.test.mjs#of a hundred packets get lost',
  },
  {
    group: 'firewalls that forget (`--long`)',
    what: 'all packets of the server’s connections to Redis or PostgreSQL are dropped in the same way',
    count: FORGOTTEN.length,
    held: 'the connections are replaced: the service is back within 10 s',
    test: 'tests/attacks/server/packets.test.mjs#the network forgets the connections to',
  },
];
