import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * Sends commands to a Redis, one after another.
 *
 * @param {string} url
 * @param {(string | Buffer)[][]} commands
 * @returns {Promise<string>} the raw answers
 * @throws if it rejects one
 */
export async function redis(url, commands) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  for (const command of [...commands, ['QUIT']]) {
    socket.write(`*${command.length}\r\n`);
    for (const part of command) {
      socket.write(`$${Buffer.byteLength(part)}\r\n`);
      socket.write(part);
      socket.write('\r\n');
    }
  }
  let answers = '';
  for await (const chunk of socket.setEncoding('latin1')) answers += chunk;
  if (/^-/m.test(answers) || !answers.endsWith('+OK\r\n')) throw new Error(`Redis: ${answers}`);
  return answers;
}
