//! Names that are only known at run time: of modules, as in `require('./' + name)` or webpack's `require(ids[name])`, and of the
//! platform's calls, as in a loop over the keys of `my`.

use super::{Project, files::ENDINGS, join};
use crate::{platform, scripts::ir::Name};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What such a name may be: a path, or an id that a bundler has given.
#[derive(Debug, Default)]
pub(super) struct ByName {
    pub(super) files: FxHashMap<String, u32>,
    pub(super) packed: FxHashMap<Name, Vec<u32>>,
    pub(super) calls: OnceLock<Vec<Name>>,
}

impl Project {
    /// The calls of `my` that a rule looks at and whose name occurs in a file of the project.
    pub(crate) fn calls_by_name(&self) -> &[Name] {
        self.by_name.calls.get_or_init(|| {
            let is_named = |name: &&str| self.files.iter().any(|file| file.text.contains(name));
            platform::calls_of_rules().filter(is_named).map(Name::from).collect()
        })
    }

    /// Whether a request is for a file of the project that contains data, not code.
    pub(crate) fn has_data(&self, file: u32, request: &str) -> bool {
        let folder = self.files[file as usize].path.rsplit_once('/').map_or("", |(folder, _)| folder);
        request.ends_with(".json")
            && join(folder, request).is_some_and(|path| self.files.iter().any(|file| file.path == path))
    }

    /// The module that a script means by this name, if the project has it.
    pub(crate) fn module_named(&self, from: u32, name: &str) -> Option<u32> {
        let file = self.modules[from as usize].file;
        if let Some(packed) = self.by_name.packed.get(name) {
            return self.packed_for(packed, file).copied();
        }
        let path = match name.strip_prefix('/') {
            Some(absolute) => join(&self.root, absolute)?,
            None if name.starts_with('.') => {
                let own = &self.files[file as usize].path;
                join(own.rsplit_once('/').map_or("", |(folder, _)| folder), name)?
            }
            None => return None,
        };
        ENDINGS.iter().find_map(|ending| self.by_name.files.get(&format!("{path}{ending}")).copied())
    }
}
