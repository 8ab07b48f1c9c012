import { computed, shallowRef } from 'vue';
import { entries } from '../../timeline.mjs';
import { state } from '../../state.mjs';
import { KINDS } from '../entry-words.mjs';
import { JsonTree } from '../json-tree.mjs';
import { render } from './network.html';

/** The app's servers and their local counterparts, and its requests and sockets with what was sent and received. */
export const Network = {
  name: 'side-network',
  render,
  components: { JsonTree },
  setup() {
    const query = shallowRef('');
    const exchanges = computed(() =>
      entries.filter(({ kind, url }) => (kind === 'request' || kind === 'socket') && url.toLowerCase().includes(query.value.toLowerCase())),
    );
    return {
      state,
      query,
      exchanges,
      words: (entry) => KINDS[entry.kind].words(entry),
      host: ({ url }) => new URL(url).host,
      /** The non-empty parts of an exchange. */
      parts: ({ sent, received, data }) =>
        [
          ['已发送的请求头 request headers', sent?.headers],
          ['请求体 request body', sent?.body],
          ['响应头 response headers', received?.headers],
          ['响应体 response body', received?.body],
          ['消息 message', data],
        ].filter(([, value]) => value !== undefined && value !== null),
      isTree: (value) => typeof value === 'object',
    };
  },
};
