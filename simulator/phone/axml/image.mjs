import { h, inject, ref, watch } from 'vue';
import { COMMON_PROPS, PAGE, useElement } from './element.mjs';
import { resolveImage } from './image-address.mjs';

/**
 * `<image>`: files of the package and the phone, and the test users' avatars, which the simulator draws. Nothing is loaded from other
 * hosts; such an image shows the host's name. The original address stays on the element as `src`.
 */
export function image(tag) {
  return {
    name: tag,
    props: [...COMMON_PROPS, 'src', 'mode', 'lazyLoad', 'defaultSource'],
    setup(props) {
      const page = inject(PAGE);
      const hasLoaded = ref(false);
      watch(
        () => props.src,
        () => {
          hasLoaded.value = false;
        },
      );
      let self = null;
      const { attributes, fire } = useElement(props, {
        drawn: (element) => {
          self = element;
        },
      });
      const loaded = ({ target }) => {
        hasLoaded.value = true;
        fire('load', null, { element: self, detail: { width: target.naturalWidth, height: target.naturalHeight } });
      };
      const failed = () => fire('error', null, { element: self, detail: { errMsg: `the picture ${props.src} cannot be shown` } });
      return () => {
        const { address, elsewhere } = resolveImage(String(props.src ?? ''), page.route);
        const content = address
          ? h('img', {
              src: address,
              alt: '',
              draggable: false,
              loading: props.lazyLoad ? 'lazy' : undefined,
              onLoad: loaded,
              onError: failed,
            })
          : elsewhere && h('span', { class: 'axml-elsewhere' }, elsewhere);
        const meanwhile = props.defaultSource && !hasLoaded.value && resolveImage(String(props.defaultSource), page.route).address;
        const shown = [content, meanwhile && h('img', { class: 'axml-meanwhile', src: meanwhile, alt: '' })].filter(Boolean);
        return h(tag, { ...attributes(), src: props.src, 'data-mode': props.mode ?? 'scaleToFill' }, shown);
      };
    },
  };
}
