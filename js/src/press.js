/** The authorising button's events when the user agrees: one or both. */
const BUTTON = /^get(authorize|userinfo|phonenumber)$/i;

/** Makes the two events of one press share an outcome, in either order. */
export class Presses {
  /** @param {number} lifetime how long the second event can belong to the first, in milliseconds */
  constructor(lifetime) {
    this.lifetime = lifetime;
    /** @type {{ kind: string, at: number, outcome: Promise<any> } | undefined} */
    this.first = undefined;
  }

  /**
   * @param {{ calledAt: number, event?: { kind: string, failure?: object, shown?: object, phone?: object } }} stamp
   * @param {() => Promise<any>} call evaluates this event in the module
   * @returns {Promise<any>}
   */
  outcome({ calledAt, event }, call) {
    if (!event || event.failure || !BUTTON.test(event.kind)) return call();
    const { first } = this;
    const kind = event.kind.toLowerCase();
    if (first && first.kind !== kind && calledAt - first.at <= this.lifetime) {
      this.first = undefined;
      // The second event may have the answer that the first one lacked.
      return event.shown || event.phone ? first.outcome.catch(call) : first.outcome;
    }
    const outcome = call();
    const mine = { kind, at: calledAt, outcome };
    this.first = mine;
    // A failure is shared with those already waiting, not with later events.
    outcome.catch(() => {
      if (this.first === mine) this.first = undefined;
    });
    return outcome;
  }
}
