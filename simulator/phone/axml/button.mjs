import { h, inject } from 'vue';
import { authorizeByButton } from '../platform/auth.mjs';
import { CallFault } from '../platform/call-fault.mjs';
import { COMMON_PROPS, useElement } from './element.mjs';
import { FORM } from './form.mjs';

/** `<button>`: tap, form submission and reset, and the authorising button. */
export const AxmlButton = {
  name: 'axml-button',
  props: [...COMMON_PROPS, 'type', 'size', 'disabled', 'loading', 'formType', 'openType', 'scope'],
  setup(props, { slots }) {
    const form = inject(FORM, null);
    const enabled = () => !props.disabled;
    const { attributes, fire } = useElement(props, { tappable: enabled });

    async function act(cause, element) {
      if (!enabled()) {
        cause.stopPropagation();
        return;
      }
      if (props.formType === 'submit') form?.submit(cause);
      if (props.formType === 'reset') form?.reset(cause);
      if (props.openType !== 'getAuthorize' || !cause.isTrusted) return;
      // The event is one of the moment when the panel closed, however long the user thought about it.
      try {
        await authorizeByButton();
        fire('getAuthorize', cause, {}, element, performance.now());
      } catch (error) {
        fire(
          'error',
          cause,
          { error: error instanceof CallFault ? error.error : 12, errorMessage: error.message },
          element,
          performance.now(),
        );
      }
    }

    return () => {
      const base = attributes();
      const click = (cause) => {
        base.onClick(cause);
        void act(cause, cause.currentTarget);
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
