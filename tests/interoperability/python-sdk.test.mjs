// A Python SDK from PyPI against the sandbox, in its own virtual environment.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { Sandbox, miniauth, run, temporaryFolder } from './support.mjs';

const SDK = 'python-alipay-sdk==3.4.0';

/** Installs the SDK, or returns one line that says why it cannot. */
function install(folder) {
  const venv = path.join(folder, 'venv');
  const python = path.join(venv, 'bin', 'python');
  for (const [what, program, args] of [
    ['python3 with venv is needed', 'python3', ['-m', 'venv', venv]],
    [`pip cannot install ${SDK}`, python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', SDK]],
  ]) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(status, 0, `${what}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  }
  return python;
}

test('exchange, refresh and user information in both modes; its signatures equal ours', async (t) => {
  const folder = await temporaryFolder(t);
  const python = install(folder);
  const sandbox = await Sandbox.start(t, path.join(folder, 'sandbox'), ['--profile', 'ids:both']);
  const codes = { keys: await sandbox.code('zhang-wei'), certificates: await sandbox.code('zhang-wei') };
  const parameters = { auth_token: 'a b+c&d=e%20张伟"\\' };
  const request = JSON.stringify({ config: sandbox.config, codes, parameters });
  const answer = JSON.parse(run(python, [path.join(import.meta.dirname, 'python_sdk.py')], request));
  const user = await sandbox.user('zhang-wei');
  for (const mode of ['keys', 'certificates']) {
    const { login, signed } = answer[mode];
    assert.equal(login.tokens.open_id, user.open_id, mode);
    assert.notEqual(login.renewed.access_token, login.tokens.access_token);
    assert.equal(login.member.nick_name, '张伟');
    assert.equal(login.member.avatar, user.avatar);

    const key = path.join(folder, 'sandbox', 'app-private-key.pem');
    const { status, stdout, stderr } = miniauth(['sign', '--private-key', key], {
      input: JSON.stringify(signed.parameters),
    });
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).sign, signed.sign);
  }
});
