/** Encodes a slot's name for Vue. The default slot has an empty name. @param {unknown} name */
export function slotName(name) {
  return `s_${[...String(name ?? '')].map((character) => (/[A-Za-z0-9]/.test(character) ? character : `_${character.codePointAt(0)}_`)).join('')}`;
}
