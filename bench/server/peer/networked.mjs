import { Redis } from 'ioredis';
import pg from 'pg';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS members (
    subject text PRIMARY KEY, open_id text, user_id text, nick_name text, avatar text, gender text, province text, city text,
    stored_at bigint NOT NULL
  );
  CREATE TABLE IF NOT EXISTS grants (
    subject text PRIMARY KEY, scope text NOT NULL, access_token text NOT NULL, refresh_token text, granted_at bigint NOT NULL
  );
  CREATE TABLE IF NOT EXISTS sessions (hash bytea PRIMARY KEY, subject text NOT NULL, expires_at bigint NOT NULL);`;

const PUT_MEMBER = `INSERT INTO members VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (subject) DO UPDATE SET (open_id, user_id, nick_name, avatar, gender, province, city, stored_at) =
    (excluded.open_id, excluded.user_id, excluded.nick_name, excluded.avatar, excluded.gender, excluded.province, excluded.city, excluded.stored_at)`;
const PUT_GRANT = `INSERT INTO grants VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (subject) DO UPDATE SET (scope, access_token, refresh_token, granted_at) =
    (excluded.scope, excluded.access_token, excluded.refresh_token, excluded.granted_at)`;
const GET_MEMBER = 'SELECT nick_name, avatar, gender, province, city FROM members WHERE subject = $1';
const GET_SESSION = `SELECT hash, expires_at, subject, scope, nick_name, avatar
  FROM sessions JOIN grants USING (subject) LEFT JOIN members USING (subject) WHERE hash = $1 AND expires_at > $2`;
const GET_OWNER = `SELECT scope, nick_name, avatar FROM grants LEFT JOIN members USING (subject) WHERE subject = $1`;

/** As many as miniauth has. */
const CONNECTIONS = 16;

// Numbers of seconds are safe integers.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Does the same in PostgreSQL, with prepared statements. With `redis`, sessions are there and expire by themselves; the rest is in PostgreSQL.
 *
 * @param {string} url
 * @param {string} [redis]
 */
export async function openNetworkedStore(url, redis) {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, idleTimeoutMillis: 0 });
  await pool.query(SCHEMA);
  const members = {
    async logIn({ hash, subject, scope, tokens, user, now, lives }) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await client.query({ name: 'put-grant', text: PUT_GRANT, values: [subject, scope, tokens.accessToken, tokens.refreshToken, now] });
        if (user) {
          const { nickName, avatar, gender, province, city } = user;
          const values = [subject, tokens.openId, tokens.userId, nickName, avatar, gender, province, city, now];
          await client.query({ name: 'put-member', text: PUT_MEMBER, values });
        }
        if (!redis) await client.query('INSERT INTO sessions VALUES ($1, $2, $3)', [hash, subject, now + lives]);
        const { rows } = await client.query({ name: 'get-member', text: GET_MEMBER, values: [subject] });
        await client.query('COMMIT');
        return rows[0] ?? null;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    async session(hash, now) {
      const { rows } = await pool.query({ name: 'get-session', text: GET_SESSION, values: [hash, now] });
      return rows[0];
    },
    logOut: (hash) => pool.query('DELETE FROM sessions WHERE hash = $1', [hash]),
    close: () => pool.end(),
  };
  if (!redis) return members;

  const sessions = new Redis(redis, { enableAutoPipelining: true });
  const key = (hash) => `peer:session:${hash.toString('base64url')}`;
  return {
    async logIn(login) {
      const member = await members.logIn(login);
      const record = JSON.stringify({ subject: login.subject, expires_at: login.now + login.lives });
      await sessions.set(key(login.hash), record, 'EX', login.lives);
      return member;
    },
    async session(hash) {
      const found = await sessions.get(key(hash));
      if (!found) return undefined;
      const session = JSON.parse(found);
      const { rows } = await pool.query({ name: 'get-owner', text: GET_OWNER, values: [session.subject] });
      return rows[0] && { hash, ...session, ...rows[0] };
    },
    logOut: (hash) => sessions.del(key(hash)),
    async close() {
      sessions.disconnect();
      await members.close();
    },
  };
}
