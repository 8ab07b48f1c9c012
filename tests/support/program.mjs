// Programs that end with their test and run in the test's own environment.

import { Program } from '../../simulator/stack/program.mjs';

/** An environment without any MINIAUTH_ variable but the given ones. */
export function environment(variables = {}) {
  return { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
}

/** Starts a program. */
export function start(t, command, { env, ...options } = {}) {
  const program = new Program(command, { env: environment(env), ...options });
  t.after(() => program.kill());
  return program;
}

/** Runs a program to its end. */
export async function run(command, { env, ...options } = {}) {
  const program = new Program(command, { env: environment(env), ...options });
  const { code } = await program.ended;
  return { code, stdout: program.output, stderr: program.log };
}
