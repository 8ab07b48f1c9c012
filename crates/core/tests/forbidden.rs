//! What the types forbid: each file under `forbidden/` must fail to compile, with the error in the file next to it.

#[test]
fn display_information_cannot_be_serialised_read_or_copied_and_one_tap_is_one_proof() {
    trybuild::TestCases::new().compile_fail("tests/forbidden/*.rs");
}
