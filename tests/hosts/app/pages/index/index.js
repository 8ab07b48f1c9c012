const { behaviours } = require('../../behaviours/index.js');
const { harness } = require('../../behaviours/harness.js');
const { hosts } = require('../../hosts.js');

Page({
  data: { asked: 0, wanted: 'nothing', decision: 'accept', outcome: '' },

  /** Which behaviour is to be shown, on which host: JSON. */
  order(event) {
    const { host, name, phase } = JSON.parse(event.detail.value);
    this.show(host, behaviours.find((behaviour) => behaviour.name === name)[phase]);
  },

  tap(event) {
    this.setData({ wanted: 'nothing' });
    this.tapped(event);
  },

  async show(host, run) {
    const app = harness({
      my,
      host,
      createAuth: hosts[host],
      tap: (button = 'tap') =>
        new Promise((resolve) => {
          this.tapped = resolve;
          this.setData({ asked: this.data.asked + 1, wanted: button });
        }),
      person: (decision) => this.setData({ decision }),
    });
    const outcome = await run(app).then(() => 'as it must be', (error) => `${error} ${error.stack}`);
    this.setData({ outcome });
  },
});
