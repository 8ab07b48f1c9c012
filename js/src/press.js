/** What the authorising button sends when the user agrees: either, or both. */
const BUTTON = /^get(authorize|userinfo|phonenumber)$/i;

/** Lets the two events of one press share one outcome, in either order. */
export class Presses {
  /** @param {number} lifetime milliseconds within which the second event belongs to the first */
  constructor(lifetime) {
    this.lifetime = lifetime;
    /** @type {{ kind: string, at: number, outcome: Promise<any> } | undefined} */
    this.first = undefined;
  }

  /**
   * @param {{ calledAt: number, event?: { kind: string, failure?: object, shown?: object, phone?: object } }} stamp
   * @param {() => Promise<any>} call asks the module about this event
   * @returns {Promise<any>}
   */
  outcome({ calledAt, event }, call) {
    if (!event || event.failure || !BUTTON.test(event.kind)) return call();
    const { first } = this;
    const kind = event.kind.toLowerCase();
    if (first && first.kind !== kind && calledAt - first.at <= this.lifetime) {
      this.first = undefined;
      // It may carry what the platform did not answer.
      return event.shown || event.phone ? first.outcome.catch(call) : first.outcome;
    }
    const outcome = call();
    const mine = { kind, at: calledAt, outcome };
    this.first = mine;
    // A failure is shared with what waits for it, and not with what comes later.
    outcome.catch(() => {
      if (this.first === mine) this.first = undefined;
    });
    return outcome;
  }
}
