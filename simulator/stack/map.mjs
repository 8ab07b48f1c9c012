/**
 * Reads what `--map` was given.
 *
 * @param {string[]} pairs `https://api.shop.example=http://127.0.0.1:3000`
 * @returns {Record<string, string>} the app's origin -> the one that answers for it
 * @throws {Error} that shows how a pair is written
 */
export function readMap(pairs) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [origin, local] = pair.split('=');
      if (!local || !URL.canParse(origin) || !URL.canParse(local)) throw new Error(`--map ${pair}: write the app's address and the local one, --map https://api.shop.example=http://127.0.0.1:3000`);
      return [new URL(origin).origin, new URL(local).origin];
    }),
  );
}
