//! Compares the list of errors in the package's README with the table of error codes.

use miniauth_core::error_code::ErrorCode;

#[test]
fn the_packages_readme_lists_every_error_with_its_advice() {
    let readme = include_str!("../../../pkg/README.md");
    for code in ErrorCode::ALL {
        let advice = code.advice();
        let row = format!("| `{code}` | {} | {} | {} |", code.title(), advice.zh, advice.en);
        assert!(readme.contains(&row), "pkg/README.md lacks the row\n{row}");
    }
    let rows = readme.lines().filter(|line| line.starts_with("| `") && line.contains('。')).count();
    assert_eq!(rows, ErrorCode::ALL.len(), "pkg/README.md lists an error that the table does not have");
}
