//! The file with the server's own key.

use miniauth_openplatform::system::SystemRandom;
use miniauth_server::ServerKey;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Where the key is when nothing else is said: beside the database file.
pub(super) fn beside(database: &Path) -> PathBuf {
    database.with_extension("key")
}

/// Reads the key from a file that must be there.
pub(super) fn read(path: &Path) -> Result<ServerKey, String> {
    let text = fs::read_to_string(path).map(SecretString::from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!(
            "{} does not exist; make it once with `openssl rand -base64 32 > {0} && chmod 600 {0}` and keep it",
            path.display()
        ),
        _ => format!("{} cannot be read: {error}", path.display()),
    })?;
    ServerKey::from_base64(text.expose_secret()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads the key, or makes the file, readable by its owner alone, when it is not there.
pub(super) fn read_or_create(path: &Path) -> Result<ServerKey, String> {
    match create(path) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(format!("{} cannot be made: {error}; check the folder", path.display())),
    }
}

fn create(path: &Path) -> io::Result<ServerKey> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let key = ServerKey::generate(&SystemRandom);
    writeln!(file, "{}", key.to_base64().expose_secret())?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/miniauth.key");
        let made = read_or_create(&path).unwrap();
        let read = read_or_create(&path).unwrap();
        assert_eq!(made.to_base64().expose_secret(), read.to_base64().expose_secret());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_missing_or_wrong_file_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miniauth.key");
        assert!(read(&path).unwrap_err().contains("openssl rand -base64 32"));
        fs::write(&path, "changeme").unwrap();
        assert!(read(&path).unwrap_err().contains("32 random bytes"));
    }
}
