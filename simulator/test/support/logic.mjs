import path from 'node:path';
import vm from 'node:vm';
import { compileProject } from '../../compile/project.mjs';
import { defaultProfile } from '../../../platform/index.mjs';
import { launchMessage } from '../../phone/launch-message.mjs';
import { folderOf } from './folder.mjs';

const NOT_STARTED_WITH = { page: null, query: null, scene: null };

/**
 * Runs page logic as the Worker does, without a browser: the compiled mini-program in its own context, with the phone's messages.
 *
 * @param {Record<string, string>} files of the mini-program; missing `app.js` and views are generated
 * @param {{ start?: object, around?: Record<string, string>, strict?: boolean }} [options] launch parameters, files of the surrounding
 *   folder, and whether gaps are faults
 */
export async function startLogic(files, { start = {}, around = {}, strict = true } = {}) {
  const project = await compileFiles(files, around, strict);
  if (project.faults.length > 0) throw new Error(project.faults.join('\n'));
  const logic = new Logic(project);
  logic.launch({ ...NOT_STARTED_WITH, ...start });
  await logic.settled();
  return logic;
}

/** @param {Record<string, string>} files @param {Record<string, string>} [around] files of the surrounding folder */
export async function compileFiles(files, around = {}, strict = true) {
  const { pages = [] } = JSON.parse(files['app.json']);
  const views = Object.fromEntries(pages.map((route) => [`${route}.axml`, '<view />']));
  const own = Object.entries({ 'app.js': 'App({});', ...views, ...files }).map(([file, text]) => [`app/${file}`, text]);
  const { folder, remove } = await folderOf({ ...Object.fromEntries(own), ...around });
  try {
    return await compileProject(path.join(folder, 'app'), { runtimeModule: 'vue', strict });
  } finally {
    await remove();
  }
}

class Logic {
  constructor(project) {
    this.project = project;
    this.sent = [];
    const listeners = {};
    const scope = {
      postMessage: (message) => this.sent.push(structuredClone(message)),
      addEventListener: (type, listener) => {
        listeners[type] = listener;
      },
      MessageChannel,
      TextDecoder,
      TextEncoder,
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
    };
    scope.self = vm.createContext(scope);
    vm.runInContext(project.logic, scope, { filename: 'worker.js' });
    this.tell = (message) => listeners.message({ data: message });
  }

  launch(start) {
    const { manifest, views } = this.project;
    const handlers = Object.fromEntries(Object.entries(views).map(([file, { handlers: own }]) => [file, own]));
    this.tell(
      launchMessage(
        { manifest, handlers, appId: '2021000000000001', packaged: {} },
        { generation: 'current', start, storage: {}, files: new Map(), profiles: defaultProfile(), faults: '' },
      ),
    );
  }

  /** Lets pending work run: navigation, callbacks. */
  settled() {
    return new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }

  /** Sends a message and waits. */
  async after(message) {
    this.tell(message);
    await this.settled();
  }

  /** Calls a method of the front page, as its view would. */
  act(method, event = {}) {
    return this.after({ type: 'event', page: this.front.page, method, event });
  }

  of(type) {
    return this.sent.filter((message) => message.type === type);
  }

  get front() {
    return this.of('page-front').pop();
  }

  /** Returns the console lines so far, and clears them. */
  log() {
    const lines = this.of('console').map(({ values }) =>
      values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' '),
    );
    this.sent = this.sent.filter(({ type }) => type !== 'console');
    return lines;
  }

  get errors() {
    return this.of('error').map(({ message }) => message);
  }

  get notices() {
    return this.of('notice').map(({ message }) => message);
  }
}
