import { send } from '../channel.mjs';
import { callHost } from './call.mjs';
import { decodeBody, encodeRequest } from './body.mjs';

/** What the two calls differ in. */
const FLAVOURS = {
  httpRequest: { contentType: 'application/x-www-form-urlencoded', failsOnStatus: true },
  request: { contentType: 'application/json', failsOnStatus: false },
};

/**
 * `my.httpRequest` and `my.request`. Both return a task with `abort()`.
 * @param {'httpRequest' | 'request'} name
 */
export function createRequest(name) {
  const flavour = FLAVOURS[name];
  return (options) => {
    const dataType = options?.dataType ?? 'json';
    const id = callHost(name, options, {
      fields: (given) => encodeRequest(given, flavour.contentType),
      settle: (outcome, value) => (outcome === 'success' ? settleResponse(value, dataType, flavour) : [outcome, value]),
    });
    return { abort: () => send({ type: 'abort', id }) };
  };
}

/** On the older call a status outside 2xx is a failure with error 19; on the newer one it is an answer like any other. */
function settleResponse({ status, headers, body }, dataType, { failsOnStatus }) {
  const good = status >= 200 && status < 300;
  let data;
  try {
    data = decodeBody(body, dataType);
  } catch (error) {
    if (good)
      {return ['fail', { error: 14, errorMessage: `the answer is not ${dataType}: ${error.message}`, status, headers }];}
    data = decodeBody(body, 'text');
  }
  if (failsOnStatus && !good)
    {return ['fail', { error: 19, errorMessage: `http status ${status}`, status, data, headers }];}
  return ['success', { status, data, headers }];
}
