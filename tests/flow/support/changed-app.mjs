import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Enables the platform's privacy check for an app. @param {string} appDir */
export async function checkPrivacy(appDir) {
  const file = join(appDir, 'app.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, usePrivacyCheck: true }));
}

/** The same shop with a shorter panel time-out, so nobody waits two minutes. @param {string} appDir */
export async function losePatience(appDir) {
  const file = join(appDir, 'auth.js');
  const text = await readFile(file, 'utf8');
  const impatient = text.replace('server: SERVER,', 'server: SERVER,\n  panelTimeout: 3000,');
  assert.notEqual(impatient, text);
  await writeFile(file, impatient);
}
