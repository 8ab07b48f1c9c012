import http from 'node:http';
import { Phone } from '../../../js/testing/phone.mjs';
import { platform as facts } from '../../../platform/index.mjs';
import { sandboxOf } from '../../../simulator/platform/platform.mjs';
import { forward } from '../../../simulator/server/forward.mjs';
import { openSocket } from '../../../simulator/server/socket.mjs';
import { RealClock } from './clock.mjs';

/** The app's own address, for the local server. */
export const ORIGIN = 'https://api.shop.example';

/** Reuses connections: a few thousand visits would use up this machine's ports. */
const agent = new http.Agent({ keepAlive: true });

/** The phone of `miniauth/testing` over the real sandbox and the real server. */
export class Platform extends Phone {
  /**
   * @param {{ sandbox?: string, server?: string }} urls
   * @param {string} user
   * @param {'legacy' | 'current'} apis
   * @param {{ profiles?: object, clock?: object }} [options]
   */
  constructor(urls, user, apis, { profiles = facts.defaultProfile(), clock = new RealClock() } = {}) {
    super({ facts, user, apis, profiles, clock });
    this.urls = urls;
    /** The local servers that answer for the app's addresses. */
    this.origins = { [ORIGIN]: urls.server };
    /** Addresses that never answer: while a request to them waits, time passes. */
    this.neverAnswers = () => false;
    this.sandbox = sandboxOf((path, { method, body } = {}) => this.control(path, method, body));
    this.start();
  }

  /** The person's answer to the consent panel. */
  set decision(decision) {
    this.answers.consent = decision;
  }

  whitelist() {
    return Object.keys(this.origins);
  }

  /** A request is answered only after the code that made it has finished: a separate engine may not be listening yet. */
  exchange(outgoing, signal, progress) {
    const atRest = new Promise((resolve) => void this.later(resolve));
    const answered = atRest.then(() => forward(outgoing, this.origins, signal, { agent, progress }));
    return this.neverAnswers(outgoing.url) ? answered : this.clock.during(answered);
  }

  /** Time stands still until a WebSocket has opened or failed. */
  connect(handshake, on) {
    let settled;
    const opening = new Promise((resolve) => {
      settled = resolve;
    });
    if (!this.neverAnswers(handshake.url)) void this.clock.during(opening);
    // As with requests, the code that opened it may not be listening yet.
    const atRest =
      (act) =>
      (...values) =>
        this.later(() => act(...values));
    const settling =
      (act) =>
      (...values) => {
        act(...values);
        settled();
      };
    const events = Object.entries({ ...on, opened: settling(on.opened), failed: settling(on.failed) });
    const heard = Object.fromEntries(events.map(([name, act]) => [name, atRest(act)]));
    return openSocket(handshake, this.origins, heard);
  }

  /** The sandbox's control interface. */
  control(path, method = 'GET', body = undefined) {
    return this.clock.during(sendJson(`${this.urls.sandbox}/control/${path}`, method, body));
  }
}

function sendJson(address, method, body, own = agent) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(address, { method, headers, agent: own }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const answer = text === '' ? undefined : JSON.parse(text);
      if (response.statusCode < 300) resolve(answer);
      else reject(new Error(`sandbox: ${response.statusCode} ${answer?.error}`));
    });
    request.on('error', (error) => {
      // The sandbox had closed the reused connection, and has not received the request.
      if (request.reusedSocket && error.code === 'ECONNRESET') sendJson(address, method, body, false).then(resolve, reject);
      else reject(error);
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
