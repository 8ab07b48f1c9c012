import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The line that says where the simulator is. */
const READY = /^miniauth is ready: (http:\/\/\S+)$/m;

/** `cargo xtask dev`, as a terminal starts it: as the leader of a process group of its own. */
export class Dev {
  /** @param {string[]} options */
  constructor(options) {
    this.child = spawn('cargo', ['xtask', 'dev', ...options], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.stdout = '';
    this.stderr = '';
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /**
   * @returns {Promise<string>} the simulator's URL, once it serves
   * @throws when the command ends before that
   */
  ready() {
    return new Promise((resolve, reject) => {
      this.child.stdout.on('data', () => {
        const line = READY.exec(this.stdout);
        if (line) resolve(line[1]);
      });
      this.ended.then(({ code }) => reject(new Error(`ended with ${code} before it was ready\n${this.stdout}${this.stderr}`)));
    });
  }

  /** What the terminal's Ctrl-C does: every process of the foreground group gets the signal. */
  interrupt() {
    process.kill(-this.child.pid, 'SIGINT');
  }

  /** Tells the command alone, as a service manager does. */
  terminate() {
    process.kill(this.child.pid, 'SIGTERM');
  }

  /** The processes of the group that still run: the command, and whatever it started. */
  async processes() {
    const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
    const all = await Promise.all(ids.map(readProcess));
    return all.filter((found) => found !== null && found.group === this.child.pid && found.state !== ENDED);
  }

  /** For a test that failed: nothing outlives it. */
  async kill() {
    for (const { id } of await this.processes()) process.kill(id, 'SIGKILL');
    await this.ended;
  }
}

/** The state of a process that ended and whose parent did not ask for its exit code yet. */
const ENDED = 'Z';

/** What Linux tells of a process, or null when it is gone by now. */
async function readProcess(id) {
  const status = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => null);
  if (status === null) return null;
  const open = status.indexOf('(');
  const end = status.lastIndexOf(')');
  const [state, , group] = status.slice(end + 2).split(' ');
  return { id: Number(id), name: status.slice(open + 1, end), state, group: Number(group) };
}

/** @returns {Promise<number>} the first of three neighbouring ports that are free just now */
export async function freePorts() {
  for (;;) {
    const first = await listen(0);
    const { port } = first.address();
    const others = await Promise.allSettled([listen(port + 1), listen(port + 2)]);
    const servers = [first, ...others.filter((other) => other.status === 'fulfilled').map((other) => other.value)];
    await Promise.all(servers.map((server) => close(server)));
    if (servers.length === 3) return port;
  }
}

/**
 * @param {number} port 0 for any
 * @returns {Promise<import('node:net').Server>} a server that holds the port
 */
export async function listen(port) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** @param {import('node:net').Server} server */
export async function close(server) {
  server.close();
  await once(server, 'close');
}

/**
 * @param {number} port
 * @returns {Promise<boolean>} whether somebody listens there
 */
export function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
