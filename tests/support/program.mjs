// Starts programs and waits until they are ready.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const READY_WITHIN_MS = 60_000;

/** An environment without any MINIAUTH_ variable but the given ones. */
export function environment(variables = {}) {
  return { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
}

/** A started program: what it printed, and ways to end it. It does not outlive its test. */
export class Program {
  #child;
  #exited;
  /** What it wrote to standard error. */
  log = '';
  /** What it wrote to standard output until it was ready. */
  lines = [];

  /** Starts a program and waits until it has printed so many lines. */
  static async start(t, [file, ...args], { cwd, env, lines = 1 } = {}) {
    const program = new Program();
    const child = spawn(file, args, { cwd, env: environment(env) });
    program.#child = child;
    program.#exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    t.after(() => program.kill());
    child.stderr.setEncoding('utf8').on('data', (text) => {
      program.log += text;
    });
    let timer;
    const late = new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${file} ${args[0]} is not ready: ${program.log}`)), READY_WITHIN_MS);
    });
    const ended = program.#exited.then(({ code }) => assert.fail(`${file} ${args[0]} ended with ${code}: ${program.log}`));
    await Promise.race([program.#read(lines), ended, late]).finally(() => clearTimeout(timer));
    return program;
  }

  #read(count) {
    return new Promise((resolve) => {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length === count) {
          resolve();
        }
      });
    });
  }

  /** The address in its first line, `server listening on http://127.0.0.1:4711` say. */
  get url() {
    const [, url] = /^(?:server|sandbox) listening on (https?:\/\/(?:127\.0\.0\.1|0\.0\.0\.0):\d+)$/.exec(this.lines[0]) ?? [];
    assert.ok(url, `not a ready line: ${this.lines[0]}`);
    return url;
  }

  /** Asks the program to end and waits for it; gives its exit code. */
  async stop(signal = 'SIGTERM') {
    this.#child.kill(signal);
    return (await this.#exited).code;
  }

  /** Sends a signal that does not end the program. */
  signal(name) {
    this.#child.kill(name);
  }

  /** Waits until the log has the text. */
  async logs(text) {
    while (!this.log.includes(text)) {
      await once(this.#child.stderr, 'data', { signal: AbortSignal.timeout(READY_WITHIN_MS) });
    }
  }

  /** The process, for measuring it. */
  get pid() {
    return this.#child.pid;
  }

  /** Ends the program at once, as a crash would. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
