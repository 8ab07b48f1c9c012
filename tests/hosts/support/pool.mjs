import { HOSTS as GLOBALS } from '../../bare/support/engine.mjs';
import { REAL_HOSTS } from '../../bare/support/real/engines.mjs';
import { behaviours } from './list.mjs';
import { show } from './visit.mjs';

const HOSTS = { ...GLOBALS, ...REAL_HOSTS };

/** The number of concurrent visits: while one waits for the server, another computes. */
const SIDE_BY_SIDE = 8;

/**
 * All visits in these engines: every behaviour, in every generation of the platform that it applies to.
 *
 * @param {string[]} engines
 * @returns {{ engine: string, apis: 'current' | 'legacy', behaviour: import('../behaviours/index.js').Behaviour }[]}
 */
export function everything(engines) {
  return engines.flatMap((engine) =>
    behaviours
      .filter(({ hosts = [HOSTS[engine]] }) => hosts.includes(HOSTS[engine]))
      .flatMap((behaviour) => (behaviour.apis ?? ['current']).map((apis) => ({ engine, apis, behaviour }))),
  );
}

/**
 * All visits, each in one of its engines: a higher `turn` selects the next one.
 *
 * @param {string[]} engines
 * @param {number} turn
 */
function eachInOne(engines, turn) {
  const may = new Map();
  for (const visit of everything(engines)) {
    const what = `${visit.apis} ${visit.behaviour.name}`;
    may.set(what, [...(may.get(what) ?? []), visit]);
  }
  return [...may.values()].map((visits, index) => visits[(index + turn) % visits.length]);
}

/**
 * Runs every behaviour in every engine, or in one, by turns. Behaviours that change what all users share run alone, after the others.
 *
 * @param {object} what
 * @param {string[]} what.engines
 * @param {number} [what.inTurn] the number of the turn, if one engine for each is enough
 * @returns {Promise<{ shown: number, failures: string[] }>}
 */
export async function showAll({ engines, inTurn, ...where }) {
  const failures = [];
  const all = inTurn === undefined ? everything(engines) : eachInOne(engines, inTurn);
  const take = async (visits) => {
    for (let visit = visits.shift(); visit; visit = visits.shift()) {
      const { engine, apis, behaviour } = visit;
      await show({ ...where, engine, apis }, behaviour).catch((error) => {
        failures.push(`${engine}, ${apis} calls: ${behaviour.name}: ${error.stack}`);
      });
    }
  };
  const together = all.filter(({ behaviour }) => !behaviour.alone);
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => take(together)));
  await take(all.filter(({ behaviour }) => behaviour.alone));
  return { shown: all.length, failures };
}
