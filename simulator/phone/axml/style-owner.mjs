/**
 * Whose styles count for an element. Without isolation, all of them do. The styles of a page or a component that isolates them count where
 * `data-style-owner` names it, and for a class that it gave to a component as an external one, which `data-external` names.
 *
 * @typedef {object} Writer the page or component in whose AXML an element stands
 * @property {string} route
 * @property {boolean} [isolatesStyle]
 * @property {() => string[]} [externalClasses] names of classes that stand for those that its user gives it
 * @property {(name: string) => unknown} [given] what its user gives it
 * @property {Writer} [owner] its user
 */

/**
 * @param {Writer} writer
 * @param {unknown} classes as AXML has them
 * @returns {{ class: string[], 'data-style-owner'?: string, 'data-external'?: string }} what the element has besides
 */
export function ownedStyle(writer, classes) {
  const external = givenClasses(writer, classes);
  return {
    class: external.map(({ name }) => name),
    'data-style-owner': writer.isolatesStyle ? writer.route : undefined,
    'data-external': external.map(({ name, by }) => `${by}|${name}`).join(' ') || undefined,
  };
}

/** What a component's external classes stand for; the class keeps its own name too (assumed). */
function givenClasses(writer, classes) {
  const names = writer.externalClasses?.() ?? [];
  const external = namesIn(classes).filter((name) => names.includes(name));
  return external.flatMap((name) =>
    namesIn(writer.given(name)).flatMap((given) => [{ name: given, by: writer.owner.route }, ...givenClasses(writer.owner, given)]),
  );
}

function namesIn(classes) {
  return String(classes ?? '').split(/\s+/).filter(Boolean);
}
