/**
 * Takes events down at the moment of the call, before anything is awaited: the same object gets the same number, and is
 * as old as its first sight.
 */
export class Stamper {
  constructor() {
    /** @type {WeakMap<object, { object: number, firstSeen: number }>} */
    this.seen = new WeakMap();
    this.last = 0;
  }

  /**
   * @param {unknown} event
   * @param {{ purpose?: unknown } | undefined} options
   */
  stamp(event, options) {
    const calledAt = Date.now();
    const purpose = options && typeof options.purpose === 'string' ? options.purpose : undefined;
    return { calledAt, purpose, event: this.event(event, calledAt) };
  }

  /**
   * @param {unknown} event
   * @param {number} now
   */
  event(event, now) {
    if (typeof event !== 'object' || event === null) return undefined;
    const { type, timeStamp } = /** @type {{ type?: unknown, timeStamp?: unknown }} */ (event);
    let known = this.seen.get(event);
    if (!known) {
      this.last += 1;
      known = { object: this.last, firstSeen: now };
      this.seen.set(event, known);
    }
    return {
      object: known.object,
      firstSeen: known.firstSeen,
      kind: typeof type === 'string' ? type : '',
      timeStamp: typeof timeStamp === 'number' ? timeStamp : undefined,
    };
  }
}
