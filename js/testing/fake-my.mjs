import facts from './facts.mjs';
import { FakeServer, encryptedNumber } from './fake-server.mjs';
import { Phone } from './phone.mjs';

/** Saved at load time: a test may replace the timers for page code. */
const { setTimeout, clearTimeout } = globalThis;

const CLOCK = { now: () => Date.now(), advance() {}, setTimeout, clearTimeout };

/** The kinds of consent, and the items in their panels. */
const CONSENTS = { auth_user: ['昵称', '头像'], userInfo: ['昵称', '头像'], phoneNumber: ['手机号'] };

/** A consent's value by state; undefined if the person has not answered yet. */
const HOLDS = { granted: true, denied: false };

const USER = { nickName: '测试用户', avatar: 'https://tfs.alipayobjects.com/images/partner/T1miniauthFakeUser', phone: '13800001234' };

/** A phone with its platform and server in this process. */
class FakePhone extends Phone {
  constructor({ user = {}, consents = {}, profile = '', faults = '', generation = 'current', member, respond, allowed, pictures, socket }) {
    super({ facts, user: 'fake', apis: generation, profiles: facts.parseProfile(profile), faults, clock: CLOCK });
    this.person = { ...USER, ...user };
    /** The person's answers by kind. */
    this.consents = new Map();
    for (const [kind, state] of Object.entries(consents)) this.setConsent(kind, state);
    this.server = new FakeServer(this.person, member);
    this.respond = respond;
    this.allowed = allowed;
    if (pictures) this.pictures = pictures;
    this.serveSocket = socket;
    this.seen = new Set();
    this.sandbox = this.inMemory();
    this.start();
  }

  /** The platform servers' knowledge of the person. */
  inMemory() {
    const { consents, person } = this;
    const display = (kind) => {
      if (consents.get(kind) === true) return { code: '10000', msg: 'Success', nickName: person.nickName, avatar: person.avatar };
      const { code, sub_msg: subMsg } = facts.gateway.refusals['isv.invalid-auth-relations'];
      return { code, msg: 'Insufficient Conditions', subCode: 'isv.invalid-auth-relations', subMsg };
    };
    return {
      consent: async (_user, kind) => ({ granted: consents.get(kind) === true, app_name: '示例小店', items: CONSENTS[kind] }),
      decide: async (_user, kind, decision) => void consents.set(kind, decision === 'accept'),
      withdraw: async (_user, kind) => void consents.set(kind, false),
      settings: async () => ({
        authSetting: Object.fromEntries([...consents].filter(([kind]) => kind !== 'auth_user')),
      }),
      authCode: async (_user, scopes) => ({ auth_code: this.server.issueCode(scopes), scopes }),
      displayInfo: async () => display('userInfo'),
      legacyDisplayInfo: async () => display('auth_user'),
      phoneNumber: async (_user, fault = consents.get('phoneNumber') === true ? 'none' : 'no_consent') => ({
        response: JSON.stringify(encryptedNumber(fault)),
      }),
    };
  }

  setConsent(kind, state) {
    if (!Object.hasOwn(CONSENTS, kind))
      throw new Error(`there is no consent "${kind}": it must be one of ${Object.keys(CONSENTS).join(', ')}`);
    if (state === 'unknown') this.consents.delete(kind);
    else if (Object.hasOwn(HOLDS, state)) this.consents.set(kind, HOLDS[state]);
    else throw new Error(`a consent must be granted, denied or unknown, not "${state}"`);
    this.answers[kind] = state === 'denied' ? 'refuse' : undefined;
  }

  setFaults(text) {
    this.faults.set(text);
  }

  /** Answers for the person, by kind of consent, else by kind of panel. */
  ask(panel) {
    const { consent } = this.answers;
    if (panel.kind === 'consent' && this.answers[panel.scope] !== undefined) this.answers.consent = this.answers[panel.scope];
    const answered = super.ask(panel);
    this.answers.consent = consent;
    return answered;
  }

  counted(name, call) {
    const counted = super.counted(name, call);
    return (options) => {
      if (options && typeof options.url === 'string' && URL.canParse(options.url)) this.seen.add(new URL(options.url).origin);
      return counted(options);
    };
  }

  /** By default every address that was called is on the list. */
  whitelist() {
    return this.allowed ?? [...this.seen];
  }

  /** Opens a WebSocket that the test serves; by default it opens and stays silent. */
  connect(handshake, on) {
    const socket = new FakeSocket(handshake, on);
    soon(async () => {
      await this.serveSocket?.(socket);
      socket.open();
    });
    return socket.line;
  }

  async exchange({ url, method, headers, body, readable }) {
    const text = body ? new TextDecoder().decode(body) : '';
    const { pathname: path } = new URL(url);
    const request = { url, path, method, headers: Object.fromEntries(headers), data: readable ?? parsed(text) };
    const answer = (await this.respond?.(request)) ?? this.server.answer(request);
    const isText = typeof answer.data === 'string';
    return {
      status: answer.status ?? 200,
      headers: { 'content-type': isText ? 'text/plain' : 'application/json', ...answer.headers },
      body: new TextEncoder().encode(answer.data === undefined ? '' : isText ? answer.data : JSON.stringify(answer.data)),
      cookies: [],
    };
  }
}

/** The server's end of a WebSocket, for the test that serves it. Messages sent before it opens are queued. */
class FakeSocket {
  constructor({ url, headers, protocols }, on) {
    Object.assign(this, { url, headers: Object.fromEntries(headers), protocols });
    this.on = on;
    this.state = 'opening';
    this.waiting = [];
    this.listeners = { message: [], close: [] };
  }

  onMessage(listener) {
    this.listeners.message.push(listener);
  }

  onClose(listener) {
    this.listeners.close.push(listener);
  }

  send(data) {
    if (this.state === 'opening') this.waiting.push(data);
    else if (this.state === 'open') soon(() => this.on.message(data));
  }

  /** Answers the handshake with an error. */
  refuse() {
    this.state = 'over';
    this.on.failed(1, 'unknown error');
  }

  close(code = 1000, reason = '') {
    if (this.state === 'over') return;
    this.state = 'over';
    soon(() => this.on.closed(code, reason));
    for (const listener of this.listeners.close) listener(code, reason);
  }

  open() {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.on.opened();
    for (const data of this.waiting) this.send(data);
  }

  /** The phone's end. */
  get line() {
    return {
      send: (data) => soon(() => this.state === 'open' && this.listeners.message.forEach((listener) => listener(data))),
      close: (code, reason) => this.close(code, reason),
    };
  }
}

function soon(run) {
  setTimeout(run, 0);
}

function parsed(text) {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** @type {typeof import('../testing.js').fakeMy} */
export function fakeMy(options = {}) {
  return new FakePhone(options);
}
