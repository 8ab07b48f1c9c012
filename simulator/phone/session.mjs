import { nextTick, shallowReactive } from 'vue';
import { call, sandbox } from './api.mjs';
import { startBackgroundWorker } from './background-worker.mjs';
import { followBuilds } from './builds.mjs';
import { followGatewayCalls } from './gateway-calls.mjs';
import { launchMessage } from './launch-message.mjs';
import { platformCall, abortCall } from './platform/index.mjs';
import { redact } from './redact.mjs';
import { keepStorage, storedTexts } from './storage.mjs';
import { state } from './state.mjs';
import { record, recordError } from './timeline.mjs';
import { connect, tell } from './worker-link.mjs';

/** Loads the project and starts the mini-program; whatever is in the way is shown in the phone. */
export async function start() {
  try {
    state.project = await call('project.json');
    followBuilds(state.project.build);
    for (const notice of state.project.notices) record('notice', { origin: 'build', ...notice });
    state.users = await sandbox.users();
    if (state.project.faults.length > 0) {
      showFaults(state.project.faults);
      return;
    }
    if (!state.users.some(({ id }) => id === state.user))
      {throw new Error(`the sandbox has no user "${state.user}": choose one on the left`);}
    await followGatewayCalls();
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

async function launch({ build, manifest, handlers }) {
  const views = new Map();
  await Promise.all(
    manifest.pages.map(async ({ route }) => {
      views.set(route, (await import(`/__simulator/views/${route}.js?build=${build}`)).render);
    }),
  );
  connect(`/__simulator/worker.js?build=${build}`, {
    onMessage: (message) => onMessage[message.type](message, { build, manifest, handlers, views }),
    onBroken: (message) => void report('error', { message, stack: '' }),
  });
}

/** What the Worker says, by message type. */
const onMessage = {
  ready(_message, project) {
    const { generation, start: how, profiles } = state;
    tell(launchMessage(project, { generation, start: how, profiles, storage: storedTexts(), systemInfo: systemInfo() }));
  },
  call: ({ id, name, fields }) =>
    void platformCall(id, name, fields, (outcome, value) => tell({ type: 'answer', id, outcome, value })),
  abort: ({ id }) => abortCall(id),
  'create-worker': ({ path, port }, { build, manifest }) => {
    const address = `/__simulator/workers/${manifest.workers.indexOf(path)}.js?build=${build}`;
    startBackgroundWorker(address, port, (error) => void report('error', error));
  },
  'noted-call': ({ name, fields, outcome, result }) => record('platform-call', { name, fields: redact(fields), outcome, result: redact(result) }),
  console({ level, values }) {
    if (values[0] === '[miniauth]') record('decision', { decision: values[1] });
    else record('console', { level, values });
  },
  error: (message) => void report('error', message),
  notice: (message) => void report('notice', message),
  storage: ({ texts }) => keepStorage(texts),
  'page-open'({ page, route, data }, { manifest, views }) {
    const { window } = manifest.pages.find((entry) => entry.route === route);
    state.pages = [
      ...state.pages,
      { id: page, route, data: shallowReactive(data), window, render: views.get(route) },
    ];
  },
  'page-front': ({ page, depth, tabBar }) => {
    state.front = { page, depth, tabBar };
  },
  'page-missing'({ path }) {
    state.missingPage = path;
    void report('error', { message: `there is no page "${path}": the platform shows a page of its own`, stack: '' });
  },
  'page-close'({ page }) {
    state.pages = state.pages.filter(({ id }) => id !== page);
  },
  'page-data'({ page, data, token }) {
    const open = state.pages.find(({ id }) => id === page);
    if (open) Object.assign(open.data, data);
    if (token !== undefined) void nextTick(() => tell({ type: 'rendered', page, token }));
  },
};

/** Shows an error or a notice of the running mini-program, with its place in the sources. */
async function report(kind, { message, stack, place }) {
  const entry = record(kind, { origin: 'page', message });
  if (kind === 'error') state.error = entry;
  try {
    const { frames } = await call('report', { method: 'POST', body: { message, stack, place, isNotice: kind === 'notice' } });
    Object.assign(entry, { ...frames[0], frames });
  } catch (error) {
    recordError(error, 'simulator');
  }
}

function systemInfo() {
  return {
    platform: 'simulator',
    app: 'alipay',
    model: 'miniauth simulator',
    brand: 'miniauth',
    system: '0',
    version: '10.5.60',
    SDKVersion: '2.9.7',
    language: 'zh-Hans',
    pixelRatio: 2,
    screenWidth: 375,
    screenHeight: 720,
    windowWidth: 375,
    windowHeight: 632,
    statusBarHeight: 24,
    titleBarHeight: 44,
  };
}
