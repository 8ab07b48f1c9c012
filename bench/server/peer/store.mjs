import Database from 'better-sqlite3';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS members (
    subject TEXT PRIMARY KEY, open_id TEXT, user_id TEXT, nick_name TEXT, avatar TEXT, gender TEXT, province TEXT, city TEXT,
    stored_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS grants (
    subject TEXT PRIMARY KEY, scope TEXT NOT NULL, access_token TEXT NOT NULL, refresh_token TEXT, granted_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sessions (
    hash BLOB PRIMARY KEY, subject TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;`;

/**
 * Members, grants and sessions in one file, written as durably as miniauth writes its own.
 *
 * @param {string} file
 */
export function openStore(file) {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec(SCHEMA);
  const putMember = database.prepare(
    `INSERT OR REPLACE INTO members VALUES (@subject, @openId, @userId, @nickName, @avatar, @gender, @province, @city, @now)`,
  );
  const putGrant = database.prepare('INSERT OR REPLACE INTO grants VALUES (@subject, @scope, @accessToken, @refreshToken, @now)');
  const putSession = database.prepare('INSERT INTO sessions VALUES (?, ?, ?)');
  const getMember = database.prepare('SELECT nick_name, avatar, gender, province, city FROM members WHERE subject = ?');
  const getSession = database.prepare(
    `SELECT hash, expires_at, subject, scope, nick_name, avatar FROM sessions JOIN grants USING (subject) LEFT JOIN members USING (subject)
     WHERE hash = ? AND expires_at > ?`,
  );
  const deleteSession = database.prepare('DELETE FROM sessions WHERE hash = ?');

  const logIn = database.transaction(({ hash, subject, scope, tokens, user, now, lives }) => {
    putGrant.run({ subject, scope, accessToken: tokens.accessToken, refreshToken: tokens.refreshToken ?? null, now });
    if (user) {
      const of = (name) => user[name] ?? null;
      putMember.run({
        subject,
        openId: tokens.openId ?? null,
        userId: tokens.userId ?? null,
        nickName: of('nickName'),
        avatar: of('avatar'),
        gender: of('gender'),
        province: of('province'),
        city: of('city'),
        now,
      });
    }
    putSession.run(hash, subject, now + lives);
    return getMember.get(subject) ?? null;
  });

  return {
    logIn,
    session: (hash, now) => getSession.get(hash, now),
    logOut: (hash) => deleteSession.run(hash),
    close: () => database.close(),
  };
}
