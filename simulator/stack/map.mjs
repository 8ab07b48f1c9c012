/**
 * Parses the values of `--map`.
 *
 * @param {string[]} pairs `https://api.shop.example=http://127.0.0.1:3000`
 * @returns {Record<string, string>} the app's origin -> the local origin that answers for it
 * @throws {Error} that shows the format of a pair
 */
export function readMap(pairs) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [origin, local] = pair.split('=');
      if (!local || !URL.canParse(origin) || !URL.canParse(local))
        throw new Error(`--map ${pair}: write the app's address and the local one, --map https://api.shop.example=http://127.0.0.1:3000`);
      return [new URL(origin).origin, new URL(local).origin];
    }),
  );
}
