// Programs that the benchmark starts, and what the kernel says about them.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Program } from '../../simulator/stack/program.mjs';
import { environment } from '../../tests/support/program.mjs';

/** Linux counts in hundredths of a second for every program. */
const TICKS = 100;

/** With two processors or more, what is measured has one of its own. */
export const CAN_PIN = spawnSync('taskset', ['--cpu-list', '1', 'true']).status === 0;
export const MEASURED = '0';
export const OTHERS = '1';

/** Where programs run, in words. */
export const PLACES = CAN_PIN ? 'the server on one processor, load and gateway on another' : 'all on the same processors';

/** The command that runs a program on a processor, {@link MEASURED} or {@link OTHERS}. */
export const pinned = (processor, command) => (CAN_PIN ? ['taskset', '--cpu-list', processor, ...command] : command);

/** Seconds of processor time of a process and its children, those that have ended too: PostgreSQL has one per connection. */
export function processorTime(process) {
  const children = readFileSync(`/proc/${process}/task/${process}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [process, ...children].reduce((sum, id) => sum + ticks(id), 0) / TICKS;
}

function ticks(process) {
  const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1].split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** A server, from its start to its end. */
export class Server {
  #program;
  #log;
  /** From start to ready, in milliseconds. */
  startTime;

  /** Starts it, its log in a file, and waits until it is ready. */
  static async start(processor, command, { env, log }) {
    const server = new Server();
    server.#log = log;
    const logFile = openSync(log, 'a');
    const begun = performance.now();
    server.#program = new Program(pinned(processor, command), { env: environment(env), stdio: ['ignore', 'pipe', logFile] });
    closeSync(logFile);
    await server.#program.listening().catch((error) => {
      throw new Error(`${error.message}${readFileSync(log, 'utf8').slice(-2000)}`);
    });
    server.startTime = performance.now() - begun;
    return server;
  }

  get url() {
    return this.#program.url;
  }

  /** Waits for a line that it prints. */
  line(pattern) {
    return this.#program.line(pattern);
  }

  /** Processes of databases that work for it. */
  helpers = [];

  /** Seconds of processor time so far, its databases' too. `taskset` becomes the program, and so has the program's id. */
  get cpu() {
    return this.helpers.reduce((sum, process) => sum + processorTime(process), this.alone);
  }

  /** The same without its databases. */
  get alone() {
    return processorTime(this.#program.pid);
  }

  /** Megabytes of memory that it has of its own now; what it maps of files the system can take back. */
  get memory() {
    const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${this.#program.pid}/status`, 'utf8'));
    return Number(kilobytes) / 1024;
  }

  /** The last warnings and errors of its log. */
  get complaints() {
    return readFileSync(this.#log, 'utf8').split('\n').filter((line) => /WARN|ERROR|"level":[456]0/.test(line)).slice(-5).join('\n');
  }

  stop() {
    return this.#program.stop();
  }
}
