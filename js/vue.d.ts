/** For uni-app with Vue 3: `miniauth/vue`. The button is a component of its own: `miniauth/vue/AuthorizeButton.vue`. */

import type { ComputedRef } from 'vue';
import { KitActs, KitView } from './kit.js';
import { Auth } from './miniauth.js';

export { AuthorizeScope } from './kit.js';

/** The state as refs, for `<script setup>` and templates, and the actions. */
export type AuthRefs = { readonly [Name in keyof KitView]: ComputedRef<KitView[Name]> } & KitActs;

/**
 * Returns a client's state and actions for a component. They stop with the component or with the surrounding scope: a Pinia store may call
 * it too.
 *
 * @param auth from `createAuth`, created once for the app
 */
export function useAuth(auth: Auth): AuthRefs;
