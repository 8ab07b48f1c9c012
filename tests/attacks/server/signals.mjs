/** SIGHUP, which ends a program that does not handle it. */

/** When SIGHUP comes, in milliseconds after the server installed its handler; the test also sends it at once. */
export const MOMENTS = [5, 10, 20, 30, 50, 80, 120, 200];

export const tried = [
  {
    group: 'SIGHUP',
    what: 'at various moments of the start, during a code exchange, and with nothing to reload',
    count: MOMENTS.length + 3,
    held: 'the server continues, and a login in progress succeeds',
    test: 'tests/attacks/server/signals.test.mjs#SIGHUP ends nothing',
  },
];
