import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How long a program may take to be ready, and to end before it is killed, in milliseconds. */
const START_LIMIT = 30_000;
const STOP_LIMIT = 5_000;

/** How many of its last lines are told when a program does not start. */
const LAST_LINES = 12;

/** One program of the stack: started until it says that it listens, stopped without leaving anything behind. */
export class Service {
  #child = null;
  #stopping = false;
  #lines = [];

  /**
   * @param {object} options
   * @param {string} options.name how it calls itself in the line that says that it is ready
   * @param {string} options.command
   * @param {string[]} options.args
   * @param {NodeJS.ProcessEnv} options.env
   * @param {(source: string, line: string) => void} options.onLog
   * @param {(end: string) => void} options.onEnd called when it ends although nobody stopped it
   */
  constructor(options) {
    this.options = options;
  }

  get running() {
    return this.#child !== null;
  }

  /**
   * @returns {Promise<string>} the address that it printed
   * @throws an Error with the program's own last words
   */
  async start() {
    const { name, command, args, env } = this.options;
    this.#stopping = false;
    this.#lines = [];
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const ready = new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error(`the ${name} was not ready within ${START_LIMIT / 1000} s`)),
        START_LIMIT,
      );
      const take = (line) => {
        this.#take(line);
        const [, address] = new RegExp(`^${name} listening on (http://\\S+)`).exec(line) ?? [];
        if (address) {
          clearTimeout(limit);
          resolve(address);
        }
      };
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
      child.once('error', (error) => {
        clearTimeout(limit);
        this.#child = null;
        reject(new Error(`the ${name} cannot be run: ${error.message}`));
      });
      child.once('close', (code, signal) => {
        clearTimeout(limit);
        if (this.#child === child) this.#ended(code, signal);
        reject(new Error([`the ${name} did not start (${describeEnd(code, signal)}):`, ...this.#lines].join('\n  ')));
      });
    });
    try {
      return await ready;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop() {
    const child = this.#child;
    if (!child) return;
    this.#stopping = true;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    await closed;
    clearTimeout(limit);
  }

  #take(line) {
    this.#lines.push(line);
    if (this.#lines.length > LAST_LINES) this.#lines.shift();
    this.options.onLog(this.options.name, line);
  }

  #ended(code, signal) {
    this.#child = null;
    if (!this.#stopping) this.options.onEnd(`the ${this.options.name} ended (${describeEnd(code, signal)})`);
  }
}

function describeEnd(code, signal) {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}
