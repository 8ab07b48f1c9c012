import { send } from './channel.mjs';
import { describe } from './plain.mjs';

/** A `console` whose lines go to the host. A line that starts with `[miniauth]` is a decision of the library. */
export function createConsole() {
  const line =
    (level) =>
    (...values) =>
      send({ type: 'console', level, values: values.map((value) => describe(value)) });
  return { log: line('log'), info: line('info'), warn: line('warn'), error: line('error'), debug: line('debug') };
}
