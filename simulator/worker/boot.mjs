import { networkOf } from '../platform/device.mjs';
import { Faults } from '../platform/faults.mjs';
import { launchOptions, Life, RunningApp } from './life.mjs';
import { onUncaught, receive, send } from './channel.mjs';
import { defineGlobals, PAGE_LOGIC, removeForbiddenGlobals, reserveNames } from './globals.mjs';
import { answerCall, callSays, createMy, navigationCalls, needPrivacy } from './my/index.mjs';
import { parseQuery, resolveRoute, splitUrl } from './address.mjs';
import { Navigation } from './navigation.mjs';
import { ComponentDefinition } from './component.mjs';
import { registerMixin } from './mixins.mjs';
import { PageDefinition } from './page.mjs';
import { createRequirePlugin } from './plugins.mjs';
import { createConsole, noticeAt, onPageError, reportError, runPageCode, setLacking } from './report.mjs';

/** The platform's scene for a start without a scene of its own. */
const OTHER_SCENE = '0000';

/**
 * Boots the Worker: closes its global scope, waits for the host's `launch`, then runs the mini-program.
 *
 * @param {{ app: () => void, components: Record<string, () => void>, pages: Record<string, () => void> }} code functions that run app.js
 *   and the file of each component and page
 * @param {ReturnType<import('../compile/vocabulary.mjs').workerFacts>} known facts about the platform
 */
export function boot(code, known) {
  const app = new RunningApp(known.app);
  setLacking(known.lacking);
  onPageError((error) => app.error(error));
  onUncaught(
    (error) => {
      reportError(error);
      app.error(error);
    },
    (reason, promise) => {
      reportError(reason);
      app.rejection(reason, promise);
    },
  );
  removeForbiddenGlobals(PAGE_LOGIC);
  reserveNames();
  const faults = new Faults();
  const components = new Map();
  let life;
  let navigation;
  let share;
  let replaceStorage;
  let receiveFile;
  receive({
    launch: (message) => {
      faults.set(message.faults);
      ({ life, navigation, share, replaceStorage, receiveFile } = launch(code, app, components, faults, known, message));
      life.launch(message.restore);
    },
    answer: answerCall,
    'call-says': callSays,
    event: ({ page, method, event, place, component }) => navigation.page(page)?.event(method, event, place, component),
    component: (message) => navigation.page(message.page)?.component(message, components),
    rendered: ({ page, token }) => navigation.page(page)?.rendered(token),
    ready: ({ page }) => navigation.page(page)?.fire('onReady'),
    scroll: ({ page, name, values }) => navigation.page(page)?.fire(name, ...values),
    share: () => void share('menu'),
    title: () => navigation.top?.fire('onTitleClick'),
    pulled: ({ page, from }) => navigation.page(page)?.fire('onPullDownRefresh', { from }),
    navigate: ({ page, call, url }) => navigationCalls(navigation, navigation.page(page))[call]({ url }),
    back: () => navigation.backTapped(),
    tab: ({ index }) => navigation.tabTapped(index),
    background: () => life.background(),
    foreground: () => life.foreground(),
    'panel-closed': ({ shows }) => life.panelClosed(shows),
    'need-privacy': needPrivacy,
    'storage-set': ({ texts }) => replaceStorage(texts),
    file: (message) => receiveFile?.(message),
    'phone-faults': (changed) => {
      const before = networkOf(faults);
      faults.set(changed.faults);
      const { networkAvailable, networkType } = networkOf(faults);
      if (networkType !== before.networkType) app.hear('NetworkStatusChange', { isConnected: networkAvailable, networkType });
    },
  });
  send({ type: 'ready' });
}

function launch(code, app, components, faults, known, message) {
  const {
    generation,
    storage,
    files,
    profiles,
    routes,
    tabs,
    plugins,
    workers,
    handlers,
    start,
    decodesQuery,
    appId,
    extConfig,
    packaged,
  } = message;
  const started = readStart(start, decodesQuery);
  const definitions = new Map();
  const navigation = new Navigation({
    facts: known.navigation,
    definitions,
    tabs,
    plugins,
    decodesQuery,
    router: (page, base) => navigationCalls(navigation, page, base),
  });
  /** The file being loaded, and whether it has called its definition function yet. */
  let loading = null;
  const { my, hear, share, replaceStorage, receiveFile } = createMy({
    generation,
    profiles,
    faults,
    storage,
    files,
    navigation,
    workers,
    appId,
    extConfig,
    packaged,
    strict: known.strict,
    component2: known.component2,
    launchOptions: () => launchOptions(started),
    appInstance: () => app.instance,
  });
  app.hear = hear;
  const define = (kind, keep) => {
    if (loading?.kind !== kind) throw new Error(`${kind}() may only be called while a ${kind.toLowerCase()}'s file loads`);
    loading.called = true;
    keep(loading.name);
  };
  defineGlobals({
    console: createConsole(),
    my,
    App: (options) => app.register(options),
    Page: (options) => define('Page', (route) => definitions.set(route, new PageDefinition(options ?? {}, known))),
    Component: (options) => define('Component', (name) => components.set(name, new ComponentDefinition(name, options ?? {}, known))),
    Mixin: registerMixin,
    requirePlugin: createRequirePlugin(plugins),
    getApp: () => app.instance ?? {},
    getCurrentPages: () => navigation.stack.map((page) => (page.isPlugin ? null : page.instance)),
  });
  runPageCode(code.app);
  if (!app.instance) reportError(new Error('the file never calls App()'), { file: 'app.js', line: 1, column: 1 });
  const load = (kind, name, run) => {
    loading = { kind, name, called: false };
    let ran = false;
    runPageCode(() => {
      run();
      ran = true;
    });
    const { called } = loading;
    loading = null;
    if (ran && !called) reportError(new Error(`the file never calls ${kind}()`), { file: `${name}.js`, line: 1, column: 1 });
  };
  for (const name of Object.keys(code.components)) {
    load('Component', name, code.components[name]);
    checkHandlers(components.get(name)?.methods, 'component', handlers[`${name}.axml`], known.strict);
  }
  for (const route of routes) {
    load('Page', route, code.pages[route]);
    checkHandlers(definitions.get(route)?.members, 'page', handlers[`${route}.axml`], known.strict);
  }
  return { navigation, share, replaceStorage, receiveFile, life: new Life(app, navigation, started) };
}

/** @param {{ page: string, query: string | null, scene: string | null }} start from the simulator's address */
function readStart({ page, query, scene }, decodesQuery) {
  const { target, query: pageQuery } = splitUrl(page);
  return {
    path: resolveRoute(target, ''),
    pageQuery: parseQuery(pageQuery, decodesQuery),
    scene: scene ?? OTHER_SCENE,
    query: query === null ? undefined : parseQuery(query, decodesQuery),
  };
}

/** Reports methods that AXML names and the page or component lacks, at start instead of at the first tap: as errors in a strict build. */
function checkHandlers(methods, who, handlers = [], strict) {
  for (const { name, attribute, ...place } of methods ? handlers : []) {
    if (typeof methods[name] === 'function') continue;
    const message = `${attribute}="${name}": the ${who} has no such method`;
    if (strict) reportError(new TypeError(message), place);
    else noticeAt(message, place);
  }
}
