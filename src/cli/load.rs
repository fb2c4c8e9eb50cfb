//! Source files into memory, and what the flags say about them.

use super::args::Source;
use super::library::Folder;
use super::output::Failure;
use super::values::Setting;
use crate::diag::{Diagnostic, Diagnostics, Severity, nearest};
use crate::lower;
use crate::ops::Value;
use crate::shape::SymbolKind;
use crate::span::SourceMap;
use crate::syntax::{MAX_SOURCE, decode};
use crate::{Checked, CheckedModel, Settings, compile};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A file's text, or why it is none.
pub(super) struct Loaded {
    pub(super) name: String,
    pub(super) map: SourceMap,
    /// Whether the file begins with a byte order mark, which is no part of its text.
    pub(super) marked: bool,
    pub(super) unreadable: Option<Diagnostic>,
    /// Where its imports are looked for.
    folder: Folder,
}

/// Reads a file, or standard input for `-`.
pub(super) fn load(path: &Path, source: &Source) -> Result<Loaded, Failure> {
    let (name, bytes) = if path == Path::new("-") {
        (source.stdin_filename.clone(), bounded(io::stdin().lock()))
    } else {
        (path.display().to_string(), open(path).and_then(bounded))
    };
    let bytes = bytes.map_err(|error| Failure::Usage(format!("can't read `{name}`: {error}")))?;
    let mut map = SourceMap::new();
    let mut found = Diagnostics::new();
    let text = decode(&bytes).map_err(|error| found.push(error)).unwrap_or_default();
    map.add(name.as_str(), text);
    let folder = Folder::of((path != Path::new("-")).then_some(path));
    let marked = bytes.starts_with("\u{feff}".as_bytes());
    Ok(Loaded { name, map, marked, unreadable: found.sorted().into_iter().next(), folder })
}

/// Only a regular file ends, and doesn't block.
fn open(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(io::Error::other("it isn't a regular file"))
}

fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_SOURCE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Runs all stages over a file that could be read.
pub(super) fn checked(loaded: &mut Loaded, source: &Source) -> Checked {
    let set = source.set.iter().map(|Setting { name, value }| (name.clone(), value.clone())).collect();
    let settings = Settings { model: source.model.clone(), set, max_nodes: source.max_nodes };
    compile(&mut loaded.map, &mut loaded.folder, &settings)
}

/// Runs all stages over one file; nothing if it couldn't be read. Flags that name nothing in it are refused.
pub(super) fn examined(path: &Path, source: &Source) -> Result<(Loaded, Option<Checked>), Failure> {
    let mut loaded = load(path, source)?;
    if loaded.unreadable.is_some() {
        return Ok((loaded, None));
    }
    let checked = checked(&mut loaded, source);
    let mut known = Known::default();
    known.add(&checked, source);
    known.verify(source)?;
    Ok((loaded, Some(checked)))
}

/// What is wrong with a file.
pub(super) fn found<'a>(loaded: &'a Loaded, checked: Option<&'a Checked>) -> &'a [Diagnostic] {
    checked.map_or_else(|| loaded.unreadable.as_slice(), |checked| &checked.diagnostics)
}

/// The only model of a file without errors; else what is wrong. Several are a reason to name one.
pub(super) fn single<'a>(
    loaded: &'a Loaded,
    checked: Option<&'a Checked>,
) -> Result<Result<&'a CheckedModel, Vec<Diagnostic>>, Failure> {
    let found = found(loaded, checked);
    if found.iter().any(|found| found.severity == Severity::Error) {
        return Ok(Err(found.to_vec()));
    }
    match checked.map(|checked| checked.models.as_slice()).unwrap_or_default() {
        [model] => Ok(Ok(model)),
        [] => {
            // For a check this is a warning; there is nothing to run.
            let errors = found.iter().filter(|found| found.code == "no-model").cloned();
            Ok(Err(errors.map(|found| Diagnostic { severity: Severity::Error, ..found }).collect()))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|model| model.graph.name.as_str()).collect();
            let message = format!("`{}` has several models; choose one: --model {}", loaded.name, names.join("|"));
            Err(Failure::Usage(message))
        }
    }
}

/// Names that flags may use: models, and arguments and sizes of the model that is chosen.
#[derive(Default)]
pub(super) struct Known {
    models: BTreeSet<String>,
    arguments: BTreeSet<String>,
    sizes: BTreeSet<String>,
    broken: bool,
}

impl Known {
    pub(super) fn add(&mut self, checked: &Checked, source: &Source) {
        for (model, arguments) in lower::models(&checked.tree) {
            self.models.insert(model.to_owned());
            if source.model.as_ref().is_none_or(|wanted| wanted == model) {
                self.arguments.extend(arguments.into_iter().map(str::to_owned));
            }
        }
        for model in &checked.models {
            let symbols = model.graph.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Input);
            self.sizes.extend(symbols.map(|symbol| symbol.name.to_string()));
        }
        // A file with errors may have names that weren't understood.
        self.broken |= checked.diagnostics.iter().any(|found| found.severity == Severity::Error);
    }

    /// Refuses a flag that names nothing.
    pub(super) fn verify(&self, source: &Source) -> Result<(), Failure> {
        if let Some(model) = &source.model
            && !self.models.contains(model)
        {
            return Err(Failure::Usage(format!("there is no model `{model}`{}", near(model, &self.models))));
        }
        for Setting { name, value } in source.set.iter().filter(|setting| !self.arguments.contains(&setting.name)) {
            if self.sizes.contains(name) {
                if !matches!(value, Value::Int(size) if size.as_const().is_some_and(|size| size >= 0)) {
                    let message = format!("`--set {name}={value}`: a size is a whole number, 0 or more");
                    return Err(Failure::Usage(message));
                }
            } else if !self.broken {
                let known = self.arguments.union(&self.sizes).cloned().collect();
                let near = near(name, &known);
                let message = format!("`--set {name}`: there is no argument or size of that name{near}");
                return Err(Failure::Usage(message));
            }
        }
        Ok(())
    }

    /// There are names that weren't seen.
    pub(super) fn is_incomplete(&mut self) {
        self.broken = true;
    }
}

fn near(name: &str, known: &BTreeSet<String>) -> String {
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("; `{near}` is near to it"),
        None if names.is_empty() => String::new(),
        None if names.len() <= 8 => format!("; there are {}", names.join(", ")),
        None => String::new(),
    }
}
