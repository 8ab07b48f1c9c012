import { h, inject, onBeforeUnmount, onMounted, provide, ref, watch } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';
import { pressButton } from '../platform/index.mjs';
import { record } from '../timeline.mjs';
import { HELPERS } from '../views.mjs';

/** The platform's default, in characters. */
const DEFAULT_MAXLENGTH = 140;

const INPUT_MODES = {
  text: 'text',
  number: 'numeric',
  digit: 'decimal',
  idcard: 'text',
  numberpad: 'numeric',
  digitpad: 'decimal',
  idcardpad: 'text',
};

/** Per control: what a tap on its label does. */
export const activations = new WeakMap();

/** The controls that a label acts on. */
const CONTROLS = 'axml-input, axml-textarea, axml-switch, axml-checkbox, axml-radio';

/** Holds a control's value: the page's value, until the user changes it or the form is reset. */
export function useValue(props, name, read) {
  const value = ref(read(props[name]));
  const reset = () => {
    value.value = read(props[name]);
  };
  watch(() => props[name], reset);
  const form = inject(FORM, null);
  if (form) onBeforeUnmount(form.register({ name: () => props.name, value: () => value.value, reset }));
  return value;
}

const FIELD_PROPS = [
  ...COMMON_PROPS,
  'name',
  'value',
  'placeholder',
  'maxlength',
  'disabled',
  'focus',
  'confirmType',
  'placeholderStyle',
  'placeholderClass',
];

/** The common part of text fields: the text and the events for the page. */
function useField(props) {
  const text = useValue(props, 'value', (value) => String(value ?? ''));
  const field = ref(null);
  const { attributes, fire, styled } = useElement(props, {
    drawn: (element) => activations.set(element, () => field.value?.focus()),
  });
  const takeFocus = () => props.focus && field.value?.focus();
  onMounted(takeFocus);
  watch(() => props.focus, takeFocus, { flush: 'post' });
  const tell = (type, cause, more) =>
    fire(type, cause, { element: cause.currentTarget.parentElement, detail: { value: text.value, ...more } });
  const isStyled = () => Boolean(props.placeholderStyle || props.placeholderClass);
  /** A styled placeholder, while the field is empty: page styles cannot reach the browser's own. */
  const placeholder = () => {
    if (!isStyled() || text.value !== '') return null;
    const { class: external, ...owned } = styled(props.placeholderClass);
    return h(
      'span',
      { ...owned, class: ['axml-placeholder', props.placeholderClass, ...external], style: HELPERS.$style(props.placeholderStyle) },
      String(props.placeholder ?? ''),
    );
  };
  const attributesOfField = () => ({
    ref: field,
    autocomplete: 'off',
    value: text.value,
    placeholder: isStyled() ? undefined : props.placeholder,
    'aria-label': isStyled() ? props.placeholder : undefined,
    maxlength: props.maxlength ?? DEFAULT_MAXLENGTH,
    disabled: Boolean(props.disabled),
    enterkeyhint: props.confirmType,
    onInput: (cause) => {
      text.value = cause.target.value;
      tell('input', cause, { cursor: cause.target.selectionStart });
    },
    onFocus: (cause) => tell('focus', cause),
    onBlur: (cause) => tell('blur', cause),
  });
  return { attributes, attributesOfField, placeholder, text, confirm: (cause) => tell('confirm', cause) };
}

export const AxmlInput = {
  name: 'axml-input',
  props: [...FIELD_PROPS, 'type', 'password', 'cursor', 'selectionStart', 'selectionEnd'],
  setup(props) {
    const { attributes, attributesOfField, placeholder, confirm } = useField(props);
    /** Sets the selection or cursor that the page asked for. */
    const select = ({ target }) => {
      const [start, end, cursor] = [props.selectionStart ?? -1, props.selectionEnd ?? -1, props.cursor ?? -1].map(Number);
      if (start >= 0 && end >= 0) target.setSelectionRange(start, end);
      else if (cursor >= 0) target.setSelectionRange(cursor, cursor);
    };
    return () =>
      h('axml-input', attributes(), [
        placeholder(),
        h('input', {
          ...withFocus(attributesOfField(), select),
          type: props.password ? 'password' : 'text',
          inputmode: INPUT_MODES[props.type] ?? 'text',
          onKeydown: (cause) => {
            if (cause.key === 'Enter') confirm(cause);
          },
        }),
      ]);
  },
};

function withFocus(attributes, act) {
  return {
    ...attributes,
    onFocus: (cause) => {
      act(cause);
      attributes.onFocus(cause);
    },
  };
}

