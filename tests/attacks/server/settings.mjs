/** Unsafe settings, which the server warns about or refuses. */

export const tried = [
  {
    group: 'keys and databases that others can read',
    what: 'each of the four files, readable or writable by group or others',
    count: 12,
    held: 'a warning at the start that names the file and the command',
    test: 'tests/attacks/server/settings.test.mjs#files that others can read are named',
  },
  {
    group: 'trusted proxies',
    what: 'networks that contain every address, as one network or in parts',
    count: 3,
    held: 'a warning at the start',
    test: 'tests/attacks/server/settings.test.mjs#trusted proxies that contain every address get a warning',
  },
  {
    group: 'key files',
    what: 'endless files, and files of 2 MiB, in place of keys, certificates and settings',
    count: 10,
    held: 'refused at once, with the file’s name',
    test: 'tests/attacks/server/settings.test.mjs#endless files are refused',
  },
  {
    group: 'certificates signed with SHA-1',
    what: 'the platform’s certificate, and the authority between it and its root',
    count: 2,
    held: 'refused; a root’s own signature does not matter',
    test: 'tests/attacks/server/settings.test.mjs#certificates signed with SHA-1 are refused',
  },
  {
    group: 'IPv6 sites',
    what: 'requests from 1,000 networks of one /48, each below its own limit',
    count: 1_000,
    held: 'the site is limited as a whole',
    test: 'crates/server/src/rate.rs#a_site_that_takes_ever_new_networks_is_limited_as_a_whole_and_its_neighbour_is_not',
  },
];
