import vm from 'node:vm';

/** Sets an engine's time to the clock's, if that is not the real time. */
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
