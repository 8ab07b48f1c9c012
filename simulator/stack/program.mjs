import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** How long a program may take to be ready, and to end before it is killed, in milliseconds. */
const READY_LIMIT = 120_000;
const STOP_LIMIT = 10_000;

/** How much of what it wrote is told when it does not become ready, in characters. */
const LAST_WORDS = 4_000;

/** How much of each stream is kept at least, and at most twice that, in characters: a server may run for days. */
const KEPT = 8_000_000;
const kept = (text) => (text.length > 2 * KEPT ? text.slice(-KEPT) : text);

/** A program that was started: what it wrote, and ways to end it. */
export class Program {
  #child;
  #leads;
  #stopping = false;
  /** The last of what it wrote to standard output, and to standard error. */
  output = '';
  log = '';
  /** The address at which it said that it listens. */
  url;

  /**
   * @param {string[]} command the program and its arguments
   * @param {import('node:child_process').SpawnOptions & { name?: string, onLine?: (line: string) => void }} [options]
   *   `name` is for errors; `onLine` is called with each line of either stream; `detached` makes it the leader of a group
   */
  constructor([file, ...args], { name = `${path.basename(file)} ${args[0] ?? ''}`, onLine, ...options } = {}) {
    this.name = name;
    this.#leads = options.detached;
    this.#child = spawn(file, args, options);
    const { stdout, stderr } = this.#child;
    stdout.setEncoding('utf8').on('data', (text) => (this.output = kept(this.output + text)));
    stderr?.setEncoding('utf8').on('data', (text) => (this.log = kept(this.log + text)));
    if (onLine) for (const input of [stdout, stderr]) createInterface({ input }).on('line', onLine);
    /**
     * Settles once it has ended and all that it wrote was read.
     * @type {Promise<{ code: number | null, how: string, asked: boolean }>} `asked` is whether we ended it
     */
    this.ended = once(this.#child, 'close').then(
      ([code, signal]) => ({ code, how: signal ? `signal ${signal}` : `exit code ${code}`, asked: this.#stopping }),
      (error) => ({ code: null, how: error.message, asked: this.#stopping }),
    );
  }

  /** The whole lines of its standard output. */
  get lines() {
    return this.output.split('\n').slice(0, -1);
  }

  get pid() {
    return this.#child.pid;
  }

  get running() {
    return this.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Waits until it says where it listens, as our servers do.
   *
   * @returns {Promise<this>}
   * @throws as `line` does
   */
  async listening() {
    [, this.url] = await this.line(/^\w+ listening on (https?:\/\/\S+)$/);
    return this;
  }

  /**
   * Waits for a line of its standard output.
   *
   * @param {RegExp} pattern
   * @param {number} [within] how long that may take, in milliseconds
   * @returns {Promise<RegExpExecArray>}
   * @throws an Error with its last words when it ends before, or takes too long; nothing is left running then
   */
  async line(pattern, within = READY_LIMIT) {
    const { stdout } = this.#child;
    let look;
    let timer;
    const found = new Promise((resolve) => {
      look = () => {
        const match = this.lines.map((line) => pattern.exec(line)).find(Boolean);
        if (match) resolve({ match });
      };
      stdout.on('data', look);
      look();
    });
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ how: `not ready within ${within / 1000} s` }), within);
    });
    const { match, how } = await Promise.race([found, this.ended, late]);
    stdout.off('data', look);
    clearTimeout(timer);
    if (match) return match;
    await this.kill();
    throw new Error(`${this.name} did not start (${how}):\n${(this.output + this.log).slice(-LAST_WORDS)}`);
  }

  /** Waits until its standard error has the text. */
  async logs(text) {
    while (!this.log.includes(text)) await once(this.#child.stderr, 'data', { signal: AbortSignal.timeout(READY_LIMIT) });
  }

  /** Sends a signal to it alone. */
  signal(name) {
    this.#child.kill(name);
  }

  /** Sends a signal to all of the group that it leads, as a terminal does. */
  signalGroup(name) {
    try {
      process.kill(-this.pid, name);
    } catch (error) {
      // Nobody of it is left.
      if (error.code !== 'ESRCH') throw error;
    }
  }

  /** Asks it to end, and kills it when it takes too long; gives its exit code. */
  async stop(signal = 'SIGTERM') {
    this.#stopping = true;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT);
    const { code } = await this.ended;
    clearTimeout(timer);
    return code;
  }

  /** Ends its input, and with it a program that runs as long as it has some; gives its exit code. */
  async close() {
    this.#stopping = true;
    this.#child.stdin.end();
    return (await this.ended).code;
  }

  /** Ends it at once, as a crash would, with the group that it leads. */
  async kill() {
    this.#stopping = true;
    if (this.#leads) this.signalGroup('SIGKILL');
    else this.#child.kill('SIGKILL');
    await this.ended;
  }
}
