// `miniauth members` and `miniauth sessions`, beside a running server.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { run, settings, startBoth } from './support.mjs';

test('an operator finds a user, exports and erases what is kept, and ends sessions', async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t);
  const env = settings(folder, sandbox);
  const miniauth = async (...args) => {
    const { code, stdout, stderr } = await run(args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    return { code, stdout, stderr };
  };
  const done = async (...args) => {
    const { code, stdout, stderr } = await miniauth(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const logIn = async (user) => {
    const authcode = await control.authCode(user.id, 'auth_user');
    const answer = await fetch(`${server.url}/auth`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ authcode, scope: 'auth_user' }),
    });
    assert.equal(answer.status, 200);
    return answer.json();
  };
  const living = async ({ session }) =>
    (await fetch(`${server.url}/session`, { headers: { authorization: `Bearer ${session}` } })).status === 200;

  const user = await control.newUser();
  const first = await logIn(user);
  const second = await logIn(user);
  const other = await logIn(await control.newUser());

  // Finds the user by subject and by the platform's id, and prints a short summary.
  const userId = first.member.user_id ?? first.member.open_id;
  for (const id of [first.subject, userId]) {
    assert.match(
      await done('members', 'find', id),
      new RegExp(`^${first.subject}  app \\d{16}, since \\S+Z: member, 0 .* 2 active sessions\n$`),
    );
  }
  const unknown = await miniauth('members', 'show', '2088000000000000');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /there is no data about a user with this id/);

  // Exports what a user may ask for, to a file that only its owner can read; never overwrites one.
  const file = path.join(folder, 'export.json');
  await done('members', 'export', first.subject, '--output', file);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const record = JSON.parse(await readFile(file, 'utf8'));
  assert.equal(record.member.nick_name, first.member.nick_name);
  assert.equal(record.sessions.length, 2);
  assert.deepEqual(JSON.parse(await done('members', 'show', first.subject)), record, 'without a phone number the same');
  assert.equal((await miniauth('members', 'export', first.subject, '--output', file)).code, 1);

  // Ends sessions: a dry run, then one, then all.
  const [newest] = JSON.parse(await done('sessions', 'list', first.subject, '--json'));
  assert.match(await done('sessions', 'end', first.subject, '--dry-run'), /^would end sessions: 2\n$/);
  assert.ok((await living(first)) && (await living(second)));
  assert.match((await miniauth('sessions', 'end', first.subject, '--session', 'x')).stderr, /no active session x/);
  assert.match(await done('sessions', 'end', first.subject, '--session', newest.id), /^ended sessions: 1\n$/);
  assert.equal([await living(first), await living(second)].filter(Boolean).length, 1);
  assert.match(await done('sessions', 'end', first.subject), /^ended sessions: 1\n$/);
  assert.ok(!(await living(first)) && !(await living(second)) && (await living(other)));

  // Erases the user, after a dry run; nothing is left in the file and its journal.
  assert.match(await done('members', 'erase', first.subject, '--dry-run'), /^would erase /);
  assert.match(await done('members', 'find', first.subject), /0 active sessions/);
  assert.deepEqual(JSON.parse(await done('members', 'erase', first.subject, '--json')), {
    subject: first.subject,
    dry_run: false,
    erased: true,
  });
  assert.equal((await miniauth('members', 'find', first.subject)).code, 1);
  for (const name of ['miniauth.db', 'miniauth.db-wal']) {
    const bytes = await readFile(path.join(folder, name)).catch(() => Buffer.alloc(0));
    assert.ok(!bytes.includes(userId) && !bytes.includes(first.member.nick_name), name);
  }
  assert.ok(await living(other));
});

test("a phone number is shown masked and exported in clear, which takes the server's key", async (t) => {
  const { folder, sandbox, server, control } = await startBoth(t);
  const env = settings(folder, sandbox);
  const miniauth = (variables, ...args) => run(args, { cwd: folder, env: { ...env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ask = async (url, options = {}, headers = {}) => {
    const answer = await fetch(url, { ...options, headers: { 'content-type': 'application/json', ...headers } });
    assert.ok(answer.ok, `${url}: ${answer.status} ${answer.ok || (await answer.text())}`);
    return answer.json();
  };
  const posted = (body) => ({ method: 'POST', body: JSON.stringify(body) });

  const user = await control.user('zhang-wei');
  const authcode = await control.authCode(user.id);
  const { session, subject } = await ask(`${server.url}/auth`, posted({ authcode }));
  await fetch(`${sandbox.url}/control/consent`, {
    ...posted({ user: user.id, scope: 'phoneNumber', decision: 'accept' }),
    headers: { 'content-type': 'application/json' },
  });
  const { response } = await ask(`${sandbox.url}/control/phone-number?user=${user.id}`);
  const { phone_number: masked } = await ask(`${server.url}/phone`, posted({ response }), { authorization: `Bearer ${session}` });

  const shown = JSON.parse((await miniauth({}, 'members', 'show', subject)).stdout);
  assert.equal(shown.phone.number, masked);
  const { phone } = JSON.parse((await miniauth({}, 'members', 'export', subject)).stdout);
  assert.match(phone.number, /^1\d{10}$/);
  assert.equal(phone.number.replace(/^(\d{3})\d{4}/, '$1****'), masked);

  // With another key the export fails, rather than leaving the number out.
  const other = path.join(folder, 'other.key');
  await writeFile(other, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const { code, stdout, stderr } = await miniauth({ MINIAUTH_KEY_FILE: other }, 'members', 'export', subject);
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, /the phone number cannot be decrypted/);
});
