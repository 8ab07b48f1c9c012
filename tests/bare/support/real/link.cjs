/**
 * Passes values between page code in a separate engine and the outside, as JSON. Functions stay where they are, and are called from the
 * other side by number. Runs on both sides.
 *
 * @param {(message: string) => string | undefined} send delivers `{ call, given }`; if it can wait, it returns `{ value }` or `{ thrown }`
 */
exports.createLink = (send) => {
  const functions = [];
  const numbers = new Map();

  function numberOf(fn) {
    if (!numbers.has(fn)) numbers.set(fn, functions.push(fn) - 1);
    return numbers.get(fn);
  }

  function encode(value) {
    if (value === undefined) return { $: 'undefined' };
    if (typeof value === 'function') return { $: 'function', number: numberOf(value) };
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(encode);
    if (value instanceof Promise) {
      const then = (resolve, reject) => void value.then(resolve, reject);
      return { $: 'promise', then: encode(then), own: encodeFields(value) };
    }
    const name = Object.prototype.toString.call(value);
    if (name === '[object ArrayBuffer]') return { $: 'buffer', bytes: Array.from(new Uint8Array(value)) };
    if (name === '[object Error]') return { $: 'error', message: value.message, own: encodeFields(value) };
    if (typeof value.toJSON === 'function') return encode(value.toJSON());
    if (Object.prototype.hasOwnProperty.call(value, '$')) throw new Error('a field named $ cannot be told from a mark');
    return Object.getPrototypeOf(value) === null ? { $: 'bare', own: encodeFields(value) } : encodeFields(value);
  }

  function encodeFields(value) {
    const fields = {};
    for (const name of Object.keys(value)) fields[name] = encode(value[name]);
    return fields;
  }

  function decode(value) {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(decode);
    switch (value.$) {
      case undefined:
        return decodeFields({}, value);
      case 'undefined':
        return undefined;
      case 'function':
        return (...given) => call(value.number, given);
      case 'promise':
        return decodeFields(new RemotePromise(decode(value.then)), value.own);
      case 'buffer':
        return new Uint8Array(value.bytes).buffer;
      case 'error':
        return decodeFields(new Error(value.message), value.own);
      default:
        return decodeFields(Object.create(null), value.own);
    }
  }

  function decodeFields(made, fields) {
    for (const name of Object.keys(fields)) made[name] = decode(fields[name]);
    return made;
  }

  function call(number, given) {
    const reply = send(JSON.stringify({ call: number, given: encode(given) }));
    if (reply === undefined) return undefined;
    const { value, thrown } = JSON.parse(reply);
    if (thrown !== undefined) throw decode(thrown);
    return decode(value);
  }

  return {
    /** Numbers functions from 0, in this order, for the other side to start from. */
    offer: (...roots) => roots.forEach(numberOf),
    /** Returns the other side's function with this number. */
    remote:
      (number) =>
      (...given) =>
        call(number, given),
    /** Makes a call for the other side. */
    receive(message) {
      const { call: number, given } = JSON.parse(message);
      return functions[number](...decode(given));
    },
    /** Formats the result of `receive` for sending. */
    reply(message) {
      try {
        return JSON.stringify({ value: encode(this.receive(message)) });
      } catch (error) {
        return JSON.stringify({ thrown: encode(error) });
      }
    },
  };
};

/** A promise of the other side, which learns when it is handled, as on the platform. */
class RemotePromise extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }

  constructor(take) {
    let settle;
    super((resolve, reject) => {
      settle = [resolve, reject];
    });
    this.take = () => take(...settle);
    Object.defineProperty(this, 'take', { enumerable: false });
  }

  then(onFulfilled, onRejected) {
    this.take();
    this.take = () => {};
    return super.then(onFulfilled, onRejected);
  }
}
