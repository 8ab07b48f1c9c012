// Members and sessions by the million, written straight into the tables.

import { createHash } from 'node:crypto';

const DAY = 24 * 3600 * 1000;
const APP = '2021000000000001';

const sha256 = (data) => createHash('sha256').update(data).digest();

/** The bearer of the session with this number. */
export const bearer = (index) => sha256(`session ${index}`).toString('base64url');

/**
 * Bearers, one on a line, of sessions all over the table.
 *
 * @param {number} sessions how many there are
 */
export function bearers(sessions) {
  const count = Math.min(sessions, 20_000);
  // A step that shares no factor with any of the sizes meets each session once.
  return Array.from({ length: count }, (_, index) => bearer((index * 7919) % sessions));
}

const member = (index, now) => ({
  app_id: APP,
  subject: `filled-${index}`,
  open_id: `filled-${index}`,
  user_id: null,
  nick_name: `会员${index}`,
  avatar: `https://avatars.shop.example/${index}.png`,
  gender: 'F',
  province: '浙江省',
  city: '杭州市',
  stored_at: now,
});

/** Below all that the server gives. */
const grantId = (index) => -1 - index;

/** Nobody opens the tokens of these grants; they are as long as real ones. */
const grant = (index, now) => ({
  id: grantId(index),
  app_id: APP,
  subject: `filled-${index}`,
  scope: 'auth_user',
  key_id: 'filled',
  access_token: sha256(`access ${index}`),
  refresh_token: sha256(`refresh ${index}`),
  access_expires_at: now + 365 * DAY,
  refresh_expires_at: now + 365 * DAY,
  granted_at: now,
  over_at: now + 365 * DAY,
});

const session = (index, now) => ({
  session_hash: sha256(bearer(index)),
  grant_id: grantId(index),
  created_at: now,
  expires_at: now + 7 * DAY,
});

/**
 * Adds members, grants and sessions to an SQLite file that the server has made, and that nobody has open.
 *
 * @param {new (file: string) => import('better-sqlite3').Database} Database
 * @param {string} file
 * @param {number} from the number of the first one
 * @param {number} to the number after the last one
 */
export function fillSqlite(Database, file, from, to) {
  const database = new Database(file);
  const now = Date.now();
  const inserts = Object.entries({ members: member, grants: grant, sessions: session }).map(([table, make]) => {
    const columns = database.pragma(`table_info(${table})`).map(({ name }) => name);
    const places = columns.map((name) => `@${name}`);
    return [database.prepare(`INSERT INTO ${table} VALUES (${places.join(', ')})`), make];
  });
  database.transaction(() => {
    for (let index = from; index < to; index += 1) for (const [insert, make] of inserts) insert.run(make(index, now));
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
