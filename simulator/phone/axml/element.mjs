import { h, ref } from 'vue';
import { ownElement, touchedBy, useEvents } from './events.mjs';

/** Props of every element; class and style fall through to the element by themselves. */
export const COMMON_PROPS = ['id', 'hidden', 'dataset', 'marks', 'events', 'hoverClass'];

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
  const tap = (cause, captures) => {
    if (tappable()) fire('tap', cause, { element: cause.currentTarget, touched: touchedBy(cause), captures });
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
    onClickCapture: (cause) => tap(cause, true),
    onClick: (cause) => tap(cause, false),
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
