/**
 * The state that a page shows of a client, for `miniauth/vue` and `miniauth/react`: it is replaced, never mutated; actions never reject,
 * because errors are part of the state. Independent of frameworks.
 *
 * @typedef {import('../../kit.js').KitState} KitState
 * @typedef {import('../../kit.js').KitActs} KitActs
 *
 * @param {import('../../miniauth.js').Auth} auth
 */
export function makeKit(auth) {
  /** @type {KitState} */
  let state = { session: auth.session(), display: null, phone: null, error: null, busy: false };
  let running = 0;
  /** How often the shown data was cleared: answers requested before that are ignored. */
  let forgotten = 0;
  /** @type {() => void} */
  let changed = () => {};

  /** @param {Partial<KitState>} changes */
  const set = (changes) => {
    state = Object.assign({}, state, changes);
    changed();
  };

  /** Clears what was shown of the user. */
  const forget = () => {
    forgotten += 1;
    return { display: null, phone: null };
  };

  /** @template T @param {(value: T) => Partial<KitState>} changes */
  const unlessForgotten = (changes) => {
    const asked = forgotten;
    return (/** @type {T} */ value) => {
      if (asked === forgotten) set(changes(value));
    };
  };

  /** @param {Partial<KitState>} [changes] further changes */
  const renew = (changes) => {
    const session = auth.session();
    // When a session ends, what was shown of the user is cleared, whichever page ended it.
    const ended = state.session.status === 'living' && session.status === 'none';
    set(Object.assign({ session }, changes, ended && forget()));
  };

  /** @type {KitActs['attempt']} */
  const attempt = (act) => {
    running += 1;
    set({ error: null, busy: true });
    // Call it synchronously: a tap is only valid for its handler.
    return new Promise((resolve) => void resolve(act()))
      .catch((error) => set({ error }))
      .then((value) => {
        running -= 1;
        renew({ busy: running > 0 });
        return value;
      });
  };

  /** @type {KitActs} */
  const acts = {
    attempt,
    login: () => attempt(() => auth.login()),
    show: (event, options) =>
      attempt(() => {
        const shows = unlessForgotten((/** @type {KitState['display']} */ display) => ({ display }));
        return auth.getAuthUserInfo(event, options).then((info) => info.renderTo(shows));
      }),
    join: (event, options) => attempt(() => auth.authorize(event, options)),
    savePhone: (event, options) =>
      attempt(() => auth.getPhoneNumber(event, options).then(unlessForgotten((/** @type {KitState['phone']} */ phone) => ({ phone })))),
    logout: () => attempt(() => auth.logout().then(() => set(forget()))),
  };

  return {
    acts,
    state: () => state,
    /**
     * Calls the listener on every change from now on, and at once if something changed since the state was read. One listener at a time.
     *
     * @param {() => void} listener
     * @returns {() => void} unsubscribes
     */
    subscribe: (listener) => {
      changed = listener;
      const stop = auth.onChange(() => renew());
      if (JSON.stringify(auth.session()) !== JSON.stringify(state.session)) renew();
      return () => {
        changed = () => {};
        stop();
      };
    },
  };
}

/**
 * Returns the state with derived values.
 *
 * @param {KitState} state
 */
export const shown = (state) =>
  Object.assign({}, state, { member: state.session.member || null, advice: state.error ? adviceOf(state.error) : '' });

/** @param {any} error from the client, or thrown by page code in `attempt` */
const adviceOf = (error) => (error.advice ? error.advice.zh : String(error.message || error));
