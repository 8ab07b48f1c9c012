//! What the types of the server and of the gateway client prevent: each file under `forbidden/` must fail to compile,
//! with the error beside it. Each run includes the compile-fail examples of `VerifiedMember`, `TokenGrant` and
//! `refresh_member`.

#[test]
fn a_member_is_what_the_platform_signed_and_no_secret_serialises() {
    trybuild::TestCases::new().compile_fail("tests/forbidden/*.rs");
}
