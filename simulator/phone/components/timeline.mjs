import { nextTick, onUpdated, ref, shallowReactive } from 'vue';
import { entries } from '../timeline.mjs';
import { KINDS } from './entry-words.mjs';
import { template } from './template.mjs';
import { TimelineEntry } from './timeline-entry.mjs';
import { render } from './timeline.html';

/** Within so many pixels of its end, the list follows what is added. */
const NEAR_END = 120;

export const Timeline = template('simulator-timeline', render, {
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
});
