/** Clocks that are set back or differ, invented codes, and keys that differ between instances. */

export const tried = [
  {
    group: 'a clock set back',
    what: 'by two hours, an hour before a session ends',
    count: 1,
    held: 'the session ends at the same time as without; `expires_in` does not grow',
    test: 'crates/server/tests/clocks.rs#a_session_lives_no_longer_when_the_clock_is_set_back',
  },
  {
    group: 'a clock set back',
    what: 'by 61 s, then a repeated post',
    count: 1,
    held: '409 `code_used`, as with the right clock',
    test: 'crates/server/tests/clocks.rs#a_post_is_repeated_within_a_minute_of_real_time_however_the_clock_is_set',
  },
  {
    group: 'clocks that differ between instances',
    what: 'four and eight minutes behind, so that sessions and claims come from the future',
    count: 2,
    held: 'a post is repeated within 65 s or not at all; a session is valid five minutes longer at most',
    test: 'crates/server/tests/clocks.rs#sessions_and_claims_from_the_future_are_refused',
  },
  {
    group: 'withdrawals from the future',
    what: 'messages whose `cancel_time` is tomorrow',
    count: 2,
    held: 'ends nothing that was granted five minutes after the message, or later',
    test: 'crates/server/tests/withdrawal.rs#a_withdrawal_from_the_future_ends_nothing_that_was_granted_after_it_was_heard_of',
  },
  {
    group: 'invented codes',
    what: 'from one address, beyond its limit',
    count: 4,
    held: '429 before the gateway is called or a row is written; others log in',
    test: 'crates/server/tests/rate_limits.rs#invented_codes_are_limited_before_the_gateway_while_others_log_in',
  },
  {
    group: 'invented codes',
    what: 'their stored hashes',
    count: 5,
    held: 'deleted after ten minutes',
    test: 'crates/server/tests/clean_up.rs#codes_that_the_platform_refused_are_forgotten_after_ten_minutes_and_others_are_not',
  },
  {
    group: 'instances with different keys',
    what: 'a second instance with another key, with and without the old one',
    count: 2,
    held: 'refused at the start with an explanation; with the old key it counts as a change of keys',
    test: 'crates/server/tests/key_change.rs#a_server_with_another_key_is_not_started_unless_it_has_the_old_one_too',
  },
];
