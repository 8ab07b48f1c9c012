//! One at a time: what two commands in one tree would do to the same files.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context as _, Result};

/// Waits until no other process holds the lock of this name in `folder`, and says so when that is not at once. It is held
/// until the file is dropped or the process ends, in whatever way.
#[must_use = "dropping it lets the next one in"]
pub(crate) fn wait_for(folder: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name).with_extension("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        println!("      waits for another {name} in this folder to end");
        file.lock()?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn the_second_comes_after_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = wait_for(folder.path(), "build").unwrap();
        let (sender, ended) = channel();
        let path = folder.path().to_owned();
        let second = thread::spawn(move || {
            let lock = wait_for(&path, "build").unwrap();
            sender.send(()).unwrap();
            drop(lock);
        });
        assert_eq!(ended.recv_timeout(Duration::from_millis(200)), Err(RecvTimeoutError::Timeout));
        drop(first);
        ended.recv_timeout(Duration::from_secs(10)).unwrap();
        second.join().unwrap();
    }

    #[test]
    fn locks_of_other_names_are_free() {
        let folder = tempfile::tempdir().unwrap();
        let _build = wait_for(folder.path(), "build").unwrap();
        drop(wait_for(folder.path(), "test").unwrap());
    }
}
