/**
 * Events as page code gets them. One touch causes several: one for each level it bubbles to, and those that a framework or component
 * makes from each.
 */

/** The platform's own event: a new object at each level, with the timestamp of the touch. */
const native = (timeStamp, type = 'tap') => ({ type, timeStamp, target: { dataset: {} }, currentTarget: { dataset: {} }, detail: {} });

/** Taro 4's TaroEvent: copies the platform's fields, but has its type in lower case and its own timestamp at each level. */
class TaroEvent {
  constructor(event, level) {
    for (const name of Object.keys(event)) if (!/target/i.test(name)) this[name] = event[name];
    Object.assign(this, { type: event.type.toLowerCase(), timeStamp: Date.now() + level + 1, mpEvent: event, bubbles: true });
  }

  get target() {
    throw new Error('no document yet');
  }
}

/** uni-app extends the platform's event; its components emit an event without a timestamp that holds the arguments. */
const uni = (event) => Object.assign(event, { mp: JSON.parse(JSON.stringify(event)), stopPropagation() {}, preventDefault() {} });
const uniComponent = (event) => ({ type: 'tap', target: {}, currentTarget: {}, detail: { __args__: [event] } });

/** mpx's triggerEvent, which carries the event of the tap on the component. */
const mpxComponent = (event, level) => ({
  type: 'tap',
  timeStamp: Date.now() + level + 1,
  target: { id: '' },
  currentTarget: { id: '' },
  detail: event,
});

/** All events of one touch, given its timestamp. */
export const FINGERS = {
  'native, two levels': (at) => [native(at), native(at)],
  'native, the same object twice': (at) => Array(2).fill(native(at)),
  "native, a tap on a form's button, and its submit": (at) => [native(at), native(at, 'submit')],
  'native, a long tap under both names': (at) => [native(at, 'longTap'), native(at, 'longtap')],
  'native, in either case': (at) => [native(at, 'tap'), native(at, 'Tap'), native(at, 'click')],
  'native, frozen': (at) => [Object.freeze(native(at)), Object.freeze(native(at))],
  'a copy by page code': (at) => [native(at), { ...native(at) }, Object.create(native(at))],
  'Taro, three levels': (at) => [0, 1, 2].map((level) => new TaroEvent(native(at), level)),
  "Taro, and the platform's own": (at) => [new TaroEvent(native(at), 0), native(at)],
  'Taro, copied by page code': (at) => [0, 1].map((level) => ({ ...new TaroEvent(native(at), level) })),
  'Taro, a form': (at) => [new TaroEvent(native(at), 0), new TaroEvent(native(at, 'submit'), 1)],
  'Taro in Taro': (at) => [new TaroEvent(new TaroEvent(native(at), 0), 1), new TaroEvent(native(at), 2)],
  'uni-app, two levels': (at) => [uni(native(at)), uni(native(at))],
  'uni-app, a component and the view around it': (at) => [uniComponent(uni(native(at))), uni(native(at))],
  'mpx, two levels': (at) => [native(at), native(at)],
  'mpx, a component and the view around it': (at) => [mpxComponent(native(at), 0), native(at)],
  'mpx, a component in a component': (at) => [mpxComponent(mpxComponent(native(at), 0), 1), native(at)],
};

const throwing = (fields) =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      fields.map((name) => [
        name,
        {
          enumerable: true,
          get() {
            throw new Error(name);
          },
        },
      ]),
    ),
  );
const refuse = () => {
  throw new Error('a proxy');
};

/** Values that are not a tap: each is refused with a code, opens no panel and throws no error of its own. */
export const NO_TAPS = {
  nothing: () => undefined,
  null: () => null,
  'a text': () => 'tap',
  'a number': () => Date.now(),
  'the options in its place': () => ({ purpose: '会员' }),
  'an empty object': () => ({}),
  'a list': () => ['tap'],
  'a function': () => () => 'tap',
  'a type that is a boxed text': (at) => ({ type: Object('tap'), timeStamp: at }),
  'a type that is an object': (at) => ({ type: { toString: () => 'tap' }, timeStamp: at }),
  'a touch that has begun': (at) => native(at, 'touchStart'),
  'a touch that ends': (at) => native(at, 'touchEnd'),
  'a page that scrolls': (at) => native(at, 'scroll'),
  'a page that loads': (at) => native(at, 'load'),
  'a change of a field': (at) => native(at, 'change'),
  'the privacy button': (at) => native(at, 'agreePrivacyAuthorization'),
  'the authorising button': (at) => native(at, 'getAuthorize'),
  'the authorising button, its values': (at) => native(at, 'getUserInfo'),
  'the authorising button by Taro': (at) => new TaroEvent(native(at, 'getAuthorize'), 0),
  'a failure': (at) => ({ ...native(at, 'error'), detail: { errorMessage: '用户取消授权' } }),
  'a failure that calls itself a tap': (at) => ({ ...native(at), detail: { errorMessage: '用户取消授权' } }),
  'a failure around an event': (at) => ({ ...native(at, 'error'), detail: { ...native(at), errorMessage: 'x' } }),
  'an old tap': (at) => native(at - 6000),
  'a getter that throws for the type': () => throwing(['type']),
  'getters that throw for everything': () => throwing(['type', 'timeStamp', 'detail', 'mpEvent', 'target']),
  'a wrapped event with getters that throw': () => ({ type: 'tap', mpEvent: throwing(['type', 'timeStamp', 'detail']) }),
  'a proxy that throws': () =>
    new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, defineProperty: refuse, getOwnPropertyDescriptor: refuse }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a wrapper around nothing but wrappers': () => {
    const event = { type: 'load' };
    return Object.assign(event, { mpEvent: event });
  },
};

export const tried = [
  {
    group: 'one finger, several events',
    what: 'all events of one tap, native and from Taro, uni-app and mpx, after the first panel was refused',
    count: Object.keys(FINGERS).length * 3,
    held: 'one panel',
    test: 'tests/attacks/page/events.test.mjs#one finger, one panel',
  },
  {
    group: 'events that are not a tap',
    what: 'other events, forged ones, getters and proxies that throw',
    count: Object.keys(NO_TAPS).length * 3,
    held: 'no panel, an error with a code',
    test: 'tests/attacks/page/events.test.mjs#what is no tap opens no panel',
  },
];
