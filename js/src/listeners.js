import { promised } from './start.js';

/** What the page wants to be told. What a listener does, and whether it fails, is its own affair: nobody waits for it. */
export class Listeners {
  constructor() {
    /** @type {{ listener: any }[]} */
    this.all = [];
  }

  /**
   * @param {any} listener
   * @returns {() => void} has it told no more
   */
  add(listener) {
    const entry = { listener };
    this.all = this.all.concat([entry]);
    return () => {
      this.all = this.all.filter((other) => other !== entry);
    };
  }

  /**
   * Has each be told, in the order in which they came. A failure goes to the console, where their author looks.
   *
   * @param {(listener: any) => any} tell
   */
  tell(tell) {
    for (const entry of this.all) {
      // One that was told before may have taken it away.
      if (this.all.includes(entry)) promised(() => tell(entry.listener)).catch((error) => console.error(error));
    }
  }
}
