import { h, ref } from 'vue';
import { ownElement, useEvents } from './events.mjs';

/** Props of every element; class and style fall through to the element by themselves. */
export const COMMON_PROPS = ['id', 'hidden', 'dataset', 'events', 'hoverClass'];

/**
 * What every element does: carry its id, be hidden, show that it is pressed, report taps.
 *
 * @param {any} props
 * @param {{ tappable?: () => boolean }} [options] whether a tap counts at present
 */
export function useElement(props, { tappable = () => true } = {}) {
  const pressed = ref(false);
  const fire = useEvents(props);
  const own = ownElement(props);
  const release = () => {
    pressed.value = false;
  };
  const attributes = () => ({
    ref: own,
    id: props.id === undefined ? undefined : String(props.id),
    hidden: props.hidden ? '' : undefined,
    class:
      pressed.value && tappable() && props.hoverClass && props.hoverClass !== 'none' ? props.hoverClass : undefined,
    onPointerdown: () => {
      pressed.value = true;
    },
    onPointerup: release,
    onPointerleave: release,
    onPointercancel: release,
    onClick: (cause) => {
      if (tappable()) fire('tap', cause, {}, cause.currentTarget);
    },
  });
  return { attributes, fire };
}

/** A tag that only holds others. */
export function container(tag) {
  return {
    name: tag,
    props: COMMON_PROPS,
    setup(props, { slots }) {
      const { attributes } = useElement(props);
      return () => h(tag, attributes(), slots.default?.());
    },
  };
}
