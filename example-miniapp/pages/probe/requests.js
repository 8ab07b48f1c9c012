// Checks my.request with the app's own server and with a foreign one. Codes and sessions never leave this file.
const { SERVER } = require('../../auth');
const { taken } = require('./attempt');
const { settle } = require('./report');

/** @typedef {import('./report').Report} Report */
/** @typedef {{ outcome: 'success' | 'fail', error?: number, status?: number, data?: unknown, promise?: Promise<unknown> }} Answer */

const JSON_TYPE = { 'content-type': 'application/json' };

/** How long a promise may take to settle after its callback, in milliseconds. */
const SETTLING_TIME = 2000;

/** @param {Report} report */
async function settleRequests(report) {
  if (typeof my.request !== 'function') return;
  // Names under `.invalid` never resolve (RFC 2606), so this one is on no app's whitelist.
  const stranger = await send({ url: 'https://elsewhere.invalid/hello', method: 'GET' });
  settle(report, 'request-promise', stranger.promise ? 'promise' : 'task');
  settle(report, 'request-whitelist', stranger.outcome === 'fail' ? stranger.error : 'success');
  if (stranger.promise && stranger.outcome === 'fail') {
    settle(report, 'promise-rejects-too', (await rejects(stranger.promise)) ? 'yes' : 'no');
  }

  const nobody = await send({ url: SERVER + '/session', method: 'GET' });
  if (statusOf(nobody) !== 401) return;
  settle(report, 'request-status', nobody.outcome === 'success' ? 'success' : nobody.error);

  const text = await send({ url: SERVER + '/metrics', method: 'GET', dataType: 'json' });
  if (text.outcome === 'fail') settle(report, 'request-not-json', text.error);
  else if (typeof text.data === 'string') settle(report, 'request-not-json', 'text');

  // The server accepts a single content type: its answer to an empty object tells which one it received.
  const typed = await send({ url: SERVER + '/auth', method: 'POST', headers: { 'Content-Type': JSON_TYPE['content-type'] }, data: '{}' });
  settle(report, 'request-content-type-twice', { 415: 'twice', 422: 'once' }[statusOf(typed) || 0]);

  const ended = await endOwnSession();
  if (ended) settle(report, 'request-empty-body', ended.outcome === 'success' ? 'success' : ended.error);
}

/** Logs in silently and out again, because the answer to that has no body. @returns {Promise<Answer | undefined>} */
async function endOwnSession() {
  const code = await silentCode();
  if (!code) return undefined;
  const login = await send({ url: SERVER + '/auth', method: 'POST', headers: JSON_TYPE, data: JSON.stringify({ authcode: code }) });
  const { session } = /** @type {{ session?: string }} */ (login.data || {});
  if (!session) return undefined;
  return send({ url: SERVER + '/auth', method: 'DELETE', headers: { authorization: 'Bearer ' + session }, dataType: 'json' });
}

/** @returns {Promise<string | undefined>} */
function silentCode() {
  return new Promise((resolve) => {
    taken(
      my.getAuthCode({
        scopes: 'auth_base',
        success: (/** @type {{ authCode?: string }} */ answer) => resolve(answer.authCode),
        fail: () => resolve(undefined),
      }),
    );
  });
}

/** @param {Answer} answer */
function statusOf(answer) {
  return answer.status;
}

/**
 * @param {Record<string, unknown>} options of my.request
 * @returns {Promise<Answer>}
 */
function send(options) {
  return new Promise((resolve) => {
    /** @param {'success' | 'fail'} outcome */
    const end = (outcome) => (/** @type {Record<string, unknown>} */ answer) => {
      const { error, data, status, statusCode } = /** @type {{ error?: number, data?: unknown, status?: number, statusCode?: number }} */ (
        answer || {}
      );
      // Not before the call has returned, in case it calls back synchronously.
      setTimeout(() => resolve({ outcome, error, data, status: status || statusCode, promise }), 0);
    };
    const request = /** @type {(options: unknown) => unknown} */ (my.request);
    const promise = taken(request(Object.assign({ timeout: 15000 }, options, { success: end('success'), fail: end('fail') })));
  });
}

/** @param {Promise<unknown>} promise */
function rejects(promise) {
  return new Promise((resolve) => {
    promise.then(
      () => resolve(false),
      () => resolve(true),
    );
    setTimeout(() => resolve(false), SETTLING_TIME);
  });
}

module.exports = { settleRequests };