export const AxmlTextarea = {
  name: 'axml-textarea',
  props: [...FIELD_PROPS, 'autoHeight', 'showCount'],
  setup(props) {
    const { attributes, attributesOfField, placeholder, text, confirm } = useField(props);
    return () => {
      const { maxlength, ...field } = attributesOfField();
      // -1 means unlimited.
      const limit = Number(maxlength) < 0 ? undefined : maxlength;
      return h('axml-textarea', { ...attributes(), 'data-auto-height': props.autoHeight ? '' : undefined }, [
        placeholder(),
        h('textarea', {
          ...field,
          maxlength: limit,
          onKeydown: (cause) => {
            // Enter adds a line, unless the page gives the key another meaning.
            if (cause.key !== 'Enter' || !props.confirmType || props.confirmType === 'return') return;
            cause.preventDefault();
            confirm(cause);
          },
        }),
        props.showCount === false
          ? null
          : h('span', { class: 'axml-count' }, `${text.value.length}${limit === undefined ? '' : `/${limit}`}`),
      ]);
    };
  },
};

export const AxmlSlider = {
  name: 'axml-slider',
  props: [...COMMON_PROPS, 'name', 'min', 'max', 'step', 'disabled', 'value', 'showValue', 'activeColor'],
  setup(props) {
    const value = useValue(props, 'value', (given) => Number(given ?? 0));
    const { attributes, fire } = useElement(props);
    const move = (type) => (cause) => {
      value.value = Number(cause.target.value);
      fire(type, cause, { element: cause.currentTarget.parentElement, detail: { value: value.value } });
    };
    return () =>
      h('axml-slider', attributes(), [
        h('input', {
          type: 'range',
          min: props.min ?? 0,
          max: props.max ?? 100,
          step: props.step ?? 1,
          value: value.value,
          disabled: Boolean(props.disabled),
          style: { accentColor: props.activeColor },
          onInput: move('changing'),
          onChange: move('change'),
        }),
        props.showValue ? h('span', String(value.value)) : null,
      ]);
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
              : label.querySelector(CONTROLS);
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

/** `<form>`: collects the values of its named controls when a button submits it. */
export const AxmlForm = {
  name: 'axml-form',
  props: COMMON_PROPS,
  setup(props, { slots }) {
    const controls = new Set();
    let element = null;
    const { attributes, fire } = useElement(props, {
      drawn: (node) => {
        element = node;
      },
    });
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
    return () => h('axml-form', attributes(), slots.default?.());
  },
};

/** `<button>`: tap, form submission and reset, and the platform's `open-type` buttons. */
export const AxmlButton = {
  name: 'axml-button',
  props: [...COMMON_PROPS, 'type', 'size', 'disabled', 'loading', 'formType', 'openType', 'scope', 'plain'],
  setup(props, { slots }) {
    const form = inject(FORM, null);
    const enabled = () => !props.disabled;
    const { attributes, fire } = useElement(props, { tappable: enabled });

    /** Handles a press after its tap event; each resulting event has its own time. */
    function act(cause, element) {
      if (!enabled()) {
        cause.stopPropagation();
        return;
      }
      if (props.formType === 'submit') form?.submit(cause, props.dataset);
      if (props.formType === 'reset') form?.reset(cause);
      if (!props.openType || !cause.isTrusted) return;
      void pressButton({ openType: props.openType, scope: props.scope }, (type, detail) => {
        const heard = fire(type, cause, { element, detail, time: performance.now() });
        const isLost = !heard && type === 'error';
        if (isLost) record('notice', { message: `nothing on the page handles this button's error: ${detail.errorMessage}` });
      });
    }

    return () => {
      const base = attributes();
      const click = (cause) => {
        base.onClick(cause);
        act(cause, cause.currentTarget);
      };
      return h(
        'axml-button',
        {
          ...base,
          role: 'button',
          tabindex: props.disabled ? -1 : 0,
          'aria-disabled': props.disabled ? 'true' : undefined,
          disabled: props.disabled ? '' : undefined,
          'data-type': props.plain ? 'ghost' : (props.type ?? 'default'),
          'data-size': props.size ?? 'default',
          onClick: click,
          onKeydown: (cause) => {
            if (cause.key === 'Enter' || cause.key === ' ') click(cause);
          },
        },
        [props.loading ? h('span', { class: 'axml-spinner' }) : null, slots.default?.()],
      );
    };
  },
};
