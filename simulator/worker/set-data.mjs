/**
 * `setData` path keys: 'a', 'a.b', 'list[0].name'.
 * @param {string} path
 * @returns {(string | number)[]}
 * @throws {TypeError} if it is not a path
 */
export function parsePath(path) {
  const steps = [];
  const pattern = /(?:^|(?<=[^])\.)([^.[\]]+)|\[(\d+)\]/y;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (!match)
      {throw new TypeError(`setData: ${JSON.stringify(path)} is not a path such as 'a', 'a.b' or 'list[0].name'`);}
    steps.push(match[2] === undefined ? match[1] : Number(match[2]));
  }
  if (steps.length === 0 || typeof steps[0] === 'number')
    {throw new TypeError(`setData: ${JSON.stringify(path)} names no data`);}
  if (steps.includes('__proto__')) throw new TypeError('setData: __proto__ is not data');
  return steps;
}

/**
 * Sets one value inside a page's data, making the objects and lists on the way.
 * @param {Record<string, unknown>} data changed in place
 * @param {string} path
 * @param {unknown} value
 * @returns {string} the top-level name that changed
 */
export function setPath(data, path, value) {
  const steps = parsePath(path);
  let parent = data;
  steps.slice(0, -1).forEach((step, index) => {
    const present = parent[step];
    if (typeof present !== 'object' || present === null) parent[step] = typeof steps[index + 1] === 'number' ? [] : {};
    parent = parent[step];
  });
  parent[steps[steps.length - 1]] = value;
  return steps[0];
}
