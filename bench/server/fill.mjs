// Writes millions of members and sessions straight into the tables.

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const DAY = 24 * 3600 * 1000;
const APP = '2021000000000001';

const sha256 = (data) => createHash('sha256').update(data).digest();

/** Returns the bearer token of the session with this number. */
export const bearer = (index) => sha256(`session ${index}`).toString('base64url');

/**
 * Returns bearer tokens, one per line, of sessions all over the table.
 *
 * @param {number} sessions their number
 */
export function bearers(sessions) {
  const count = Math.min(sessions, 20_000);
  // A step without a common factor with any of the sizes meets each session once.
  return Array.from({ length: count }, (_, index) => bearer((index * 7919) % sessions));
}

const member = (index, now) => ({
  nick_name: `会员${index}`,
  avatar: `https://avatars.shop.example/${index}.png`,
  gender: 'F',
  province: '浙江省',
  city: '杭州市',
  stored_at: now,
  consented_at: now,
});

/** Lower than any subject that the server makes. */
const subjectId = (index) => -1 - index;

const subject = (index, now) => ({
  id: subjectId(index),
  app_id: APP,
  open_id: `filled-${index}`,
  // The platform's ids begin with 2088.
  user_id: `9999${String(index).padStart(12, '0')}`,
  union_id: null,
  retired_into: null,
  created_at: now,
  ...member(index, now),
});

/** The tokens of these grants are never decrypted, but as long as real ones. */
const grant = (index, now) => ({
  subject: subjectId(index),
  scope: 'auth_user',
  key_id: 'filled',
  access_token: sha256(`access ${index}`),
  refresh_token: sha256(`refresh ${index}`),
  access_expires_at: now + 365 * DAY,
  refresh_expires_at: now + 365 * DAY,
  granted_at: now,
  over_at: now + 365 * DAY,
  consented_at: now,
});

const session = (index, now) => ({
  session_hash: sha256(bearer(index)),
  subject: subjectId(index),
  created_at: now,
  expires_at: now + 7 * DAY,
  scope: 'auth_user',
});

/**
 * Adds subjects, members, grants and sessions to an SQLite file that the server has created and no process has open.
 *
 * @param {new (file: string) => import('better-sqlite3').Database} Database
 * @param {string} file
 * @param {number} from the number of the first one
 * @param {number} to the number after the last one
 */
export function fillSqlite(Database, file, from, to) {
  const database = new Database(file);
  const now = Date.now();
  const inserts = Object.entries({ subjects: subject, grants: grant, sessions: session }).map(([table, make]) => {
    const columns = Object.keys(make(0, now));
    const places = columns.map((name) => `@${name}`);
    return [database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`), make];
  });
  database.transaction(() => {
    for (let index = from; index < to; index += 1) for (const [insert, make] of inserts) insert.run(make(index, now));
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/**
 * Does the same for PostgreSQL, by `psql`.
 *
 * @param {string} psql the program
 * @param {string} url
 * @param {number} from
 * @param {number} to
 */
export async function fillPostgres(psql, url, from, to) {
  const now = Date.now();
  for (const [table, make] of Object.entries({ subjects: subject, grants: grant, sessions: session })) {
    const columns = Object.keys(make(0, now)).join(', ');
    const copy = spawn(psql, ['--no-psqlrc', '--quiet', '-c', `COPY ${table} (${columns}) FROM STDIN`, url], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = once(copy, 'close');
    await pipeline(Readable.from(lines(make, now, from, to)), copy.stdin);
    const [code] = await ended;
    if (code !== 0) throw new Error(`psql ended with ${code}`);
  }
  // Otherwise PostgreSQL would do this once during the measurement, because all rows arrived at once.
  execFileSync(psql, ['--no-psqlrc', '--quiet', '-c', 'VACUUM (ANALYZE)', '-c', 'CHECKPOINT', url]);
}

/** Formats rows for COPY, a thousand at a time. */
function* lines(make, now, from, to) {
  const field = (value) => (value === null ? '\\N' : Buffer.isBuffer(value) ? `\\\\x${value.toString('hex')}` : value);
  for (let start = from; start < to; start += 1_000) {
    let text = '';
    for (let index = start; index < Math.min(start + 1_000, to); index += 1) {
      text += `${Object.values(make(index, now)).map(field).join('\t')}\n`;
    }
    yield text;
  }
}

/**
 * Writes only sessions into Redis, where each is 24 bytes: subject, creation and expiry.
 *
 * @param {string} url
 * @param {number} count
 */
export async function fillRedis(url, count) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const now = Date.now();
  for (let index = 0; index < count; index += 1) {
    const { session_hash: hash, subject: id, created_at: created, expires_at: expires } = session(index, now);
    const record = Buffer.alloc(24);
    [id, created, expires].forEach((number, place) => record.writeBigInt64BE(BigInt(number), place * 8));
    const key = Buffer.concat([Buffer.from('miniauth:session:'), hash]);
    socket.write('*3\r\n');
    for (const part of [Buffer.from('SET'), key, record]) {
      socket.write(`$${part.length}\r\n`);
      socket.write(part);
      socket.write('\r\n');
    }
  }
  socket.end('QUIT\r\n');
  let answers = '';
  for await (const chunk of socket.setEncoding('latin1')) answers += chunk;
  if (answers !== '+OK\r\n'.repeat(count + 1)) throw new Error(`Redis: ${answers.slice(0, 200)}`);
}
