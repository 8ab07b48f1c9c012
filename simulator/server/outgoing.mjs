import { HttpFault } from './respond.mjs';

/**
 * A request of page code as the host page hands it over.
 *
 * @typedef {object} Outgoing
 * @property {string} url
 * @property {string} method
 * @property {[string, string][]} headers
 * @property {Uint8Array | null} body
 * @property {string} [cookie]
 */

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** @param {any} value with the body in base64 @returns {Outgoing} @throws {HttpFault} */
export function parseOutgoing({ url, method, headers, body, cookie }) {
  const valid =
    typeof url === 'string' &&
    URL.canParse(url) &&
    METHODS.includes(method) &&
    Array.isArray(headers) &&
    headers.every(isPair) &&
    (body === null || typeof body === 'string') &&
    (cookie === undefined || typeof cookie === 'string');
  if (!valid) throw new HttpFault(400, 'the body does not describe a request');
  return { url, method, headers, body: body === null ? null : Buffer.from(body, 'base64'), cookie };
}

function isPair(value) {
  return Array.isArray(value) && value.length === 2 && value.every((text) => typeof text === 'string');
}
