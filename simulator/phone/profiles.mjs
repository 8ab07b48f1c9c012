import facts from '../platform/facts.mjs';
import { sandbox } from './api.mjs';
import { state } from './state.mjs';

/**
 * Puts the profiles in force: those of the page's address, or else those with which the simulator was started. The gateway's
 * part is the sandbox's, for everybody; it stays as it is where the address names no profile.
 *
 * @param {{ profile: string }} project
 * @throws {Error} which lists what is known
 */
export async function chooseProfiles({ profile }) {
  const named = new URLSearchParams(location.search).get('profile');
  state.profiles = facts.parseProfile(named ?? profile);
  if (named !== null) await sandbox.setProfiles(facts.formatProfile(state.profiles, 'sandbox'));
  const gateway = await sandbox.profiles();
  const pairs = `${facts.formatProfile(state.profiles, 'simulator')},${gateway}`.split(',');
  state.differing = pairs.filter(Boolean);
}
