import { computed, h, nextTick, onUpdated, ref, shallowReactive } from 'vue';
import { entries } from '../timeline.mjs';
import { KINDS } from './entry-words.mjs';
import { render as renderEntry } from './timeline-entry.html';
import { render } from './timeline.html';

/** Within so many pixels of its end, the list follows what is added. */
const NEAR_END = 120;

/** A JSON value as an expandable tree; the outermost level is open. */
const JsonTree = {
  name: 'json-tree',
  props: ['value'],
  setup: (props) => () => h('div', { class: 'json' }, level(props.value)),
};

const TimelineEntry = {
  name: 'timeline-entry',
  render: renderEntry,
  props: ['entry', 'shown'],
  components: { JsonTree },
  setup: (props) => ({
    label: KINDS[props.entry.kind].label,
    words: computed(() => KINDS[props.entry.kind].words(props.entry)),
    json: computed(() => JSON.stringify(props.entry)),
    /** Without the code, which is shown as such. */
    fields: computed(() => ({ ...props.entry, code: undefined })),
    time:
      new Date(props.entry.at).toLocaleTimeString('zh-CN', { hour12: false }) +
      `.${String(props.entry.at % 1000).padStart(3, '0')}`,
  }),
};

export const Timeline = {
  name: 'simulator-timeline',
  render,
  components: { TimelineEntry },
  setup: () => {
    const hidden = shallowReactive(new Set());
    const list = ref(null);
    onUpdated(() => {
      const element = list.value;
      if (element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END) {
        void nextTick(() => {
          element.scrollTop = element.scrollHeight;
        });
      }
    });
    return {
      entries,
      KINDS,
      hidden,
      list,
      toggle: (kind) => (hidden.has(kind) ? hidden.delete(kind) : hidden.add(kind)),
      clear: () => entries.splice(0),
    };
  },
};

function level(value) {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) =>
      isBranch(inner) ? branch(name, inner) : h('div', { class: 'json-leaf' }, [h('b', name), leaf(inner)]),
    );
}

function branch(name, value) {
  const size = Object.keys(value).length;
  return h('details', { open: size <= 12 }, [
    h('summary', [h('b', name), h('i', Array.isArray(value) ? `[${size}]` : `{${size}}`)]),
    h('div', { class: 'json-level' }, level(value)),
  ]);
}

function leaf(value) {
  return h(
    'span',
    { class: `json-${value === null ? 'null' : typeof value}` },
    typeof value === 'string' ? JSON.stringify(value) : String(value),
  );
}

function isBranch(value) {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
