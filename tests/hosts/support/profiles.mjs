import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { platform as facts } from '../../../platform/index.mjs';
import { Dice } from '../../bare/support/hostile.mjs';

/** The argument of `cargo xtask test --profiles`: a seed, or a list of profiles separated by semicolons. */
const WANTED = process.env.MINIAUTH_PROFILES ?? '';

const isSeed = /^\d+$/.test(WANTED);

/** The seed of the combinations. It comes from the commit, so that a repeated run draws the same ones. */
export const seed = isSeed ? Number(WANTED) : commitNumber();

const HOSTS = ['wasm', 'plain', 'worker'];

/** The profiles that act in the phone, or beside it in the gateway. */
const names = Object.keys(facts.profiles);
const readings = (name) => facts.profiles[name].values;

/** Each reading that is not the default, alone. @returns {string[]} */
function opposites() {
  return names.flatMap((name) =>
    readings(name)
      .slice(1)
      .map((value) => `${name}:${value}`),
  );
}

/** Random combinations: each has a reading for every profile, and each reading is in at least one. @returns {string[]} */
function drawn() {
  const dice = new Dice(seed);
  const most = Math.max(...names.map((name) => readings(name).length));
  const orders = names.map((name) => {
    const more = Array.from({ length: most - readings(name).length }, () => dice.pick(readings(name)));
    return shuffled([...readings(name), ...more], dice);
  });
  return Array.from({ length: most }, (_, index) =>
    facts.formatProfile(Object.fromEntries(names.map((name, of) => [name, orders[of][index]]))),
  );
}

/** @template T @param {T[]} list @param {Dice} dice @returns {T[]} */
function shuffled(list, dice) {
  const left = [...list];
  return list.map(() => left.splice(dice.below(left.length), 1)[0]);
}

/** The profiles in the argument, or `undefined`. @returns {string[] | undefined} */
const asked = WANTED !== '' && !isSeed ? WANTED.split(';').map((text) => facts.formatProfile(facts.parseProfile(text))) : undefined;

/** Whether everything runs everywhere. Otherwise engines and hosts take turns if another test has already run each of them. */
export const everywhere = Boolean(process.env.MINIAUTH_LONG || asked);

/**
 * The profiles to run besides the default: those in the argument, or the random combinations and, in long runs, each alternative alone.
 *
 * @returns {string[]}
 */
export function variations() {
  return asked ?? (process.env.MINIAUTH_LONG ? [...opposites(), ...drawn()] : drawn());
}

/**
 * The profiles to run in a browser, which is slower: the default and one random combination, or all in long runs. A variation
 * runs on one host: V8 with four sets of globals has already covered the hosts' differences.
 *
 * @returns {{ profile: string, hosts?: string[] }[]}
 */
export function chosenForBrowser() {
  // A browser makes no difference to what only the gateway does.
  const all = variations().filter((text) => facts.formatProfile(facts.parseProfile(text), 'simulator') !== '');
  const few = everywhere ? all : all.slice(0, 1);
  const first = seed % HOSTS.length;
  return [{ profile: '' }, ...few.map((profile, index) => ({ profile, hosts: [HOSTS[(first + index) % HOSTS.length]] }))];
}

/** A number derived from the current commit; 0 outside a repository. */
function commitNumber() {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? Number.parseInt(stdout.slice(0, 7), 16) : 0;
}

/** Resets the gateway, with room for as many users again, and sets its part of the profile. */
export async function setGateway({ sandbox }, inForce) {
  const profile = facts.formatProfile(inForce, 'sandbox');
  for (const [method, address, body] of [
    ['POST', 'reset'],
    ['PUT', 'profiles', { profile }],
  ]) {
    const response = await fetch(`${sandbox}/control/${address}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
  }
}
