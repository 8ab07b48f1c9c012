/** Reads the simulator's timeline: entries are `{ kind, ... }`, oldest first. */

/** @returns the entries that say a consent panel was opened */
export function panels(entries) {
  return entries.filter(({ kind, panel }) => kind === 'panel' && panel === 'consent');
}

/** @returns the platform's calls of this name */
export function platformCalls(entries, name) {
  return entries.filter((entry) => entry.kind === 'platform-call' && entry.name === name);
}

/** @returns the requests that left the phone, of this path if one is given */
export function requests(entries, path) {
  return entries.filter((entry) => entry.kind === 'request' && (path === undefined || new URL(entry.url).pathname === path));
}
