import { h, provide } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** Injection key of the form around a control: `{ register(control), submit(cause, dataset), reset(cause) }`. */
export const FORM = Symbol('form');

/** `<form>`: gathers the values of its named controls when a button submits it. */
export const AxmlForm = {
  name: 'axml-form',
  props: COMMON_PROPS,
  setup(props, { slots }) {
    const controls = new Set();
    const { attributes, fire } = useElement(props);
    let element = null;
    provide(FORM, {
      register(control) {
        controls.add(control);
        return () => controls.delete(control);
      },
      submit(cause, dataset = {}) {
        const named = [...controls].filter(({ name }) => name());
        const value = Object.fromEntries(named.map((control) => [control.name(), control.value()]));
        fire('submit', cause, { element, detail: { value, buttonTarget: { dataset } } });
      },
      reset(cause) {
        for (const control of controls) control.reset();
        fire('reset', cause, { element });
      },
    });
    return () => {
      const base = attributes();
      const own = base.ref;
      base.ref = (node) => {
        own(node);
        element = node;
      };
      return h('axml-form', base, slots.default?.());
    };
  },
};
