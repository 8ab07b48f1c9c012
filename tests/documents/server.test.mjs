/** Runs the pages about the server, line by line, in a shell. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findBinary } from '../support/binary.mjs';
import { freePorts } from '../support/ports.mjs';
import { run, start } from '../support/program.mjs';
import { blocks, documentText } from './pasted.mjs';

/** The documents' ports: of the server, and of the sandbox. */
const PORTS = ['8701', '8702'];

const SHELL = ['bash', '-euo', 'pipefail', '-c'];

/** A shell in a session of its own, which ends with everything it started; the build has been done. */
function terminal(t, commands, cwd, env) {
  return start(t, [...SHELL, commands.replace(/^cargo build$/m, '')], { cwd, env, detached: true });
}

for (const document of ['docs/server.md', 'docs/server.zh-CN.md']) {
  test(`${document}: the server, by curl`, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-readme-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await mkdir(path.join(folder, 'target', 'debug'), { recursive: true });
    await symlink(path.resolve(findBinary()), path.join(folder, 'target', 'debug', 'miniauth'));

    // Uses other ports than the documents', which may be taken.
    const own = await freePorts(PORTS.length);
    const ports = PORTS.map((_, index) => String(own + index));
    const text = PORTS.reduce(
      (whole, port, index) => whole.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${ports[index]}`),
      await documentText(document),
    );
    const shells = blocks(text)
      .filter(({ language }) => language === 'sh')
      .map(({ code }) => code);
    const [sandbox, server, ...third] = shells;
    assert.match(sandbox, /miniauth sandbox$/m);
    assert.match(server, /miniauth serve$/m);

    const first = terminal(t, sandbox.replace('miniauth sandbox', `miniauth sandbox --listen 127.0.0.1:${ports[1]}`), folder, {});
    await first.line(/^sandbox listening/);
    const second = terminal(t, server, folder, { MINIAUTH_LISTEN: `127.0.0.1:${ports[0]}` });
    await second.line(/^server listening/);

    // For each line with a promised result, asks for its status too.
    const promised = [];
    const lines = third
      .join('')
      .split('\n')
      .map((line) => {
        const [, command, status, code] = /^(curl .*?)\s+# (\d{3}) (\w+)$/.exec(line) ?? [];
        if (!command) return line;
        promised.push([Number(status), code]);
        return `echo; echo "PROMISED $(${command.replace('curl', "curl -s -w '%{http_code}'")})"`;
      });
    const { code, stdout, stderr } = await run([...SHELL, lines.join('\n')], { cwd: folder });
    assert.equal(code, 0, stderr);
    const answers = stdout.split('\n').filter((line) => line.startsWith('PROMISED '));
    assert.ok(promised.length >= 2);
    assert.deepEqual(
      answers.map((line) => [Number(line.slice(-3)), JSON.parse(line.slice('PROMISED '.length, -3)).code]),
      promised,
    );
    assert.match(stdout.split('\n').find((line) => line.includes('"nick_name"')) ?? stdout, /"nick_name":"张伟"/);
  });
}
