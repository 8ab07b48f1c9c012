//! Stamps, which skip a step whose inputs have not changed, and locks between commands that write the same files.

use anyhow::{Context as _, Result};
use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
};

/// A step's stamp: a file with the digests of its inputs and outputs.
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: Vec<PathBuf>,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    /// Makes a stamp for the step that builds `outputs` from `inputs`. Folders include everything in them.
    pub(crate) fn new(file: PathBuf, inputs: Vec<PathBuf>, outputs: Vec<PathBuf>) -> Self {
        Self { file, inputs, outputs }
    }

    /// Whether inputs and outputs are unchanged since the step ran.
    pub(crate) fn is_current(&self) -> bool {
        match (fs::read_to_string(&self.file), digest(&self.inputs), digest(&self.outputs)) {
            (Ok(recorded), Ok(inputs), Ok(outputs)) => recorded == format!("{inputs} {outputs}\n"),
            _ => false,
        }
    }

    /// Runs the step unless it is current; returns whether it ran.
    pub(crate) fn refresh(&self, step: impl FnOnce() -> Result<()>) -> Result<bool> {
        if self.is_current() {
            return Ok(false);
        }
        // Computed before the step: a file saved while it runs counts as changed next time.
        let inputs = digest(&self.inputs)?;
        step()?;
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let record = format!("{inputs} {}\n", digest(&self.outputs)?);
        fs::write(&self.file, record).with_context(|| format!("cannot write {}", self.file.display()))?;
        Ok(true)
    }
}

fn digest(paths: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    paths.iter().try_for_each(|path| add(&mut hasher, path))?;
    Ok(hasher.finish())
}

/// Hashes a file or folder with file names, to notice content that moves from one file to another.
fn add(hasher: &mut DefaultHasher, path: &Path) -> Result<()> {
    if path.is_dir() {
        let mut entries =
            fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(hasher, entry));
    }
    let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    (path, content).hash(hasher);
    Ok(())
}

/// Takes the lock with this name in `folder`. If another process holds it, says so and waits. The lock is held until the file is dropped
/// or the process ends, however that happens.
#[must_use = "dropping it lets the next one in"]
pub(crate) fn wait_for(folder: &Path, name: &str) -> Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name).with_extension("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        println!("      waiting for another {name} in this folder to end");
        file.lock()?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::mpsc::{RecvTimeoutError, channel},
        thread,
        time::Duration,
    };

    struct Workshop {
        folder: tempfile::TempDir,
        stamp: Stamp,
    }

    impl Workshop {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir(at("source")).unwrap();
            fs::write(at("source/a"), "one").unwrap();
            let stamp = Stamp::new(at("kept/stamp"), vec![at("source")], vec![at("made")]);
            Self { folder, stamp }
        }

        fn write(&self, name: &str, content: &str) {
            fs::write(self.folder.path().join(name), content).unwrap();
        }

        fn refresh(&self) -> bool {
            self.stamp
                .refresh(|| {
                    self.write("made", "result");
                    Ok(())
                })
                .unwrap()
        }
    }

    #[test]
    fn a_step_runs_once_while_nothing_changes() {
        let workshop = Workshop::new();
        assert!(workshop.refresh());
        assert!(!workshop.refresh());
    }

    #[test]
    fn a_changed_added_or_renamed_input_runs_it_again() {
        let workshop = Workshop::new();
        workshop.refresh();
        workshop.write("source/a", "two");
        assert!(workshop.refresh());
        workshop.write("source/b", "");
        assert!(workshop.refresh());
        let source = workshop.folder.path().join("source");
        fs::rename(source.join("b"), source.join("c")).unwrap();
        assert!(workshop.refresh());
        assert!(!workshop.refresh());
    }

    #[test]
    fn a_lost_or_altered_output_runs_it_again() {
        let workshop = Workshop::new();
        workshop.refresh();
        workshop.write("made", "altered");
        assert!(workshop.refresh());
        fs::remove_file(workshop.folder.path().join("made")).unwrap();
        assert!(workshop.refresh());
    }

    #[test]
    fn an_input_that_changes_while_the_step_runs_counts_as_changed() {
        let workshop = Workshop::new();
        let ran = workshop.stamp.refresh(|| {
            workshop.write("made", "result");
            workshop.write("source/a", "saved meanwhile");
            Ok(())
        });
        assert!(ran.unwrap());
        assert!(!workshop.stamp.is_current());
    }

    #[test]
    fn a_failed_step_is_not_remembered() {
        let workshop = Workshop::new();
        let failed = workshop.stamp.refresh(|| anyhow::bail!("the disk is full"));
        assert!(failed.is_err());
        assert!(!workshop.stamp.is_current());
    }

    #[test]
    fn the_second_waits_for_the_first() {
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
