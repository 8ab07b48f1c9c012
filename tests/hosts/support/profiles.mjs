import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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
 * What a browser runs, which takes longer: the default, and a third of the phone's variations that the commit chooses; all of
 * them where much time was given. A variation runs on one host: what a host may change, V8 with four sets of globals has shown.
 *
 * @returns {{ profile: string, hosts?: string[] }[]}
 */
export function chosenForBrowser() {
  // What only the gateway does, no browser can matter for.
  const all = [...new Set(variations())].filter((text) => facts.formatProfile(facts.parseProfile(text), 'simulator') !== '');
  const few = process.env.MINIAUTH_LONG || WANTED !== '' ? all : all.filter((_, index) => index % 3 === commitNumber() % 3);
  return [{ profile: '' }, ...few.map((profile, index) => ({ profile, hosts: [HOSTS[index % HOSTS.length]] }))];
}

/** A number that the present commit gives; 0 outside a repository. */
function commitNumber() {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? Number.parseInt(stdout.slice(0, 8), 16) : 0;
}

/** A fresh gateway, which has room for as many users again, and takes its part of the profile. */
export async function setGateway({ sandbox }, inForce) {
  const profile = facts.formatProfile(inForce, 'sandbox');
  for (const [method, address, body] of [['POST', 'reset'], ['PUT', 'profiles', { profile }]]) {
    const response = await fetch(`${sandbox}/control/${address}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
  }
}
