/** Attempts to get out of the simulator, and into the sandbox. */

/** The app's own address, which is mapped to a local server. Nothing is mapped to the other server. */
export const APP = 'https://api.shop.example';

/** Addresses that page code requests to reach the other server (`host:port`). */
export const WAYS_OUT = [
  (other) => `${APP}//${other}/control/reset`,
  (other) => `${APP}///${other}/`,
  (other) => `${APP}/\\${other}/`,
  (other) => `${APP}\\\\${other}/`,
  (other) => `${APP}/http://${other}/`,
  (other) => `${APP}/.//${other}/`,
  (other) => `${APP}/..//${other}/`,
  (other) => `${APP}/%2e%2e//${other}/`,
  (other) => `${APP}//user@${other}/`,
  (other) => `${APP}//@${other}/`,
  (other) => `${APP}/%2f%2f${other}/`,
  (other) => `${APP}/%ff//${other}/`,
  (other) => `${APP}/?//${other}/`,
  (other) => `${APP}/#//${other}/`,
  (other) => `${APP}@${other}/`,
  (other) => `${APP}:443@${other}/`,
  (other) => `${APP}\t.${other}/`,
  (other) => `http://${other}/`,
  (other) => `//${other}/`,
  (other) => `http:${other}`,
];

/** Request targets sent to the simulator itself. */
export const TARGETS = [
  (other) => `http://${other}/control/users`,
  (other) => `//${other}/control/users`,
  () => '/__simulator/files/%ff.png',
  () => '/__simulator/modules/%ff.wasm',
  () => '/__simulator/files/..%2f..%2fpackage.json',
  () => '/__simulator/control/../../etc/passwd',
  () => '/%',
  () => '*',
];

/** Headers that a browser sends when another site's page posts without a body. */
export const FOREIGN = [
  { origin: 'https://attacker.example' },
  { origin: 'null' },
  { origin: 'http://127.0.0.1:1' },
  { origin: 'http://localhost.attacker.example' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
];
export const CONTROLS = [
  'POST /control/reset',
  'POST /control/messages/advance',
  'DELETE /control/consent?user=zhang-wei',
  'GET /control/users',
];

export const tried = [
  {
    group: 'ways out of the simulator',
    what: 'addresses in page code whose path, user or spelling points to another server, and request targets that are not a path of the simulator',
    count: WAYS_OUT.length + TARGETS.length,
    held: 'only the mapped server gets requests; no target makes the simulator fail',
    test: 'tests/attacks/server/sandbox.test.mjs#only what is mapped is reached',
  },
  {
    group: 'pages of other sites',
    what: 'posts without a body, and other calls, to the sandbox’s control interface',
    count: FOREIGN.length * CONTROLS.length,
    held: '403, nothing changes',
    test: 'tests/attacks/server/sandbox.test.mjs#pages of other sites cannot steer the sandbox',
  },
];
