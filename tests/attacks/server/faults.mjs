/** What `tests/faults` and the server's own tests try. The figures are those of an ordinary run. */

export const tried = [
  {
    group: 'hostile clients',
    what: 'slow, endless, oversized, malformed and half-open requests, 400 clients at a time in three waves',
    count: 1_200,
    held: 'memory stays bounded; they are disconnected; others are served',
    test: 'tests/faults/hostile.test.mjs#memory stays bounded under',
  },
  {
    group: 'bodies',
    what: 'bodies that are neither JSON nor a form, wrong fields, and display information',
    count: 17,
    held: 'a problem document, and nothing reaches the platform',
    test: 'tests/http/bad-input.test.mjs#each wrong body is a problem',
  },
  {
    group: 'forged answers',
    what: 'answers of the platform with a wrong signature or none, for each call',
    count: 4,
    held: 'refused, nothing stored',
    test: 'crates/server/tests/gateway_faults.rs#an_answer_with_a_wrong_or_no_signature_is_not_data',
  },
  {
    group: 'kills',
    what: 'kill -9 in the middle of logins, at random moments; 200 times with --long',
    count: 20,
    held: 'everything that was answered is stored; no code is exchanged twice',
    test: 'tests/faults/crash.test.mjs#kill -9 during logins',
  },
  {
    group: 'a fleet',
    what: 'one of three instances killed under load, over SQLite and over PostgreSQL',
    count: 2,
    held: 'no client loses its session; no code is exchanged twice',
    test: 'tests/faults/fleet.test.mjs#over PostgreSQL, sessions too',
  },
];
