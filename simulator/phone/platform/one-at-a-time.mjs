let last = Promise.resolve();

/**
 * Shows panels one after the other: the next one waits until the user has answered the one before.
 * @template T
 * @param {() => Promise<T>} show
 * @returns {Promise<T>} the user's answer
 */
export function oneAtATime(show) {
  const answer = last.then(show);
  last = answer;
  return answer;
}
