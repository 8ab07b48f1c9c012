/** Parses page addresses: '/pages/a/a?x=1' from the package's root, or 'b/b', '../b/b' relative to the current page. */

/**
 * @param {string} url
 * @returns {{ target: string, query: string }}
 */
export function splitUrl(url) {
  const [, target, query] = /^([^?]*)\??(.*)$/s.exec(url);
  return { target, query };
}

/**
 * @param {string} target
 * @param {string} base the route that a relative path starts from
 * @returns {string} the route as listed in app.json
 */
export function resolveRoute(target, base) {
  const steps = target.startsWith('/') ? [] : base.split('/').slice(0, -1);
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}

/**
 * Parses a query. Names and values are decoded, unless app.json's `behavior.decodeQuery` is "disable". A malformed value stays as written
 * (assumed).
 *
 * @param {string} query the text after the question mark
 * @param {boolean} decodes
 * @returns {Record<string, string>}
 */
export function parseQuery(query, decodes) {
  const read = decodes ? decoded : (text) => text;
  const values = {};
  for (const pair of query.split('&').filter(Boolean)) {
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(pair);
    values[read(name)] = read(value);
  }
  return values;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
