import { h } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** Tags that only display something. */

/** Our own icons: the platform's differ. */
const SIGNS = {
  info: 'i',
  warn: '!',
  waiting: '…',
  cancel: '×',
  download: '↓',
  search: '⌕',
  clear: '×',
  success: '✓',
  success_no_circle: '✓',
  loading: '◌',
};

export const AxmlIcon = {
  name: 'axml-icon',
  props: [...COMMON_PROPS, 'type', 'size', 'color'],
  setup(props) {
    const { attributes } = useElement(props);
    return () => {
      const size = Number(props.size ?? 23) || 23;
      const style = { width: `${size}px`, height: `${size}px`, lineHeight: `${size}px`, fontSize: `${size * 0.7}px`, color: props.color };
      return h(
        'axml-icon',
        { ...attributes(), role: 'img', 'aria-label': props.type, 'data-type': props.type, style },
        SIGNS[props.type] ?? '',
      );
    };
  },
};

export const AxmlProgress = {
  name: 'axml-progress',
  props: [...COMMON_PROPS, 'percent', 'showInfo', 'strokeWidth', 'activeColor', 'backgroundColor'],
  setup(props) {
    const { attributes } = useElement(props);
    return () => {
      const percent = Math.min(Math.max(Number(props.percent) || 0, 0), 100);
      const bar = { height: `${Number(props.strokeWidth ?? 6)}px`, background: props.backgroundColor };
      return h('axml-progress', { ...attributes(), role: 'progressbar', 'aria-valuenow': percent }, [
        h('div', { class: 'axml-bar', style: bar }, [h('div', { style: { width: `${percent}%`, background: props.activeColor } })]),
        props.showInfo ? h('span', `${percent}%`) : null,
      ]);
    };
  },
};

/** `<web-view>`: fills the page and shows the address that a phone would load. Nothing is loaded. */
export const AxmlWebView = {
  name: 'axml-web-view',
  props: [...COMMON_PROPS, 'src'],
  setup(props) {
    const { attributes } = useElement(props);
    return () => h('axml-web-view', attributes(), [h('b', 'web-view'), h('span', String(props.src ?? ''))]);
  },
};
