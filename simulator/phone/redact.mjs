/**
 * Copies for the timeline. It ends up in screenshots and transcripts, so sessions and tokens are cut short, and bodies
 * are bounded.
 */
const SECRET_NAMES = ['authorization', 'session', 'access_token', 'refresh_token'];
const VISIBLE = 11;
const LONGEST_BODY = 20_000;

/** How miniauth writes a session into the storage. */
const STORED_SESSION = /^1 [\w-]{43} \d+ \d+$/;

/** @param {unknown} value plain data */
export function redact(value) {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name, inner) ? `${inner.slice(0, VISIBLE)}…` : redact(inner),
    ]),
  );
}

/** @param {Uint8Array | null} bytes @returns the JSON value, else the text */
export function readBody(bytes) {
  if (!bytes) return null;
  const text = new TextDecoder().decode(bytes.subarray(0, LONGEST_BODY));
  try {
    return redact(JSON.parse(text));
  } catch {
    return text;
  }
}

function isSecret(name, value) {
  return typeof value === 'string' && (SECRET_NAMES.includes(name.toLowerCase()) || STORED_SESSION.test(value));
}
