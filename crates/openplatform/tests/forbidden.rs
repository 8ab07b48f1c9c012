//! What the types forbid: each file under `forbidden/` must not compile, for the reason beside it.

#[test]
fn a_member_and_a_grant_come_from_the_gateway_alone_and_no_secret_serialises() {
    trybuild::TestCases::new().compile_fail("tests/forbidden/*.rs");
}
