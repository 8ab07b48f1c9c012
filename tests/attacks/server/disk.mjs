/** A full disk. */

export const tried = [
  {
    group: 'a full disk',
    what: 'a disk of 1 MiB that is filled (where the machine allows one to be made), a limit on the size of files, and a log that cannot be written',
    count: 3,
    held: 'no signal ends the server; it is not ready, answers 503 with Retry-After, costs nobody a code, and works again by itself',
    test: 'tests/attacks/server/disk.test.mjs#a full disk',
  },
];
