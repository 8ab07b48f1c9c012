/** Two clients on one `my`: which one installs the guard, which one learns the nickname, and whether they share one copy of the package. */

const COPIES = {
  'one copy': ['wasm.js', 'wasm.js'],
  'two entries': ['wasm.js', 'plain.js'],
  'two entries, the other way': ['plain.js', 'wasm.js'],
  Workers: ['worker.js', 'worker.js'],
};
const ORDERS = {
  'the first guards, the second learns': ['guard:0', 'learn:1'],
  'the second guards, the first learns': ['guard:1', 'learn:0'],
  'both guard, the first learns': ['guard:0', 'guard:1', 'learn:0'],
  'both guard, the second learns': ['guard:0', 'guard:1', 'learn:1'],
  'the second learns, then both guard': ['learn:1', 'guard:0', 'guard:1'],
  'both guard twice, both learn': ['guard:0', 'guard:1', 'guard:0', 'guard:1', 'learn:0', 'learn:1'],
};

export const CASES = Object.entries(COPIES).flatMap(([copies, entries]) =>
  Object.entries(ORDERS).map(([order, steps]) => ({ name: `${copies}: ${order}`, entries, steps })),
);

export const tried = [
  {
    group: 'two clients on one my',
    what: 'one copy of the package and two copies, in every order of `guard()` and learning the nickname',
    count: CASES.length,
    held: "a call that a client reports as covered refuses what that client knows; the package's own requests pass",
    test: 'tests/attacks/page/clients.test.mjs#two clients on one my: a call that a client reports as covered refuses what that client knows; own requests pass',
  },
];
