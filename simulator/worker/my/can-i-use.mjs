import components from '../../../platform/components.json';
import { readPlatform } from '../../../platform/reader.mjs';

const { tagRules } = readPlatform({ components, behaviours: { rows: [], profiles: {} } });

/**
 * `my.canIUse`: 'getAuthCode', 'button.open-type.getAuthorize' and the like.
 * @param {string} name
 * @param {string[]} calls the `my` calls that exist
 */
export function canIUse(name, calls) {
  const [first, second, third] = String(name).split('.');
  if (calls.includes(first))
    {return second === undefined || second === 'return' || second === 'object' || second === 'success';}
  const rules = tagRules(first);
  if (!rules || second === undefined) return Boolean(rules);
  const attribute = rules.attributes[second];
  if (third === undefined) return attribute !== undefined || rules.events[second] !== undefined;
  return Array.isArray(attribute) && attribute.includes(third);
}
