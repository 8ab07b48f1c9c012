/**
 * Timers for the Worker. It is documented to have only messages, so its timers run on the page. The build substitutes these for the
 * engine's.
 */

import { page } from './page.js';

let last = 0;

/** @type {Set<number>} */
const running = new Set();

/**
 * @param {() => void} handler
 * @param {number} millis
 */
function startTimer(handler, millis) {
  last += 1;
  const timer = last;
  running.add(timer);
  page.ask('wait', timer, millis).then(() => {
    if (running.delete(timer)) handler();
  });
  return timer;
}

/** @param {number} timer */
function stopTimer(timer) {
  if (running.delete(timer)) page.tell('stopWaiting', timer);
}

export { startTimer as setTimeout, stopTimer as clearTimeout };
