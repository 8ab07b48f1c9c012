import { HttpFault } from './respond.mjs';

/**
 * A request of page code as the host page hands it over.
 *
 * @typedef {object} Outgoing
 * @property {'httpRequest' | 'request'} name
 * @property {string} url
 * @property {string} method
 * @property {Record<string, string>} headers
 * @property {string | null} body in base64
 * @property {number} timeout in milliseconds
 */

const NAMES = ['httpRequest', 'request'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** @param {any} value @returns {Outgoing} @throws {HttpFault} */
export function parseOutgoing({ name, url, method, headers, body, timeout }) {
  const valid =
    NAMES.includes(name) &&
    typeof url === 'string' &&
    METHODS.includes(method) &&
    isTextMap(headers) &&
    (body === null || typeof body === 'string') &&
    typeof timeout === 'number';
  if (!valid) throw new HttpFault(400, 'the body does not describe a request');
  return { name, url, method, headers, body, timeout };
}

function isTextMap(value) {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}
