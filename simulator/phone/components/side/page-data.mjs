import { computed, shallowRef } from 'vue';
import { state, topPage } from '../../state.mjs';
import { JsonTree } from '../json-tree.mjs';
import { render } from './page-data.html';

/** The data of an open page as drawn: by default the front page. */
export const PageData = {
  name: 'side-page-data',
  render,
  components: { JsonTree },
  setup() {
    const chosen = shallowRef('');
    const page = computed(() => state.pages.find(({ id }) => String(id) === chosen.value) ?? topPage());
    return {
      state,
      chosen,
      page,
      isEmpty: (data) => Object.keys(data).length === 0,
    };
  },
};
