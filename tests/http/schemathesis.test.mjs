// Schemathesis from PyPI, in its own virtual environment, checks the server against its own description: the server takes what
// the description allows, refuses what it does not, and answers as described.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../support/program.mjs';
import { postAuth, startBoth } from './support.mjs';

const SCHEMATHESIS = 'schemathesis==4.32.5';

/** How many examples to try for each operation and phase. */
const EXAMPLES = process.env.MINIAUTH_LONG ? '300' : '15';

const SEED = '20250921';

/** Installs the program; if that fails, says why in one line. */
function install(folder) {
  const venv = path.join(folder, 'venv');
  for (const [what, program, args] of [
    ['python3 with venv is needed', 'python3', ['-m', 'venv', venv]],
    [
      `pip cannot install ${SCHEMATHESIS}`,
      path.join(venv, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SCHEMATHESIS],
    ],
  ]) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(status, 0, `${what}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  }
  return path.join(venv, 'bin', 'st');
}

/** Runs it against the server; returns exit code and report. */
async function check(program, folder, server, args) {
  const all = [
    ['--config-file', path.join(import.meta.dirname, 'schemathesis.toml')],
    ['run', `${server.url}/openapi.json`, '--url', server.url],
    ['--seed', SEED, '--max-examples', EXAMPLES, '--phases', 'examples,coverage,fuzzing', '--no-color'],
    args,
  ].flat();
  // Runs in the test's folder, where it stores what it learns.
  const { code, stdout, stderr } = await run([program, ...all], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  return { code, report: stdout + stderr };
}

test('the server does what its OpenAPI document says, with and without a session', async (t) => {
  const limits = { MINIAUTH_REQUESTS_PER_MINUTE_PER_ADDRESS: '0', MINIAUTH_REQUESTS_PER_MINUTE_PER_SESSION: '0' };
  const { folder, server, control } = await startBoth(t, limits);
  const program = install(folder);
  const authcode = await control.authCode('zhang-wei', 'auth_user');
  const { session } = (await postAuth(server, { authcode, scope: 'auth_user' })).body;
  const withSession = ['--header', `Authorization: Bearer ${session}`];
  // These two would end the session for the operations after them.
  const living = ['--exclude-operation-id', 'logOut', '--exclude-operation-id', 'eraseMember'];
  // It expects 401 for a malformed bearer, but RFC 6750 says 400.
  const known = [...withSession, ...living, '--exclude-checks', 'ignored_auth'];
  // A stranger's made-up bearer fits its schema, which cannot say which bearers are valid.
  const stranger = ['--exclude-checks', 'positive_data_acceptance'];
  for (const args of [stranger, known]) {
    const { code, report } = await check(program, folder, server, args);
    assert.equal(code, 0, report);
    t.diagnostic(/\d+ generated.*/.exec(report)?.[0] ?? report.trim().split('\n').at(-1));
  }
});
