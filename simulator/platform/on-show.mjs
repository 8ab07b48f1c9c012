/**
 * Whose `onShow` is called when a panel closes: sources differ by year.
 *
 * @param {{ onShow: string }} profiles
 * @returns {('app' | 'page')[]} in this order
 */
export function shownAfterPanel({ onShow }) {
  return onShow === 'none' ? [] : onShow === 'app+page' ? ['app', 'page'] : ['page'];
}
