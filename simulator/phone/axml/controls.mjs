import { h, inject, onBeforeUnmount, provide, ref, watch } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** The platform's default, in characters. */
const DEFAULT_MAXLENGTH = 140;

const INPUT_MODES = { text: 'text', number: 'numeric', digit: 'decimal', idcard: 'text' };

/** What a tap on the label around, or for, a control does: by element. */
const activations = new WeakMap();

/** Makes a control part of the form around it. */
function useForm(control) {
  const form = inject(FORM, null);
  if (form) onBeforeUnmount(form.register(control));
}

function activation(activate) {
  return (element) => {
    if (element) activations.set(element, activate);
  };
}

export const AxmlInput = {
  name: 'axml-input',
  props: [...COMMON_PROPS, 'name', 'value', 'type', 'placeholder', 'maxlength', 'disabled', 'password'],
  setup(props) {
    const initial = () => (props.value === undefined || props.value === null ? '' : String(props.value));
    const text = ref(initial());
    watch(
      () => props.value,
      () => {
        text.value = initial();
      },
    );
    const { attributes, fire } = useElement(props);
    useForm({
      name: () => props.name,
      value: () => text.value,
      reset: () => {
        text.value = initial();
      },
    });
    let field = null;
    return () => {
      const base = attributes();
      const own = base.ref;
      base.ref = (element) => {
        own(element);
        activation(() => field?.focus())(element);
      };
      return h('axml-input', base, [
        h('input', {
          ref: (element) => {
            field = element;
          },
          type: props.password ? 'password' : 'text',
          inputmode: INPUT_MODES[props.type] ?? 'text',
          autocomplete: 'off',
          value: text.value,
          placeholder: props.placeholder,
          maxlength: props.maxlength ?? DEFAULT_MAXLENGTH,
          disabled: Boolean(props.disabled),
          onInput: (cause) => {
            text.value = cause.target.value;
            const detail = { value: text.value, cursor: cause.target.selectionStart };
            fire('input', cause, { element: cause.currentTarget.parentElement, detail });
          },
        }),
      ]);
    };
  },
};

export const AxmlSwitch = {
  name: 'axml-switch',
  props: [...COMMON_PROPS, 'name', 'checked', 'disabled'],
  setup(props) {
    const on = ref(Boolean(props.checked));
    watch(
      () => props.checked,
      (checked) => {
        on.value = Boolean(checked);
      },
    );
    const enabled = () => !props.disabled;
    const { attributes, fire } = useElement(props, { tappable: enabled });
    useForm({
      name: () => props.name,
      value: () => on.value,
      reset: () => {
        on.value = Boolean(props.checked);
      },
    });
    return () => {
      const base = attributes();
      const own = base.ref;
      let self = null;
      const toggle = (cause) => {
        if (!enabled()) return;
        on.value = !on.value;
        fire('change', cause, { element: self, detail: { value: on.value } });
      };
      base.ref = (element) => {
        self = element;
        own(element);
        activation(toggle)(element);
      };
      return h('axml-switch', {
        ...base,
        role: 'switch',
        tabindex: props.disabled ? -1 : 0,
        'aria-checked': String(on.value),
        onClick: (cause) => {
          base.onClick(cause);
          toggle(cause);
        },
        onKeydown: (cause) => {
          if (cause.key === 'Enter' || cause.key === ' ') toggle(cause);
        },
      });
    };
  },
};

export const AxmlLabel = {
  name: 'axml-label',
  props: [...COMMON_PROPS, 'for'],
  setup(props, { slots }) {
    const { attributes } = useElement(props);
    return () => {
      const base = attributes();
      return h(
        'axml-label',
        {
          ...base,
          onClick: (cause) => {
            base.onClick(cause);
            const label = cause.currentTarget;
            const control = props.for
              ? label.closest('.phone-view').querySelector(`#${CSS.escape(props.for)}`)
              : label.querySelector('axml-input, axml-switch');
            if (control && !control.contains(cause.target)) activations.get(control)?.(cause);
          },
        },
        slots.default?.(),
      );
    };
  },
};

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
