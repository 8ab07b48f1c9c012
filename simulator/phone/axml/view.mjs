import { h, onBeforeUnmount, onMounted, watch } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** `<view>`: in addition to the common behaviour, plays animations of `my.createAnimation`. */
export const AxmlView = {
  name: 'axml-view',
  props: [...COMMON_PROPS, 'animation', 'disableScroll', 'role'],
  setup(props, { slots }) {
    let drawn;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        drawn = element;
      },
    });
    const player = new Player(() => fire('transitionEnd', null, { element: drawn }));
    const play = () => player.play(drawn, props.animation);
    onMounted(play);
    watch(() => props.animation, play, { flush: 'post' });
    onBeforeUnmount(() => player.stop());
    // Like the platform's attribute, this also stops scrolling of the content.
    const scrolls = () => (props.disableScroll ? { onWheel: (cause) => cause.preventDefault() } : {});
    return () => h('axml-view', { ...attributes(), ...scrolls(), role: props.role }, slots.default?.());
  },
};

/** Plays steps one after another; properties keep their value until another step changes them (assumed, like the animation format). */
class Player {
  /** @param {() => void} ended called after each step, which is a transition on the platform */
  constructor(ended) {
    this.ended = ended;
    this.transforms = new Map();
    this.playing = [];
    this.round = 0;
  }

  /** Plays an animation. @param {Element} element @param {unknown} steps from `export()`; anything else is ignored */
  async play(element, steps) {
    if (!Array.isArray(steps) || steps.length === 0) return;
    this.round += 1;
    const { round } = this;
    for (const step of steps) {
      const animation = this.#start(element, step);
      await animation.finished.catch(() => {});
      if (round !== this.round) return;
      this.ended();
    }
  }

  stop() {
    this.round += 1;
    for (const animation of this.playing) animation.cancel();
  }

  #start(element, { config = {}, animation: changes = [] }) {
    const frame = {};
    for (const [name, values] of changes) {
      if (Object.hasOwn(STYLES, name)) frame[name] = STYLES[name](values[0]);
      else this.transforms.set(name, `${name}(${values.map((value, at) => withUnit(name, value, at)).join(', ')})`);
    }
    if (this.transforms.size > 0) frame.transform = [...this.transforms.values()].join(' ');
    if (config.transformOrigin) frame.transformOrigin = config.transformOrigin;
    const { duration, delay, timeFunction: easing } = config;
    const timing = { duration: Number(duration) || 0, delay: Number(delay) || 0, fill: 'forwards' };
    let animation;
    try {
      animation = element.animate([frame], { ...timing, easing });
    } catch {
      // The browser does not know the easing.
      animation = element.animate([frame], timing);
    }
    this.playing.push(animation);
    return animation;
  }
}

const pixels = (value) => (typeof value === 'number' ? `${value}px` : String(value));

const STYLES = {
  opacity: Number,
  backgroundColor: String,
  width: pixels,
  height: pixels,
  top: pixels,
  left: pixels,
  bottom: pixels,
  right: pixels,
};

/** Of `rotate3d`, only the last value is an angle. */
function withUnit(name, value, at) {
  if (typeof value !== 'number') return value;
  if (name.startsWith('translate')) return `${value}px`;
  const isAngle = name.startsWith('skew') || (name.startsWith('rotate') && (name !== 'rotate3d' || at === 3));
  return isAngle ? `${value}deg` : value;
}
