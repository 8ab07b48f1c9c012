import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { platform as facts } from '../../../platform/index.mjs';
import { Dice } from '../../bare/support/hostile.mjs';

/** Where the text of `cargo xtask test --profiles` arrives: a seed, or a list of profiles with semicolons between. */
const WANTED = process.env.MINIAUTH_PROFILES ?? '';

const isSeed = /^\d+$/.test(WANTED);

/** From it the combinations are drawn. The commit gives it, so that a run that is repeated draws the same ones. */
export const seed = isSeed ? Number(WANTED) : commitNumber();

const HOSTS = ['wasm', 'plain', 'worker'];

/** The profiles that act in the phone or, beside it, in the gateway. */
const names = Object.keys(facts.profiles);
const readings = (name) => facts.profiles[name].values;

/** Each reading that is not the default, by itself. @returns {string[]} */
function opposites() {
  return names.flatMap((name) =>
    readings(name)
      .slice(1)
      .map((value) => `${name}:${value}`),
  );
}

/** Drawn combinations: a reading for every profile, and each reading in at least one of them. @returns {string[]} */
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

/** What was asked for, or `undefined`. @returns {string[] | undefined} */
const asked = WANTED !== '' && !isSeed ? WANTED.split(';').map((text) => facts.formatProfile(facts.parseProfile(text))) : undefined;

/** Whether everything is shown everywhere; else engines and hosts take turns where another test has shown each of them. */
export const everywhere = Boolean(process.env.MINIAUTH_LONG || asked);

/**
 * What is run beside the default: the drawn combinations, where much time was given also each opposite by itself, or what was asked for.
 *
 * @returns {string[]}
 */
export function variations() {
  return asked ?? (process.env.MINIAUTH_LONG ? [...opposites(), ...drawn()] : drawn());
}

/**
 * What a browser runs, which takes longer: the default, and one drawn combination; where much time was given, all of them. A variation
 * runs on one host: what a host may change, V8 with four sets of globals has shown.
 *
 * @returns {{ profile: string, hosts?: string[] }[]}
 */
export function chosenForBrowser() {
  // What only the gateway does, no browser can matter for.
  const all = variations().filter((text) => facts.formatProfile(facts.parseProfile(text), 'simulator') !== '');
  const few = everywhere ? all : all.slice(0, 1);
  const first = seed % HOSTS.length;
  return [{ profile: '' }, ...few.map((profile, index) => ({ profile, hosts: [HOSTS[(first + index) % HOSTS.length]] }))];
}

/** A number that the present commit gives; 0 outside a repository. */
function commitNumber() {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? Number.parseInt(stdout.slice(0, 7), 16) : 0;
}

/** A fresh gateway, which has room for as many users again, and takes its part of the profile. */
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
