// Starts the benchmark's programs, and reads their processor time and memory from the kernel.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Program } from '../../simulator/stack/program.mjs';
import { environment } from '../../tests/support/program.mjs';

/** The kernel's unit of processor time: Linux reports hundredths of a second to every program. */
const TICKS = 100;

/** With two processors or more, the measured program has one for itself. */
export const CAN_PIN = spawnSync('taskset', ['--cpu-list', '1', 'true']).status === 0;
export const MEASURED = '0';
export const OTHERS = '1';

/** Describes where programs run. */
export const PLACES = CAN_PIN ? 'the server on one processor, load and gateway on another' : 'all on the same processors';

/** Returns the command that runs a program on a processor, {@link MEASURED} or {@link OTHERS}. */
export const pinned = (processor, command) => (CAN_PIN ? ['taskset', '--cpu-list', processor, ...command] : command);

/** Returns the processor time of a process and its children, with ended ones, in seconds: PostgreSQL has one per connection. */
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
  /** The time from start to ready in milliseconds. */
  startTime;

  /** Starts the server with its log in a file, and waits until it is ready. */
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

  /** The processes of its databases. */
  helpers = [];

  /** Returns the processor time so far in seconds, with its databases'. `taskset` becomes the program, so its process id is the program's. */
  get cpu() {
    return this.helpers.reduce((sum, process) => sum + processorTime(process), this.alone);
  }

  /** Returns the same without its databases. */
  get alone() {
    return processorTime(this.#program.pid);
  }

  /** Returns its private memory in megabytes, without mapped files, which the system can reclaim. */
  get memory() {
    const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${this.#program.pid}/status`, 'utf8'));
    return Number(kilobytes) / 1024;
  }

  /** Returns the last warnings and errors of its log. */
  get complaints() {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => /WARN|ERROR|"level":[456]0/.test(line))
      .slice(-5)
      .join('\n');
  }

  stop() {
    return this.#program.stop();
  }
}
