/**
 * A component out of a template that was compiled while bundling.
 *
 * @param {string} name
 * @param {Function} render from the `.html` beside the component
 * @param {{ props?: string[], components?: Record<string, object>, setup?: (props: any) => object }} [parts]
 */
export function template(name, render, { props = [], components = {}, setup = () => ({}) } = {}) {
  return { name, props, components, setup, render };
}
