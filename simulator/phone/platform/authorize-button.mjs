import { record } from '../timeline.mjs';
import { press } from './index.mjs';

/**
 * A press of a button with an `open-type`, after its tap event has been fired.
 *
 * @param {{ openType: string, scope?: string }} button as AXML has it
 * @param {(type: string, detail?: object) => void} fire each event that results, in order
 * @returns {Promise<void>}
 */
export async function pressButton({ openType, scope }, fire) {
  const entry = record('platform-call', { name: `<button open-type="${openType}">`, fields: { scope }, outcome: 'pending' });
  await press({ openType, scope }, (type, detail) => {
    if (entry.outcome === 'pending') Object.assign(entry, { outcome: type === 'error' ? 'fail' : 'success', result: detail ?? {} });
    fire(type, detail);
  });
}
