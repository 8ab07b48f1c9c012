/**
 * Reads the facts about the platform from data that the caller passes: without file access, so the browser can use it too.
 * `index.mjs` reads the files and gives the one instance that Node uses. The fields are described in README.md.
 *
 * @typedef {'documented' | 'typings' | 'observed' | 'conflict' | 'assumed'} Status
 * @typedef {'legacy' | 'current'} Generation
 * @typedef {'any' | 'flag' | string[]} Rule every value, a boolean, or one of the values
 * @typedef {{ means: string, code?: string, text?: string }} CallError `code` is this project's error code
 * @typedef {{ to: string, guard: true | string, only?: string[] }} Outgoing `guard` is true or why it cannot be guarded
 *
 * @typedef {object} Call
 * @property {string} what
 * @property {Generation[]} generations
 * @property {string} [since] base library
 * @property {true} [simulated]
 * @property {true} [display] it answers display information
 * @property {true} [navigates]
 * @property {{ kind: string, asked_by: 'call' | 'button' | 'getAuthCode' }} [consent]
 * @property {Outgoing} [outgoing]
 * @property {{ use: string }} [removed]
 * @property {string} [like] the call whose options, answer and errors it has too
 * @property {Record<string, Rule>} [options]
 * @property {Record<string, any>} [defaults]
 * @property {string[]} [answer] fields of what `success` gets
 * @property {string} [returns] what kind of object the call itself returns
 * @property {Record<string, CallError>} [errors]
 * @property {Record<string, CallError>} [named_errors] errors whose code is a text
 * @property {string} [risk_type] the one value of that field which the call takes
 * @property {string[]} [needs] the fields that the call's `bizContext` must have
 * @property {string[]} [settings]
 * @property {Record<string, number>} [limits]
 * @property {number} [fails] the number with which each call fails, because the simulator's phone lacks what it needs
 * @property {Record<string, [number, number]>} [bit_rates]
 * @property {string} [top] the text in place of an error number on the lowest page
 * @property {string} [not_tab] the text for a page that is not in the tab bar
 * @property {Status} status
 * @property {string[]} source
 *
 * @typedef {object} EventRule
 * @property {string} type
 * @property {boolean} stops
 * @property {boolean} captures
 *
 * @typedef {object} TagRules
 * @property {Record<string, Rule>} attributes
 * @property {Record<string, EventRule>} events by attribute: `onTap`, `catchTap`, ...
 * @property {boolean} children
 * @property {boolean} isPlaceholder whether it is drawn as a box with its name and its attributes
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} what
 * @property {Status} status
 * @property {string[]} source
 * @property {string} conformance
 * @property {string[]} [profiles]
 * @property {Record<string, string>} [outcomes]
 * @property {{ acts: string, answers: Record<string, string> }} [probe] what the probe on a phone can find out
 * @property {string[]} where
 * @property {string[]} tests
 *
 * @typedef {Record<string, string>} Profile a value for every profile's name
 */

/** A profile, a row or an outcome that the room does not know. */
export class PlatformError extends Error {
  constructor(message) {
    super(message);
    this.name = 'PlatformError';
  }
}

