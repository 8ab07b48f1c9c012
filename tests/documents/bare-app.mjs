import path from 'node:path';
import { bareEngine } from '../bare/support/engine.mjs';

/** A mini-program in a bare engine, and a person who presses what its tags show. */
export class BareApp {
  /**
   * @param {string} engine @param {string} installed folder of the package
   * @param {string} folder of the app @param {Record<string, string>} files the same
   * @param {import('../bare/support/platform.mjs').Platform} platform
   */
  constructor(engine, installed, folder, files, platform) {
    this.folder = folder;
    this.files = files;
    this.platform = platform;
    this.engine = bareEngine(engine, installed);
    const register = (made) => {
      this.registered = made;
    };
    this.engine.run('((given) => { Object.assign(this, given); })')({
      my: platform.my,
      App: register,
      Page: register,
      Component: register,
    });
  }

  /** @param {string} name of a script, without its extension */
  require(name) {
    return this.engine.load(path.join(this.folder, `${name}.js`));
  }

  /** Starts the app. Resolves once its `onLaunch` has ended. */
  async launch() {
    this.require('app');
    await this.registered.onLaunch?.();
  }

  /** Creates a page or component with its initial data; `onLoad` and `onReady` are not called. */
  open(name) {
    this.require(name);
    return new View(this, this.registered, this.files[`${name}.axml`]);
  }
}

/** A page or component on the phone. */
class View {
  constructor(app, { data = {}, props = {}, methods = {}, ...own }, axml) {
    this.platform = app.platform;
    this.axml = axml;
    this.own = { ...own, ...methods, props, data: { ...data } };
    /** Every state of the data, in order. */
    this.states = [];
    this.own.setData = (fields) => {
      Object.assign(this.own.data, fields);
      this.states.push({ ...this.own.data });
    };
  }

  get data() {
    return this.own.data;
  }

  /** Calls a lifecycle function of the page. */
  life(name) {
    return this.own[name]();
  }

  /** Presses the button with this text: each event goes to the handler named by the tag. Resolves when all have ended. */
  async press(text) {
    const tag = [...this.axml.matchAll(/<button ([^>]*)>([^<]*)<\/button>/g)].find(([, , shown]) => shown === text)?.[1];
    if (tag === undefined) throw new Error(`no button says ${text}`);
    const attributes = Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const openType = attributes['open-type'];
    const events = openType ? await this.platform.press({ openType, scope: attributes.scope }) : [this.platform.event('tap', {})];
    for (const event of events) {
      const handler = attributes[`on${event.type[0].toUpperCase()}${event.type.slice(1)}`];
      if (handler) await this.own[handler](event);
    }
  }
}
