import { nextTick, shallowReactive } from 'vue';
import facts from '../platform/facts.mjs';
import { call, sandbox } from './api.mjs';
import { componentData } from './axml/component.mjs';
import { connect, disconnect, line, startBackgroundWorker, tell } from './worker-link.mjs';
import { launchMessage } from './launch-message.mjs';
import { abortCall, decidePrivacy, filesOf, leavePage, platformCall, privacyListening, receiveFile } from './platform/index.mjs';
import { followSandbox } from './follow-sandbox.mjs';
import { record, recordError, redact } from './timeline.mjs';
import { followBuilds } from './rebuild.mjs';
import { loadViews } from './views.mjs';
import { keepStorage, phoneFaults, state, storedTexts } from './state.mjs';

/** Loads the project and starts the mini-program; problems are shown on the phone. */
export async function start() {
  try {
    state.project = await call('project.json');
    followBuilds({ launch, runAnew, showFaults });
    await chooseProfiles(state.project);
    phoneFaults.set(state.phoneFaults);
    for (const notice of state.project.notices) record('notice', { origin: 'build', ...notice });
    state.users = await sandbox.users();
    if (state.project.faults.length > 0) {
      showFaults(state.project.faults);
      return;
    }
    if (!state.users.some(({ id }) => id === state.user)) {
      throw new Error(`the sandbox has no user "${state.user}": choose one on the left`);
    }
    await followSandbox();
    await launch(state.project);
  } catch (error) {
    showFaults([{ message: error.message }]);
  }
}

/** @param {{ file?: string, line?: number, column?: number, message: string }[]} faults */
function showFaults(faults) {
  state.faults = faults;
  for (const fault of faults) record('error', { origin: 'build', ...fault });
}

async function launch(project) {
  const { build, manifest } = project;
  state.running = project;
  state.tabs = manifest.tabs;
  state.tabBar = manifest.tabStyle;
  const files = [...manifest.pages.map(({ route }) => route), ...manifest.components.map(({ path }) => path)];
  await loadViews(
    files.map((file) => `${file}.axml`),
    build,
  );
  run(project);
}

/** @param {object[]} [restore] the pages that were open before a code change */
function run(project, restore) {
  connect(`/__simulator/worker.js?build=${project.build}`, {
    onMessage: (message) => onMessage[message.type](message, { ...project, restore }),
    onBroken: (message) => void report('error', { message, stack: '' }),
  });
}

/** Replaces the running page logic with changed code, keeping the open pages and their data. */
async function runAnew(project) {
  const pages = state.front.stack.map((id) => state.pages.find((page) => page.id === id));
  const restore = pages.map(({ route, query, data, initial }) => ({ route, query, kept: { data: { ...data }, initial } }));
  state.pages = [];
  // First let removed components notify the old Worker.
  await nextTick();
  leavePage();
  stopBackgroundWorker();
  disconnect();
  state.front = { page: null, stack: [], tabBar: false };
  run(project, restore);
}

/** Stops the Worker that page logic has created. */
let stopBackgroundWorker = () => {};

/** Handlers of the Worker's messages, by type. */
const onMessage = {
  ready(_message, { restore, ...project }) {
    const { generation, start: how, profiles, phoneFaults: faults } = state;
    tell(launchMessage(project, { generation, start: how, profiles, faults, restore, storage: storedTexts(), files: filesOf() }));
  },
  call({ id, name, fields }) {
    const say = line();
    void platformCall(id, name, fields, {
      answer: (outcome, value) => say({ type: 'answer', id, outcome, value }),
      tell: (event, value) => say({ type: 'call-says', id, event, value }),
    });
  },
  abort: ({ id }) => abortCall(id),
  'privacy-listening': privacyListening,
  'privacy-decision'(decision) {
    try {
      decidePrivacy(decision);
    } catch (error) {
      void report('error', { message: error.message, stack: '' });
    }
  },
  'create-worker': ({ path, port }, { build, manifest }) => {
    const address = `/__simulator/workers/${manifest.workers.indexOf(path)}.js?build=${build}`;
    stopBackgroundWorker = startBackgroundWorker(address, port, (error) => void report('error', error));
  },
  'terminate-worker': () => stopBackgroundWorker(),
  'noted-call': ({ name, fields, outcome, result }) =>
    record('platform-call', { name, fields: redact(fields), outcome, result: redact(result) }),
  console({ level, values }) {
    if (values[0] === '[miniauth]') record('decision', { decision: values[1] });
    else record('console', { level, values });
  },
  error: (message) => void report('error', message),
  notice: (message) => void report('notice', message),
  storage: ({ texts }) => keepStorage(texts),
  file: receiveFile,
  'page-open'({ page, route, query, initial, data }, { manifest }) {
    const { window } = manifest.pages.find((entry) => entry.route === route) ?? { window: { ...manifest.window, title: '插件页面' } };
    state.pages = [
      ...state.pages,
      { id: page, route, query, initial, data: shallowReactive(data), window: shallowReactive({ ...window }) },
    ];
  },
  'page-front': ({ page, stack, tabBar }) => {
    if (state.front.page !== null && state.front.page !== page) leavePage();
    state.front = { page, stack, tabBar };
  },
  'page-missing'({ path }) {
    state.missingPage = path;
    void report('error', { message: `there is no page "${path}": the platform shows its own error page`, stack: '' });
  },
  'page-close'({ page }) {
    state.pages = state.pages.filter(({ id }) => id !== page);
  },
  'component-data': componentData,
  'page-data'({ page, data, token }) {
    const open = state.pages.find(({ id }) => id === page);
    if (open) Object.assign(open.data, data);
    if (token !== undefined) void nextTick(() => tell({ type: 'rendered', page, token }));
  },
};

/** Shows an error or notice of the running mini-program, with its place in the sources. */
async function report(kind, { message, stack, place }) {
  const entry = record(kind, { origin: 'page', message });
  if (kind === 'error') state.error = entry;
  try {
    const { frames, code } = await call('report', { method: 'POST', body: { message, stack, place, isNotice: kind === 'notice' } });
    Object.assign(entry, { ...frames[0], frames, code });
  } catch (error) {
    recordError(error, 'simulator');
  }
}

/**
 * Applies the profiles: from the page's address, or else those that the simulator was started with. The gateway's part is set in the
 * sandbox, for everybody; it is left unchanged if the address names no profile.
 *
 * @param {{ profile: string }} project
 * @throws {Error} that lists the known profiles
 */
async function chooseProfiles({ profile }) {
  const named = new URLSearchParams(location.search).get('profile');
  state.profiles = facts.parseProfile(named ?? profile);
  if (named !== null) await sandbox.setProfiles(facts.formatProfile(state.profiles, 'sandbox'));
  const gateway = await sandbox.profiles();
  const pairs = `${facts.formatProfile(state.profiles, 'simulator')},${gateway}`.split(',');
  state.differing = pairs.filter(Boolean);
}
