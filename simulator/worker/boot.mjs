import { onUncaught, receive, send } from './channel.mjs';
import { createConsole } from './console.mjs';
import { defineGlobals, PAGE_LOGIC, removeForbiddenGlobals } from './globals.mjs';
import { createMy } from './my/index.mjs';
import { answerCall } from './my/call.mjs';
import { Navigation } from './navigation.mjs';
import { reportError, runPageCode } from './report.mjs';

/**
 * Starts the Worker: closes its global scope, then waits for the host's `launch`, then runs the mini-program.
 * @param {{ app: () => void, pages: Record<string, () => void> }} code evaluates app.js and each page's file
 */
export function boot(code) {
  onUncaught(reportError);
  removeForbiddenGlobals(PAGE_LOGIC);
  let program;
  receive({
    launch: (message) => {
      program = launch(code, message);
    },
    answer: answerCall,
    event: ({ page, method, event, place }) => program.navigation.page(page)?.event(method, event, place),
    rendered: ({ page, token }) => program.navigation.page(page)?.rendered(token),
    ready: ({ page }) => program.navigation.page(page)?.life('onReady'),
    back: () => program.navigation.stack.length > 1 && program.navigation.navigateBack(1),
    tab: ({ route }) => program.navigation.switchTab(`/${route}`),
    // On the platform the page is shown again when a panel closes: whoever asks in onShow asks for ever.
    'panel-closed': () => program.navigation.top?.life('onShow'),
  });
  send({ type: 'ready' });
}

function launch(code, { generation, storage, systemInfo, routes, tabRoutes, workers, handlers }) {
  const definitions = new Map();
  const navigation = new Navigation(definitions, tabRoutes);
  const app = { options: {} };
  let loading = null;
  defineGlobals({
    console: createConsole(),
    my: createMy({ generation, storage, systemInfo, navigation, workers }),
    App: (options) => {
      app.options = options ?? {};
    },
    Page: (options) => {
      if (loading === null) throw new Error('Page() is called while its file is loaded, not later');
      definitions.set(loading, options ?? {});
    },
    getApp: () => app.options,
    getCurrentPages: () => navigation.stack.map((page) => page.instance),
  });
  runPageCode(code.app);
  for (const route of routes) {
    loading = route;
    runPageCode(code.pages[route]);
    loading = null;
    checkDefinition(route, definitions, handlers[route]);
  }
  const first = routes[0];
  const start = { path: first, query: {} };
  for (const method of ['onLaunch', 'onShow']) {
    if (typeof app.options[method] === 'function') runPageCode(() => app.options[method](start));
  }
  if (definitions.has(first)) navigation.launch(first);
  return { navigation };
}

/** A page that never called Page(), or lacks a method that its AXML names, is reported at start, not at the first tap. */
function checkDefinition(route, definitions, handlers) {
  const options = definitions.get(route);
  if (!options) {
    reportError(new Error('the file never calls Page()'), { file: `${route}.js`, line: 1, column: 1 });
    return;
  }
  for (const { name, attribute, ...place } of handlers) {
    if (typeof options[name] !== 'function')
      {reportError(new TypeError(`${attribute}="${name}": the page has no method of that name`), place);}
  }
}
