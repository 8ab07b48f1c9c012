//! Finding what is over without an index of ends, which every login would have to keep up.

use rusqlite::{Connection, params_from_iter, types::Value};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many rows are looked at each time, which takes some milliseconds and holds nobody up.
const LOOKED_AT: usize = 10_000;

/// A walk through a table in the order of its key, around and around, each time on from where it stopped.
pub(super) struct Sweep {
    /// Whether a row is over (a moment is the first parameter), and its key, of the rows beyond a key (the others).
    look: &'static str,
    /// Deletes the row with a key (the parameters from the second on), if it is over still (the first).
    delete: &'static str,
    /// What comes before every key.
    start: Vec<Value>,
    /// Where the walk stopped.
    after: Mutex<Vec<Value>>,
}

/// What a look found, and how far it went.
pub(super) struct Found {
    over: Vec<Vec<Value>>,
    stopped_at: Vec<Value>,
}

impl Sweep {
    pub(super) fn of_sessions() -> Self {
        Self::new(
            "SELECT expires_at < ?1, session_hash FROM sessions WHERE session_hash > ?2
             ORDER BY session_hash",
            "DELETE FROM sessions WHERE session_hash = ?2 AND expires_at < ?1",
            vec![Value::Blob(Vec::new())],
        )
    }

    pub(super) fn of_grants() -> Self {
        Self::new(
            "SELECT over_at < ?1, id FROM grants WHERE id > ?2 ORDER BY id",
            "DELETE FROM grants WHERE id = ?2 AND over_at < ?1",
            // Comes before every number.
            vec![Value::Real(f64::NEG_INFINITY)],
        )
    }

    pub(super) fn of_claims() -> Self {
        Self::new(
            "SELECT claimed_at < ?1, app_id, code_hash FROM code_claims WHERE (app_id, code_hash) > (?2, ?3)
             ORDER BY app_id, code_hash",
            "DELETE FROM code_claims WHERE app_id = ?2 AND code_hash = ?3 AND claimed_at < ?1",
            vec![Value::Text(String::new()), Value::Blob(Vec::new())],
        )
    }

    fn new(look: &'static str, delete: &'static str, start: Vec<Value>) -> Self {
        Self { look, delete, after: Mutex::new(start.clone()), start }
    }

    /// Walks on until `limit` rows were found that were over before a moment.
    pub(super) fn look(&self, connection: &Connection, before: i64, limit: usize) -> rusqlite::Result<Found> {
        let mut statement = connection.prepare_cached(self.look)?;
        let mut rows = statement.query(params_from_iter(parameters(before, &self.after())))?;
        let mut found = Found { over: Vec::new(), stopped_at: self.start.clone() };
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            looked_at += 1;
            let is_over: bool = row.get(0)?;
            if !is_over && looked_at < LOOKED_AT {
                continue;
            }
            let key = (1..=self.start.len()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
            if is_over {
                found.over.push(key.clone());
            }
            if looked_at == LOOKED_AT || found.over.len() == limit {
                found.stopped_at = key;
                return Ok(found);
            }
        }
        // The end of the table: the next walk begins anew.
        Ok(found)
    }

    /// Deletes what was found; gives how many rows are gone.
    pub(super) fn delete(&self, connection: &Connection, before: i64, found: &Found) -> rusqlite::Result<u64> {
        let mut gone = 0;
        for key in &found.over {
            gone += connection.prepare_cached(self.delete)?.execute(params_from_iter(parameters(before, key)))?;
        }
        Ok(gone as u64)
    }

    /// The next walk goes on behind what was found.
    pub(super) fn go_on(&self, found: Found) {
        *self.after() = found.stopped_at;
    }

    /// Nothing that panics happens under the lock, so a poisoned one is still good.
    fn after(&self) -> MutexGuard<'_, Vec<Value>> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    pub(super) fn is_empty(&self) -> bool {
        self.over.is_empty()
    }
}

fn parameters(before: i64, key: &[Value]) -> impl Iterator<Item = Value> {
    std::iter::once(Value::Integer(before)).chain(key.iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sessions with the keys 0 to `count`, of which every third is over.
    fn table(count: u32) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE sessions (session_hash BLOB PRIMARY KEY, expires_at INTEGER)").unwrap();
        for number in 0..count {
            let row = (number.to_be_bytes(), if number % 3 == 0 { 10 } else { 100 });
            connection.execute("INSERT INTO sessions VALUES (?1, ?2)", row).unwrap();
        }
        connection
    }

    fn walk(sweep: &Sweep, connection: &Connection, limit: usize) -> u64 {
        let found = sweep.look(connection, 50, limit).unwrap();
        let gone = sweep.delete(connection, 50, &found).unwrap();
        sweep.go_on(found);
        gone
    }

    #[test]
    fn each_walk_goes_on_where_the_last_one_stopped_and_begins_anew_at_the_end() {
        let connection = table(31);
        let sweep = Sweep::of_sessions();
        assert_eq!([4, 4, 4].map(|limit| walk(&sweep, &connection, limit)), [4, 4, 3]);
        connection.execute("INSERT INTO sessions VALUES (x'00', 10)", ()).unwrap();
        assert_eq!(walk(&sweep, &connection, 4), 1, "it stands before all others");
        let left: i64 = connection.query_row("SELECT count(*) FROM sessions", (), |row| row.get(0)).unwrap();
        assert_eq!(left, 20);
    }

    #[test]
    fn a_walk_is_bounded_also_where_nothing_is_over() {
        let connection = table(0);
        connection
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
                 INSERT INTO sessions SELECT CAST(printf('%08d', i) AS BLOB), iif(i > 12000, 10, 100) FROM n",
            )
            .unwrap();
        let sweep = Sweep::of_sessions();
        assert_eq!([(); 3].map(|()| walk(&sweep, &connection, 5_000)), [0, 3_000, 0]);
    }

    #[test]
    fn what_was_prolonged_since_it_was_found_stays() {
        let connection = table(1);
        let sweep = Sweep::of_sessions();
        let found = sweep.look(&connection, 50, 4).unwrap();
        connection.execute("UPDATE sessions SET expires_at = 100", ()).unwrap();
        assert_eq!(sweep.delete(&connection, 50, &found).unwrap(), 0);
    }

    #[test]
    fn claims_are_walked_through_app_by_app() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE code_claims (app_id TEXT, code_hash BLOB, claimed_at INTEGER, PRIMARY KEY (app_id, code_hash));
                 INSERT INTO code_claims VALUES ('a', x'02', 10), ('a', x'03', 100), ('b', x'01', 10), ('b', x'02', 10)",
            )
            .unwrap();
        let sweep = Sweep::of_claims();
        assert_eq!([2, 2].map(|limit| walk(&sweep, &connection, limit)), [2, 1]);
    }
}
