//! Checks a folder and prints the findings: `cargo run --release -p miniauth-checker --example check -- DIR`.

use miniauth_checker::{Options, check, project::DiskFiles, report::to_github, rules::Language};
use std::io;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let report = check(&DiskFiles::new(folder), &Options::default())?;
    print!("{}", to_github(&report, Language::English));
    for file in &report.cut {
        println!("{file}: not followed to the end");
    }
    Ok(())
}
