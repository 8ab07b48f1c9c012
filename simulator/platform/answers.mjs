import { decodeBody } from './body.mjs';

/**
 * What the two calls differ in. The one-page reference of the older call is gone; its numbers are assumed to have stayed.
 *
 * @param {'httpRequest' | 'request'} name
 * @param {import('../../platform/reader.mjs').Profile} profiles
 */
export function requestFlavour(name, profiles) {
  return name === 'request'
    ? {
      name,
      contentType: 'application/json',
      failsOnStatus: profiles.status === '19',
      notListed: Number(profiles.whitelist),
      orText: profiles.json === 'json_or_text',
    }
    : { name, contentType: 'application/x-www-form-urlencoded', failsOnStatus: true, notListed: 11, orText: false };
}

/**
 * An answer as page code gets it.
 *
 * @param {{ status?: number, headers: Record<string, string>, body: Uint8Array }} response
 * @param {string} dataType
 * @param {ReturnType<typeof requestFlavour>} flavour
 * @returns {['success' | 'fail', object]}
 */
export function settleResponse({ status, headers, body }, dataType, flavour) {
  if (status === undefined) return ['success', answer({ status, headers, data: '' }, flavour)];
  const good = status >= 200 && status < 300;
  const text = () => decodeBody(body, 'text');
  const read = dataType === 'json' && flavour.orText ? 'json_or_text' : dataType;
  if (flavour.failsOnStatus && !good) {
    return ['fail', { error: 19, errorMessage: 'http status error', status, data: decodedOr(text, body, read), headers }];
  }
  try {
    return ['success', answer({ status, headers, data: decodeBody(body, read) }, flavour)];
  } catch {
    return ['fail', { error: 14, errorMessage: 'JSON parse data error', status, data: text(), headers }];
  }
}

/**
 * A request that took too long. Where JSON was asked for, the platform takes its own message for the answer and fails to
 * parse it.
 */
export function timedOut(dataType, milliseconds) {
  return dataType === 'json'
    ? { error: 14, errorMessage: 'JSON parse data error', status: 13, data: '请求超时异常', headers: {} }
    : { error: 13, errorMessage: `no answer within ${milliseconds} ms` };
}

/** The newer call names status and headers twice. */
function answer({ status, headers, data }, { name }) {
  return name === 'request' ? { data, status, statusCode: status, headers, header: headers } : { data, status, headers };
}

function decodedOr(text, body, dataType) {
  try {
    return decodeBody(body, dataType);
  } catch {
    return text();
  }
}
