import { h, inject, Text } from 'vue';
import { AppComponent, AppSlot, AppTemplate } from './component.mjs';
import { AxmlCheckbox, AxmlCheckboxGroup, AxmlRadio, AxmlRadioGroup, AxmlSwitch } from './choices.mjs';
import { AxmlButton, AxmlForm, AxmlInput, AxmlLabel, AxmlSlider, AxmlTextarea } from './controls.mjs';
import { AxmlIcon, AxmlProgress, AxmlWebView } from './display.mjs';
import { COMMON_PROPS, container, PAGE, useElement } from './element.mjs';
import { AxmlMap } from './map.mjs';
import { AxmlScrollView } from './scroll-view.mjs';
import { AxmlSwiper } from './swiper.mjs';
import { image } from './image.mjs';
import { AxmlPicker, AxmlPickerView, AxmlPickerViewColumn } from './picker.mjs';
import { AxmlRichText } from './rich-text.mjs';
import { AxmlVideo } from './video.mjs';
import { AxmlView } from './view.mjs';
import { tell } from '../worker-link.mjs';

const AxmlText = {
  name: 'axml-text',
  props: [...COMMON_PROPS, 'selectable', 'numberOfLines', 'space', 'decode'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    return () =>
      h(
        'axml-text',
        {
          ...attributes(),
          'data-selectable': props.selectable ? '' : undefined,
          'data-lines': props.numberOfLines,
          style: props.numberOfLines && { '-webkit-line-clamp': String(props.numberOfLines) },
        },
        written(slots.default?.() ?? [], props),
      );
  },
};

const ENTITIES = { nbsp: '\u00A0', lt: '<', gt: '>', amp: '&', apos: "'", ensp: '\u2002', emsp: '\u2003' };

/** Applies `decode` and `space` to the text nodes. */
function written(nodes, { decode, space }) {
  if (!decode && !Object.hasOwn(ENTITIES, space ?? '')) return nodes;
  return nodes.map((node) => {
    if (node.type !== Text) return node;
    const decoded = decode ? node.children.replace(/&(nbsp|lt|gt|amp|apos|ensp|emsp);/g, (_, name) => ENTITIES[name]) : node.children;
    return h(Text, space ? decoded.replaceAll(' ', ENTITIES[space]) : decoded);
  });
}

/** The navigation call of each `open-type`. */
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

/** A tag that the simulator does not implement: a box with its name, attributes and content. */
const AxmlPlaceholder = {
  name: 'axml-placeholder',
  props: [...COMMON_PROPS, 'tag', 'shown'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    const given = () =>
      Object.entries(props.shown)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`.slice(0, LONGEST_GIVEN))
        .join(' ');
    return () => h(`axml-${props.tag}`, { ...attributes(), 'data-tag': `<${props.tag}>`, 'data-given': given() }, slots.default?.());
  },
};

/** The longest attribute value that is shown, in characters. */
const LONGEST_GIVEN = 60;

/** Registers the components that compiled pages use. @param {import('vue').App} app */
export function registerAxml(app) {
  const components = [
    AxmlView,
    container('axml-swiper-item'),
    container('axml-cover-view'),
    container('axml-movable-area'),
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
    image('axml-image'),
    image('axml-cover-image'),
    AxmlPicker,
    AxmlPickerView,
    AxmlPickerViewColumn,
    AxmlRichText,
    AxmlMap,
    AxmlVideo,
    AxmlPlaceholder,
    AppComponent,
    AppSlot,
    AppTemplate,
  ];
  for (const component of components) app.component(component.name, component);
}
