import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as programs from './program.mjs';

/** Debian's nginx is in a folder that a user's PATH lacks. */
const env = { PATH: `${process.env.PATH}:/usr/sbin` };

/**
 * Starts the real nginx with our configuration, and waits until it answers.
 *
 * @param {import('node:test').TestContext} t stops it at the end
 * @param {object} what
 * @param {string} what.folder its working folder
 * @param {string} what.conf the configuration
 * @param {Record<string, string>} what.words replacements for words that occur once in it: addresses and files
 * @param {() => Promise<unknown>} what.ask sends it a request, and fails until it answers
 */
export async function startNginx(t, { folder, conf, words, ask }) {
  let own = conf;
  for (const [written, real] of Object.entries(words)) {
    const parts = own.split(written);
    assert.equal(parts.length, 2, `${written} stands once`);
    own = parts.join(real);
  }
  // Debian's nginx drops root's rights, and then could not write below a folder that only root may enter.
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
