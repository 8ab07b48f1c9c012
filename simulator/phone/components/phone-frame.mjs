import { computed } from 'vue';
import { state, topPage } from '../state.mjs';
import { tell } from '../worker-link.mjs';
import { PageView } from './page-view.mjs';
import { Panels } from './panels.mjs';
import { render } from './phone-frame.html';

const BEFORE_START = { title: '', titleBarColor: '#ffffff', backgroundColor: '#f5f5f5' };

export const PhoneFrame = {
  name: 'phone-frame',
  render,
  components: { PageView, Panels },
  setup: () => {
    const front = computed(topPage);
    const runs = computed(() => front.value !== undefined);
    return {
      state,
      front,
      runs,
      bar: computed(() => front.value?.window ?? BEFORE_START),
      tabs: computed(() => (state.front.tabBar ? state.project.manifest.tabs : [])),
      name: computed(() => state.project?.manifest.pages[0]?.window.title || '小程序'),
      tabStyle: computed(() => state.project.manifest.tabStyle),
      clock: new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' }),
      place: ({ file, line, column }) => [file, line, column].filter((part) => part !== undefined).join(':'),
      back: () => tell({ type: 'back' }),
      tapTitle: () => runs.value && tell({ type: 'title' }),
      openTab: (index) => tell({ type: 'tab', index }),
      /** By the home key, also while a panel is open, or by the mini-program's own ○, which does not end it either. */
      leave: () => runs.value && goTo('background', true),
      enter: () => goTo('foreground', false),
      dismissError: () => {
        state.error = null;
      },
    };
  },
};

function goTo(type, background) {
  state.background = background;
  tell({ type });
}
