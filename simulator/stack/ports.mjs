import net from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * Finds out before anything is started whether every port is free.
 * @param {Record<string, number>} ports by who wants it; 0 is always free
 * @throws an Error of one line that says what to do
 */
export async function requireFreePorts(ports) {
  for (const [name, port] of Object.entries(ports)) {
    if (port !== 0 && (await isTaken(port))) {
      throw new Error(
        `port ${port}, meant for the ${name}, is taken: end the program that listens there, ` +
          'or choose other ports with --port N (N, N+1 and N+2 are used)',
      );
    }
  }
}

function isTaken(port) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(true) : reject(error)));
    probe.listen(port, LOOPBACK, () => probe.close(() => resolve(false)));
  });
}
