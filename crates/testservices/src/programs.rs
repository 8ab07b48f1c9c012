//! Finds the servers' programs.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The environment variable that names the folder with `initdb` and `postgres`.
pub const POSTGRES_BIN: &str = "MINIAUTH_POSTGRES_BIN";

/// The environment variable that names the program `redis-server`.
pub const REDIS_SERVER: &str = "MINIAUTH_REDIS_SERVER";

/// The folder in which Debian and Ubuntu keep each major version, outside the search path.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// Returns the folder with PostgreSQL's server programs: [`POSTGRES_BIN`], otherwise that of `initdb` on the search path, otherwise the
/// newest version in Debian's folder.
///
/// # Errors
///
/// If there is none; says what to install.
pub fn postgres_bin() -> Result<PathBuf> {
    if let Some(folder) = env::var_os(POSTGRES_BIN).map(PathBuf::from) {
        if has_server(&folder) {
            return Ok(folder);
        }
        bail!("{POSTGRES_BIN} is {}, which does not hold PostgreSQL's programs initdb and postgres", folder.display());
    }
    match on_path().or_else(|| newest(Path::new(DEBIAN_POSTGRES))) {
        Some(folder) => Ok(folder),
        None => bail!("PostgreSQL is missing: install it (Debian: apt-get install postgresql), or set {POSTGRES_BIN}"),
    }
}

/// Returns the program `redis-server`: [`REDIS_SERVER`], otherwise the one on the search path.
///
/// # Errors
///
/// If there is none; says what to install.
pub fn redis_server() -> Result<PathBuf> {
    if let Some(program) = env::var_os(REDIS_SERVER).map(PathBuf::from) {
        if program.is_file() {
            return Ok(program);
        }
        bail!("{REDIS_SERVER} is {}, and there is no such file", program.display());
    }
    match search_path().map(|folder| folder.join("redis-server")).find(|program| program.is_file()) {
        Some(program) => Ok(program),
        None => bail!("Redis is missing: install it (Debian: apt-get install redis-server), or set {REDIS_SERVER}"),
    }
}

fn search_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// Finds PostgreSQL's folder by the search path. `initdb` there may be a link, so this follows it to its siblings.
fn on_path() -> Option<PathBuf> {
    search_path()
        .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
        .filter_map(|initdb| initdb.parent().map(Path::to_owned))
        .find(|folder| has_server(folder))
}

fn newest(versions: &Path) -> Option<PathBuf> {
    let number = |folder: &Path| folder.file_name().and_then(OsStr::to_str)?.parse::<u32>().ok();
    fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|folder| number(folder).is_some() && has_server(&folder.join("bin")))
        .max_by_key(|folder| number(folder))
        .map(|folder| folder.join("bin"))
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "postgres", "createdb"].iter().all(|program| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_whole_version_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for (version, programs) in [
            ("9", &["initdb", "postgres", "createdb"][..]),
            ("15", &["initdb", "postgres", "createdb"]),
            ("17", &["createdb"]),
            ("common", &["initdb", "postgres", "createdb"]),
        ] {
            let bin = folder.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            programs.iter().for_each(|program| fs::write(bin.join(program), "").unwrap());
        }
        assert_eq!(newest(folder.path()), Some(folder.path().join("15/bin")));
        assert_eq!(newest(&folder.path().join("missing")), None);
    }
}
