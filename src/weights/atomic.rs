//! Files that appear whole or not at all: written beside their place, synced, then renamed.

use super::FileError;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file. If anything fails, what was there before is still there, and nothing else is.
pub fn write(path: &Path, contents: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> Result<(), FileError> {
    replace(path, contents)
        .map_err(|error| FileError::Write { path: path.display().to_string(), message: error.to_string() })
}

fn replace(path: &Path, contents: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    // A link is followed, so that it stays one.
    let path = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => path.canonicalize()?,
        Ok(_) => return Err(io::Error::other("it isn't a regular file")),
        Err(_) => path.to_owned(),
    };
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wnetc-").suffix(".tmp");
    #[cfg(unix)]
    {
        // As for any new file; the user's mask takes away what it should.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(&directory)?;
    let mut out = BufWriter::new(file.as_file());
    contents(&mut out)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // The name must survive a power cut too.
    File::open(&directory)?.sync_all()
}
