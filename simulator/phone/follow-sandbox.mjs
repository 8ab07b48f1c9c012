import { sandbox } from './api.mjs';
import { record, recordError } from './timeline.mjs';

/** How often the sandbox is polled, in milliseconds. */
const INTERVAL = 300;

/**
 * Records on the timeline what the platform does from now on: the calls that its gateway receives, and the messages that it sends to the
 * app's server.
 * @returns {Promise<void>} once the entries of earlier runs have been skipped
 */
export async function followSandbox() {
  const followed = [await gatewayCalls(), await messages()];
  let reachable = true;
  const poll = async () => {
    try {
      for (const look of followed) await look();
      reachable = true;
    } catch (error) {
      if (reachable) recordError(error, 'sandbox');
      reachable = false;
    }
    setTimeout(poll, INTERVAL);
  };
  setTimeout(poll, INTERVAL);
}

const newest = (list) => list.reduce((highest, { sequence }) => Math.max(highest, sequence), 0);

async function gatewayCalls() {
  let last = newest(await sandbox.callsAfter(0));
  return async () => {
    for (const { at_ms: at, ...received } of await sandbox.callsAfter(last)) {
      record('gateway-call', { at, ...received });
      last = received.sequence;
    }
  };
}

/** Records each delivery as an entry, and a message that is never sent as one. */
async function messages() {
  let settled = newest(await sandbox.messagesAfter(0));
  const told = new Map();
  return async () => {
    const list = await sandbox.messagesAfter(settled);
    for (const { deliveries, at_ms: at, next_at_ms: next, ...message } of list) {
      const known = told.get(message.notify_id) ?? 0;
      const unsent = deliveries.length === 0 && message.state !== 'waiting' && known === 0;
      const entries = unsent ? [{ at_ms: at }] : deliveries.slice(known);
      for (const { at_ms: sent, ...answer } of entries) record('message', { at: sent, ...message, ...answer, next });
      told.set(message.notify_id, known + entries.length);
    }
    const waiting = list.find(({ state }) => state === 'waiting');
    settled = waiting ? waiting.sequence - 1 : Math.max(settled, newest(list));
  };
}
