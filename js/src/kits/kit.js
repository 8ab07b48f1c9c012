/**
 * What a page shows of a client, for `miniauth/vue` and `miniauth/react`: a state that is replaced and never changed, and acts that
 * never reject, for what fails is part of the state. Knows no framework.
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
  /** How often everything that was shown of somebody has gone: an answer that was asked for before comes too late. */
  let forgotten = 0;
  /** @type {() => void} */
  let changed = () => {};

  /** @param {Partial<KitState>} changes */
  const set = (changes) => {
    state = Object.assign({}, state, changes);
    changed();
  };

  /** Of nobody any more. */
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

  /** @param {Partial<KitState>} [changes] what is known besides */
  const renew = (changes) => {
    const session = auth.session();
    // What was shown of somebody goes with the session, whichever page ended it.
    const ended = state.session.status === 'living' && session.status === 'none';
    set(Object.assign({ session }, changes, ended && forget()));
  };

  /** @type {KitActs['attempt']} */
  const attempt = (act) => {
    running += 1;
    set({ error: null, busy: true });
    // At once: a tap holds for what its handler does.
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
     * Tells of every change from now on, and at once of what has changed since the state was read. One listener at a time.
     *
     * @param {() => void} listener
     * @returns {() => void} has it told no more
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
 * The state as a page reads it, with what follows from it.
 *
 * @param {KitState} state
 */
export const shown = (state) =>
  Object.assign({}, state, { member: state.session.member || null, advice: state.error ? adviceOf(state.error) : '' });

/** @param {any} error the client's, or what page code threw in `attempt` */
const adviceOf = (error) => (error.advice ? error.advice.zh : String(error.message || error));
