/**
 * The tools of a behaviour. This is page code: it runs in bare engines and in the simulator's page logic.
 *
 * @typedef {{ type: string, timeStamp: number, detail?: object }} PageEvent
 * @typedef {'accept' | 'refuse' | 'refuse-for-good' | 'back' | 'background' | 'nothing'} Decision
 *
 * @param {object} given
 * @param {object} given.my the platform
 * @param {'wasm' | 'plain' | 'worker'} given.host where the module runs
 * @param {Record<string, string>} given.outcomes the result of each row of platform/behaviours.json under the active profile
 * @param {(options: object) => object} given.createAuth of that host, with its further options
 * @param {(button?: object) => PageEvent[] | Promise<PageEvent[]>} given.press has the person press a plain button or, with
 *   `openType` and `scope`, such a button, and resolves to what the page's handlers were called with
 * @param {(change: object) => Promise<void>} given.outside changes things outside page code
 * @param {('app' | 'page')[]} given.shown whose `onShow` was called after a panel
 */
exports.harness = ({ my, host, outcomes, createAuth, press, outside, shown }) => {
  const decisions = [];
  const calls = watch(my);
  return {
    my,
    host,
    calls,
    decisions,
    shown,
    /** The app's own server, and one for races. */
    server: SERVER,
    races: RACES,
    open: (server = SERVER, options = {}) =>
      createAuth(Object.assign({ my, server, observe: (decision) => decisions.push(decision) }, options)),
    /** Makes the person tap a button or, with `authorise`, press the authorising one; returns the relevant event. */
    tap: async (button) => {
      const events = await press(button && AUTHORISE);
      return button ? events.find(({ type }) => type === 'getAuthorize' || type === 'error') : events[0];
    },
    /** Makes the person press the authorising button; returns all its events, the tap first. */
    press: async (button) => await press(Object.assign({}, AUTHORISE, button)),
    /** Sets the person's reaction to a kind of panel: `consent`, `privacy` or `settings`. */
    person: (decision, panel) => outside({ person: decision, panel }),
    /** Switches on phone faults, `name` or `name:call`; an empty string switches them off. */
    fault: (text) => outside({ fault: text }),
    /** Withdraws a consent in the platform's own settings, as the person. */
    withdraw: (kind) => outside({ withdraw: kind }),
    /** Activates or deactivates a product of the app, for all users: such a behaviour says `alone`. */
    product: (name, inForce) => outside({ product: name, inForce }),
    /** Leaves the page. */
    leave: () => outside({ leave: true }),
    /** Calls the platform itself, like page code without the package; returns what `success` or `fail` got. */
    call: (name, options) =>
      new Promise((resolve) => {
        const settle = (outcome) => (value) => resolve({ outcome, value });
        const returned = my[name](Object.assign({ success: settle('success'), fail: settle('fail') }, options));
        // Newer versions also reject a promise.
        if (returned && typeof returned.then === 'function') returned.then(undefined, () => {});
      }),
    /** Returns the result under the active profile, by a row of platform/behaviours.json. */
    outcome: (row) => {
      if (!Object.prototype.hasOwnProperty.call(outcomes, row)) throw new Error(`there is no row ${row} with outcomes`);
      return outcomes[row];
    },
    sleep,
    until,
    same,
    rejects,
  };
};

const AUTHORISE = { openType: 'getAuthorize', scope: 'userInfo' };
const SERVER = 'https://api.shop.example';
const RACES = 'https://races.shop.example';

/** Records the platform's calls, and changes nothing else. */
function watch(my) {
  const made = [];
  for (const name of Object.keys(my)) {
    const original = my[name];
    if (typeof original !== 'function' || name === 'createWorker') continue;
    my[name] = function (options) {
      // An upload has its own name.
      made.push(Object.assign({}, options, { name }));
      return original.apply(my, arguments);
    };
  }
  return {
    of: (name) => made.filter((call) => call.name === name),
    count: (name) => made.filter((call) => call.name === name).length,
    /** Returns the package's requests, oldest first. */
    requests: () => made.filter(({ name }) => name === 'request' || name === 'httpRequest'),
  };
}

function sleep(millis) {
  return new Promise((resolve) => void setTimeout(resolve, millis));
}

/** Waits for something that page code or the platform does soon. */
async function until(holds) {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 10000) throw new Error(`it did not happen: ${holds}`);
    await sleep(5);
  }
}

function same(actual, expected, what) {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value));
  if (is !== should) throw new Error(`${what || 'value'}: ${is} should be ${should}`);
}

/** Waits for a failure with this code, and returns it. */
async function rejects(promise, code) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if (!outcome.error) throw new Error(`${code} was expected, not ${JSON.stringify(outcome.value)}`);
  if (outcome.error.code !== code) throw new Error(`${code} was expected, not ${outcome.error.code}: ${outcome.error}`);
  return outcome.error;
}
