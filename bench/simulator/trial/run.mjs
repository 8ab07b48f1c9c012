// Opens checkouts of real apps in the simulator and walks through them (`--help`). README.md says what is counted.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startSimulator } from '../../../simulator/server/simulator.mjs';
import { Program } from '../../../simulator/stack/program.mjs';
import { findBinary } from '../../../tests/support/binary.mjs';
import { launchBrowser } from '../../../tests/support/browser.mjs';

const HELP = `Usage: node bench/simulator/trial/run.mjs --checkouts DIR [options]

Opens each app in the simulator, looks for faults and a blank screen, and presses what can be pressed until three pages were seen.

  --checkouts DIR     a folder for each app, named by its id in apps.json
  --set NAME          first, second or third (first)
  --app ID            only this app; may be repeated
  --pictures DIR      a screenshot of each page that was seen
  --json FILE         writes the result
  --help              prints this
`;

/** How long a page may take to settle, how many elements are pressed on one page before the walk goes back, and how many in all. */
const REST_MS = 600;
const PRESSES = 30;
const STEPS = 60;
const WALK = 3;

/** How long to wait under a loading panel that blocks every press before closing and reopening the app, and how often to do that. */
const STUCK_MS = 3000;
const RESTARTS = 3;

/** How long a press may take on a machine with much else to do. */
const PRESS_MS = 5000;

/** How many panels are answered in a row, and how long a start may take. */
const PANELS = 4;

/** How many more times a blank page is checked for content. */
const PATIENCE = 2;
const START_MS = 20_000;

const { values } = parseArgs({
  options: {
    app: { type: 'string', multiple: true },
    checkouts: { type: 'string' },
    help: { type: 'boolean' },
    json: { type: 'string' },
    pictures: { type: 'string' },
    set: { type: 'string', default: 'first' },
  },
});

/** Faults that are the app's own, by reading its code. */
const OWN = JSON.parse(readFileSync(new URL('own.json', import.meta.url), 'utf8'));

/** One app's page in the browser. */
class Walk {
  constructor(page, id) {
    this.page = page;
    this.id = id;
    this.seen = new Map();
    this.told = new Set();
    this.restarts = 0;
  }

  route() {
    return this.page
      .locator('.phone-page')
      .first()
      .getAttribute('data-route', { timeout: 1000 })
      .catch(() => null);
  }

  /** The timeline's errors so far. */
  async errors() {
    const texts = await this.page.locator('li[data-kind="error"]').evaluateAll((items) => items.map((item) => item.dataset.entry));
    for (const { file, line, message } of texts.map((text) => JSON.parse(text)))
      this.told.add([file, line, message].filter(Boolean).join(': '));
    return [...this.told];
  }

  isBlank() {
    return this.page
      .locator('.phone-page')
      .first()
      .evaluate(
        (page) => {
          const shown = [...page.querySelectorAll('*')].filter((element) => element.getClientRects().length > 0);
          const hasText = shown.some((element) => element.checkVisibility() && element.innerText?.trim());
          return (
            !hasText &&
            !shown.some(
              (element) => ['IMG', 'INPUT', 'BUTTON', 'CANVAS', 'SVG'].includes(element.tagName) || element.hasAttribute('data-tag'),
            )
          );
        },
        { timeout: 1000 },
      )
      .catch(() => true);
  }

  /** Answers the phone's questions like a person who lets the app continue: the main choice of a panel, or its last one. */
  async agree() {
    const choices = this.page.locator('.panel-shade button');
    for (let panel = 0; panel < PANELS && (await choices.count()) > 0; panel += 1) {
      const primary = choices.and(this.page.locator('.primary'));
      await ((await primary.count()) > 0 ? primary : choices)
        .last()
        .click({ timeout: PRESS_MS })
        .catch(() => {});
      await this.page.waitForTimeout(REST_MS);
    }
  }

  /** Records the front page, once: a page that redirects at once does not count as seen, and a plugin's page is none of the app's. */
  async look() {
    await this.page.waitForTimeout(REST_MS);
    await this.agree();
    const route = await this.route();
    if (route === null || route.includes('plugin://') || this.seen.has(route)) return;
    let isBlank = await this.isBlank();
    for (let tries = 0; isBlank && tries < PATIENCE; tries += 1) {
      await this.page.waitForTimeout(REST_MS);
      isBlank = await this.isBlank();
    }
    await this.agree();
    if ((await this.route()) !== route) return;
    this.seen.set(route, isBlank);
    if (values.pictures) await this.page.screenshot({ path: path.join(values.pictures, `${this.id}-${this.seen.size}.png`) });
  }

  /** Waits for the app's first page and records it. */
  async lookAtStart() {
    await this.page
      .locator('.phone-page')
      .first()
      .waitFor({ state: 'attached', timeout: START_MS })
      .catch(() => {});
    await this.look();
  }

  /** Fills in inputs as a person would: six digits, which pass as a number, a code or a text. */
  async write({ x, y }) {
    await this.page.mouse.click(x, y);
    await this.page.keyboard.type('138001');
    await this.page.keyboard.press('Enter');
  }

  /** Closes a stuck app and opens it again. @returns {Promise<boolean>} whether a person would still do so */
  async restart() {
    if (this.restarts === RESTARTS) return false;
    this.restarts += 1;
    await this.errors();
    await this.page.reload();
    await this.lookAtStart();
    return true;
  }

  /** Whether a loading panel covers the page and stays. */
  async isStuck() {
    const cover = this.page.locator('.phone-loading[data-mask]');
    return (
      (await cover.count()) > 0 &&
      cover.waitFor({ state: 'detached', timeout: STUCK_MS }).then(
        () => false,
        () => true,
      )
    );
  }

