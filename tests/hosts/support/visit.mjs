import path from 'node:path';
import { platform as facts } from '../../../platform/index.mjs';
import { DrivenClock } from '../../bare/support/clock.mjs';
import { HOSTS, bareEngine } from '../../bare/support/engine.mjs';
import { Platform } from '../../bare/support/platform.mjs';
import { REAL_ENGINES, REAL_HOSTS, runInRealEngine } from '../../bare/support/real/engines.mjs';
import { createUser } from '../../bare/support/world.mjs';
import { BEHAVIOURS, RACES, avatar, mobile, nickName } from './list.mjs';

/**
 * Runs one behaviour in one engine, under one profile: a fresh user, a fresh phone, and waits that take time only while nothing
 * else happens.
 *
 * @param {object} where
 * @param {string} where.engine
 * @param {'current' | 'legacy'} where.apis
 * @param {import('../../../platform/reader.mjs').Profile} where.profile
 * @param {string} where.folder the installed package
 * @param {{ sandbox: string, server: string }} where.urls
 * @param {string} where.races the stand-in server's address
 * @param {import('../behaviours/index.js').Behaviour} behaviour
 * @throws if the behaviour fails
 */
export async function show({ engine, apis, profile, folder, urls, races }, behaviour) {
  const clock = new DrivenClock();
  const user = await createUser(urls, { nick_name: nickName, avatar, mobile: mobile() });
  const platform = new Platform(urls, user.id, apis, { profiles: profile, clock });
  platform.origins[RACES] = races;
  platform.neverAnswers = (url) => url.replace(/^ws/, 'http').startsWith(`${RACES}/slow`);
  for (const phase of ['run', 'again']) {
    if (!behaviour[phase]) continue;
    // Starts the app: its code is loaded anew, on the same phone.
    platform.start();
    await run(behaviour.name, phase, { engine, profile, folder, platform, clock });
  }
  await new Promise((resolve) => void setImmediate(resolve));
  const { untaken, reported } = platform;
  if (reported.length > 0) throw reported[0];
  if (untaken.length > 0) throw new Error(`unhandled rejections of promises that the platform returned: ${untaken.join(', ')}`);
  const expected = panelsOf(behaviour, profile);
  if (platform.panels !== expected) throw new Error(`${platform.panels} consent panels, not ${expected}`);
}

/** The number of consent panels that a behaviour shows: fixed, or given by a row under the profile. */
export function panelsOf({ panels }, profile) {
  return typeof panels === 'number' ? panels : Number(facts.outcome(panels.row, profile));
}

/** The result of each row with outcomes under a profile. @returns {Record<string, string>} */
export function outcomesOf(profile) {
  const rows = [...facts.rows.values()].filter(({ outcomes }) => outcomes);
  return Object.fromEntries(rows.map(({ id }) => [id, facts.outcome(id, profile)]));
}

async function run(name, phase, { engine, profile, folder, platform, clock }) {
  const given = {
    my: { ...platform.my },
    host: HOSTS[engine] ?? REAL_HOSTS[engine],
    outcomes: outcomesOf(profile),
    press: (button) => (button ? platform.press(button) : [platform.event('tap', {})]),
    outside: (change) => changeOutside(platform, change),
  };
  if (REAL_ENGINES.includes(engine)) {
    await runInRealEngine({ engine, folder, clock, platform }, { name, phase, given });
    return;
  }
  const bare = bareEngine(engine, folder, clock);
  const page = (file) => bare.load(path.join(BEHAVIOURS, file));
  const { createAuth } = bare.require();
  const app = page('harness.js').harness({
    ...given,
    createAuth: (options) => createAuth({ ...options, ...bare.options }),
    shown: platform.shown,
  });
  const behaviour = page('index.js').behaviours.find((each) => each.name === name);
  await behaviour[phase](app);
}

/** Does what happens outside page code: the person, the phone, the platform's servers. */
async function changeOutside(platform, { person, panel = 'consent', fault, withdraw, product, inForce, leave }) {
  if (person !== undefined) platform.answers[panel] = person;
  if (fault !== undefined) platform.faults.set(fault);
  if (withdraw) await platform.control(`consent?user=${platform.user}&scope=${withdraw}`, 'DELETE');
  if (product) await platform.control('product', 'PUT', { product, in_force: inForce });
  if (leave) platform.decisions.leavePage();
}
