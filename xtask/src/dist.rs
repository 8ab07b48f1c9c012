//! Builds a release: the binary's archive, the npm packages, the crates, and checksums.

use crate::{
    binary,
    process::{self, Steps, seconds},
    project::Project,
    setup, wasm,
};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};
use tar::{Builder, HeaderMode};

use anyhow::{Context as _, Result};

/// The files beside the binary in the archive.
const BESIDE_THE_BINARY: [&str; 6] =
    ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "deploy/miniauth.service", "deploy/miniauth.toml"];

/// Builds the release into `target/dist`, with a file `SHA256SUMS`. The binary is built for this machine and for each of `targets`, whose C
/// compiler and standard library must be installed.
pub(crate) fn run(project: &Project, targets: &[String]) -> Result<ExitCode> {
    let mut steps = Steps::new(setup::STEPS + wasm::STEPS + (binary::STEPS + 1) * (targets.len() + 1) + 3);
    setup::prepare(project, &mut steps)?;
    wasm::build(project, &mut steps)?;
    let folder = project.target("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;

    archive_binary(project, &mut steps, &folder, None)?;
    for target in targets {
        archive_binary(project, &mut steps, &folder, Some(target))?;
    }

    let step = steps.start("npm packages: pack");
    let mut npm = Command::new("npm");
    npm.current_dir(project.path("pkg")).args(["pack", "--silent", "--pack-destination"]).arg(&folder);
    process::run(&mut npm)?;
    process::run(project.node().arg("simulator/package/pack.mjs").arg(&folder))?;
    step.done("packed");

    let step = steps.start("Crates: package");
    package_crates(project, &folder)?;
    step.done("packed and compiled");

    let step = steps.start("Checksums");
    let names = file_names(&folder)?;
    let sums = process::output(Command::new("sha256sum").current_dir(&folder).args(&names))?;
    fs::write(folder.join("SHA256SUMS"), &sums)?;
    step.done("SHA256SUMS");

    print!("{sums}");
    println!("{} files in {} after {}", names.len() + 1, folder.display(), seconds(steps.elapsed()));
    Ok(ExitCode::SUCCESS)
}

fn archive_binary(project: &Project, steps: &mut Steps, folder: &Path, target: Option<&str>) -> Result<()> {
    let binary = binary::build_release(project, steps, target)?;
    let step = steps.start("Archive of the binary");
    let name =
        format!("miniauth-{}-{}", env!("CARGO_PKG_VERSION"), target.map_or_else(host, |triple| Ok(triple.to_owned()))?);
    let files: Vec<_> = BESIDE_THE_BINARY.map(|file| project.path(file)).into_iter().chain([binary]).collect();
    archive(&folder.join(format!("{name}.tar.gz")), &name, &files)?;
    step.done("packed");
    Ok(())
}

/// Packs each crate, and compiles it as a user of the registry would.
fn package_crates(project: &Project, folder: &Path) -> Result<()> {
    let target = project.target("package-check");
    let mut command = project.cargo();
    command.args(["publish", "--locked", "--workspace", "--dry-run", "--allow-dirty", "--target-dir"]).arg(&target);
    process::run(&mut command)?;
    let packed = target.join("package");
    for name in file_names(&packed)?.iter().filter(|name| name.ends_with(".crate")) {
        fs::copy(packed.join(name), folder.join(name))?;
    }
    Ok(())
}

/// Returns the target triple of this machine's compiler.
fn host() -> Result<String> {
    Ok(process::output(Command::new("rustc").args(["--print", "host-tuple"]))?.trim().to_owned())
}

/// Packs files into one folder of an archive. The same files give the same bytes.
fn archive(to: &Path, folder: &str, files: &[PathBuf]) -> Result<()> {
    let file = File::create(to).with_context(|| format!("cannot write {}", to.display()))?;
    let mut archive = Builder::new(GzEncoder::new(file, Compression::best()));
    archive.mode(HeaderMode::Deterministic);
    let mut files: Vec<_> = files.iter().map(|file| (file.file_name().unwrap_or_default(), file)).collect();
    files.sort();
    for (name, file) in files {
        archive
            .append_path_with_name(file, Path::new(folder).join(name))
            .with_context(|| file.display().to_string())?;
    }
    archive.into_inner()?.finish()?;
    Ok(())
}

/// Lists the names of the files in a folder, sorted.
fn file_names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::{io::Read as _, os::unix::fs::PermissionsExt as _};

    #[test]
    fn an_archive_has_its_files_in_one_folder_and_is_the_same_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let (tool, text) = (folder.path().join("tool"), folder.path().join("deeper.txt"));
        fs::write(&tool, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(&text, "said").unwrap();
        let (first, second) = (folder.path().join("1.tar.gz"), folder.path().join("2.tar.gz"));
        archive(&first, "it-0.1", &[tool.clone(), text.clone()]).unwrap();
        archive(&second, "it-0.1", &[text, tool]).unwrap();
        assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

        let mut read = tar::Archive::new(GzDecoder::new(File::open(first).unwrap()));
        let entries = read.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap() & 0o111, text)
        });
        let expected = [("it-0.1/deeper.txt", 0, "said"), ("it-0.1/tool", 0o111, "#!/bin/sh\n")];
        let expected = expected.map(|(path, mode, text)| (path.to_owned(), mode, text.to_owned()));
        assert_eq!(entries.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_lies_beside_the_binary_exists() {
        let project = Project::locate().unwrap();
        for file in BESIDE_THE_BINARY {
            assert!(project.path(file).is_file(), "{file}");
        }
    }
}
