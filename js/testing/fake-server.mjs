import { CODES } from '../generated/error-codes.js';
import { memberOf } from '../src/member.js';

/** A session's lifetime in seconds. */
const LIFETIME = 604_800;

/**
 * Returns an error answer of the server.
 *
 * @type {typeof import('../testing.js').problem}
 */
export function problem(code) {
  const row = CODES[code];
  if (!row || row.status === 0) throw new Error(`the server has no error with the code "${code}"`);
  const { status, reauthorize, title, zh, en } = row;
  return { status, data: { type: `urn:miniauth:problem:${code}`, title, status, code, reauthorize, advice: { zh, en } } };
}

/** The server's error code for each fault of a phone number answer, by the sandbox's name. */
const PHONE_PROBLEMS = {
  no_aes_key: 'phone_setup_missing',
  no_signing: 'phone_signature_missing',
  no_product: 'phone_product_not_in_force',
  no_consent: 'phone_not_authorized',
  no_number: 'phone_number_missing',
  unavailable: 'phone_unavailable',
  wrong_key: 'phone_not_decrypted',
  tampered: 'phone_signature_invalid',
};

/** Returns the platform's encrypted answer for a phone number; here it only encodes the fault. */
export function encryptedNumber(fault) {
  const common = { sign_type: 'RSA2', encrypt_type: 'AES', charset: 'UTF-8' };
  return { response: btoa(fault), ...(fault !== 'no_signing' && { sign: btoa('fake') }), ...common };
}

/** Returns the fault in a posted answer, given whole or as its encrypted part. */
function faultIn({ response } = {}) {
  try {
    const whole = typeof response === 'string' && response.startsWith('{') ? JSON.parse(response) : response;
    return atob(whole.response ?? whole);
  } catch {
    return 'wrong_key';
  }
}

/** Converts the field names to the wire format. */
function onWire(member) {
  return Object.fromEntries(
    Object.entries(member).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/** An in-memory miniauth server for one user: what tests of pages need, without its limits and checks. */
export class FakeServer {
  constructor(person, member) {
    this.person = person;
    this.subject = '00000000000000a1';
    /** In the wire format. */
    this.stored = member ? { ...this.madeMember(), ...onWire(member) } : null;
    this.phone = null;
    this.codes = new Map();
    this.sessions = new Set();
    this.made = 0;
  }

  get member() {
    return memberOf(this.stored);
  }

  issueCode(scopes) {
    this.made += 1;
    const code = `fake-code-${this.made}`;
    this.codes.set(code, scopes.includes('auth_user') ? 'auth_user' : 'auth_base');
    return code;
  }

  /** Expires every session: the next request is rejected, and a client logs in again. */
  expire() {
    this.sessions.clear();
  }

  madeMember() {
    const { nickName, avatar, gender = null, province = null, city = null } = this.person;
    const ids = { subject: this.subject, user_id: '2088000000000001' };
    return { ...ids, nick_name: nickName ?? null, avatar: avatar ?? null, gender, province, city, stored_at: Date.now() };
  }

  answer({ method, path, headers, data }) {
    const call = `${method} ${path.slice(path.lastIndexOf('/'))}`;
    if (call === 'POST /auth') return this.login(data);
    const authorization = headers.authorization ?? headers.Authorization;
    if (authorization === undefined) return CALLS[call] ? problem('bearer_missing') : problem('not_found');
    if (!this.sessions.has(authorization.replace(/^Bearer /, ''))) return problem('session_expired');
    return CALLS[call] ? CALLS[call](this, authorization.replace(/^Bearer /, ''), data) : problem('not_found');
  }

  login({ authcode } = {}) {
    const scope = this.codes.get(authcode);
    if (scope === undefined) return problem('code_invalid');
    this.codes.delete(authcode);
    if (scope === 'auth_user') this.stored = this.madeMember();
    this.made += 1;
    const session = `fake-session-${this.made}`.padEnd(43, '0');
    this.sessions.add(session);
    return { data: { session, expires_in: LIFETIME, subject: this.subject, member: this.stored } };
  }
}

/** The calls that need a session. */
const CALLS = {
  'GET /session': ({ subject, stored: member, phone }) => ({
    data: { expires_in: LIFETIME, scope: member ? 'auth_user' : 'auth_base', subject, previous_subjects: [], member, phone },
  }),
  'GET /member': ({ stored: member }) => (member ? { data: member } : problem('member_unknown')),
  'DELETE /member': (server) => {
    server.stored = null;
    return { status: 204 };
  },
  'POST /refresh': (server) => {
    if (!server.stored) return problem('member_unknown');
    server.stored = server.madeMember();
    return { data: server.stored };
  },
  'POST /phone': (server, _session, data) => {
    const wrong = PHONE_PROBLEMS[faultIn(data)];
    if (wrong) return problem(wrong);
    server.phone = { phone_number: server.person.phone.replace(/^(\d{3})\d{4}/, '$1****'), confirmed: true };
    return { data: server.phone };
  },
  'DELETE /auth': (server, session) => {
    server.sessions.delete(session);
    return { status: 204 };
  },
};
