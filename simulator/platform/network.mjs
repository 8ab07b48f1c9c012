import { requestFlavour, timedOut } from './body.mjs';
import { CallFault } from './call-fault.mjs';

/**
 * The progress of a request, in bytes of its body and of its answer's.
 *
 * @typedef {object} Progress
 * @property {(done: number, total: number) => void} sent
 * @property {(headers: Record<string, string>) => void} headers
 * @property {(done: number, total: number) => void} received
 */

/**
 * Requests of page code: the platform's rules, cookies, time-outs and aborts. A request that the whitelist stops is never sent; every other
 * one is recorded.
 */
export class Network {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.cookies = new Cookies();
    /** For each pending request, a function that ends it with a reason. @type {Set<(reason: string) => void>} */
    this.underWay = new Set();
  }

  /** Ends the requests of the front page when it is left, as the platform does. */
  leavePage() {
    for (const end of [...this.underWay]) end('left');
  }

  /**
   * Sends a request after checking it.
   *
   * @param {'httpRequest' | 'request'} name
   * @param {import('./body.mjs').EncodedRequest} outgoing
   * @param {(abort: () => void) => void} onAbort receives the function that aborts the request
   * @returns {Promise<{ status?: number, headers: Record<string, string>, body: Uint8Array }>}
   * @throws {CallFault}
   */
  async send(name, outgoing, onAbort) {
    const { faults, profiles, whitelist } = this.ports;
    const refused = addressRefusal(outgoing, whitelist(), requestFlavour(name, profiles).notListed);
    if (refused) throw refused;
    if (faults.strikes('throttled', name)) throw new CallFault(20, 'the request was stopped');
    if (faults.strikes('no-status', name)) return { status: undefined, headers: {}, body: new Uint8Array() };
    return this.exchange(name, outgoing, onAbort);
  }

  /**
   * Sends a request that was checked, and records it.
   *
   * @param {string} name the call's name
   * @param {import('./body.mjs').EncodedRequest & { readable?: object }} outgoing `readable` is shown instead of its body
   * @param {(abort: () => void) => void} onAbort receives the function that aborts it
   * @param {Progress} [progress]
   */
  async exchange(name, outgoing, onAbort, progress) {
    const { clock, exchange, record } = this.ports;
    const url = new URL(outgoing.url);
    const started = clock.now();
    const note = record.request(name, outgoing);
    const abort = new AbortController();
    const cookie = this.cookies.of(url, started);
    const { ended, answer, error } = await new Promise((resolve) => {
      const settle = (outcome) => {
        clock.clearTimeout(timer);
        this.underWay.delete(end);
        resolve(outcome);
      };
      const end = (reason) => {
        settle({ ended: reason });
        abort.abort();
      };
      const timer = clock.setTimeout(() => end('timeout'), outgoing.timeout);
      this.underWay.add(end);
      onAbort(() => end('aborted'));
      exchange({ ...outgoing, cookie }, abort.signal, progress).then(
        (answered) => settle({ ended: 'answered', answer: answered }),
        (thrown) => settle({ ended: 'failed', error: thrown }),
      );
    });
    if (ended === 'answered' && !answer.failed) {
      this.cookies.take(url, answer.cookies, clock.now());
      note({ outcome: 'answered', ...answer });
      return answer;
    }
    const failed = name === 'uploadFile' || name === 'downloadFile' ? transferFailure : failureOf;
    const fault = failed(ended, outgoing, answer?.message ?? error?.message, name);
    note({ outcome: ended === 'aborted' ? 'aborted' : 'fail', mappedTo: answer?.mappedTo, ...fault.failure });
    throw fault;
  }
}

function failureOf(ended, { dataType, timeout }, message) {
  if (ended === 'aborted') return new CallFault(9, 'aborted');
  if (ended === 'left') return new CallFault(1, 'the page was left before the answer');
  if (ended !== 'timeout') return new CallFault(12, ['the network failed', message].filter(Boolean).join(': '));
  const { error, errorMessage, ...fields } = timedOut(dataType, timeout);
  return new CallFault(error, errorMessage, fields);
}

/** Builds the failure of a file transfer that received no answer. */
function transferFailure(ended, _outgoing, message, name) {
  if (ended === 'aborted') return new CallFault(9, `${name}:fail abort`);
  if (ended === 'left') return new CallFault(1, 'the page was left before the answer');
  if (name === 'downloadFile') return new CallFault(12, 'download failed');
  return new CallFault(12, ['上传文件失败', ended === 'timeout' ? '超时' : message].filter(Boolean).join(': '));
}

