import facts from './facts.mjs';
import { FakeServer, encryptedNumber } from './fake-server.mjs';
import { Phone } from './phone.mjs';

/** As they were when this was loaded: a test may have its own clock for page code. */
const { setTimeout, clearTimeout } = globalThis;

const CLOCK = { now: () => Date.now(), advance() {}, setTimeout, clearTimeout };

/** Each kind of consent, and what its window names. */
const CONSENTS = { auth_user: ['昵称', '头像'], userInfo: ['昵称', '头像'], phoneNumber: ['手机号'] };

/** Whether a consent holds; nothing, when the person has not answered yet. */
const HOLDS = { granted: true, denied: false };

const USER = { nickName: '测试用户', avatar: 'https://tfs.alipayobjects.com/images/partner/T1miniauthFakeUser', phone: '13800001234' };

/** A phone whose platform and whose server are in this process. */
class FakePhone extends Phone {
  constructor({ user = {}, consents = {}, profile = '', faults = '', generation = 'current', member, respond, allowed }) {
    super({ facts, user: 'fake', apis: generation, profiles: facts.parseProfile(profile), faults, clock: CLOCK });
    this.person = { ...USER, ...user };
    /** What the person has answered, by kind. */
    this.consents = new Map();
    for (const [kind, state] of Object.entries(consents)) this.setConsent(kind, state);
    this.server = new FakeServer(this.person, member);
    this.respond = respond;
    this.allowed = allowed;
    this.seen = new Set();
    this.sandbox = this.inMemory();
    this.start();
  }

  /** What the platform's servers know of the person. */
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
    if (!Object.hasOwn(CONSENTS, kind)) throw new Error(`there is no consent "${kind}": known are ${Object.keys(CONSENTS).join(', ')}`);
    if (state === 'unknown') this.consents.delete(kind);
    else if (Object.hasOwn(HOLDS, state)) this.consents.set(kind, HOLDS[state]);
    else throw new Error(`a consent is granted, denied or unknown, not "${state}"`);
    this.answers[kind] = state === 'denied' ? 'refuse' : undefined;
  }

  setFaults(text) {
    this.faults.set(text);
  }

  /** What the person does when asked, by kind of consent, else by kind of panel. */
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

  /** Every address that was asked for, unless the test says which are on the list. */
  whitelist() {
    return this.allowed ?? [...this.seen];
  }

  async exchange({ url, method, headers, body }) {
    const text = body ? new TextDecoder().decode(body) : '';
    const { pathname: path } = new URL(url);
    const request = { url, path, method, headers: Object.fromEntries(headers), data: parsed(text) };
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
