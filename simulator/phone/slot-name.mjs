/** A slot's name as Vue can take it. The default slot is the one without a name. @param {unknown} name */
export function slotName(name) {
  return `s_${[...String(name ?? '')].map((character) => (/[A-Za-z0-9]/.test(character) ? character : `_${character.codePointAt(0)}_`)).join('')}`;
}
