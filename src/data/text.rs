//! Text for models of characters: every character, or byte, is a number, and an example is a window of them with what
//! follows. Windows lie side by side.

use super::fit::{self, Element, Roles, Wanted};
use super::source::{File, Source, too_large, unreadable};
use super::store::Store;
use super::{Column, DataError, Dataset, Request, Vocabulary};
use crate::tensor::{Real, SliceMut};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What the numbers of a text stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokens {
    /// The characters that occur, in the order of their code points.
    #[default]
    Characters,
    /// Bytes by their value.
    Bytes,
}

/// A text, open.
#[derive(Debug)]
pub(super) struct Text {
    path: PathBuf,
    body: Body,
    pub(super) tokens: Tokens,
    /// The numbers of the characters.
    numbers: BTreeMap<char, u32>,
    window: usize,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Body {
    Memory(Vec<u32>),
    /// Where each window begins, in bytes.
    File {
        file: File,
        windows: Vec<u64>,
    },
}

/// What a column has of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Window,
    /// What follows each character of it.
    Following,
    /// What follows the last.
    Next,
}

pub(super) fn open(path: &Path, request: &Request<'_>) -> Result<Dataset, DataError> {
    let (window, inputs) = inputs(request)?;
    let ahead = usize::from(inputs.iter().any(|(_, part)| *part != Part::Window));
    let reading = Reading { path, tokens: request.tokens, window };
    let surveyed = reading.survey(request)?;
    let count = surveyed.length.saturating_sub(ahead as u64) / window as u64;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count == 0 {
        return Err(DataError::Text {
            path: path.display().to_string(),
            place: String::new(),
            message: format!("it has {} characters, and a window takes {}", surveyed.length, window + ahead),
            help: None,
        });
    }
    let names = || surveyed.numbers.keys().map(ToString::to_string).collect();
    let named = inputs.iter().filter(|_| request.tokens == Tokens::Characters);
    let vocabularies = named.map(|(column, _)| Vocabulary { input: column.name.clone(), names: names() }).collect();
    let columns = inputs.iter().map(|(column, _)| column.clone()).collect();
    let parts = inputs.into_iter().map(|(_, part)| part).collect();
    let text = Text {
        path: path.to_owned(),
        body: surveyed.body,
        tokens: request.tokens,
        numbers: surveyed.numbers,
        window,
        parts,
    };
    Ok(Dataset { count, columns, vocabularies, unused: Vec::new(), store: Store::Text(Box::new(text)) })
}

/// The length of windows, and what each input has of one.
fn inputs(request: &Request<'_>) -> Result<(usize, Vec<(Column, Part)>), DataError> {
    let open: Vec<usize> = (0..request.wanted.len()).collect();
    let Roles { given, label } = fit::roles(request.wanted, &open, "a text")?;
    let length = |index: Option<usize>| {
        let shape = request.wanted.get(index?)?.shape.as_slice();
        if let [length] = shape { *length } else { None }
    };
    let from_label = label.filter(|index| request.wanted.get(*index).is_some_and(|input| !input.is_single()));
    let window = length(Some(given)).or_else(|| length(from_label)).or(request.window).filter(|window| *window > 0);
    let Some(window) = window else {
        let name = request.wanted.get(given).map_or("", |input| input.name.as_str());
        let message = format!("how long the windows of the text for `{name}` are isn't known");
        return Err(DataError::Columns {
            message,
            help: Some(format!("say it, `--window 64`, or declare it, `input {name}: int[batch, 64]`")),
        });
    };
    let mut found = Vec::new();
    for (index, input) in request.wanted.iter().enumerate() {
        let (part, shape) = match (index == given, input.is_single()) {
            (true, _) => (Part::Window, vec![window]),
            (false, false) => (Part::Following, vec![window]),
            (false, true) => (Part::Next, vec![1; input.shape.len()]),
        };
        check(input, &shape)?;
        found.push((Column { name: input.name.clone(), element: Element::Int, batched: true, shape }, part));
    }
    Ok((window, found))
}

fn check(input: &Wanted, shape: &[usize]) -> Result<(), DataError> {
    if input.element != Element::Int {
        let (found, wanted) = ("the numbers of characters".to_owned(), input.element.name().to_owned());
        let help = Some(format!("declare it as `input {}: int{}`", input.name, input.describe()));
        return Err(DataError::Element { name: input.name.clone(), found, wanted, help });
    }
    let fits = input.batched
        && input.shape.len() == shape.len()
        && input.shape.iter().zip(shape).all(|(wanted, found)| wanted.is_none_or(|wanted| wanted == *found));
    if fits {
        return Ok(());
    }
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let found = format!("[batch, {}]", sizes.join(", "));
    Err(DataError::Shape { name: input.name.clone(), found, wanted: input.describe(), help: None })
}

struct Reading<'p> {
    path: &'p Path,
    tokens: Tokens,
    window: usize,
}

struct Surveyed {
    body: Body,
    numbers: BTreeMap<char, u32>,
    /// In characters or bytes.
    length: u64,
}

