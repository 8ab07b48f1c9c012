import facts from '../../platform/facts.mjs';
import { createMy as createFront, withPromise } from '../../platform/my.mjs';
import { systemInfo } from '../../platform/system-info.mjs';
import { send } from '../channel.mjs';
import { notice, reportError, runPageCode } from '../report.mjs';
import { callHost, note } from './call.mjs';
import { navigationCalls } from './navigation.mjs';
import { onNeedPrivacyAuthorization } from './privacy.mjs';
import { workerStarter } from './worker.mjs';

/** Taken before page code runs, which may put its own in their place. */
const later = self.setTimeout.bind(self);

/**
 * The platform object of the mini-program. The calls that leave page logic are carried out by the host page.
 *
 * @param {object} parts
 * @param {'current' | 'legacy'} parts.generation
 * @param {import('../../../platform/reader.mjs').Profile} parts.profiles
 * @param {import('../../platform/faults.mjs').Faults} parts.faults
 * @param {Record<string, string>} parts.storage JSON texts by key, from an earlier run
 * @param {import('../navigation.mjs').Navigation} parts.navigation
 * @param {string[]} parts.workers the scripts that app.json lists
 */
export function createMy({ generation, profiles, faults, storage, navigation, workers }) {
  const front = {
    facts,
    names: facts.simulatedCalls(generation),
    promises: generation === 'current' && profiles.promise === 'yes',
    profiles,
    call: callHost,
    texts: new Map(Object.entries(storage)),
    keep: (texts) => send({ type: 'storage', texts: Object.fromEntries(texts) }),
    note,
    run: runPageCode,
    report: reportError,
    later: (run) => later(run, 0),
    untaken,
    systemInfo: () => systemInfo(generation),
    onNeedPrivacyAuthorization,
    own: { createWorker: workerStarter(workers, () => faults.strikes('personal-app', 'createWorker')) },
  };
  for (const [name, call] of Object.entries(navigationCalls(navigation))) front.own[name] = withPromise(front, name, call);
  return createFront(front);
}

/** A callback was told as well: then it is worth a notice, and no more. */
function untaken(name, reason, told) {
  if (told) notice(`my.${name} failed; its callback was told, and nobody took the promise that it returned`, '');
  else reportError(Object.assign(new Error(`my.${name} failed, and nobody took the promise that it returned: ${reason?.errorMessage}`), { stack: '' }));
}
