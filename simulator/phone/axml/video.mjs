import { h, onMounted, ref } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** `<video>`: a box that plays nothing. Its buttons fire play, pause and ended; a real one also reports progress. */
export const AxmlVideo = {
  name: 'axml-video',
  props: [...COMMON_PROPS, 'src', 'poster', 'autoplay', 'controls', 'loop'],
  setup(props, { slots }) {
    let self = null;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    const plays = ref(false);
    const set = (value, type) => {
      plays.value = value;
      fire(type, null, { element: self });
    };
    onMounted(() => {
      if (props.autoplay) set(true, 'play');
    });
    /** A press on a button is not a tap on the video. */
    const key = (action, words, act) =>
      h(
        'button',
        {
          type: 'button',
          'data-action': action,
          onClick: (cause) => {
            cause.stopPropagation();
            if (cause.isTrusted) act();
          },
        },
        words,
      );
    const end = () => {
      set(false, 'ended');
      if (props.loop) set(true, 'play');
    };
    return () =>
      h('axml-video', { ...attributes(), 'data-tag': '<video>', 'data-given': String(props.src ?? '') }, [
        props.controls === false
          ? null
          : h('div', { class: 'axml-video-keys' }, [
              plays.value ? key('pause', '⏸ 暂停', () => set(false, 'pause')) : key('play', '▶ 播放', () => set(true, 'play')),
              plays.value ? key('end', '⏭ 到结尾', end) : null,
            ]),
        slots.default?.(),
      ]);
  },
};
