import { nextTick } from 'vue';
import { call } from './api.mjs';
import { state } from './state.mjs';
import { record, recordError } from './timeline.mjs';
import { replaceViews } from './views.mjs';

/** Applies changes of the mini-program: where possible, the open pages and their data are kept. */

/** The key under which a reload leaves its reason for the next page. */
const RELOADED = 'reloaded';

/**
 * Plans how to apply a new build.
 *
 * @typedef {{ sources: Record<string, string>, manifest: import('../compile/manifest.mjs').Manifest, workers: unknown }} Built
 *
 * @param {Built} before
 * @param {Built} after
 * @returns {{ files: string[], does: 'style' | 'views' | 'logic' | 'reload', views: string[], because?: string }} `does`: the smallest
 *   sufficient step; `because`: the file that requires a reload
 */
export function planOf(before, after) {
  const names = new Set([...Object.keys(before.sources), ...Object.keys(after.sources)]);
  const files = [...names].filter((file) => before.sources[file] !== after.sources[file]).sort();
  const { pages, components } = after.manifest;
  const bases = new Set([...pages.map(({ route }) => route), ...components.map(({ path }) => path)]);
  const isView = (file) => file.endsWith('.axml');
  const isLogic = (file) => file.endsWith('.js') && bases.has(file.slice(0, -'.js'.length));
  const views = files.filter(isView);
  const because = files.find((file) => !isView(file) && !isLogic(file) && !file.endsWith('.acss'));
  const isSame = JSON.stringify(before.manifest) === JSON.stringify(after.manifest);
  if (files.length === 0 || because || !isSame) return { files, does: 'reload', views, because: because ?? 'app.json' };
  if (files.some(isLogic)) return { files, does: 'logic', views };
  return { files, does: views.length > 0 ? 'views' : 'style', views };
}

/**
 * Follows the builds of the simulator's server. The stream starts with the current build, so a simulator that was restarted with other
 * sources is noticed too.
 *
 * @param {object} session
 * @param {(project: any) => Promise<void>} session.launch starts the mini-program
 * @param {(project: any) => Promise<void>} session.runAnew runs changed code with the open pages
 * @param {(faults: object[]) => void} session.showFaults
 */
export function followBuilds(session) {
  sayWhyReloaded();
  let newest = state.project.build;
  let work = Promise.resolve();
  const stream = new EventSource('/__simulator/events');
  stream.addEventListener('build', ({ data }) => {
    newest = data;
    work = work.then(() => newest === state.project.build || show(session)).catch((error) => recordError(error, 'simulator'));
  });
}

async function show(session) {
  const started = performance.now();
  const project = await call('project.json');
  const running = state.running;
  const said = new Set(state.project.notices.map((notice) => JSON.stringify(notice)));
  for (const notice of project.notices) if (!said.has(JSON.stringify(notice))) record('notice', { origin: 'build', ...notice });
  if (project.faults.length > 0) {
    state.project = { ...state.project, build: project.build, notices: project.notices };
    session.showFaults(project.faults);
    return;
  }
  const plan = running ? planOf(running, project) : { files: [], does: 'reload' };
  if (plan.does === 'reload') {
    sessionStorage.setItem(RELOADED, JSON.stringify({ files: plan.files, does: 'reload', because: plan.because }));
    location.reload();
    return;
  }
  state.project = project;
  state.running = project;
  state.faults = [];
  state.error = null;
  await Promise.all([replaceViews(plan.views, project.build), replaceStyle(project.build)]);
  if (plan.does === 'logic') await session.runAnew(project);
  await nextTick();
  const { files, does } = plan;
  record('rebuild', { files, does, milliseconds: Math.round(performance.now() - started) });
}

/** The old style sheet stays until the new one is loaded, so nothing is drawn unstyled. */
function replaceStyle(build) {
  const old = document.querySelector('link[href^="/__simulator/styles.css"]');
  const style = Object.assign(old.cloneNode(), { href: `/__simulator/styles.css?build=${build}` });
  return new Promise((resolve) => {
    style.onload = style.onerror = () => {
      old.remove();
      resolve();
    };
    old.after(style);
  });
}

function sayWhyReloaded() {
  const reloaded = sessionStorage.getItem(RELOADED);
  sessionStorage.removeItem(RELOADED);
  if (reloaded) record('rebuild', JSON.parse(reloaded));
}
