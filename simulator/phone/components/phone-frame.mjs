import { computed } from 'vue';
import { state, topPage } from '../state.mjs';
import { tell } from '../worker-link.mjs';
import { PageView } from './page-view.mjs';
import { Panels } from './panels.mjs';
import { render } from './phone-frame.html';
import { template } from './template.mjs';

const BEFORE_START = { title: '', titleBarColor: '#ffffff', backgroundColor: '#f5f5f5' };

export const PhoneFrame = template('phone-frame', render, {
  components: { PageView, Panels },
  setup: () => {
    const front = computed(topPage);
    const tabs = computed(() => state.project?.manifest.tabs ?? []);
    return {
      state,
      front,
      bar: computed(() => front.value?.window ?? BEFORE_START),
      depth: computed(() => front.value?.depth ?? 0),
      tabs: computed(() => (tabs.value.some(({ route }) => route === front.value?.route) ? tabs.value : [])),
      tabStyle: computed(() => state.project.manifest.tabStyle),
      clock: new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' }),
      place: ({ file, line, column }) => [file, line, column].filter((part) => part !== undefined).join(':'),
      back: () => tell({ type: 'back' }),
      openTab: ({ route }) => route !== front.value.route && tell({ type: 'tab', route }),
      dismissError: () => {
        state.error = null;
      },
    };
  },
});