  /**
   * Presses tabs first, then the innermost elements of the page, from the top. When everything was pressed it goes back, or if there is no
   * way back, to a tab with something left to press.
   */
  async go() {
    await this.lookAtStart();
    this.atOpening = await this.errors();
    const tabs = this.page.locator('.phone-tabs button');
    const behind = [];
    for (let tab = 0; tab < (await tabs.count()) && this.seen.size < WALK; tab += 1) {
      await tabs
        .nth(tab)
        .click({ timeout: PRESS_MS })
        .catch(() => {});
      await this.look();
      behind.push(await this.route());
    }
    const pressed = new Map();
    const finished = new Set();
    for (let step = 0; step < STEPS && this.seen.size < WALK; step += 1) {
      if ((await this.isStuck()) && !(await this.restart())) break;
      const route = await this.route();
      const press = pressed.get(route) ?? 0;
      pressed.set(route, press + 1);
      const [place] = press < PRESSES ? await this.page.evaluate(innermost, press) : [];
      if (!place) finished.add(route);
      const back = this.page.locator('[data-action="navigate-back"]');
      const other = behind.findIndex((tab) => !finished.has(tab));
      if (place?.field) await this.write(place);
      else if (place) await this.page.mouse.click(place.x, place.y);
      else if (await back.count()) await back.click({ timeout: PRESS_MS }).catch(() => {});
      else if (other >= 0)
        await tabs
          .nth(other)
          .click({ timeout: PRESS_MS })
          .catch(() => {});
      else break;
      await this.look();
    }
  }
}

/* global document -- runs in the browser */

/** In the browser: returns the position of the element with this number among the visible innermost ones, from the top. */
function innermost(number) {
  const phone = document.querySelector('.phone-page')?.getBoundingClientRect();
  const places = [...document.querySelectorAll('.phone-page *')]
    .filter((element) => element.children.length === 0 && element.checkVisibility())
    .map((element) => ({
      field: ['INPUT', 'TEXTAREA'].includes(element.tagName) && !element.disabled,
      box: element.getBoundingClientRect(),
    }))
    .map(({ field, box: { left, top, width, height } }) => ({ field, x: left + width / 2, y: top + height / 2, width, height }))
    .filter(({ x, y, width, height }) => width > 0 && height > 0 && x > phone.left && x < phone.right && y > phone.top && y < phone.bottom);
  return places.slice(number, number + 1);
}

async function open(app, sandbox, browser) {
  const log = [];
  const started = performance.now();
  const simulator = await startSimulator({
    appDir: path.join(values.checkouts, app.id, app.folder),
    port: 0,
    sandboxUrl: sandbox.url,
    mapping: {},
    onLog: (line) => log.push(line),
  });
  const seconds = Number(((performance.now() - started) / 1000).toPrecision(2));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const project = await (await fetch(`${simulator.url}/__simulator/project.json`)).json();
    const build = project.faults.map(({ file, line, message }) => [file, line, message].filter(Boolean).join(': '));
    const walk = new Walk(await context.newPage(), app.id);
    await walk.page.goto(simulator.url);
    if (build.length === 0) await walk.go();
    else if (values.pictures) await walk.page.screenshot({ path: path.join(values.pictures, `${app.id}-0.png`) });
    const told = build.length > 0 ? [] : await walk.errors();
    const own = told.filter((error) => OWN[app.id]?.some((words) => error.includes(words)));
    const errors = told.filter((error) => !own.includes(error));
    const pages = [...walk.seen].map(([route, blank]) => ({ route, blank }));
    const opens = build.length === 0 && walk.atOpening?.every((error) => own.includes(error)) && pages.length > 0 && !pages[0].blank;
    const walked = opens && errors.length === 0 && pages.length >= WALK && pages.every(({ blank }) => !blank);
    return { id: app.id, opens, walked, seconds, build: build.length, builds: kinds(build), errors, own, pages };
  } catch (error) {
    return { id: app.id, opens: false, walked: false, failed: error.message.split('\n')[0], log: log.slice(0, 5) };
  } finally {
    await context.close();
    await simulator.close();
  }
}

/** Groups faults by message, without places, the most frequent first. */
function kinds(faults) {
  const counts = new Map();
  for (const fault of faults) {
    const words = fault.replace(/^.*?: \d+: /, '');
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([, one], [, other]) => other - one));
}

async function main() {
  if (values.help || !values.checkouts) {
    console.log(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const { [values.set]: set } = JSON.parse(readFileSync(new URL('apps.json', import.meta.url), 'utf8'));
  const apps = set.filter(({ id }) => !values.app || values.app.includes(id));
  if (values.pictures) mkdirSync(values.pictures, { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), 'miniauth-trial-'));
  const sandbox = await new Program([findBinary(), 'sandbox', '--listen', '127.0.0.1:0', '--state-dir', folder]).listening();
  const browser = await launchBrowser();
  const results = [];
  try {
    for (const app of apps) {
      const result = await open(app, sandbox, browser);
      results.push(result);
      if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
      const what =
        result.failed ??
        (result.build ? `${result.build} faults of the build` : `${result.errors.length} errors, ${result.pages.length} pages`);
      console.log(`${app.id.padEnd(4)} ${result.opens ? 'opens' : '-----'} ${result.walked ? 'walked' : '------'}  ${what}`);
    }
  } finally {
    await browser.close();
    await sandbox.stop();
    await rm(folder, { recursive: true });
  }
  const count = (what) => results.filter((result) => result[what]).length;
  console.log(`${results.length} apps: ${count('opens')} open, ${count('walked')} can be walked`);
}

await main();
