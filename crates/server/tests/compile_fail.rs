//! What the types forbid: a member that is not the platform's own word cannot be saved.

#[test]
fn only_a_verified_member_can_be_saved() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
