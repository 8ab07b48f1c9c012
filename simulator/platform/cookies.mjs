/** What servers set as cookies: kept for as long as the mini-program runs and sent again; page code never sees them. */
export class Cookies {
  constructor() {
    this.kept = new Map();
  }

  /**
   * @param {URL} url of the answer
   * @param {string[]} headers its `set-cookie` headers
   * @param {number} now
   */
  take(url, headers, now) {
    for (const header of headers) {
      const [pair, ...attributes] = header.split(';').map((part) => part.trim());
      const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (name === undefined) continue;
      const given = Object.fromEntries(attributes.map((text) => [text.split('=')[0].toLowerCase(), text.split('=').slice(1).join('=')]));
      const domain = (given.domain ?? '').replace(/^\./, '').toLowerCase();
      const key = `${domain || url.hostname}|${name}`;
      const ends = given['max-age'] === undefined ? Date.parse(given.expires ?? '') : now + Number(given['max-age']) * 1000;
      if (ends <= now) this.kept.delete(key);
      else this.kept.set(key, { name, value, host: url.hostname, domain, path: given.path || '/', ends });
    }
  }

  /** @param {URL} url @param {number} now @returns {string | undefined} the header `cookie` of a request */
  of(url, now) {
    const fitting = [...this.kept.values()].filter(({ host, domain, path, ends }) => {
      const sameHost = domain ? url.hostname === domain || url.hostname.endsWith(`.${domain}`) : url.hostname === host;
      return sameHost && url.pathname.startsWith(path) && !(ends <= now);
    });
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}
