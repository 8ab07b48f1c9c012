import { computed } from 'vue';
import { KINDS } from './entry-words.mjs';
import { JsonTree } from './json-tree.mjs';
import { template } from './template.mjs';
import { render } from './timeline-entry.html';

export const TimelineEntry = template('timeline-entry', render, {
  props: ['entry', 'shown'],
  components: { JsonTree },
  setup: (props) => ({
    label: KINDS[props.entry.kind].label,
    words: computed(() => KINDS[props.entry.kind].words(props.entry)),
    json: computed(() => JSON.stringify(props.entry)),
    time:
      new Date(props.entry.at).toLocaleTimeString('zh-CN', { hour12: false }) +
      `.${String(props.entry.at % 1000).padStart(3, '0')}`,
  }),
});