/** @param {{ calls: any, components: any, config: any, lifecycle: any, gateway: any, behaviours: any }} data */
export function readPlatform(data) {
  const { calls, components, config, lifecycle, gateway, behaviours } = data;
  /** @type {Map<string, Row>} */
  const rows = new Map(behaviours.rows.map((row) => [row.id, row]));
  /** @type {Record<string, { values: string[], acts_in: string, what: string, zh: string }>} */
  const profiles = behaviours.profiles;
  /** @type {[string, { stops: boolean, captures: boolean, simulated?: true }][]} */
  const prefixes = Object.entries(components.bindings.prefixes);
  const known = Object.entries(profiles)
    .map(([name, { values }]) => `${name}: ${values.join(' | ')}`)
    .join('; ');

  /** @returns {Profile} */
  const defaultProfile = () => Object.fromEntries(Object.entries(profiles).map(([name, { values }]) => [name, values[0]]));

  const reader = {
    calls,
    components,
    config,
    lifecycle,
    gateway,
    profiles,
    rows,

    /** @param {string} name @returns {Call | undefined} */
    call(name) {
      if (!Object.hasOwn(calls.calls, name)) return undefined;
      const own = calls.calls[name];
      if (!own.like) return own;
      const { options, answer, errors, named_errors, limits, defaults, returns } = reader.call(own.like) ?? {};
      return { options, answer, errors, named_errors, limits, returns, ...own, defaults: { ...defaults, ...own.defaults } };
    },

    /**
     * The calls that the simulator offers.
     *
     * @param {Generation} [generation] of any generation without it
     * @returns {string[]}
     */
    simulatedCalls(generation) {
      return Object.keys(calls.calls).filter((name) => {
        const { simulated, generations } = calls.calls[name];
        return simulated === true && (generation === undefined || generations.includes(generation));
      });
    },

    /**
     * What an error number of a call means, or the text that a few calls have instead.
     *
     * @param {string} name @param {number | string} number @returns {CallError | undefined}
     */
    errorOf(name, number) {
      const { errors, named_errors: named } = reader.call(name) ?? {};
      return errors?.[String(number)] ?? named?.[String(number)] ?? calls.errors[String(number)];
    },

    /**
     * What the simulator takes on a tag; `undefined` for a tag that it does not know.
     *
     * @param {string} name @returns {TagRules | undefined}
     */
    tagRules(name) {
      const tag = Object.hasOwn(components.tags, name) ? components.tags[name] : undefined;
      if (!tag?.simulated) return undefined;
      if (tag.only_directives) return { attributes: {}, events: {}, children: true, isPlaceholder: false };
      const { common } = components;
      /** @type {Record<string, EventRule>} */
      const events = {};
      for (const [type, event] of Object.entries({ ...common.events, ...tag.events })) {
        if (!event.simulated) continue;
        for (const [prefix, { stops, captures, simulated }] of prefixes) {
          if (simulated && (event.bubbles || prefix === 'on')) {
            events[`${prefix}${event.attribute}`] = { type, stops, captures };
          }
        }
      }
      return {
        attributes: { ...common.attributes, ...tag.attributes },
        events,
        children: tag.children !== false,
        isPlaceholder: tag.placeholder === true,
      };
    },

    /**
     * Whether the platform has a tag, an attribute of it, or a value of that attribute; what the simulator lacks counts too.
     *
     * @param {string} name @param {string} [attribute] @param {string} [value]
     */
    hasTag(name, attribute, value) {
      const tag = Object.hasOwn(components.tags, name) ? components.tags[name] : undefined;
      if (!tag || attribute === undefined) return tag !== undefined;
      const rules = [components.common.attributes[attribute], tag.attributes?.[attribute], tag.beyond?.[attribute]];
      const found = rules.filter((rule) => rule !== undefined);
      if (value !== undefined) return found.some((rule) => Array.isArray(rule) && rule.includes(value));
      if (found.length > 0) return true;
      const events = Object.values({ ...components.common.events, ...tag.events });
      return events.some((event) => prefixes.some(([prefix]) => `${prefix}${event.attribute}` === attribute));
    },

    defaultProfile,

    /**
     * `close:10,json:strict`; what is not named has its default.
     *
     * @param {string} text @returns {Profile}
     * @throws {PlatformError} which names every profile and its values
     */
    parseProfile(text) {
      const profile = defaultProfile();
      const named = new Set();
      for (const part of text.split(',').map((item) => item.trim())) {
        if (part === '') continue;
        const [name, ...rest] = part.split(':');
        // In an address a plus stands for a space.
        const value = rest.join(':').replace(/ /g, '+');
        if (!Object.hasOwn(profiles, name) || !profiles[name].values.includes(value) || named.has(name)) {
          throw new PlatformError(`"${part}" is not a profile, each named once. Known are ${known}`);
        }
        named.add(name);
        profile[name] = value;
      }
      return profile;
    },

    /**
     * What differs from the default, as `parseProfile` reads it; empty for the default.
     *
     * @param {Profile} profile
     * @param {'simulator' | 'sandbox'} [part] only what acts there
     */
    formatProfile(profile, part) {
      const usual = defaultProfile();
      return Object.keys(usual)
        .filter((name) => profile[name] !== usual[name] && (part === undefined || profiles[name].acts_in === part))
        .map((name) => `${name}:${profile[name]}`)
        .join(',');
    },

    /**
     * How a behaviour ends under a profile: the word that its row gives for the value in force.
     *
     * @param {string} id @param {Profile} profile @returns {string}
     */
    outcome(id, profile) {
      const row = rows.get(id);
      if (!row) throw new PlatformError(`platform/behaviours.json has no row "${id}"`);
      const inForce = Object.entries(row.outcomes ?? {}).filter(([condition]) => {
        const [name, value] = condition.split(':');
        return profile[name] === value;
      });
      if (inForce.length !== 1) throw new PlatformError(`the row "${id}" has ${inForce.length} outcomes in force, not one`);
      return inForce[0][1];
    },
  };

  return reader;
}
