/**
 * The sandbox's control interface, as far as a phone uses it: the platform's servers know the user's consents, the app's
 * products and the auth codes.
 *
 * @param {(path: string, init?: { method?: string, body?: object }) => Promise<any>} send to an address below `/control/`
 */
export function sandboxOf(send) {
  const get = (path, query) => send(`${path}?${new URLSearchParams(query)}`);
  return {
    /** @returns {Promise<{ granted: boolean, app_name: string, items: string[] }>} */
    consent: (user, scope) => get('consent', { user, scope }),
    decide: (user, scope, decision) => send('consent', { method: 'POST', body: { user, scope, decision } }),
    withdraw: (user, scope) => send(`consent?${new URLSearchParams({ user, scope })}`, { method: 'DELETE' }),
    /** @returns {Promise<{ authSetting: Record<string, boolean> }>} */
    settings: (user) => get('settings', { user }),
    authCode: (user, scopes) => send('auth-codes', { method: 'POST', body: { user, scopes } }),
    displayInfo: (user) => get('display-info', { user }),
    legacyDisplayInfo: (user) => get('display-info', { user, call: 'getAuthUserInfo' }),
  };
}
