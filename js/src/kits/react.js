import { Button } from '@tarojs/components';
import { createElement, useMemo, useSyncExternalStore } from 'react';
import { makeKit, shown } from './kit.js';

/** @param {import('../../miniauth.js').Auth} auth */
function useKit(auth) {
  const kit = useMemo(() => makeKit(auth), [auth]);
  return { kit, state: useSyncExternalStore(kit.subscribe, kit.state, kit.state) };
}

/** @type {typeof import('../../react.js').useAuth} */
export function useAuth(auth) {
  const { kit, state } = useKit(auth);
  return Object.assign(shown(state), kit.acts);
}

/** @type {typeof import('../../react.js').useMember} */
export const useMember = (auth) => shown(useKit(auth).state).member;

/**
 * Taro only bundles those of its components that are imported: an element name would not work.
 *
 * @type {typeof import('../../react.js').AuthorizeButton}
 */
export function AuthorizeButton({ onAnswer, ...given }) {
  return createElement(Button, { ...given, openType: 'getAuthorize', onGetAuthorize: onAnswer, onError: onAnswer });
}
