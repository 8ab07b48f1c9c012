/** The platform's rules on requests before they are sent: https, the domain whitelist, sizes, and headers that it refuses. */

const LONGEST_URL = 8 * 1024;
const LARGEST_BODY = 10 * 1024 * 1024;

/** Public suffixes of two labels that are common where mini-programs are; elsewhere the last label is the suffix. */
const SECOND_LEVEL = ['com', 'net', 'org', 'gov', 'edu', 'ac', 'co'];

/**
 * @param {{ url: string, headers: [string, string][], body?: Uint8Array | null }} outgoing
 * @param {string[]} whitelist origins
 * @param {number} notListed the error number of a domain that is not on the whitelist
 * @returns {{ error: number, errorMessage: string } | null}
 */
export function addressRefusal({ url, headers, body }, whitelist, notListed) {
  if (url.length > LONGEST_URL) return refusal(2, `the url is over ${LONGEST_URL} characters`);
  if (headers.some(([name]) => name.toLowerCase() === 'version')) return refusal(2, 'the platform rejects a header named "version"');
  if (body && body.length > LARGEST_BODY) return refusal(2, `the body is over ${LARGEST_BODY} bytes`);
  let parsed;
  try {
    parsed = new URL(url);
  } catch {
    return refusal(2, 'the url is not an absolute address');
  }
  if (parsed.username !== '' || parsed.password !== '') return refusal(2, 'the url holds credentials');
  // On a phone there is no such address; here it is how a developer's own server is reached.
  if (isLoopback(parsed)) return whitelist.includes(parsed.origin) ? null : refusal(notListed, `${parsed.origin} is not mapped`);
  if (parsed.protocol !== 'https:') return refusal(20, 'only https is allowed (http only on loopback)');
  if (isListed(parsed, whitelist)) return null;
  return refusal(notListed, `${parsed.origin} is not on the domain whitelist (${whitelist.join(', ')})`);
}

/** The whitelist knows registrable domains: with `a.com`, `1.a.com` is listed too. */
function isListed({ hostname }, whitelist) {
  return whitelist.some((origin) => registrableDomain(new URL(origin).hostname) === registrableDomain(hostname));
}

/** @param {string} hostname @returns {string} `a.com` of `1.a.com`, `b.com.cn` of `x.b.com.cn` */
export function registrableDomain(hostname) {
  if (/^[\d.]+$|:/.test(hostname)) return hostname;
  const labels = hostname.split('.');
  const suffix = labels.length > 2 && labels[labels.length - 1].length === 2 && SECOND_LEVEL.includes(labels[labels.length - 2]) ? 2 : 1;
  return labels.slice(-suffix - 1).join('.');
}

function isLoopback({ hostname }) {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

function refusal(error, errorMessage) {
  return { error, errorMessage };
}
