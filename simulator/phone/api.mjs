/** The page's requests to its own origin, the simulator's server. */

/**
 * Calls the simulator's server.
 *
 * @param {string} path below `/__simulator/`
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<any>} the JSON answer
 * @throws for a status outside 2xx, or if the server does not respond
 */
export async function call(path, { method = 'GET', body, signal } = {}) {
  const response = await fetch(`/__simulator/${path}`, {
    method,
    signal,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const value = text === '' ? null : JSON.parse(text);
  if (!response.ok) throw new Error(value?.error ?? `status ${response.status}`);
  return value;
}

/**
 * Makes a call whose answer is streamed as JSON lines.
 *
 * @param {string} path below `/__simulator/`
 * @param {unknown} body
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<any>}
 * @throws as `call` does
 */
export async function* callInLines(path, body, signal) {
  const response = await fetch(`/__simulator/${path}`, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.json()).error);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
  if (rest !== '') yield JSON.parse(rest);
}

/**
 * @param {string} path below `/__simulator/`
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchBytes(path) {
  const response = await fetch(`/__simulator/${path}`);
  if (!response.ok) throw new Error((await response.json()).error);
  return response.arrayBuffer();
}

/** The sandbox's control interface. */
export const sandbox = {
  users: () => call('control/users').then(({ users }) => users),
  createUser: (fields) => call('control/users', { method: 'POST', body: fields }),
  setIds: (user, ids) => call('control/ids', { method: 'PUT', body: { user, ids } }),
  /** Withdraws consents. @param {string} user @param {string} [scope] by default all */
  revoke: (user, scope) => call(`control/consent?${new URLSearchParams(scope ? { user, scope } : { user })}`, { method: 'DELETE' }),
  consent: (user, scope) => call(`control/consent?${new URLSearchParams({ user, scope })}`),
  decide: (user, scope, decision) => call('control/consent', { method: 'POST', body: { user, scope, decision } }),
  profiles: () => call('control/profiles').then(({ profile }) => profile),
  setProfiles: (profile) => call('control/profiles', { method: 'PUT', body: { profile } }),
  setProduct: (product, inForce) => call('control/product', { method: 'PUT', body: { product, in_force: inForce } }),
  setFault: (fault) => call('control/fault', { method: 'PUT', body: fault }),
  messagesAfter: (sequence) => call(`control/messages?after=${sequence}`).then(({ messages }) => messages),
  callsAfter: (sequence) => call(`control/calls?after=${sequence}`).then(({ calls }) => calls),
};
