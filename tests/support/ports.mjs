import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Below the ports that Linux assigns for port 0 and for outgoing connections (from 32,768). There, another program can take a
 * free port at any moment, and all tests running at the same time ask for some.
 */
const FIRST = 10_000;
const BEHIND_LAST = 32_000;

/**
 * Finds free ports for a program that must know its port before it starts, or keep it across a restart. Everything else listens
 * on port 0.
 *
 * @param {number} [count] how many in a row
 * @returns {Promise<number>} the first of them
 */
export async function freePorts(count = 1) {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * (BEHIND_LAST - FIRST - count));
    const tried = await Promise.allSettled(Array.from({ length: count }, (_, index) => listen(first + index)));
    const servers = tried.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
    await Promise.all(servers.map(close));
    if (servers.length === count) return first;
  }
}

/** @returns {Promise<string>} host and port, on loopback */
export async function freeAddress() {
  return `127.0.0.1:${await freePorts()}`;
}

/**
 * @param {number} port 0 for any
 * @returns {Promise<import('node:net').Server>} a server that holds the port
 */
export async function listen(port) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** @param {import('node:net').Server} server */
export async function close(server) {
  server.close();
  await once(server, 'close');
}

/** @returns {Promise<boolean>} whether anything listens on the port of 127.0.0.1 */
export function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
