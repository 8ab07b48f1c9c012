import { h, onMounted, provide } from 'vue';
import { PAGE } from '../axml/events.mjs';
import { state } from '../state.mjs';
import { tell } from '../worker-link.mjs';

/** What compiled AXML calls, beside the page's data (`$`). */
const HELPERS = {
  $text: (...parts) => parts.map((part) => (part === undefined || part === null ? '' : String(part))).join(''),
  $list: (value) => (Array.isArray(value) ? value : []),
  $style: (value) =>
    typeof value === 'string'
      ? value.replace(/(-?\d*\.?\d+)rpx\b/g, (_, number) => `${Number(number) / 2}px`)
      : undefined,
};

/** One page of the stack: its compiled view on its data. */
export const PageView = {
  name: 'page-view',
  props: ['page', 'front'],
  setup(props) {
    const { id, route, data, render } = props.page;
    const context = { ...HELPERS, $: data };
    provide(PAGE, {
      route,
      dispatch(method, event) {
        const place = state.project.handlers[route].find(({ name }) => name === method);
        tell({ type: 'event', page: id, method, event, place });
      },
    });
    onMounted(() => tell({ type: 'ready', page: id }));
    return () =>
      h(
        'div',
        {
          class: ['phone-view', { 'phone-page': props.front }],
          'data-view': route,
          'data-route': props.front ? route : undefined,
          hidden: props.front ? undefined : '',
        },
        [render(context, [])],
      );
  },
};
