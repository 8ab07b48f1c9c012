/** A full disk. */

export const tried = [
  {
    group: 'a full disk',
    what: 'a disk of 1 MiB that is filled (where the machine allows creating one), a limit on file sizes, and a log that cannot be written',
    count: 3,
    held: 'no signal ends the server; it is not ready, answers 503 with Retry-After, uses up no code, and recovers by itself',
    test: 'tests/attacks/server/disk.test.mjs#a full disk',
  },
];
