import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** How long a program may take to become ready, and to exit before it is killed, in milliseconds. */
const READY_LIMIT = 120_000;
const STOP_LIMIT = 10_000;

/** How much of its output an error quotes when it does not become ready, in characters. */
const LAST_WORDS = 4_000;

/** At least this much of each stream is kept, and at most twice as much, in characters: a server may run for days. */
const KEPT = 8_000_000;
const kept = (text) => (text.length > 2 * KEPT ? text.slice(-KEPT) : text);

/** A child process: its output, and ways to stop it. */
export class Program {
  #child;
  #leads;
  #stopping = false;
  /** The end of its standard output and standard error. */
  output = '';
  log = '';
  /** The address that it reported to listen on. */
  url;

  /**
   * @param {string[]} command the program and its arguments
   * @param {import('node:child_process').SpawnOptions & { name?: string, onLine?: (line: string) => void }} [options]
   *   `name` is for errors; `onLine` receives each line of either stream; `detached` makes it a process group leader
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
     * Resolves once it has exited and all its output was read.
     * @type {Promise<{ code: number | null, how: string, asked: boolean }>} `asked`: whether we stopped it
     */
    this.ended = once(this.#child, 'close').then(
      ([code, signal]) => ({ code, how: signal ? `signal ${signal}` : `exit code ${code}`, asked: this.#stopping }),
      (error) => ({ code: null, how: error.message, asked: this.#stopping }),
    );
  }

  /** The complete lines of its standard output. */
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
   * Waits until it reports where it listens, as our servers do.
   *
   * @returns {Promise<this>}
   * @throws as `line` does
   */
  async listening() {
    [, this.url] = await this.line(/^\w+ listening on (https?:\/\/\S+)$/);
    return this;
  }

  /**
   * Waits for a line on its standard output.
   *
   * @param {RegExp} pattern
   * @param {number} [within] time limit in milliseconds
   * @returns {Promise<RegExpExecArray>}
   * @throws an Error with its last output if it exits first or takes too long; it is killed then
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

  /** Waits until its standard error contains the text. */
  async logs(text) {
    while (!this.log.includes(text)) await once(this.#child.stderr, 'data', { signal: AbortSignal.timeout(READY_LIMIT) });
  }

  /** Sends a signal to this process only. */
  signal(name) {
    this.#child.kill(name);
  }

  /** Sends a signal to its whole process group, as a terminal does. */
  signalGroup(name) {
    try {
      process.kill(-this.pid, name);
    } catch (error) {
      // The group has no processes left.
      if (error.code !== 'ESRCH') throw error;
    }
  }

  /** Stops it, kills it if that takes too long, and returns its exit code. */
  async stop(signal = 'SIGTERM') {
    this.#stopping = true;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT);
    const { code } = await this.ended;
    clearTimeout(timer);
    return code;
  }

  /** Closes its standard input, which stops a program that runs until then; returns its exit code. */
  async close() {
    this.#stopping = true;
    this.#child.stdin.end();
    return (await this.ended).code;
  }

  /** Kills it at once, as a crash would, with its process group. */
  async kill() {
    this.#stopping = true;
    if (this.#leads) this.signalGroup('SIGKILL');
    else this.#child.kill('SIGKILL');
    await this.ended;
  }
}
