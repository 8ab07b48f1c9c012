// Starts the real sandbox and talks to its control interface; runs the program's commands.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { findBinary } from '../support/binary.mjs';
import * as programs from '../support/program.mjs';

export const binary = findBinary();

/** A temporary folder that is removed after the test. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-interoperability-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A test context for a whole file: what is set up with it is cleaned up after all tests. */
export function wholeFile() {
  const cleanUps = [];
  after(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });
  return { after: (cleanUp) => cleanUps.push(cleanUp) };
}

/** Runs a command of the program to its end: exit code, standard output and standard error. */
export function miniauth(args, { input = '', env = {}, cwd } = {}) {
  const options = { input, cwd, env: programs.environment(env) };
  const { status, stdout, stderr, error } = spawnSync(binary, args, options);
  // A program may end without reading its input.
  if (error?.code !== 'EPIPE') assert.ifError(error);
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** Runs a command like `miniauth`, but asynchronously, so that this process can serve it. */
export async function miniauthRunning(args, env) {
  const { code: status, ...streams } = await programs.run([binary, ...args], { env });
  return { status, ...streams };
}

/** Runs a program of this machine that must succeed; returns its standard output as bytes. */
export function run(program, args, input = '') {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: 16 << 20 });
  assert.ifError(error);
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** A running sandbox, with everything that `--print-config` prints. */
export class Sandbox {
  #program;
  config;

  /** Starts a sandbox in the folder, on a free port. */
  static async start(t, folder, args = []) {
    const sandbox = new Sandbox();
    const all = ['sandbox', '--listen', '127.0.0.1:0', '--state-dir', folder, '--print-config', ...args];
    sandbox.#program = await programs.start(t, [binary, ...all]).listening();
    const [description] = await sandbox.#program.line(/^\{.*/);
    sandbox.config = JSON.parse(description);
    return sandbox;
  }

  /** The process, for measuring it. */
  get pid() {
    return this.#program.pid;
  }

  /** Calls the control interface; returns the answer's JSON. */
  async control(method, address, body) {
    const answer = await fetch(`${this.config.control}/${address}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${address}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** An auth code of a user, who gives the consent. */
  async code(user, scope = 'auth_user') {
    await this.control('POST', 'consent', { user, scope, decision: 'accept' });
    const { auth_code: code } = await this.control('POST', 'auth-codes', { user, scopes: [scope] });
    return code;
  }

  /** A built-in user. */
  async user(id) {
    const { users } = await this.control('GET', 'users');
    return users.find((user) => user.id === id);
  }
}
