//! Paths of imports: relative to the importing file, and never outside of the root.

use super::standard;

/// The longest path.
const MAX_LENGTH: usize = 4096;

/// The path of what `importer` calls `path`, relative to the root, without `.` and `..`; or why it has none.
pub(super) fn join(importer: &str, path: &str) -> Result<String, &'static str> {
    if path.is_empty() {
        return Err("it is empty");
    }
    if path.len() > MAX_LENGTH {
        return Err("it is too long");
    }
    if path.contains('\0') {
        return Err("it has a NUL character");
    }
    if path.starts_with('/') || path.starts_with('\\') || path.as_bytes().get(1) == Some(&b':') {
        return Err("it is absolute; paths are relative to the importing file");
    }
    if path == standard::PREFIX || path.strip_prefix(standard::PREFIX).is_some_and(|rest| rest.starts_with('/')) {
        return Ok(standard::key(path));
    }
    let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("it leaves the folder of the first file")?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err("it is a folder");
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_relative_to_the_importing_file() {
        assert_eq!(join("a.wnet", "b.wnet").unwrap(), "b.wnet");
        assert_eq!(join("lib/a.wnet", "b.wnet").unwrap(), "lib/b.wnet");
        assert_eq!(join("lib/a.wnet", "../b.wnet").unwrap(), "b.wnet");
        assert_eq!(join("lib/x/a.wnet", "./.././y//b.wnet").unwrap(), "lib/y/b.wnet");
        assert_eq!(join("lib/a.wnet", "std/b.wnet").unwrap(), join("c.wnet", "std/b.wnet").unwrap());
        assert_ne!(join("lib/a.wnet", "../std/b.wnet").unwrap(), join("c.wnet", "std/b.wnet").unwrap());
    }

    #[test]
    fn nothing_outside_of_the_root_is_reached() {
        for path in
            ["", "/etc/passwd", "../a.wnet", "a/../../x", "..", "a/..", "C:/x", "\\x", "a\0b", &"a/".repeat(3000)]
        {
            assert!(join("a.wnet", path).is_err(), "{path}");
        }
    }
}
