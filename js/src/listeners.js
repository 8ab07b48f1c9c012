import { promised } from './start.js';

/** The page's listeners. Nobody waits for a listener, and its errors have no effect. */
export class Listeners {
  constructor() {
    /** @type {{ listener: any }[]} */
    this.all = [];
  }

  /**
   * @param {any} listener
   * @returns {() => void} removes the listener
   */
  add(listener) {
    const entry = { listener };
    this.all = this.all.concat([entry]);
    return () => {
      this.all = this.all.filter((other) => other !== entry);
    };
  }

  /**
   * Calls each listener, in the order in which they were added. Errors go to the console, for the listener's author.
   *
   * @param {(listener: any) => any} tell
   */
  tell(tell) {
    for (const entry of this.all) {
      // An earlier listener may have removed it.
      if (this.all.includes(entry)) promised(() => tell(entry.listener)).catch((error) => console.error(error));
    }
  }
}
