import { computed, nextTick, shallowReactive, shallowRef } from 'vue';
import { USER_FOLDER } from '../../../platform/files.mjs';
import { keepStorage, state } from '../../state.mjs';
import { redact } from '../../timeline.mjs';
import { tell } from '../../worker-link.mjs';
import { render } from './storage.html';

/** The chosen user's `my` storage, which can be edited while the mini-program runs, and the phone's files. */
export const Storage = {
  name: 'side-storage',
  render,
  setup() {
    const edited = shallowReactive({ key: null, text: '', isNew: false });
    const problem = shallowRef('');
    const root = shallowRef(null);
    const rows = computed(() =>
      Object.entries(state.storage).map(([key, text]) => ({ key, text, shown: JSON.stringify(redact({ value: JSON.parse(text) }).value) })),
    );
    const files = computed(() =>
      [...state.files]
        .filter(([path]) => path !== USER_FOLDER)
        .map(([path, { isFolder, bytes }]) => ({ path, size: isFolder ? '文件夹 folder' : `${bytes.length} B` })),
    );
    const put = (texts) => {
      keepStorage(texts);
      if (state.pages.length > 0) tell({ type: 'storage-set', texts });
    };
    const edit = (key, text, isNew = false) => {
      Object.assign(edited, { key, text, isNew });
      problem.value = '';
      void nextTick(() => root.value?.querySelector(isNew ? 'input' : 'textarea')?.focus());
    };
    return {
      edited,
      problem,
      root,
      rows,
      files,
      edit,
      add: () => edit('', '""', true),
      cancel: () => edit(null, ''),
      save() {
        try {
          JSON.parse(edited.text);
        } catch (error) {
          problem.value = `不是有效的 JSON（文本要加双引号） not valid JSON: ${error.message}`;
          return;
        }
        if (edited.key === '') {
          problem.value = '请填写键名 the key is missing';
          return;
        }
        put({ ...state.storage, [edited.key]: edited.text });
        edit(null, '');
      },
      remove: (key) => put(Object.fromEntries(Object.entries(state.storage).filter(([name]) => name !== key))),
      clear: () => put({}),
    };
  },
};
