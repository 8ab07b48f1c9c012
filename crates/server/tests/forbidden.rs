//! What the types forbid, of the server's and of the crates below it: each file under `forbidden/` must not compile, for the reason
//! beside it. In one place, because the compiler has to read all dependencies anew for each crate that asks.

#[test]
fn display_information_stays_a_tap_counts_once_and_a_member_is_what_the_platform_signed() {
    trybuild::TestCases::new().compile_fail("tests/forbidden/*.rs");
}
