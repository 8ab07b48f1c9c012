import { h, inject, onBeforeUnmount, provide } from 'vue';
import { activations, FORM, useValue } from './controls.mjs';
import { COMMON_PROPS, useElement } from './element.mjs';

/** Injection key of the group around a checkbox or radio: `{ register(choice), chosen(choice, cause) }`. */
const GROUP = Symbol('group');

/**
 * Builds a group of choices. It reports the chosen ones to the page when one changes, and to the form when the form is submitted.
 *
 * @param {string} tag
 * @param {(chosen: string[]) => unknown} read computes the group's value
 * @param {boolean} isOne whether only one can be chosen
 */
function group(tag, read, isOne) {
  return {
    name: tag,
    props: [...COMMON_PROPS, 'name'],
    setup(props, { slots }) {
      const choices = new Set();
      let self = null;
      const { attributes, fire } = useElement(props, {
        drawn: (element) => {
          self = element;
        },
      });
      const value = () => read([...choices].filter(({ on }) => on.value).map((chosen) => chosen.value()));
      provide(GROUP, {
        register(member) {
          choices.add(member);
          return () => choices.delete(member);
        },
        chosen(member, cause) {
          if (isOne) for (const other of choices) other.on.value = other === member;
          fire('change', cause, { element: self, detail: { value: value() } });
        },
      });
      // The choices reset themselves.
      const form = inject(FORM, null);
      if (form) onBeforeUnmount(form.register({ name: () => props.name, value, reset: () => {} }));
      return () => h(tag, attributes(), slots.default?.());
    },
  };
}

/** Builds an on/off control. A chosen radio stays on until another is chosen; a switch has no group, but a name of its own. */
function choice(tag, role) {
  return {
    name: tag,
    props: [...COMMON_PROPS, 'name', 'value', 'checked', 'disabled', 'color'],
    setup(props) {
      const on = useValue(props, 'checked', Boolean);
      const around = role === 'switch' ? null : inject(GROUP, null);
      const self = { on, value: () => props.value };
      if (around) onBeforeUnmount(around.register(self));
      let drawnAs = null;
      const enabled = () => !props.disabled;
      const toggle = (cause) => {
        if (!enabled() || (role === 'radio' && on.value)) return;
        on.value = !on.value;
        fire('change', cause, { element: drawnAs, detail: { value: on.value } });
        around?.chosen(self, cause);
      };
      const { attributes, fire } = useElement(props, {
        tappable: enabled,
        drawn: (element) => {
          drawnAs = element;
          activations.set(element, toggle);
        },
      });
      return () => {
        const base = attributes();
        return h(tag, {
          ...base,
          role,
          tabindex: props.disabled ? -1 : 0,
          'aria-checked': String(on.value),
          style: { color: props.color },
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
}

export const AxmlCheckboxGroup = group('axml-checkbox-group', (chosen) => chosen, false);
export const AxmlCheckbox = choice('axml-checkbox', 'checkbox');
export const AxmlRadioGroup = group('axml-radio-group', (chosen) => chosen[0], true);
export const AxmlRadio = choice('axml-radio', 'radio');
export const AxmlSwitch = choice('axml-switch', 'switch');
