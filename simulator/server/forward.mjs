import http from 'node:http';
import https from 'node:https';

/**
 * The platform's side of `my.httpRequest` and `my.request`: the rules on addresses, then the request itself. The app's
 * https origins are mapped to local servers; nothing else is reachable.
 */

const LARGEST_BODY = 10 * 1024 * 1024;
const LONGEST_URL = 8 * 1024;
const DEFAULT_TIMEOUT = 30_000;

/** Headers that belong to the connection or to the platform, never to page code. */
const NOT_FORWARDED = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'cookie',
  'referer',
  'origin',
  'proxy-authorization',
];

/** Error numbers for a domain that is not on the whitelist differ between the two calls. */
const NOT_WHITELISTED = { httpRequest: 11, request: 4 };

/**
 * @typedef {{ status: number, headers: Record<string, string>, body: string, mappedTo: string }} Response
 * @typedef {{ error: number, errorMessage: string, mappedTo?: string }} Failure `mappedTo` only if the request was tried
 *
 * @param {import('./outgoing.mjs').Outgoing} outgoing
 * @param {Record<string, string>} mapping whitelisted origin -> origin that answers for it
 * @param {AbortSignal} signal
 * @returns {Promise<Response | Failure>}
 */
export async function forward(outgoing, mapping, signal) {
  const target = resolveTarget(outgoing, mapping);
  if ('error' in target) return target;
  const body = outgoing.body === null ? null : Buffer.from(outgoing.body, 'base64');
  if (body && body.length > LARGEST_BODY) return failure(2, `the body is over ${LARGEST_BODY} bytes`);
  const timeout = AbortSignal.timeout(outgoing.timeout > 0 ? outgoing.timeout : DEFAULT_TIMEOUT);
  try {
    const answer = await exchange(target.url, outgoing, body, AbortSignal.any([signal, timeout]));
    return { ...answer, mappedTo: target.url.origin };
  } catch (error) {
    const mappedTo = target.url.origin;
    if (signal.aborted) return { ...failure(9, 'aborted'), mappedTo };
    if (timeout.aborted) return { ...failure(13, `no answer within ${outgoing.timeout} ms`), mappedTo };
    return { ...failure(12, `the network failed: ${error.message || error.code}`), mappedTo };
  }
}

function resolveTarget({ name, url, headers }, mapping) {
  if (url.length > LONGEST_URL) return failure(2, `the url is over ${LONGEST_URL} characters`);
  if (Object.keys(headers).some((header) => header.toLowerCase() === 'version'))
    {return failure(2, 'the platform rejects a header named "version"');}
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return failure(2, 'the url is not an absolute address');
  }
  if (parsed.username !== '' || parsed.password !== '') return failure(2, 'the url holds credentials');
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && loopback))
    {return failure(20, 'only https is allowed (http only on loopback)');}
  if (!Object.hasOwn(mapping, parsed.origin)) {
    return failure(
      NOT_WHITELISTED[name] ?? 11,
      `${parsed.origin} is not on the domain whitelist (${Object.keys(mapping).join(', ')})`,
    );
  }
  return { url: new URL(parsed.pathname + parsed.search, mapping[parsed.origin]) };
}

function exchange(url, { method, headers }, body, signal) {
  const forwarded = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name.toLowerCase())),
  );
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(
      url,
      { method, headers: forwarded, signal, agent: false },
      (response) => {
        collect(response).then(resolve, reject);
      },
    );
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

async function collect(response) {
  const chunks = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`the answer is over ${LARGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return {
    status: response.statusCode,
    headers: visibleHeaders(response.headers),
    body: Buffer.concat(chunks).toString('base64'),
  };
}

/** Page code sees lower-cased names and no cookies. */
function visibleHeaders(headers) {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== 'set-cookie')
      .map(([name, value]) => [name, String(value)]),
  );
}

function failure(error, errorMessage) {
  return { error, errorMessage };
}
