/**
 * What a behaviour has to work with. It is page code: it runs in a bare engine and in the simulator's page logic.
 *
 * @param {object} given
 * @param {object} given.my the platform
 * @param {'wasm' | 'plain' | 'worker'} given.host where the module runs
 * @param {(options: object) => object} given.createAuth of that host, with what it needs besides
 * @param {(button?: 'authorise') => Promise<object>} given.tap has the person tap, on the authorising button if so, and
 *   resolves to the event
 * @param {(decision: 'accept' | 'refuse' | 'back') => void} given.person what the person answers from now on
 */
exports.harness = ({ my, host, createAuth, tap, person }) => {
  const decisions = [];
  const calls = watch(my);
  return {
    my,
    host,
    tap,
    person,
    calls,
    decisions,
    /** The app's own server, and one that is made for races. */
    server: SERVER,
    races: RACES,
    open: (server = SERVER, options = {}) =>
      createAuth(Object.assign({ my, server, observe: (decision) => decisions.push(decision) }, options)),
    sleep,
    same,
    rejects,
  };
};

const SERVER = 'https://api.shop.example';
const RACES = 'https://races.shop.example';

/** Puts a notebook in front of the platform's calls, and nothing else. */
function watch(my) {
  const made = [];
  for (const name of Object.keys(my)) {
    const original = my[name];
    if (typeof original !== 'function' || name === 'createWorker') continue;
    my[name] = function (options) {
      made.push(Object.assign({ name }, options));
      return original.apply(my, arguments);
    };
  }
  return {
    count: (name) => made.filter((call) => call.name === name).length,
    /** The requests that the package made, oldest first. */
    requests: () => made.filter(({ name }) => name === 'request' || name === 'httpRequest'),
  };
}

function sleep(millis) {
  return new Promise((resolve) => void setTimeout(resolve, millis));
}

function same(actual, expected, what) {
  const [is, should] = [actual, expected].map((value) => JSON.stringify(value));
  if (is !== should) throw new Error(`${what || 'value'}: ${is} should be ${should}`);
}

/** Waits for a failure of this code, and returns it. */
async function rejects(promise, code) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if (!outcome.error) throw new Error(`${code} was expected, not ${JSON.stringify(outcome.value)}`);
  if (outcome.error.code !== code) throw new Error(`${code} was expected, not ${outcome.error.code}: ${outcome.error}`);
  return outcome.error;
}
