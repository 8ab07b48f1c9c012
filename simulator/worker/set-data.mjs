/**
 * Parses a `setData` path: 'a', 'a.b', 'list[0].name'. A dot before the bracket is allowed, as Taro's runtime writes it for Alipay
 * (assumed).
 * @param {string} path
 * @param {string} [user] the caller's name, for the message
 * @returns {(string | number)[]}
 * @throws {TypeError} if it is not a path
 */
export function parsePath(path, user = 'setData') {
  const steps = [];
  const pattern = /(?:^|(?<=[^])\.)([^.[\]]+)|\.?\[(\d+)\]/y;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (!match) {
      throw new TypeError(`${user}: ${JSON.stringify(path)} is not a path such as 'a', 'a.b' or 'list[0].name'`);
    }
    steps.push(match[2] === undefined ? match[1] : Number(match[2]));
  }
  if (steps.length === 0 || typeof steps[0] === 'number') {
    throw new TypeError(`${user}: ${JSON.stringify(path)} names no data`);
  }
  if (steps.includes('__proto__')) throw new TypeError(`${user}: __proto__ is not data`);
  return steps;
}

/**
 * Sets one value in a page's data, creating objects and lists along the path.
 * @param {Record<string, unknown>} data changed in place
 * @param {string} path
 * @param {unknown} value
 * @returns {string} the top-level name that changed
 */
export function setPath(data, path, value) {
  const steps = parsePath(path);
  const { parent, last } = walk(data, steps);
  parent[last] = value;
  return steps[0];
}

/**
 * `$spliceData`: changes a list in a page's data like `Array.prototype.splice`.
 * @param {Record<string, unknown>} data changed in place
 * @param {string} path
 * @param {unknown} value [start, deleteCount, ...items]
 * @returns {string} the top-level name that changed
 */
export function splicePath(data, path, value) {
  const steps = parsePath(path, '$spliceData');
  if (!Array.isArray(value)) throw new TypeError(`$spliceData: ${path} takes a list: [start, deleteCount, ...items]`);
  const { parent, last } = walk(data, steps);
  parent[last] ??= [];
  if (!Array.isArray(parent[last])) throw new TypeError(`$spliceData: ${path} is not a list`);
  parent[last].splice(...value);
  return steps[0];
}

function walk(data, steps) {
  let parent = data;
  steps.slice(0, -1).forEach((step, index) => {
    const present = parent[step];
    if (typeof present !== 'object' || present === null) parent[step] = typeof steps[index + 1] === 'number' ? [] : {};
    parent = parent[step];
  });
  return { parent, last: steps[steps.length - 1] };
}
