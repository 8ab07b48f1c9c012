import vm from 'node:vm';

/** Has an engine tell the time by the clock, where that is not the time that everybody has. */
export function setDate(context, clock) {
  if (!clock.driven) return;
  const install = vm.runInContext(
    `(now) => {
      const Native = Date;
      this.Date = class Date extends Native {
        constructor(...given) { super(...(given.length === 0 ? [now()] : given)); }
        static now() { return now(); }
      };
    }`,
    context,
  );
  install(() => clock.now());
}
