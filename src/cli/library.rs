//! Imported files: regular files under the folder of the first one, and nothing else.

use crate::program::Library;
use crate::syntax::{MAX_SOURCE, decode};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The folder of the first file.
pub(super) struct Folder {
    root: PathBuf,
    first: String,
}

impl Folder {
    /// That of a file, or the current one for standard input.
    pub(super) fn of(path: Option<&Path>) -> Self {
        let root = path.and_then(Path::parent).map_or_else(PathBuf::new, Path::to_owned);
        let first =
            path.and_then(Path::file_name).map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned());
        Self { root, first }
    }

    fn open(&self, path: &str) -> io::Result<File> {
        let root = if self.root.as_os_str().is_empty() { Path::new(".") } else { &self.root };
        let full = root.join(path);
        // Links may lead out of the folder on the way.
        if !fs::canonicalize(&full)?.starts_with(fs::canonicalize(root)?) {
            return Err(io::Error::other("it is a link that leaves the folder of the first file"));
        }
        refuse(&fs::metadata(&full)?)?;
        let file = File::open(&full)?;
        refuse(&file.metadata()?)?;
        Ok(file)
    }
}

/// Only a regular file ends, and doesn't block; one with several names may be one outside of the folder.
fn refuse(found: &Metadata) -> io::Result<()> {
    if !found.is_file() {
        return Err(io::Error::other("it isn't a regular file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(found) > 1 {
        return Err(io::Error::other("it has other names (hard links)"));
    }
    Ok(())
}

impl Library for Folder {
    fn root(&self) -> String {
        self.first.clone()
    }

    fn read(&mut self, path: &str) -> Result<String, String> {
        let mut bytes = Vec::new();
        let file = self.open(path).map_err(|error| error.to_string())?;
        file.take(MAX_SOURCE as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        decode(&bytes).map_err(|error| error.to_string())
    }

    fn name(&self, path: &str) -> String {
        self.root.join(path).to_string_lossy().into_owned()
    }
}
