//! Files that appear whole or not at all: written beside their place, synced, then renamed. A file that was there keeps
//! its permissions, and one that is read-only is left alone.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file. If anything fails, what was there before is still there, and nothing else is.
pub fn write(path: &Path, contents: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    let mut kept = None;
    // A link is followed, so that it stays one.
    let path = match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it isn't a regular file")),
        // A rename would not ask.
        Ok(metadata) if metadata.permissions().readonly() => return Err(io::Error::other("it is read-only")),
        Ok(metadata) => {
            kept = Some(metadata.permissions());
            path.canonicalize()?
        }
        Err(_) => path.to_owned(),
    };
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut builder = builder();
    #[cfg(unix)]
    {
        // As for any new file; the user's mask takes away what it should.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(&directory).map_err(|error| nameless(&error))?;
    let mut out = BufWriter::new(file.as_file());
    contents(&mut out)?;
    out.flush()?;
    drop(out);
    if let Some(permissions) = kept {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // The name must survive a power cut too.
    File::open(&directory)?.sync_all()
}

/// Makes a folder, and those that it lies in, unless it is there. Files can be written into it.
pub fn folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    builder().tempfile_in(path).map_err(|error| nameless(&error))?.close()
}

/// The error without the name of the file that wasn't to be.
fn nameless(error: &io::Error) -> io::Error {
    io::Error::from(error.kind())
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wnetc-").suffix(".tmp");
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let failed = write(&path, |out| {
            out.write_all(&vec![0; 100_000])?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_heeded() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap(), mode(&path)), ("new".to_owned(), 0o640));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        assert_eq!(write(&path, |out| out.write_all(b"newer")).unwrap_err().to_string(), "it is read-only");
        assert_eq!((fs::read_to_string(&path).unwrap(), mode(&path)), ("new".to_owned(), 0o440));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, |out| out.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
