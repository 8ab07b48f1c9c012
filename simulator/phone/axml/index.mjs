import { h, inject } from 'vue';
import { AxmlButton, AxmlForm, AxmlInput, AxmlLabel, AxmlSwitch } from './controls.mjs';
import { COMMON_PROPS, container, PAGE, useElement } from './element.mjs';
import { fileOf } from '../platform/index.mjs';
import { state } from '../state.mjs';
import { toBase64 } from '../timeline.mjs';

const AxmlScrollView = {
  name: 'axml-scroll-view',
  props: [...COMMON_PROPS, 'scrollX', 'scrollY'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    return () =>
      h(
        'axml-scroll-view',
        {
          ...attributes(),
          'data-scroll-x': props.scrollX ? '' : undefined,
          'data-scroll-y': props.scrollY ? '' : undefined,
        },
        slots.default?.(),
      );
  },
};

const AxmlText = {
  name: 'axml-text',
  props: [...COMMON_PROPS, 'selectable'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    return () =>
      h('axml-text', { ...attributes(), 'data-selectable': props.selectable ? '' : undefined }, slots.default?.());
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
    AxmlText,
    AxmlScrollView,
    AxmlButton,
    AxmlForm,
    AxmlInput,
    AxmlSwitch,
    AxmlLabel,
    AxmlImage,
    AxmlPlaceholder,
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

/** @returns {{ address?: string, elsewhere?: string }} where the browser finds it, or the host that is not asked */
function resolveImage(src, route) {
  if (src === '') return {};
  if (src.startsWith('data:image/')) return { address: src };
  const file = fileOf(src);
  if (file) return { address: `data:${file.type};base64,${toBase64(file.bytes)}` };
  const remote = /^https?:\/\/([^/]*)/.exec(src);
  if (remote) {
    return remote[1] === state.project.avatarHost
      ? { address: `/__simulator/avatar?${new URLSearchParams({ url: src })}` }
      : { elsewhere: remote[1] };
  }
  const { pathname } = new URL(src, `http://package/${route}`);
  return { address: `/__simulator/files${pathname}` };
}
