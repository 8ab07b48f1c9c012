// Requests of many clients at once. They use Node's own client, since a process for each would be too slow.

/** How long a client of these tests waits for an answer. */
const PATIENCE_MS = 40_000;

async function ask(url, options) {
  const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
}

/** Posts to /auth. */
export function post(server, body) {
  const headers = { 'content-type': 'application/json' };
  return ask(`${server.url}/auth`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Requests the session. */
export function session(server, token) {
  return ask(`${server.url}/session`, { headers: { authorization: `Bearer ${token}` } });
}
