import { h, inject } from 'vue';
import { state } from '../state.mjs';
import { COMMON_PROPS, useElement } from './element.mjs';
import { PAGE } from './events.mjs';

/**
 * `<image>`: files of the package, and the test users' avatars, which the simulator draws itself. Nothing is fetched
 * from elsewhere; such an image shows its host's name instead. The address as given stays on the element as `src`.
 */
export const AxmlImage = {
  name: 'axml-image',
  props: [...COMMON_PROPS, 'src', 'mode'],
  setup(props) {
    const page = inject(PAGE);
    const { attributes } = useElement(props);
    return () => {
      const { address, elsewhere } = resolveImage(String(props.src ?? ''), page.route);
      const content = address
        ? h('img', { src: address, alt: '', draggable: false })
        : elsewhere && h('span', { class: 'axml-elsewhere' }, elsewhere);
      return h(
        'axml-image',
        { ...attributes(), src: props.src, 'data-mode': props.mode ?? 'scaleToFill' },
        content ? [content] : [],
      );
    };
  },
};

/** @returns {{ address?: string, elsewhere?: string }} where the browser finds it, or the host that is not asked */
function resolveImage(src, route) {
  if (src === '') return {};
  if (src.startsWith('data:image/')) return { address: src };
  const remote = /^https?:\/\/([^/]*)/.exec(src);
  if (remote) {
    return remote[1] === state.project.avatarHost
      ? { address: `/__simulator/avatar?${new URLSearchParams({ url: src })}` }
      : { elsewhere: remote[1] };
  }
  const { pathname } = new URL(src, `http://package/${route}`);
  return { address: `/__simulator/files${pathname}` };
}
