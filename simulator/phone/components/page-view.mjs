import { h, onMounted, provide } from 'vue';
import { PAGE } from '../axml/events.mjs';
import { state } from '../state.mjs';
import { record } from '../timeline.mjs';
import { tell } from '../worker-link.mjs';

/** What has been said once of a page's view is not said at every drawing. */
const said = new Set();

function sayOnce(message, place) {
  const key = JSON.stringify([message, place]);
  if (!said.has(key)) record('notice', { message, ...place });
  said.add(key);
}

/** What compiled AXML calls, beside the page's data (`$`). @param {string} file of the page's view */
function helpers(file) {
  return {
    $text: (...parts) => parts.map((part) => (part === undefined || part === null ? '' : String(part))).join(''),
    $list(value, line, column) {
      if (Array.isArray(value)) return value;
      if (value !== undefined && value !== null) sayOnce('a:for takes a list, and shows nothing of another value', { file, line, column });
      return [];
    },
    $flag(value, name, line, column) {
      if (value === 'false') sayOnce(`${name} is the text "false", and so true`, { file, line, column });
      return value;
    },
    $style: (value) =>
      typeof value === 'string'
        ? value.replace(/(-?\d*\.?\d+)rpx\b/g, (_, number) => `${Number(number) / 2}px`)
        : undefined,
  };
}

/** One page of the stack: its compiled view on its data. */
export const PageView = {
  name: 'page-view',
  props: ['page', 'front'],
  setup(props) {
    const { id, route, data, render, window: style } = props.page;
    const context = { ...helpers(`${route}.axml`), $: data };
    provide(PAGE, {
      route,
      dispatch(method, event) {
        const place = state.project.handlers[route].find(({ name }) => name === method);
        tell({ type: 'event', page: id, method, event, place });
      },
    });
    onMounted(() => tell({ type: 'ready', page: id }));
    const onScroll = scrolling(style.onReachBottomDistance, (name, ...values) => tell({ type: 'scroll', page: id, name, values }));
    return () =>
      h(
        'div',
        {
          class: ['phone-view', { 'phone-page': props.front }],
          'data-view': route,
          'data-route': props.front ? route : undefined,
          hidden: props.front ? undefined : '',
          onScroll,
        },
        [render(context, [])],
      );
  },
};

/** Tells of scrolling, and of reaching the bottom: once, until the page is scrolled up again. */
function scrolling(distance, tellPage) {
  let atBottom = false;
  return ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
    tellPage('onPageScroll', { scrollTop, scrollHeight });
    const reached = scrollHeight - clientHeight - scrollTop <= distance + 1;
    if (reached && !atBottom) tellPage('onReachBottom');
    atBottom = reached;
  };
}
