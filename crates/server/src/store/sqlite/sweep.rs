//! Finds expired rows without an index on their expiry, which every login would have to update.

use parking_lot::Mutex;
use rusqlite::{Connection, params_from_iter, types::Value};

/// How many rows are read at a time. This takes some milliseconds and blocks nobody.
const LOOKED_AT: usize = 10_000;

/// A walk through a table in the order of its key, over and over, each time from where it stopped.
pub(super) struct Sweep {
    /// Selects, for rows after a key (the parameters from the second on), whether they ended before a given time (the
    /// first), and their keys.
    look: &'static str,
    /// Deletes the row with a key (the parameters from the second on) if it still ended before a given time (the
    /// first).
    delete: &'static str,
    /// A key before all others.
    start: Vec<Value>,
    /// The key at which the walk stopped.
    after: Mutex<Vec<Value>>,
}

/// The result of a step of the walk.
pub(super) struct Found {
    /// The keys of ended rows.
    pub(super) ended: Vec<Vec<Value>>,
    pub(super) stopped_at: Vec<Value>,
}

impl Sweep {
    pub(super) fn new(look: &'static str, delete: &'static str, start: Vec<Value>) -> Self {
        Self { look, delete, after: Mutex::new(start.clone()), start }
    }

    /// Walks on until it has found `limit` rows that ended before a given time.
    pub(super) fn look(&self, connection: &Connection, before: i64, limit: usize) -> rusqlite::Result<Found> {
        let mut statement = connection.prepare_cached(self.look)?;
        let mut rows = statement.query(params_from_iter(parameters(before, &self.after.lock())))?;
        let mut found = Found { ended: Vec::new(), stopped_at: self.start.clone() };
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            looked_at += 1;
            let has_ended: bool = row.get(0)?;
            if !has_ended && looked_at < LOOKED_AT {
                continue;
            }
            let key = (1..=self.start.len()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
            if has_ended {
                found.ended.push(key.clone());
            }
            if looked_at == LOOKED_AT || found.ended.len() == limit {
                found.stopped_at = key;
                return Ok(found);
            }
        }
        // The end of the table: the next walk starts from the beginning.
        Ok(found)
    }

    /// Deletes the rows with these keys. Returns their number.
    pub(super) fn delete(&self, connection: &Connection, before: i64, keys: &[Vec<Value>]) -> rusqlite::Result<u64> {
        let mut gone = 0;
        for key in keys {
            gone += connection.prepare_cached(self.delete)?.execute(params_from_iter(parameters(before, key)))?;
        }
        Ok(gone as u64)
    }

    /// Continues the next walk from there.
    pub(super) fn go_on(&self, stopped_at: Vec<Value>) {
        *self.after.lock() = stopped_at;
    }
}

fn parameters(before: i64, key: &[Value]) -> impl Iterator<Item = Value> {
    std::iter::once(Value::Integer(before)).chain(key.iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{codes, sessions};

    /// Creates sessions with the keys 0 to `count`. Every third one has ended.
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
        let gone = sweep.delete(connection, 50, &found.ended).unwrap();
        sweep.go_on(found.stopped_at);
        gone
    }

    #[test]
    fn each_walk_goes_on_where_the_last_one_stopped_and_begins_anew_at_the_end() {
        let connection = table(31);
        let sweep = sessions::ended();
        assert_eq!([4, 4, 4].map(|limit| walk(&sweep, &connection, limit)), [4, 4, 3]);
        connection.execute("INSERT INTO sessions VALUES (x'00', 10)", ()).unwrap();
        assert_eq!(walk(&sweep, &connection, 4), 1, "it comes before all others");
        let left: i64 = connection.query_row("SELECT count(*) FROM sessions", (), |row| row.get(0)).unwrap();
        assert_eq!(left, 20);
    }

    #[test]
    fn a_walk_is_bounded_also_where_nothing_has_ended() {
        let connection = table(0);
        connection
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
                 INSERT INTO sessions SELECT CAST(printf('%08d', i) AS BLOB), iif(i > 12000, 10, 100) FROM n",
            )
            .unwrap();
        let sweep = sessions::ended();
        assert_eq!([(); 3].map(|()| walk(&sweep, &connection, 5_000)), [0, 3_000, 0]);
    }

    #[test]
    fn a_row_extended_after_it_was_found_is_kept() {
        let connection = table(1);
        let sweep = sessions::ended();
        let found = sweep.look(&connection, 50, 4).unwrap();
        connection.execute("UPDATE sessions SET expires_at = 100", ()).unwrap();
        assert_eq!(sweep.delete(&connection, 50, &found.ended).unwrap(), 0);
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
        let sweep = codes::old();
        assert_eq!([2, 2].map(|limit| walk(&sweep, &connection, limit)), [2, 1]);
    }
}
