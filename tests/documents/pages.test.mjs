/** Pastes the readmes' code into a mini-program, as a reader would, and runs it in the simulator. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startStack } from '../../simulator/stack.mjs';
import { installPacked } from '../bare/support/packed.mjs';
import { findBinary } from '../support/binary.mjs';
import { eventually } from '../flow/support/wait.mjs';
import { launchBrowser } from '../support/browser.mjs';
import { documentText, namedApp, pastedApp, workerApp, writeApp } from './pasted.mjs';
import { Shop } from './shop.mjs';

/** How long a person waits for anything, in milliseconds. */
const PATIENCE = 15_000;

/** The address in all documents. */
const ORIGIN = 'https://api.shop.example';

let folder;
let packed;
let browser;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'miniauth-documents-'));
  [packed, browser] = await Promise.all([installPacked(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await packed?.remove();
  await rm(folder, { recursive: true, force: true });
});

const apps = [];
for (const document of ['README.md', 'README.zh-CN.md']) apps.push([document, pastedApp(await documentText(document))]);
const packageText = await documentText('pkg/README.md');
apps.push(['pkg/README.md', namedApp(packageText)], ['pkg/README.md, in a Worker', workerApp(packageText, namedApp(packageText))]);

for (const [document, app] of apps) {
  describe(document, { concurrency: 1 }, () => {
    let stack;
    let shop;
    before(async () => {
      const at = path.join(folder, document.replace(/\W/g, '-'));
      await writeApp(app.files, path.join(at, 'app'), packed.folder);
      shop = await Shop.start();
      stack = await startStack({
        strict: true,
        binary: findBinary(),
        stateDir: path.join(at, 'state'),
        appDir: path.join(at, 'app'),
        origins: { [ORIGIN]: shop.url },
      });
      shop.server = stack.urls.server;
    });
    after(async () => {
      await stack?.stop();
      await shop?.close();
    });

    /** Opens the page on a test user's phone, with the person's actions. */
    async function opened(user) {
      const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.goto(`${stack.urls.simulator}/?user=${user}`);
      const faults = page.locator('.phone-faults');
      await page.locator('.phone-page').or(faults).first().waitFor();
      assert.equal(await faults.count(), 0, (await faults.allInnerTexts()).join('\n'));
      return {
        press: (handler) => page.locator('.phone-page axml-button').nth(app.buttons.indexOf(handler)).click(),
        order: async () => {
          await page.locator('.go-on').click();
          await page.locator('.phone-page axml-button', { hasText: '下单' }).click();
        },
        decide: (decision) => page.locator(`[data-panel="consent"] [data-action="${decision}"]`).click(),
        reads: async (what, expected) => {
          await page.locator(`.phone-page .seen-${what}`, { hasText: expected }).waitFor();
        },
        avatars: () => page.locator('.phone-page axml-image').evaluateAll((images) => images.map((image) => image.outerHTML)),
        entries: async (kind) => {
          const items = page.locator(`li[data-kind="${kind}"]`);
          return (await items.evaluateAll((all) => all.map((item) => item.dataset.entry))).map((entry) => JSON.parse(entry));
        },
        close: () => page.context().close(),
      };
    }

    test('the button: agreed, nickname and avatar are shown', async () => {
      const phone = await opened('zhang-wei');
      await phone.press('show');
      await phone.decide('accept');
      await phone.reads('user', '张伟');
      assert.deepEqual(await phone.entries('error'), []);
      assert.match((await phone.avatars()).join(), /zhang-wei\.png/);
      await phone.close();
    });

    test('the button: refused, the page says what can be shown to the user', async () => {
      const phone = await opened('li-na');
      await phone.press('show');
      await phone.decide('refuse');
      await phone.reads('advice', /[\u4e00-\u9fff]+.*。/u);
      assert.deepEqual(await phone.entries('error'), []);
      await phone.close();
    });

    test('a member, with a separate consent', async () => {
      const phone = await opened('emoji');
      await phone.press('join');
      await phone.decide('accept');
      await phone.reads('member', '小熊');
      assert.deepEqual(await phone.entries('error'), []);
      await phone.close();
    });

    if ('pages/orders/orders.js' in app.files) {
      test('a request of another page, and no panel', async () => {
        const phone = await opened('nameless');
        await phone.order();
        await eventually(async () => {
          const requests = (await phone.entries('request')).filter(({ url }) => url.endsWith('/orders'));
          assert.deepEqual(
            requests.map(({ status }) => status),
            [200, 201, 200],
          );
        });
        assert.deepEqual([await phone.entries('error'), await phone.entries('panel')], [[], []]);
        await phone.close();
      });
    }
  });
}
