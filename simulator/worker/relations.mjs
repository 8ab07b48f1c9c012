import { resolveRoute } from './address.mjs';
import { notice } from './report.mjs';

/** The type on the other side of each relation. */
const COUNTERPARTS = { parent: 'child', child: 'parent', ancestor: 'descendant', descendant: 'ancestor' };

/**
 * Parses a component's `relations`, by the other's path or by a Mixin() that it has.
 *
 * @typedef {{ key: string, type: string, path: string, target?: string, linked?: Function, linkChanged?: Function,
 *   unlinked?: Function }} Relation
 *
 * @param {Record<string, any>} given the option `relations`
 * @param {string} path of the component
 * @returns {Relation[]}
 */
export function readRelations(given, path) {
  return Object.entries(given).map(([key, relation]) => {
    if (!Object.hasOwn(COUNTERPARTS, relation?.type)) {
      notice(`relations["${key}"] of the component ${path}: type is ${Object.keys(COUNTERPARTS).join(', ')}`, '');
    }
    return { ...relation, key, path: resolveRoute(key, path) };
  });
}

/**
 * Links a new component to the components around it, along the event path, if both sides declare it. The outer side is notified first
 * (assumed).
 *
 * @param {import('./component.mjs').OpenComponent} component
 */
export function link(component) {
  const { page, parent } = component;
  for (let around = page.components.get(parent); around; around = page.components.get(around.parent)) {
    for (const type of around.id === parent ? ['parent', 'ancestor'] : ['ancestor']) {
      const outer = relationTo(component, around, COUNTERPARTS[type]);
      const inner = relationTo(around, component, type);
      if (!outer || !inner) continue;
      join(around, outer, component);
      join(component, inner, around);
    }
  }
}

/** Finds the relation of a given type that `holder` declares to another component. */
function relationTo(other, { definition }, type) {
  return definition.relations.find((relation) => relation.type === type && means(relation, other.definition));
}

function means({ target, path }, definition) {
  return target === undefined ? definition.path === path : definition.mixinIds.includes(target);
}

function join(holder, relation, other) {
  holder.links.push({ relation, other });
  if (typeof relation.linked === 'function') holder.run('linked', relation.linked, [other.instance]);
}

/** Tells both sides that a component was moved, the other side first (assumed). @param {import('./component.mjs').OpenComponent} component */
export function tellMoved(component) {
  const others = new Set(component.links.map(({ other }) => other));
  for (const holder of [...others, component]) {
    for (const { relation, other } of holder.links) if (holder === component || other === component) changed(holder, relation, other);
  }
}

function changed(holder, relation, other) {
  if (typeof relation.linkChanged === 'function') holder.run('linkChanged', relation.linkChanged, [other.instance]);
}

/** Unlinks a component that is being removed. @param {import('./component.mjs').OpenComponent} component */
export function unlink(component) {
  for (const { relation, other } of component.links) {
    for (const theirs of other.links.filter((each) => each.other === component)) leave(other, theirs.relation, component);
    other.links = other.links.filter((each) => each.other !== component);
    leave(component, relation, other);
  }
  component.links = [];
}

function leave(holder, relation, other) {
  if (typeof relation.unlinked === 'function') holder.run('unlinked', relation.unlinked, [other.instance]);
}

/** Returns the components of a relation in page order. */
export function relationNodes({ links }, key) {
  return links
    .filter(({ relation }) => relation.key === key)
    .map(({ other }) => other)
    .sort((a, b) => a.position - b.position)
    .map(({ instance }) => instance);
}
