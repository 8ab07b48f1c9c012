import { readFileSync } from 'node:fs';
import { readPlatform } from './reader.mjs';

export { PlatformError } from './reader.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));

/** What is known of the platform: see README.md. */
export const platform = readPlatform({
  calls: read('calls'),
  components: read('components'),
  config: read('config'),
  lifecycle: read('lifecycle'),
  gateway: read('gateway'),
  behaviours: read('behaviours'),
});

export const { parseProfile, formatProfile, defaultProfile, outcome, simulatedCalls, errorOf, tagRules, hasTag } = platform;
