import { h } from 'vue';
import { AxmlButton } from './button.mjs';
import { AxmlInput, AxmlLabel, AxmlSwitch } from './controls.mjs';
import { COMMON_PROPS, container, useElement } from './element.mjs';
import { AxmlForm } from './form.mjs';
import { AxmlImage } from './image.mjs';

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
  ];
  for (const component of components) app.component(component.name, component);
}
