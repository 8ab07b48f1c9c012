// Nothing is authorised at launch: each page asks at the step that needs it.
App({
  /** For the developer's probe only: how often the app came to the foreground. */
  shows: 0,

  onShow() {
    this.shows += 1;
  },
});
