import { h, inject } from 'vue';
import { AppComponent, AppSlot, AppTemplate } from './component.mjs';
import { AxmlCheckbox, AxmlCheckboxGroup, AxmlRadio, AxmlRadioGroup, AxmlSwitch } from './choices.mjs';
import { AxmlButton, AxmlForm, AxmlInput, AxmlLabel, AxmlSlider, AxmlTextarea } from './controls.mjs';
import { AxmlIcon, AxmlProgress, AxmlWebView } from './display.mjs';
import { COMMON_PROPS, container, PAGE, useElement } from './element.mjs';
import { AxmlScrollView } from './scroll-view.mjs';
import { AxmlSwiper } from './swiper.mjs';
import { resolveImage } from './image-address.mjs';
import { tell } from '../worker-link.mjs';


const AxmlText = {
  name: 'axml-text',
  props: [...COMMON_PROPS, 'selectable'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    return () =>
      h('axml-text', { ...attributes(), 'data-selectable': props.selectable ? '' : undefined }, slots.default?.());
  },
};

/** What `my` call each way to open a page is. */
const WAYS = { navigate: 'navigateTo', redirect: 'redirectTo', switchTab: 'switchTab', navigateBack: 'navigateBack', reLaunch: 'reLaunch' };

const AxmlNavigator = {
  name: 'axml-navigator',
  props: [...COMMON_PROPS, 'url', 'openType'],
  setup(props, { slots }) {
    const page = inject(PAGE);
    const { attributes } = useElement(props);
    const go = (cause) => {
      const call = WAYS[props.openType ?? 'navigate'];
      if (cause.isTrusted && call) tell({ type: 'navigate', page: page.id, call, url: props.url });
    };
    return () => h('axml-navigator', { ...attributes(), role: 'link', tabindex: 0, onClick: go }, slots.default?.());
  },
};

/** What the platform has and this simulator lacks: a box with its name, and with what stands in it. */
const AxmlPlaceholder = {
  name: 'axml-placeholder',
  props: [...COMMON_PROPS, 'tag'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    return () => h('axml-placeholder', { ...attributes(), 'data-tag': `<${props.tag}>` }, slots.default?.());
  },
};

/** Registers what the compiled pages are made of. @param {import('vue').App} app */
export function registerAxml(app) {
  const components = [
    container('axml-view'),
    container('axml-swiper-item'),
    AxmlText,
    AxmlScrollView,
    AxmlSwiper,
    AxmlIcon,
    AxmlProgress,
    AxmlWebView,
    AxmlNavigator,
    AxmlButton,
    AxmlForm,
    AxmlInput,
    AxmlTextarea,
    AxmlSlider,
    AxmlCheckboxGroup,
    AxmlCheckbox,
    AxmlRadioGroup,
    AxmlRadio,
    AxmlSwitch,
    AxmlLabel,
    AxmlImage,
    AxmlPlaceholder,
    AppComponent,
    AppSlot,
    AppTemplate,
  ];
  for (const component of components) app.component(component.name, component);
}

/**
 * `<image>`: files of the package and of the phone, and the test users' avatars, which the simulator draws itself. Nothing is fetched
 * from elsewhere; such an image shows its host's name instead. The address as given stays on the element as `src`.
 */
export const AxmlImage = {
  name: 'axml-image',
  props: [...COMMON_PROPS, 'src', 'mode'],
  setup(props) {
    const page = inject(PAGE);
    const { attributes } = useElement(props);
    return () => {
      const { address, elsewhere } = resolveImage(String(props.src ?? ''), page.route);
      const content = address
        ? h('img', { src: address, alt: '', draggable: false })
        : elsewhere && h('span', { class: 'axml-elsewhere' }, elsewhere);
      return h(
        'axml-image',
        { ...attributes(), src: props.src, 'data-mode': props.mode ?? 'scaleToFill' },
        content ? [content] : [],
      );
    };
  },
};
