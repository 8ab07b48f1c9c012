import { addressRefusal } from './addresses.mjs';
import { requestFlavour, timedOut } from './answers.mjs';
import { CallFault } from './call-fault.mjs';
import { Cookies } from './cookies.mjs';

/**
 * Requests of page code: the platform's rules, cookies, time-out, and what ends a request early. What the whitelist stops never
 * becomes a request; all else is recorded as one.
 */
export class Network {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.cookies = new Cookies();
    /** What ends each request that is under way, by the reason. @type {Set<(reason: string) => void>} */
    this.underWay = new Set();
  }

  /** The page that is in front is left: on the platform its requests end there. */
  leavePage() {
    for (const end of [...this.underWay]) end('left');
  }

  /**
   * @param {'httpRequest' | 'request'} name
   * @param {import('./body.mjs').EncodedRequest} outgoing
   * @param {(abort: () => void) => void} onAbort takes what aborts the request
   * @returns {Promise<{ status?: number, headers: Record<string, string>, body: Uint8Array }>}
   * @throws {CallFault}
   */
  async send(name, outgoing, onAbort) {
    const { faults, profiles, whitelist } = this.ports;
    const refusal = addressRefusal(outgoing, whitelist(), requestFlavour(name, profiles).notListed);
    if (refusal) throw new CallFault(refusal.error, refusal.errorMessage);
    if (faults.strikes('throttled', name)) throw new CallFault(20, 'the request was stopped');
    if (faults.strikes('no-status', name)) return { status: undefined, headers: {}, body: new Uint8Array() };
    return this.exchange(name, outgoing, onAbort);
  }

  async exchange(name, outgoing, onAbort) {
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
      exchange({ ...outgoing, cookie }, abort.signal).then(
        (answered) => settle({ ended: 'answered', answer: answered }),
        (thrown) => settle({ ended: 'failed', error: thrown }),
      );
    });
    if (ended === 'answered' && !answer.failed) {
      this.cookies.take(url, answer.cookies, clock.now());
      note({ outcome: 'answered', ...answer });
      return answer;
    }
    const fault = failureOf(ended, outgoing, answer?.message ?? error?.message);
    note({ outcome: ended === 'aborted' ? 'aborted' : 'fail', mappedTo: answer?.mappedTo, ...fault.failure });
    throw fault;
  }
}

function failureOf(ended, { dataType, timeout }, message) {
  if (ended === 'aborted') return new CallFault(9, 'aborted');
  if (ended === 'left') return new CallFault(1, 'the page was left before the answer');
  if (ended !== 'timeout') return new CallFault(12, `the network failed: ${message}`);
  const { error, errorMessage, ...fields } = timedOut(dataType, timeout);
  return new CallFault(error, errorMessage, fields);
}
