import { h, onMounted, watch } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** The distance from an end at which the page is notified, in pixels: the platform's default. */
const THRESHOLD = 50;

/** `<scroll-view>`: scrolls where the page says, and reports its position. */
export const AxmlScrollView = {
  name: 'axml-scroll-view',
  props: [
    ...COMMON_PROPS,
    'scrollX',
    'scrollY',
    'upperThreshold',
    'lowerThreshold',
    'scrollTop',
    'scrollLeft',
    'scrollIntoView',
    'scrollWithAnimation',
  ],
  setup(props, { slots }) {
    let self = null;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    const go = () => {
      const behavior = props.scrollWithAnimation ? 'smooth' : 'instant';
      const wanted = props.scrollIntoView ? self.querySelector(`#${CSS.escape(props.scrollIntoView)}`) : null;
      if (wanted) {
        const [to, from] = [wanted, self].map((element) => element.getBoundingClientRect());
        self.scrollTo({ top: self.scrollTop + to.top - from.top, left: self.scrollLeft + to.left - from.left, behavior });
      } else if (props.scrollTop !== undefined || props.scrollLeft !== undefined) {
        self.scrollTo({ top: Number(props.scrollTop) || 0, left: Number(props.scrollLeft) || 0, behavior });
      }
    };
    onMounted(go);
    watch(() => [props.scrollIntoView, props.scrollTop, props.scrollLeft], go, { flush: 'post' });

    /** Each end is reported once until it is left again (assumed). */
    const at = { scrollToUpper: true, scrollToLower: false };
    const near = (type, isNear, cause) => {
      if (isNear && !at[type]) fire(type, cause, { element: self });
      at[type] = isNear;
    };
    const scrolled = (cause) => {
      if (cause.target !== self) return;
      const { scrollLeft, scrollTop, scrollHeight, scrollWidth, clientHeight, clientWidth } = self;
      fire('scroll', cause, { element: self, detail: { scrollLeft, scrollTop, scrollHeight, scrollWidth } });
      const [place, rest] = props.scrollX
        ? [scrollLeft, scrollWidth - clientWidth - scrollLeft]
        : [scrollTop, scrollHeight - clientHeight - scrollTop];
      near('scrollToUpper', place <= Number(props.upperThreshold ?? THRESHOLD), cause);
      near('scrollToLower', rest <= Number(props.lowerThreshold ?? THRESHOLD), cause);
    };
    return () =>
      h(
        'axml-scroll-view',
        {
          ...attributes(),
          'data-scroll-x': props.scrollX ? '' : undefined,
          'data-scroll-y': props.scrollY ? '' : undefined,
          onScroll: scrolled,
        },
        slots.default?.(),
      );
  },
};
