/**
 * Determines which styles apply to an element. Without isolation, all do. Isolated styles of a page or component apply where
 * `data-style-owner` names it, and to classes that it passed to a component as external classes, which `data-external` lists.
 *
 * @typedef {object} Writer the page or component in whose AXML an element stands
 * @property {string} route
 * @property {boolean} [isolatesStyle]
 * @property {() => string[]} [externalClasses] names of its external classes
 * @property {(name: string) => unknown} [given] reads a prop
 * @property {Writer} [owner] the page or component that uses it
 */

/**
 * Returns the attributes that bind an element to its owner's styles.
 *
 * @param {Writer} writer
 * @param {unknown} classes from AXML
 * @returns {{ class: string[], 'data-style-owner'?: string, 'data-external'?: string }} in addition to its own classes
 */
export function ownedStyle(writer, classes) {
  const external = givenClasses(writer, classes);
  return {
    class: external.map(({ name }) => name),
    'data-style-owner': writer.isolatesStyle ? writer.route : undefined,
    'data-external': external.map(({ name, by }) => `${by}|${name}`).join(' ') || undefined,
  };
}

/** Returns the classes passed for a component's external classes; the external name is kept too (assumed). */
function givenClasses(writer, classes) {
  const names = writer.externalClasses?.() ?? [];
  const external = namesIn(classes).filter((name) => names.includes(name));
  return external.flatMap((name) =>
    namesIn(writer.given(name)).flatMap((given) => [{ name: given, by: writer.owner.route }, ...givenClasses(writer.owner, given)]),
  );
}

function namesIn(classes) {
  return String(classes ?? '')
    .split(/\s+/)
    .filter(Boolean);
}
