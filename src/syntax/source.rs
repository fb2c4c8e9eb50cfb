//! Bytes to text: what a file must be before it is read. Takes the raw bytes, gives a `String` without byte order
//! mark. Line breaks stay as they are; columns don't depend on them.

use miette::Diagnostic;
use thiserror::Error;

/// The largest source text, in bytes.
pub const MAX_SOURCE: usize = 64 << 20;

/// Why bytes are no source text. There is no text to point into, so the place stands in the message.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum SourceError {
    #[error("the file is larger than {} MiB", MAX_SOURCE >> 20)]
    #[diagnostic(code("source-size"), help("split the file and join the parts with `use`"))]
    Size,

    #[error("byte {byte:#04x} at offset {offset} (line {line}, column {column}) isn't UTF-8")]
    #[diagnostic(code("source-utf8"), help("save the file in the encoding UTF-8"))]
    Utf8 { byte: u8, offset: usize, line: usize, column: usize },

    #[error("there is a NUL byte at offset {offset} (line {line}, column {column})")]
    #[diagnostic(code("source-nul"), help("a source file is plain text in UTF-8; is this one binary, or UTF-16?"))]
    Nul { offset: usize, line: usize, column: usize },
}

/// The text in `bytes`. Offsets in errors count the byte order mark, as an editor for bytes does.
pub fn decode(bytes: &[u8]) -> Result<String, SourceError> {
    if bytes.len() > MAX_SOURCE {
        return Err(SourceError::Size);
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (good, rest) = bytes.split_at(error.valid_up_to());
            let good = std::str::from_utf8(good).unwrap_or("");
            // A NUL in front of the bad byte is the first mistake, and says more: the file is UTF-16 or binary.
            reject_nul(good)?;
            let (line, column) = position(good);
            let byte = rest.first().copied().unwrap_or(0);
            return Err(SourceError::Utf8 { byte, offset: good.len(), line, column });
        }
    };
    reject_nul(valid)?;
    Ok(valid.strip_prefix('\u{feff}').unwrap_or(valid).to_owned())
}

fn reject_nul(text: &str) -> Result<(), SourceError> {
    let Some(offset) = text.find('\0') else { return Ok(()) };
    let (line, column) = position(text.get(..offset).unwrap_or(text));
    Err(SourceError::Nul { offset, line, column })
}

/// Line and column, both from 1, of what follows `before`.
fn position(before: &str) -> (usize, usize) {
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_text_is_kept_and_the_mark_is_not() {
        assert_eq!(decode(b"").unwrap(), "");
        assert_eq!(decode("\u{feff}x = 1\r\n".as_bytes()).unwrap(), "x = 1\r\n");
        assert_eq!(decode("é\u{feff}".as_bytes()).unwrap(), "é\u{feff}");
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        let error = decode(b"a\nb\xc3\xa9\xff\xff").unwrap_err();
        assert_eq!(error, SourceError::Utf8 { byte: 0xff, offset: 5, line: 2, column: 3 });
        assert_eq!(error.to_string(), "byte 0xff at offset 5 (line 2, column 3) isn't UTF-8");
        assert_eq!(error.code().unwrap().to_string(), "source-utf8");
        let error = decode(b"\xef\xbb\xbf\xff").unwrap_err();
        assert_eq!(error, SourceError::Utf8 { byte: 0xff, offset: 3, line: 1, column: 1 });
    }

    #[test]
    fn nul_is_an_error() {
        assert_eq!(decode(b"a\n\0\xff").unwrap_err(), SourceError::Nul { offset: 2, line: 2, column: 1 });
    }

    #[test]
    fn size_is_limited() {
        assert!(decode(&vec![b' '; MAX_SOURCE]).is_ok());
        let error = decode(&vec![b' '; MAX_SOURCE + 1]).unwrap_err();
        assert_eq!(error.code().unwrap().to_string(), "source-size");
    }
}
