import { h, onBeforeUnmount, onMounted, onUpdated, ref, watch } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** The platform's defaults, in milliseconds. */
const DURATION = 500;
const INTERVAL = 5000;

/** The share of the swiper that a swipe must cover to change the item: the platform's `swipe-ratio`. */
const SWIPE_RATIO = 0.2;

const numberOr = (value, fallback) => (Number.isFinite(Number(value ?? Number.NaN)) ? Number(value) : fallback);

/** `<swiper>`: shows one of its items. A swipe, the timer or the page changes it; swipes and the timer fire events. */
export const AxmlSwiper = {
  name: 'axml-swiper',
  props: [
    ...COMMON_PROPS,
    'indicatorDots',
    'indicatorColor',
    'indicatorActiveColor',
    'autoplay',
    'current',
    'duration',
    'interval',
    'circular',
    'vertical',
    'disableTouch',
  ],
  setup(props, { slots }) {
    const front = ref(numberOr(props.current, 0));
    const count = ref(0);
    const track = ref(null);
    let self = null;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    const read = () => {
      count.value = track.value.children.length;
    };
    onMounted(read);
    onUpdated(read);
    watch(
      () => props.current,
      (current) => {
        front.value = numberOr(current, front.value);
      },
    );

    /** Changes the item. @param {Event | null} cause null for the timer */
    function step(by, cause) {
      const wanted = front.value + by;
      const next = props.circular ? (wanted + count.value) % count.value : Math.min(Math.max(wanted, 0), count.value - 1);
      if (!(count.value > 0) || next === front.value) return;
      front.value = next;
      fire('change', cause, { element: self, detail: { current: next } });
    }

    let timer;
    const stop = () => clearInterval(timer);
    watch(
      () => [props.autoplay, props.interval],
      () => {
        stop();
        // At the end it starts over, whether circular or not (assumed).
        if (props.autoplay)
          timer = setInterval(() => step(front.value < count.value - 1 ? 1 : -front.value, null), numberOr(props.interval, INTERVAL));
      },
      { immediate: true },
    );
    onBeforeUnmount(stop);

    let start = null;
    const along = (cause) => (props.vertical ? cause.clientY : cause.clientX);
    const down = (cause) => {
      start = props.disableTouch ? null : along(cause);
    };
    const up = (cause) => {
      if (start === null) return;
      const way = start - along(cause);
      start = null;
      const size = props.vertical ? self.clientHeight : self.clientWidth;
      if (Math.abs(way) >= SWIPE_RATIO * size) step(Math.sign(way), cause);
    };

    return () => {
      const base = attributes();
      const shift = `${-100 * front.value}%`;
      const style = {
        transform: props.vertical ? `translateY(${shift})` : `translateX(${shift})`,
        transitionDuration: `${numberOr(props.duration, DURATION)}ms`,
      };
      const dots = Array.from({ length: props.indicatorDots ? count.value : 0 }, (_, index) =>
        h('i', {
          style: {
            background: index === front.value ? (props.indicatorActiveColor ?? '#000') : (props.indicatorColor ?? 'rgba(0, 0, 0, .3)'),
          },
        }),
      );
      return h(
        'axml-swiper',
        {
          ...base,
          'data-vertical': props.vertical ? '' : undefined,
          'data-current': front.value,
          onPointerdown: (cause) => {
            base.onPointerdown(cause);
            down(cause);
          },
          onPointerup: (cause) => {
            base.onPointerup(cause);
            up(cause);
          },
        },
        [h('div', { ref: track, class: 'axml-track', style }, slots.default?.()), h('div', { class: 'axml-dots' }, dots)],
      );
    };
  },
};
