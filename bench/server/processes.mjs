// Programs that the benchmark starts, and what the kernel says about them.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const READY_WITHIN_MS = 120_000;

/** Linux counts in hundredths of a second for every program. */
const TICKS = 100;

/** With two processors or more, what is measured has one of its own. */
const CAN_PIN = spawnSync('taskset', ['--cpu-list', '1', 'true']).status === 0;
export const MEASURED = '0';
export const OTHERS = '1';

/** Where programs run, in words. */
export const PLACES = CAN_PIN ? 'the server on one processor, load and gateway on another' : 'all on the same processors';

/**
 * Starts a program on its processor.
 *
 * @param {string} processor {@link MEASURED} or {@link OTHERS}
 * @param {string[]} command
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(processor, command, options) {
  const [program, ...args] = CAN_PIN ? ['taskset', '--cpu-list', processor, ...command] : command;
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
}

/** Seconds of processor time of a process and its children, those that have ended too: PostgreSQL has one per connection. */
function processorTime(process) {
  const children = readFileSync(`/proc/${process}/task/${process}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [process, ...children].reduce((sum, id) => sum + ticks(id), 0) / TICKS;
}

function ticks(process) {
  const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1].split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** A server, from its start to its end. */
export class Server {
  #child;
  #exited;
  #log;
  url;
  /** What it printed, its ready line first. */
  lines = [];
  /** From start to ready, in milliseconds. */
  startTime;

  /** Starts it, its log in a file, and waits until it has printed so many lines, the first of which says its address. */
  static async start(processor, command, { env, log, lines = 1 }) {
    const server = new Server();
    server.#log = log;
    const logFile = openSync(log, 'a');
    const begun = performance.now();
    server.#child = start(processor, command, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', logFile],
    });
    closeSync(logFile);
    server.#exited = once(server.#child, 'exit');
    const timer = setTimeout(() => server.#child.kill('SIGKILL'), READY_WITHIN_MS);
    for await (const line of createInterface({ input: server.#child.stdout })) {
      server.lines.push(line);
      if (server.lines.length === lines) break;
    }
    clearTimeout(timer);
    server.startTime = performance.now() - begun;
    [server.url] = /http:\/\/127\.0\.0\.1:\d+/.exec(server.lines[0]) ?? [];
    if (!server.url || server.lines.length < lines) throw new Error(`${command.join(' ')} did not start: ${readFileSync(log, 'utf8').slice(-2000)}`);
    return server;
  }

  /** Processes of databases that work for it. */
  helpers = [];

  /** Seconds of processor time so far, its databases' too. `taskset` becomes the program, and so has the program's id. */
  get cpu() {
    return [this.#child.pid, ...this.helpers].reduce((sum, process) => sum + processorTime(process), 0);
  }

  /** Megabytes of memory that it has of its own now; what it maps of files the system can take back. */
  get memory() {
    const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'));
    return Number(kilobytes) / 1024;
  }

  /** The last warnings and errors of its log. */
  get complaints() {
    return readFileSync(this.#log, 'utf8').split('\n').filter((line) => /WARN|ERROR|"level":[456]0/.test(line)).slice(-5).join('\n');
  }

  async stop() {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#exited;
    clearTimeout(timer);
  }
}