impl Reading<'_> {
    /// Reads the whole text once: what occurs in it, and the text itself if that fits into memory.
    fn survey(&self, request: &Request<'_>) -> Result<Surveyed, DataError> {
        let known: Option<BTreeSet<char>> = request
            .vocabularies
            .map(|all| all.iter().flat_map(|one| &one.names).flat_map(|name| name.chars()).collect());
        let source = Source::open(self.path)?;
        let gzipped = source.gzipped;
        let mut occurring = known.clone().unwrap_or_default();
        let (mut text, mut windows, mut length) = (Some(Vec::new()), Vec::new(), 0u64);
        self.each(source.reader(), |c, place| {
            if !occurring.contains(&c) && self.tokens == Tokens::Characters {
                if known.is_some() {
                    let message = format!("the character {c:?} isn't in the text that the model is trained on");
                    return Err(self.wrong(place, message));
                }
                occurring.insert(c);
            }
            if length.is_multiple_of(self.window as u64) {
                windows.push(place);
            }
            length += 1;
            if text.as_ref().is_some_and(|text: &Vec<u32>| 4 * text.len() as u64 >= request.memory) {
                text = None;
            }
            if 8 * windows.len() as u64 > request.memory || (text.is_none() && gzipped) {
                let help = if gzipped { "; unpacked, it would be read in parts" } else { "" };
                return Err(too_large(self.path, length, request.memory, help));
            }
            if let Some(text) = &mut text {
                text.push(u32::from(c));
            }
            Ok(())
        })?;
        let numbers: BTreeMap<char, u32> = occurring.into_iter().zip(0..).collect();
        let body = match text {
            Some(mut text) => {
                if self.tokens == Tokens::Characters {
                    for c in &mut text {
                        let number = char::from_u32(*c).and_then(|c| numbers.get(&c));
                        *c = number.copied().unwrap_or(0);
                    }
                }
                Body::Memory(text)
            }
            None => Body::File { file: Source::open(self.path)?.file(), windows },
        };
        Ok(Surveyed { body, numbers, length })
    }

    /// Calls `visit` with every character and its byte; of bytes, with the character of that number.
    fn each(
        &self,
        mut reader: impl Read,
        mut visit: impl FnMut(char, u64) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        let (mut block, mut held, mut start) = (vec![0; 1 << 16], 0, 0u64);
        loop {
            let free = block.get_mut(held..).unwrap_or(&mut []);
            let read = match reader.read(free) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                other => other.map_err(|error| unreadable(self.path, &error))?,
            };
            let filled = block.get(..held + read).unwrap_or(&[]);
            let used = self.visit_block(filled, start, read == 0, &mut visit)?;
            if read == 0 {
                return Ok(());
            }
            let end = filled.len();
            block.copy_within(used..end, 0);
            (held, start) = (end - used, start + used as u64);
        }
    }

    /// Visits what of a block is whole, and says how much that is.
    fn visit_block(
        &self,
        block: &[u8],
        start: u64,
        is_last: bool,
        visit: &mut impl FnMut(char, u64) -> Result<(), DataError>,
    ) -> Result<usize, DataError> {
        if self.tokens == Tokens::Bytes {
            for (byte, place) in block.iter().zip(start..) {
                visit(char::from(*byte), place)?;
            }
            return Ok(block.len());
        }
        let (whole, broken) = match std::str::from_utf8(block) {
            Ok(text) => (text, None),
            Err(error) => {
                let whole = block.get(..error.valid_up_to()).unwrap_or(&[]);
                (std::str::from_utf8(whole).unwrap_or(""), Some(error.error_len().is_some() || is_last))
            }
        };
        for (at, c) in whole.char_indices() {
            visit(c, start + at as u64)?;
        }
        if broken == Some(true) {
            let help = "a text of characters is UTF-8; any file can be read as bytes";
            return Err(match self.wrong(start + whole.len() as u64, "it isn't UTF-8".to_owned()) {
                DataError::Text { path, place, message, .. } => {
                    DataError::Text { path, place, message, help: Some(help.to_owned()) }
                }
                other => other,
            });
        }
        Ok(whole.len())
    }

    fn wrong(&self, byte: u64, message: String) -> DataError {
        DataError::Text {
            path: self.path.display().to_string(),
            place: format!(" at byte {byte}"),
            message,
            help: None,
        }
    }
}

impl Text {
    pub(super) fn is_streamed(&self) -> bool {
        matches!(self.body, Body::File { .. })
    }

    pub(super) fn fetch<T: Real>(
        &mut self,
        index: usize,
        rows: &[usize],
        out: SliceMut<'_, T>,
    ) -> Result<(), DataError> {
        let (Some(part), SliceMut::Int(out)) = (self.parts.get(index).copied(), out) else { return Ok(()) };
        let (skipped, length) = match part {
            Part::Window => (0, self.window),
            Part::Following => (1, self.window),
            Part::Next => (self.window, 1),
        };
        for (row, out) in rows.iter().zip(out.chunks_exact_mut(length)) {
            match &mut self.body {
                Body::Memory(text) => {
                    let from = text.iter().skip(row.saturating_mul(self.window).saturating_add(skipped));
                    out.iter_mut().zip(from).for_each(|(to, from)| *to = i64::from(*from));
                }
                Body::File { file, windows } => {
                    let Some(start) = windows.get(*row).copied() else { continue };
                    file.seek(SeekFrom::Start(start)).map_err(|error| unreadable(&self.path, &error))?;
                    let reading = Reading { path: &self.path, tokens: self.tokens, window: self.window };
                    let most = 4 * (skipped + length) as u64;
                    let mut seen = 0;
                    // The end of what is read may cut a character that nobody wants.
                    let read = reading.each(file.take(most), |c, _| {
                        let number = match self.tokens {
                            Tokens::Bytes => Some(u32::from(c)),
                            Tokens::Characters => self.numbers.get(&c).copied(),
                        };
                        if let Some(to) = usize::checked_sub(seen, skipped).and_then(|at| out.get_mut(at)) {
                            *to = i64::from(number.ok_or_else(|| reading.changed())?);
                        }
                        seen += 1;
                        Ok(())
                    });
                    if seen < skipped + length {
                        return Err(read.err().unwrap_or_else(|| reading.changed()));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn changed(&self) -> DataError {
        DataError::Text {
            path: self.path.display().to_string(),
            place: String::new(),
            message: "it has changed since it was opened".to_owned(),
            help: None,
        }
    }
}
