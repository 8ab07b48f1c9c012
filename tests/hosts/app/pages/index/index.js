const { behaviours } = require('../../behaviours/index.js');
const { harness } = require('../../behaviours/harness.js');
const { hosts } = require('../../hosts.js');

/** How long to wait for a press's other handlers, or on another page, in milliseconds. */
const SOON = 100;

/** This page's authorising buttons, by scope. */
const BUTTONS = { userInfo: 'authorise', phoneNumber: 'phone' };

const app = getApp();

Page({
  data: { asked: 0, wanted: 'nothing', answers: '{"consent":"accept","privacy":"agree"}', change: '', outcome: '' },

  onShow() {
    app.shown.push('page');
  },

  /** The behaviour to run, its host and its outcomes, as JSON. */
  order(event) {
    const { host, name, phase, outcomes } = JSON.parse(event.detail.value);
    app.shown.length = 0;
    this.show(host, outcomes, behaviours.find((behaviour) => behaviour.name === name)[phase]);
  },

  /** The events of the requested button: its tap first, then the results. */
  hear(event) {
    if (this.data.wanted !== 'nothing') this.setData({ wanted: 'nothing' });
    this.heard.push(event);
    if (!this.results) this.pressed(this.heard);
    else if (event.type !== 'tap') setTimeout(() => this.pressed(this.heard), SOON);
  },

  press(button) {
    return new Promise((resolve) => {
      this.heard = [];
      this.results = Boolean(button);
      this.pressed = resolve;
      this.setData({ asked: this.data.asked + 1, wanted: button ? BUTTONS[button.scope] : 'tap' });
    });
  },

  /** Everything outside page code: the person's answers, and actions outside the phone. */
  outside(change) {
    if (change.person !== undefined) {
      const answers = Object.assign(JSON.parse(this.data.answers), { [change.panel || 'consent']: change.person });
      this.setData({ answers: JSON.stringify(answers) });
      return Promise.resolve();
    }
    if (change.leave) {
      my.navigateTo({ url: '/pages/other/index' });
      return new Promise((resolve) => void setTimeout(() => my.navigateBack({ success: resolve }), SOON));
    }
    return new Promise((resolve) => {
      this.done = () => {
        this.setData({ change: '' });
        resolve();
      };
      this.setData({ asked: this.data.asked + 1, change: JSON.stringify(change) });
    });
  },

  done() {},

  async show(host, outcomes, run) {
    const given = harness({
      my,
      host,
      outcomes,
      createAuth: hosts[host],
      press: (button) => this.press(button),
      outside: (change) => this.outside(change),
      shown: app.shown,
    });
    const outcome = await run(given).then(
      () => 'as it must be',
      (error) => `${error} ${error.stack}`,
    );
    this.setData({ outcome });
  },
});
