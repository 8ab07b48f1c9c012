import { computed, getCurrentScope, onScopeDispose, shallowRef } from 'vue';
import { makeKit, shown } from './kit.js';

/** @type {typeof import('../../vue.js').useAuth} */
export function useAuth(auth) {
  const kit = makeKit(auth);
  const state = shallowRef(shown(kit.state()));
  const stop = kit.subscribe(() => {
    state.value = shown(kit.state());
  });
  if (getCurrentScope()) onScopeDispose(stop);
  /**
   * @template {keyof typeof state.value} Name
   * @param {Name} name
   */
  const one = (name) => computed(() => state.value[name]);
  return Object.assign(
    {
      session: one('session'),
      member: one('member'),
      display: one('display'),
      phone: one('phone'),
      error: one('error'),
      advice: one('advice'),
      busy: one('busy'),
    },
    kit.acts,
  );
}
