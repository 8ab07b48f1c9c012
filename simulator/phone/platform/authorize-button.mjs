import { authorizeByButton } from './auth.mjs';

/**
 * What the platform does at a press, after the tap.
 *
 * @param {{ openType: string, scope?: string }} button
 * @param {(type: string, detail?: object) => void} fire
 */
export async function pressButton({ openType }, fire) {
  if (openType !== 'getAuthorize') return;
  try {
    await authorizeByButton();
    fire('getAuthorize');
  } catch (error) {
    fire('error', { type: 'getAuthorize', errorMessage: error.message });
  }
}
