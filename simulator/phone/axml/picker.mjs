import { h, inject, onMounted, onUpdated, provide, ref, watch } from 'vue';
import { COMMON_PROPS, useElement } from './element.mjs';

/** `<picker>`: the browser's own select lies over its content. */
export const AxmlPicker = {
  name: 'axml-picker',
  props: [...COMMON_PROPS, 'title', 'range', 'rangeKey', 'value', 'disabled'],
  setup(props, { slots }) {
    let self = null;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    const chosen = ref(props.value);
    watch(
      () => props.value,
      (value) => {
        chosen.value = value;
      },
    );
    const choose = (cause) => {
      chosen.value = Number(cause.target.value);
      fire('change', cause, { element: self, detail: { value: chosen.value } });
    };
    return () => {
      const range = Array.isArray(props.range) ? props.range : [];
      const options = range.map((item, index) =>
        h('option', { value: index }, String((props.rangeKey ? item?.[props.rangeKey] : item) ?? '')),
      );
      const none = h('option', { value: '', hidden: true }, '');
      const list = h(
        'select',
        {
          class: 'axml-list',
          'aria-label': props.title ?? 'picker',
          disabled: Boolean(props.disabled),
          value: chosen.value ?? '',
          onChange: choose,
        },
        [none, ...options],
      );
      return h('axml-picker', attributes(), [slots.default?.(), list]);
    };
  },
};

/** Injection key of the picker-view around a column. */
const VIEW = Symbol('picker-view');

/** `<picker-view>`: columns are lists, and a tap chooses an item. */
export const AxmlPickerView = {
  name: 'axml-picker-view',
  props: [...COMMON_PROPS, 'value'],
  setup(props, { slots }) {
    let self = null;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    const chosen = ref([]);
    const columns = () => [...self.querySelectorAll('axml-picker-view-column')];
    watch(
      () => props.value,
      (value) => {
        chosen.value = Array.isArray(value) ? [...value] : [];
      },
      { immediate: true },
    );
    provide(VIEW, {
      chosen: (column) => chosen.value[columns().indexOf(column)] ?? 0,
      choose(column, item, cause) {
        const all = columns();
        chosen.value = all.map((each, index) => (each === column ? item : (chosen.value[index] ?? 0)));
        fire('change', cause, { element: self, detail: { value: [...chosen.value] } });
      },
    });
    return () => h('axml-picker-view', { ...attributes(), 'data-value': chosen.value.join() }, slots.default?.());
  },
};

export const AxmlPickerViewColumn = {
  name: 'axml-picker-view-column',
  props: COMMON_PROPS,
  setup(props, { slots }) {
    const view = inject(VIEW, null);
    let self = null;
    const { attributes } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    const mark = () => {
      [...self.children].forEach((item, index) => item.toggleAttribute('data-chosen', index === view?.chosen(self)));
    };
    onMounted(mark);
    onUpdated(mark);
    watch(() => self && view?.chosen(self), mark, { flush: 'post' });
    return () => {
      const base = attributes();
      const press = (cause) => {
        base.onClick(cause);
        const item = [...self.children].findIndex((each) => each.contains(cause.target));
        if (item < 0 || !view) return;
        view.choose(self, item, cause);
        mark();
      };
      return h('axml-picker-view-column', { ...base, onClick: press }, slots.default?.());
    };
  },
};
