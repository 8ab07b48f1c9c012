/**
 * Reloads the page when the mini-program was built anew. The stream names the present build first, so that a restarted
 * simulator with other sources is noticed too.
 * @param {string} present id of the build that this page shows
 */
export function followBuilds(present) {
  const stream = new EventSource('/__simulator/events');
  stream.addEventListener('build', ({ data }) => {
    if (data !== present) location.reload();
  });
}
