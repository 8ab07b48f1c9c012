import { computed, nextTick, onUpdated, ref, shallowReactive, shallowRef } from 'vue';
import { entries } from '../timeline.mjs';
import { KINDS } from './entry-words.mjs';
import { JsonTree } from './json-tree.mjs';
import { render as renderEntry } from './timeline-entry.html';
import { render } from './timeline.html';

/** The list follows new entries if it is scrolled to within this many pixels of its end. */
const NEAR_END = 120;

const TimelineEntry = {
  name: 'timeline-entry',
  render: renderEntry,
  props: ['entry', 'hidden', 'query'],
  components: { JsonTree },
  setup: (props) => ({
    kind: KINDS[props.entry.kind],
    words: computed(() => KINDS[props.entry.kind].words(props.entry)),
    json: computed(() => JSON.stringify(props.entry)),
    shown: computed(() => !props.hidden.has(props.entry.kind) && found(props.entry, props.query)),
    /** Without the code, which is shown separately. */
    fields: computed(() => ({ ...props.entry, code: undefined })),
    time: new Date(props.entry.at).toLocaleTimeString('zh-CN', { hour12: false }) + `.${String(props.entry.at % 1000).padStart(3, '0')}`,
  }),
};

/** Whether an entry, as displayed or in its fields, contains all words of a search. */
function found(entry, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { title, summary } = KINDS[entry.kind].words(entry);
  const text = `${title} ${summary} ${JSON.stringify(entry)}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export const Timeline = {
  name: 'simulator-timeline',
  render,
  components: { TimelineEntry },
  setup: () => {
    const hidden = shallowReactive(new Set());
    const query = shallowRef('');
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
      query,
      list,
      toggle: (kind) => (hidden.has(kind) ? hidden.delete(kind) : hidden.add(kind)),
      clear: () => entries.splice(0),
    };
  },
};
