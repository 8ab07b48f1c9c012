/** Failing stores of a fleet, and networks to them that fail silently. */

export const tried = [
  {
    group: 'silent networks',
    what: 'connections to Redis and PostgreSQL that die silently, idle and all 16 in use',
    count: 3,
    held: 'replaced: the service is back within 10 s, and answers 503 until then',
    test: 'crates/server/tests/store_networks.rs#connections_to_postgres_that_die_silently_in_use_are_replaced',
  },
  {
    group: 'broken connections',
    what: 'answers of Redis and PostgreSQL that stop in the middle, and proxies with nothing behind them',
    count: 4,
    held: 'five kinds of requests are answered 503 with Retry-After, never 500',
    test: 'crates/server/tests/store_networks.rs#a_broken_connection_to_postgres_is_answered_503',
  },
  {
    group: 'stores that accept no writes',
    what: 'Redis full, without replicas, or a replica itself; PostgreSQL read-only, or with a full disk',
    count: 5,
    held: 'the server is not ready, still checks sessions, and uses up no code',
    test: 'crates/server/tests/full_stores.rs#a_redis_that_takes_no_sessions_costs_nobody_a_code',
  },
  {
    group: 'stores with little space',
    what: 'PostgreSQL with room for 0 to 16 pages',
    count: 6,
    held: 'logins succeed, or use up no code',
    test: 'crates/server/tests/full_stores.rs#a_postgres_with_room_for_a_little_costs_nobody_a_code',
  },
  {
    group: 'stores that fail during a login',
    what: 'PostgreSQL locked for 5 s, and without a free connection, while a code is being exchanged',
    count: 2,
    held: 'the server retries for 10 s, and the login succeeds',
    test: 'crates/server/tests/full_stores.rs#a_postgres_without_a_free_connection_costs_nobody_a_code',
  },
  {
    group: 'refreshes',
    what: 'one member refreshed at three instances at once, with tokens that have expired',
    count: 15,
    held: 'each is answered, and no user has to consent again',
    test: 'crates/server/tests/instances.rs#a_member_who_is_refreshed_at_all_instances_at_once_is_asked_for_no_consent',
  },
  {
    group: 'restarts',
    what: 'logins at two instances right after a restart of Redis',
    count: 6,
    held: 'all are answered',
    test: 'crates/server/tests/store_faults.rs#after_a_restart_of_redis_nobody_is_put_off',
  },
  {
    group: 'moves to another database',
    what: 'moving a database file that a server has open, and rows that change during the move',
    count: 3,
    held: 'the first is refused, the second is noticed',
    test: 'crates/server/tests/transfer.rs#rows_that_changed_meanwhile_are_noticed',
  },
];
