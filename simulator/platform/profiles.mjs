/**
 * Profiles: which of two pictures holds where the sources contradict each other. They are written `name:value,name:value`,
 * everywhere; what is not named has its default, which follows the documents.
 *
 * @typedef {Record<string, { values: string[], default: string, acts_in: string, what: string }>} Definitions
 * @typedef {Record<string, string>} Profiles one value for every name
 */

/**
 * @param {string} text
 * @param {Definitions} definitions
 * @returns {Profiles}
 * @throws {Error} which lists what is known
 */
export function parseProfiles(text, definitions) {
  const profiles = defaultProfiles(definitions);
  for (const pair of text.split(',').map((part) => part.trim()).filter((part) => part !== '')) {
    const [name, value] = pair.split(':');
    if (!Object.hasOwn(definitions, name)) {
      throw new Error(`there is no profile "${name}": ${known(definitions)}`);
    }
    if (!definitions[name].values.includes(value)) {
      throw new Error(`the profile ${name} is ${definitions[name].values.join(' or ')}, not "${value ?? ''}"`);
    }
    profiles[name] = value;
  }
  return profiles;
}

/** @param {Definitions} definitions @returns {Profiles} */
export function defaultProfiles(definitions) {
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, definition.default]));
}

/**
 * What differs from the documents' default.
 *
 * @param {Profiles} profiles
 * @param {Definitions} definitions
 * @returns {string[]} `name:value` each
 */
export function differing(profiles, definitions) {
  return Object.keys(definitions)
    .filter((name) => profiles[name] !== definitions[name].default)
    .map((name) => `${name}:${profiles[name]}`);
}

/**
 * The part that one program acts on, as text for it.
 *
 * @param {Profiles} profiles
 * @param {Definitions} definitions
 * @param {'simulator' | 'sandbox'} place
 */
export function profilesOf(profiles, definitions, place) {
  return differing(profiles, definitions)
    .filter((pair) => definitions[pair.split(':')[0]].acts_in === place)
    .join(',');
}

function known(definitions) {
  return `known are ${Object.entries(definitions).map(([name, { values }]) => `${name}:${values.join('|')}`).join(', ')}`;
}
