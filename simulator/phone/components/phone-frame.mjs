import { computed, Fragment, h, onMounted, provide } from 'vue';
import { SETTLING, settling } from '../axml/component.mjs';
import { PAGE } from '../axml/element.mjs';
import { goBack, pullDown } from '../platform/index.mjs';
import { state, topPage } from '../state.mjs';
import { recordError } from '../timeline.mjs';
import { drawnFrom, HELPERS, views } from '../views.mjs';
import { tell } from '../worker-link.mjs';
import { render as renderPanels } from './panels.html';
import { render as renderFrame } from './phone-frame.html';

/** One page of the stack: its compiled view and data. */
const PageView = {
  name: 'page-view',
  props: ['page', 'front'],
  setup(props) {
    const { id, route, data, window: style } = props.page;
    const file = `${route}.axml`;
    const drawn = () =>
      views.has(file) ? views.get(file).render({ ...HELPERS, $: data, $sjs: views.get(file).sjs }, []) : pluginPage(props.page);
    provide(PAGE, {
      id,
      route,
      isolatesStyle: state.project.manifest.pages.find((page) => page.route === route)?.isolatesStyle,
      dispatch(method, event) {
        const place = state.project.handlers[file].find(({ name }) => name === method);
        tell({ type: 'event', page: id, method, event, place });
      },
    });
    const inside = settling(() => tell({ type: 'ready', page: id }));
    provide(SETTLING, inside);
    onMounted(inside.drawn);
    const hearScroll = scrolling(style.onReachBottomDistance, (name, ...values) => tell({ type: 'scroll', page: id, name, values }));
    const onScroll = (cause) => {
      style.scrollTop = cause.currentTarget.scrollTop;
      hearScroll(cause);
    };
    return () =>
      h(
        'div',
        {
          class: ['phone-view', { 'phone-page': props.front }],
          'data-view': route,
          'data-page': id,
          'data-route': props.front ? route : undefined,
          hidden: props.front ? undefined : '',
          onScroll,
        },
        [h(Fragment, { key: drawnFrom(file) }, [drawn()])],
      );
  },
};

/** Stands in for a plugin's page, and shows what a phone would open. */
function pluginPage({ route, query }) {
  const given = Object.entries(query).map(([name, value]) => h('code', `${name}=${value}`));
  const note = h('small', '模拟器不支持插件，手机上会打开这个页面 · the simulator has no plugins; a phone would open this page');
  return h('div', { class: 'plugin-page' }, [h('b', '插件页面 plugin page'), h('code', route), ...given, note]);
}

/** Reports scrolling, and reaching the bottom once until the page is scrolled up again. */
function scrolling(distance, tellPage) {
  let atBottom = false;
  return ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
    tellPage('onPageScroll', { scrollTop, scrollHeight });
    const reached = scrollHeight - clientHeight - scrollTop <= distance + 1;
    if (reached && !atBottom) tellPage('onReachBottom');
    atBottom = reached;
  };
}

/** The consent panel's title for each kind. */
const TITLES = {
  auth_user: '申请获取你的以下信息',
  userInfo: '申请获取你的昵称和头像',
  phoneNumber: '申请获取你的手机号',
};

/** The kinds' names in the settings. */
const KINDS = { userInfo: '昵称、头像', phoneNumber: '手机号', location: '地理位置', audioRecord: '麦克风', alipaysports: '运动数据' };

/** Rejects events created by a script: no person made that decision. */
function isPersons(event, what) {
  if (!event.isTrusted) recordError(new Error(`a decision (${what}) that no user made was refused`), 'simulator');
  return event.isTrusted;
}

/** Draws a sample picture. */
function samplePicture() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 96, height: 96 });
  const drawing = canvas.getContext('2d');
  drawing.fillStyle = '#1677ff';
  drawing.fillRect(0, 0, 96, 96);
  drawing.fillStyle = '#ffffff';
  drawing.fillRect(24, 24, 48, 48);
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(fileFrom(blob)), 'image/png');
  });
}

async function fileFrom(blob) {
  return { bytes: new Uint8Array(await blob.arrayBuffer()), type: blob.type };
}

const Panels = {
  name: 'phone-panels',
  render: renderPanels,
  setup: () => ({
    state,
    TITLES,
    KINDS,
    decide(event, action) {
      if (isPersons(event, action)) state.panel.decide(action);
    },
    write(event) {
      state.panel.answer.value = event.target.value;
    },
    choose(event, list) {
      state.panel.answer.chosen[list] = Number(event.target.value);
    },
    chooseSample(event) {
      if (isPersons(event, 'sample')) void samplePicture().then((file) => state.panel.choose([file]));
    },
    /** The browser's own dialogue picks the files. */
    async chooseFiles({ target }) {
      state.panel.choose(await Promise.all([...target.files].map(fileFrom)));
    },
    switchTo(event, kind) {
      if (isPersons(event, kind)) state.panel.switched[kind] = event.target.checked;
    },
  }),
};

const BEFORE_START = { title: '', titleBarColor: '#ffffff', backgroundColor: '#f5f5f5' };

/** Returns a readable text colour for the title bar, if the page sets none (assumed). */
function inkOn({ frontColor, titleBarColor }) {
  if (frontColor) return frontColor;
  const [, ...parts] = /^#(..)(..)(..)/.exec(titleBarColor) ?? [];
  const [red, green, blue] = parts.map((part) => Number.parseInt(part, 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128 ? '#ffffff' : undefined;
}

/** Whether the page extends below its title bar. */
function isTransparent({ transparentTitle }) {
  return transparentTitle === 'always' || transparentTitle === 'auto';
}

/** Returns the bar's colour. With `auto`, it turns opaque as the page scrolls, fully after the bar's own height (assumed). */
function barColor(bar) {
  if (!isTransparent(bar)) return bar.titleBarColor;
  const share = bar.transparentTitle === 'auto' ? Math.min((bar.scrollTop ?? 0) / TITLE_HEIGHT, 1) : 0;
  return `color-mix(in srgb, ${bar.titleBarColor} ${share * 100}%, transparent)`;
}

const TITLE_HEIGHT = 44;

export const PhoneFrame = {
  name: 'phone-frame',
  render: renderFrame,
  components: { PageView, Panels },
  setup: () => {
    const front = computed(topPage);
    const runs = computed(() => front.value !== undefined);
    return {
      state,
      front,
      runs,
      bar: computed(() => front.value?.window ?? BEFORE_START),
      tabs: computed(() => (state.front.tabBar && !state.tabBar.hidden ? state.tabs : [])),
      name: computed(() => state.project?.manifest.pages[0]?.window.title || '小程序'),
      clock: new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' }),
      place: ({ file, line, column }) => [file, line, column].filter((part) => part !== undefined).join(':'),
      back: () => void goBack(),
      inkOn,
      barColor,
      isTransparent,
      share: () => tell({ type: 'share' }),
      tapTitle: () => runs.value && tell({ type: 'title' }),
      /** The handle at the top stands for the gesture. */
      pull: (event) => isPersons(event, 'pull') && pullDown(),
      openTab: (index) => tell({ type: 'tab', index }),
      /** The home key, which also works while a panel is open, or the mini-program's own ○, which does not close it either. */
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
