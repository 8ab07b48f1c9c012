import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as programs from './program.mjs';

/** Debian's nginx lies where a user's path does not lead. */
const env = { PATH: `${process.env.PATH}:/usr/sbin` };

/**
 * Starts the real nginx with a configuration of ours, and waits until it answers.
 *
 * @param {import('node:test').TestContext} t ends it
 * @param {object} what
 * @param {string} what.folder in which it runs
 * @param {string} what.conf the configuration
 * @param {Record<string, string>} what.words what stands there once, and what is to stand there instead: addresses and files
 * @param {() => Promise<unknown>} what.ask asks it something, and fails as long as it does not answer
 */
export async function startNginx(t, { folder, conf, words, ask }) {
  let own = conf;
  for (const [written, real] of Object.entries(words)) {
    const parts = own.split(written);
    assert.equal(parts.length, 2, `${written} stands once`);
    own = parts.join(real);
  }
  // Debian's nginx gives up root's rights, and could then not write below a folder of root alone.
  if (process.getuid() === 0) own = `user root;\n${own}`;
  await writeFile(path.join(folder, 'nginx.conf'), own);
  const command = ['nginx', '-p', folder, '-c', 'nginx.conf'];
  const checked = await programs.run([...command, '-t'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  assert.equal(checked.code, 0, checked.stderr);
  const nginx = programs.start(t, command, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  while (nginx.running) {
    try {
      await ask();
      return nginx;
    } catch {
      await wait(50);
    }
  }
  throw new Error(`nginx ended: ${nginx.log}`);
}
