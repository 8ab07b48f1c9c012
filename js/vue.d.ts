/** For uni-app with Vue 3: `miniauth/vue`. The button is a component of its own: `miniauth/vue/AuthorizeButton.vue`. */

import type { ComputedRef } from 'vue';
import { KitActs, KitView } from './kit.js';
import { Auth } from './miniauth.js';

export { AuthorizeScope } from './kit.js';

/** The state as refs, for `<script setup>` and templates, and the acts. */
export type AuthRefs = { readonly [Name in keyof KitView]: ComputedRef<KitView[Name]> } & KitActs;

/**
 * What a component shows of a client, and what it does with it. It ends with the component, or with the scope that it is called in: a
 * Pinia store may call it too.
 *
 * @param auth what `createAuth` made, once for the app
 */
export function useAuth(auth: Auth): AuthRefs;
