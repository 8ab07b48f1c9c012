import { sandbox } from './api.mjs';
import { record, recordError } from './timeline.mjs';

/** How often the sandbox is asked, in milliseconds. */
const INTERVAL = 300;

/**
 * Puts the calls that the sandbox's gateway receives from now on onto the timeline.
 * @returns {Promise<void>} once the calls of earlier runs are known and passed over
 */
export async function followGatewayCalls() {
  let last = (await sandbox.callsAfter(0)).reduce((highest, { sequence }) => Math.max(highest, sequence), 0);
  let reachable = true;
  const poll = async () => {
    try {
      for (const { at_ms: at, ...call } of await sandbox.callsAfter(last)) {
        record('gateway-call', { at, ...call });
        last = call.sequence;
      }
      reachable = true;
    } catch (error) {
      if (reachable) recordError(error, 'sandbox');
      reachable = false;
    }
    setTimeout(poll, INTERVAL);
  };
  setTimeout(poll, INTERVAL);
}
