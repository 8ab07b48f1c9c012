import { h, inject } from 'vue';
import { pressButton } from '../platform/index.mjs';
import { record } from '../timeline.mjs';
import { COMMON_PROPS, useElement } from './element.mjs';
import { FORM } from './controls.mjs';

/** `<button>`: tap, form submission and reset, and the buttons that the platform itself acts on. */
export const AxmlButton = {
  name: 'axml-button',
  props: [...COMMON_PROPS, 'type', 'size', 'disabled', 'loading', 'formType', 'openType', 'scope'],
  setup(props, { slots }) {
    const form = inject(FORM, null);
    const enabled = () => !props.disabled;
    const { attributes, fire } = useElement(props, { tappable: enabled });

    /** What a press does besides its tap, which has been fired: each event is one of the moment when it happens. */
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
        if (!heard && type === 'error') record('notice', { message: `nothing on the page hears this button's error: ${detail.errorMessage}` });
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
          'data-type': props.type ?? 'default',
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
