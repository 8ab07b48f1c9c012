/** Failing stores of a fleet, and networks to them that fail silently. */

export const tried = [
  {
    group: 'silent networks',
    what: 'connections to Redis and PostgreSQL that die silently, idle and all 16 in use',
    count: 3,
    held: 'replaced: service is back within 10 s, and 503 until then',
    test: 'crates/server/tests/store_networks.rs#connections_to_postgres_that_die_silently_in_use_are_replaced',
  },
  {
    group: 'broken ways',
    what: 'answers of Redis and PostgreSQL that break off in the middle, and proxies with nothing behind them',
    count: 4,
    held: 'five kinds of requests are answered 503 with Retry-After, never 500',
    test: 'crates/server/tests/store_networks.rs#a_way_to_postgres_that_breaks_is_answered_503',
  },
  {
    group: 'stores that take nothing',
    what: 'Redis full, without replicas, or a replica itself; PostgreSQL read-only, or with a full disk',
    count: 5,
    held: 'not ready, sessions are checked, and nobody’s code is spent',
    test: 'crates/server/tests/full_stores.rs#a_redis_that_takes_no_sessions_costs_nobody_a_code',
  },
  {
    group: 'stores that take a little',
    what: 'PostgreSQL with room for 0 to 16 pages',
    count: 6,
    held: 'logins go well or cost no code',
    test: 'crates/server/tests/full_stores.rs#a_postgres_with_room_for_a_little_costs_nobody_a_code',
  },
  {
    group: 'stores that refuse in the middle of a login',
    what: 'PostgreSQL locked for 5 s, and without a free connection, while a code is at the platform',
    count: 2,
    held: 'it is tried again for 10 s: the login ends well',
    test: 'crates/server/tests/full_stores.rs#a_postgres_without_a_free_connection_costs_nobody_a_code',
  },
  {
    group: 'refreshes',
    what: 'one member refreshed at three instances at once, with tokens that have expired',
    count: 15,
    held: 'each is answered, and nobody is asked for a consent',
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
    group: 'moves',
    what: 'a move of a file that a server has open, and of rows that change meanwhile',
    count: 3,
    held: 'refused, and noticed',
    test: 'crates/server/tests/transfer.rs#rows_that_changed_meanwhile_are_noticed',
  },
];
