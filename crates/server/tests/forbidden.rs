//! What the types of the server and of the gateway client forbid: each file under `forbidden/` must not compile, for the reason beside
//! it. Each run has the examples of `VerifiedMember`, `TokenGrant` and `refresh_member`, which do not compile either.

#[test]
fn a_member_is_what_the_platform_signed_and_no_secret_serialises() {
    trybuild::TestCases::new().compile_fail("tests/forbidden/*.rs");
}
