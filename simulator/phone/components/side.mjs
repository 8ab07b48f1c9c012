import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import { Consents } from './side/consents.mjs';
import { Members } from './side/members.mjs';
import { Network } from './side/network.mjs';
import { PageData } from './side/page-data.mjs';
import { Storage } from './side/storage.mjs';
import { render } from './side.html';
import { Timeline } from './timeline.mjs';

/** The tabs beside the phone. On wide screens the timeline is shown next to them. */
const TABS = [
  { id: 'timeline', zh: '时间线', en: 'timeline' },
  { id: 'network', zh: '网络', en: 'network', component: Network },
  { id: 'page-data', zh: '页面数据', en: 'page data', component: PageData },
  { id: 'storage', zh: '存储', en: 'storage', component: Storage },
  { id: 'consents', zh: '授权与行为', en: 'consents, profiles', component: Consents },
  { id: 'members', zh: '会员', en: 'members', component: Members },
];

/** From this width the timeline has its own column. */
const WIDE = '(width >= 1600px)';
const KEPT = 'side-tab';

export const Side = {
  name: 'simulator-side',
  render,
  components: { Timeline },
  setup() {
    const media = matchMedia(WIDE);
    const wide = ref(media.matches);
    const follow = ({ matches }) => {
      wide.value = matches;
    };
    media.addEventListener('change', follow);
    onBeforeUnmount(() => media.removeEventListener('change', follow));
    const chosen = shallowRef(sessionStorage.getItem(KEPT) ?? 'timeline');
    watch(chosen, (id) => sessionStorage.setItem(KEPT, id));
    const tabs = computed(() => TABS.filter(({ id }) => !wide.value || id !== 'timeline'));
    const tab = computed(() => tabs.value.find(({ id }) => id === chosen.value) ?? tabs.value[0]);
    return {
      tab,
      tabs,
      wide,
      choose: (id) => {
        chosen.value = id;
      },
      /** Keyboard navigation of tabs: the arrow keys move to the next tab and select it. */
      move(event) {
        const at = tabs.value.indexOf(tab.value);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.value.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const { id } = tabs.value[(to + tabs.value.length) % tabs.value.length];
        chosen.value = id;
        event.currentTarget.querySelector(`[data-tab="${id}"]`).focus();
      },
    };
  },
};
