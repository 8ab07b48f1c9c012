import { h } from 'vue';

/** Shows a JSON value as an expandable tree; the outermost level is open. */
export const JsonTree = {
  name: 'json-tree',
  props: ['value'],
  setup: (props) => () =>
    h('div', { class: 'json' }, isBranch(props.value) ? level(props.value) : [h('div', { class: 'json-leaf' }, [leaf(props.value)])]),
};

function level(value) {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => (isBranch(inner) ? branch(name, inner) : h('div', { class: 'json-leaf' }, [h('b', name), leaf(inner)])));
}

function branch(name, value) {
  const size = Object.keys(value).length;
  return h('details', { open: size <= 12 }, [
    h('summary', [h('b', name), h('i', Array.isArray(value) ? `[${size}]` : `{${size}}`)]),
    h('div', { class: 'json-level' }, level(value)),
  ]);
}

function leaf(value) {
  if (typeof value === 'object' && value !== null) return h('span', { class: 'json-null' }, JSON.stringify(value));
  return h(
    'span',
    { class: `json-${value === null ? 'null' : typeof value}` },
    typeof value === 'string' ? JSON.stringify(value) : String(value),
  );
}

function isBranch(value) {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
