import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MILLISECONDS = 50;

/**
 * Repeats a check until it stops throwing; after the time limit, fails with its last error.
 *
 * @template T
 * @param {() => T | Promise<T>} check
 * @param {{ timeoutMilliseconds?: number }} [options]
 * @returns {Promise<T>}
 */
export async function eventually(check, { timeoutMilliseconds = 10_000 } = {}) {
  const deadline = Date.now() + timeoutMilliseconds;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await sleep(INTERVAL_MILLISECONDS);
    }
  }
}
