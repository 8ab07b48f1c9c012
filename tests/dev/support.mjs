import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { start } from '../support/program.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Starts `cargo xtask dev` as a terminal does, as the leader of a process group; all its processes end with the test. */
export function startDev(t, options) {
  return startMarked(t, ['cargo', 'xtask', 'dev', ...options], process.env);
}

/** A variable in the environment of everything a test starts, directly or not, in whichever group or session. */
const MARK = 'MINIAUTH_TEST_OF_DEV';
const marks = new Map();

/** Starts a program as a group leader, so its processes can be found. */
export function startMarked(t, command, env) {
  const mark = `${process.pid}.${marks.size}`;
  const program = start(t, command, { cwd: ROOT, env: { ...env, [MARK]: mark }, detached: true });
  marks.set(program, mark);
  return program;
}

/** Returns the running processes: the command, and everything it started. */
export async function processes(program) {
  const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const all = await Promise.all(ids.map(readProcess));
  return all.filter((found) => found !== null && found.mark === marks.get(program) && found.state !== ENDED);
}

/** The state of a process that has exited but has not been waited for. */
const ENDED = 'Z';

/** Reads a process's data from Linux; null if it no longer exists. */
async function readProcess(id) {
  const [status, environment] = await Promise.all(
    ['stat', 'environ'].map((file) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => null)),
  );
  if (status === null || environment === null) return null;
  const open = status.indexOf('(');
  const end = status.lastIndexOf(')');
  const [state] = status.slice(end + 2).split(' ');
  const [, mark] = new RegExp(`(?:^|\0)${MARK}=([^\0]*)`).exec(environment) ?? [];
  return { id: Number(id), name: status.slice(open + 1, end), state, mark };
}
