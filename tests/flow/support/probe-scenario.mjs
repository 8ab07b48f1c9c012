import assert from 'node:assert/strict';
import { eventually } from './wait.mjs';

/**
 * Goes through the probe page like a developer with a phone, and returns its report.
 *
 * @param {import('./world.mjs').World} world
 * @returns {Promise<{ format: string, where: Record<string, string>, rows: Record<string, string>, others: Record<string, string>, calls: string[] }>}
 */
export async function probed(world) {
  const { phone } = world;
  const asks = Number(world.outcome('open-user-info-asks'));
  const asksAgain = Number(world.outcome('button-authorised'));
  const says = { 0: '.probe-no', 1: '.probe-yes' };
  let seen = 0;
  /** A step has ended when there is more to read and the buttons are enabled again. */
  const ended = () =>
    eventually(
      async () => {
        assert.equal(await phone.screen.locator('.probe-run').getAttribute('aria-disabled'), null);
        const { rows } = await report(phone);
        assert.ok(Object.keys(rows).length > seen);
        seen = Object.keys(rows).length;
      },
      { timeoutMilliseconds: 20_000 },
    );

  await world.step('opens the probe from the home page', async () => {
    await phone.tap('.developer');
    await phone.shows('pages/probe/index');
  });
  await world.step('one: what needs no panel', async () => {
    await phone.tap('.probe-run');
    await ended();
  });
  await world.step('two: closes a panel', async () => {
    await phone.tap('.probe-close');
    await phone.decide('back');
    await ended();
  });
  await world.step('three: agrees, and looks whether it asks again', async () => {
    await phone.tap('.probe-agree');
    await phone.decide('accept');
    await phone.reads('.question', /再请求一次/);
    const [asked, frame] = await Promise.all(
      [phone.screen.locator('.asked'), phone.page.locator('.phone-content')].map((element) => element.boundingBox()),
    );
    assert.ok(asked.x >= frame.x && asked.x + asked.width <= frame.x + frame.width, 'what is fixed on the page stays on the phone');
    await phone.tap('.probe-yes');
    await phone.reads('.question', /弹出授权弹窗/);
    await phone.tap(says[0]);
    await ended();
  });
  await world.step('four: reads nickname and avatar on a plain tap', async () => {
    await phone.tap('.probe-plain');
    await phone.decideIfAsked('accept', asks);
    await phone.tap(says[asks]);
    await ended();
  });
  await world.step('five: the authorising button, twice', async () => {
    await phone.tap('.probe-button');
    // If the plain tap showed a panel, that was the consent.
    await phone.decideIfAsked('accept', asks === 0 ? 1 : asksAgain);
    await ended();
    await phone.reads('.probe-note', /再按一次/);
    await phone.tap('.probe-button');
    await phone.decideIfAsked('accept', asksAgain);
    await phone.tap(says[asksAgain]);
    await ended();
  });
  return report(phone);
}

async function report(phone) {
  return JSON.parse(await phone.text('.report'));
}
