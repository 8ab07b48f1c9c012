import { randomInt } from 'node:crypto';

/** Returns a generator of numbers from 0 to 1 for a seed (mulberry32), so that a failure can be repeated. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a test's generator and reports its seed; set MINIAUTH_SEED to that to repeat a failure. */
export function numbers(t) {
  const seed = Number(process.env.MINIAUTH_SEED ?? randomInt(2 ** 31));
  t.diagnostic(`MINIAUTH_SEED=${seed}`);
  return seeded(seed);
}
