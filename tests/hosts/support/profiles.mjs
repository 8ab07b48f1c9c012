import { platform as facts } from '../../../platform/index.mjs';
import { Dice } from '../../bare/support/hostile.mjs';

/** How many combinations of readings are drawn. */
const DRAWN = 3;

/** Where the text of `cargo xtask test --profiles` arrives: a seed, or a list of profiles with semicolons between. */
const WANTED = process.env.MINIAUTH_PROFILES ?? '';

const isSeed = /^\d+$/.test(WANTED);

/** From it the combinations are drawn; it is printed, and given back it draws the same ones. */
export const seed = isSeed ? Number(WANTED) : Math.floor(Math.random() * 2 ** 31);

const HOSTS = ['wasm', 'plain', 'worker'];

/** The profiles that act in the phone or, beside it, in the gateway. */
const names = Object.keys(facts.profiles);
const readings = (name) => facts.profiles[name].values;

/** Each reading that is not the default, by itself. @returns {string[]} */
export function opposites(place) {
  return names
    .filter((name) => facts.profiles[name].acts_in === place)
    .flatMap((name) => readings(name).slice(1).map((value) => `${name}:${value}`));
}

/** Drawn combinations: a reading for every profile. @returns {string[]} */
export function drawn() {
  const dice = new Dice(seed);
  return Array.from({ length: DRAWN }, () => {
    const chosen = Object.fromEntries(names.map((name) => [name, dice.pick(readings(name))]));
    return facts.formatProfile(chosen);
  });
}

/**
 * What is run beside the default: every opposite one at a time and the drawn combinations, or what was asked for.
 *
 * @returns {string[]}
 */
export function variations() {
  if (WANTED !== '' && !isSeed) return WANTED.split(';').map((text) => facts.formatProfile(facts.parseProfile(text)));
  return [...opposites('simulator'), ...opposites('sandbox'), ...drawn()];
}

/**
 * What a browser runs: the default, and where much time was given or profiles were asked for, the phone's variations. They take a
 * browser long, and V8 with four sets of globals shows all of them in every run. A variation runs on one host: what a host may
 * change, those have shown.
 *
 * @returns {{ profile: string, hosts?: string[] }[]}
 */
export function chosenForBrowser() {
  const more = process.env.MINIAUTH_LONG || WANTED !== '' ? [...new Set(variations())] : [];
  return [{ profile: '' }, ...more.map((profile, index) => ({ profile, hosts: [HOSTS[index % HOSTS.length]] }))];
}