/** Cookies set by servers: kept and sent while the mini-program runs; page code never sees them. */
export class Cookies {
  constructor() {
    this.kept = new Map();
  }

  /**
   * @param {URL} url the request's address
   * @param {string[]} headers its `set-cookie` headers
   * @param {number} now
   */
  take(url, headers, now) {
    for (const header of headers) {
      const [pair, ...attributes] = header.split(';').map((part) => part.trim());
      const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (name === undefined) continue;
      const given = Object.fromEntries(attributes.map((text) => [text.split('=')[0].toLowerCase(), text.split('=').slice(1).join('=')]));
      const domain = (given.domain ?? '').replace(/^\./, '').toLowerCase();
      const key = `${domain || url.hostname}|${name}`;
      const ends = given['max-age'] === undefined ? Date.parse(given.expires ?? '') : now + Number(given['max-age']) * 1000;
      if (ends <= now) this.kept.delete(key);
      else this.kept.set(key, { name, value, host: url.hostname, domain, path: given.path || '/', ends });
    }
  }

  /** Returns the `cookie` header of a request. @param {URL} url @param {number} now @returns {string | undefined} */
  of(url, now) {
    const fitting = [...this.kept.values()].filter(({ host, domain, path, ends }) => {
      const sameHost = domain ? url.hostname === domain || url.hostname.endsWith(`.${domain}`) : url.hostname === host;
      return sameHost && url.pathname.startsWith(path) && !(ends <= now);
    });
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

/** The platform's checks before a request is sent: https, the domain whitelist, sizes, and forbidden headers. */

const LONGEST_URL = 8 * 1024;
const LARGEST_BODY = 10 * 1024 * 1024;

/** Second-level labels of common public suffixes in China; elsewhere the suffix is the last label. */
const SECOND_LEVEL = ['com', 'net', 'org', 'gov', 'edu', 'ac', 'co'];

/**
 * Checks a request against the platform's rules.
 *
 * @param {{ url: string, headers: [string, string][], body?: Uint8Array | null }} outgoing
 * @param {string[]} whitelist origins
 * @param {number} notListed the error number for a domain not on the whitelist
 * @returns {CallFault | null}
 */
export function addressRefusal({ url, headers, body }, whitelist, notListed) {
  if (url.length > LONGEST_URL) return new CallFault(2, `the url is over ${LONGEST_URL} characters`);
  if (headers.some(([name]) => name.toLowerCase() === 'version')) return new CallFault(2, 'the platform rejects a header named "version"');
  if (body && body.length > LARGEST_BODY) return new CallFault(2, `the body is over ${LARGEST_BODY} bytes`);
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return new CallFault(2, 'the url is not an absolute address');
  }
  if (parsed.username !== '' || parsed.password !== '') return new CallFault(2, 'the url holds credentials');
  // A phone cannot reach loopback; here it is how a developer reaches their own server.
  if (isLoopback(parsed)) return whitelist.includes(parsed.origin) ? null : new CallFault(notListed, `${parsed.origin} is not mapped`);
  if (parsed.protocol !== 'https:') return new CallFault(20, 'only https is allowed (http only on loopback)');
  if (isListed(parsed, whitelist)) return null;
  return new CallFault(notListed, `${parsed.origin} is not on the domain whitelist (${whitelist.join(', ')})`);
}

/** The whitelist lists registrable domains: `a.com` also covers `1.a.com`. */
function isListed({ hostname }, whitelist) {
  return whitelist.some((origin) => registrableDomain(new URL(origin).hostname) === registrableDomain(hostname));
}

/** Returns the registrable domain. @param {string} hostname @returns {string} `a.com` for `1.a.com`, `b.com.cn` for `x.b.com.cn` */
export function registrableDomain(hostname) {
  if (/^[\d.]+$|:/.test(hostname)) return hostname;
  const labels = hostname.split('.');
  const suffix = labels.length > 2 && labels[labels.length - 1].length === 2 && SECOND_LEVEL.includes(labels[labels.length - 2]) ? 2 : 1;
  return labels.slice(-suffix - 1).join('.');
}

function isLoopback({ hostname }) {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
