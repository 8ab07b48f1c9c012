import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { start } from '../support/program.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Starts `cargo xtask dev` as a terminal does, as the leader of a group of processes; all of them end with the test. */
export function startDev(t, options) {
  return startMarked(t, ['cargo', 'xtask', 'dev', ...options], process.env);
}

/** In the environment of what a test started, and of whatever that starts, in whichever group or session. */
const MARK = 'MINIAUTH_TEST_OF_DEV';
const marks = new Map();

/** Starts a program as the leader of a group, so that its processes are found again. */
export function startMarked(t, command, env) {
  const mark = `${process.pid}.${marks.size}`;
  const program = start(t, command, { cwd: ROOT, env: { ...env, [MARK]: mark }, detached: true });
  marks.set(program, mark);
  return program;
}

/** The processes that still run: the command, and whatever it started. */
export async function processes(program) {
  const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const all = await Promise.all(ids.map(readProcess));
  return all.filter((found) => found !== null && found.mark === marks.get(program) && found.state !== ENDED);
}

/** The state of a process that ended and whose parent did not ask for its exit code yet. */
const ENDED = 'Z';

/** What Linux tells of a process, or null when it is gone by now. */
async function readProcess(id) {
  const [status, environment] = await Promise.all(['stat', 'environ'].map((file) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => null)));
  if (status === null || environment === null) return null;
  const open = status.indexOf('(');
  const end = status.lastIndexOf(')');
  const [state] = status.slice(end + 2).split(' ');
  const [, mark] = new RegExp(`(?:^|\0)${MARK}=([^\0]*)`).exec(environment) ?? [];
  return { id: Number(id), name: status.slice(open + 1, end), state, mark };
}
