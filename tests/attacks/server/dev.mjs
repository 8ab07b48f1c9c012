/** Ctrl-C in a terminal, which signals every program of the group. */

/** When Ctrl-C comes, in milliseconds after the start. */
export const MOMENTS = Array.from({ length: 20 }, (_, at) => at * 150);

export const tried = [
  {
    group: 'Ctrl-C while everything starts',
    what: 'at various moments while `cargo xtask dev` starts',
    count: MOMENTS.length,
    held: 'it ends without further output, and nothing is left running',
    test: 'tests/attacks/server/dev.test.mjs#Ctrl-C at any moment of the start',
  },
];
