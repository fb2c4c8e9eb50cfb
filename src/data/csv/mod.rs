//! Tables of values with a separator between them. Columns go to inputs by their names; those that are left are the
//! label and what is given. Everything is checked when the table is opened; one that is larger than memory is then read
//! where it lies.

mod cell;
mod mapping;
mod records;

use super::fit::{Element, is_label_name};
use super::source::{File, Source, too_large};
use super::store::{Cells, Store};
use super::{DataError, Dataset, Request, Vocabulary};
use crate::tensor::{Real, SliceMut};
use crate::weights::Elements;
use indexmap::IndexMap;
use mapping::Taken;
use records::Records;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most classes that may have names.
const MAX_CLASSES: usize = 1 << 16;

pub(super) fn open<T: Real>(path: &Path, request: &Request<'_>) -> Result<Dataset, DataError> {
    let separator = separator(path)?;
    let (header, width) = header(path, separator, request)?;
    let (taken, unused) = mapping::assign(header.as_deref(), width, request)?;
    let mut records = Records::new(path, Source::open(path)?.reader(), separator);
    if header.is_some() {
        records.advance()?;
    }
    let names = header.unwrap_or_else(|| (1..=width).map(|number| number.to_string()).collect());
    let mut table = Table::new::<T>(path, names, taken, request);
    while records.advance()? {
        if table.places.is_empty() {
            table.begin(&records);
        }
        table.take(&records)?;
    }
    table.finish(separator, unused)
}

/// That of comma, semicolon and tab which the first line has most of.
fn separator(path: &Path) -> Result<u8, DataError> {
    let mut start = Vec::new();
    let mut reader = Source::open(path)?.reader().take(1 << 16);
    reader.read_to_end(&mut start).map_err(|error| super::source::unreadable(path, &error))?;
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    let count = |separator: u8| line.split(|byte| *byte == separator).count();
    Ok([b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b','))
}

/// The names of the columns, if the first record holds any, and how many columns there are. It does if one of its fields is
/// the name of an input or of a label, if none of them is a number, or if one isn't whose column goes on with a number.
fn header(path: &Path, separator: u8, request: &Request<'_>) -> Result<(Option<Vec<String>>, usize), DataError> {
    let mut records = Records::new(path, Source::open(path)?.reader(), separator);
    if !records.advance()? {
        return Err(DataError::Empty { path: path.display().to_string() });
    }
    let names: Vec<String> = records.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
    let is_number = |field: &[u8]| cell::float(field).is_ok();
    let known = |name: &String| is_label_name(name) || request.wanted.iter().any(|input| input.name == *name);
    let words: Vec<bool> = records.fields().map(|field| !field.is_empty() && !is_number(field)).collect();
    let mut named = names.iter().any(known) || !records.fields().any(is_number);
    if !named && records.advance()? {
        named = words.iter().zip(records.fields()).any(|(is_word, below)| *is_word && is_number(below));
    }
    let width = names.len();
    Ok((named.then_some(names), width))
}

/// A table as it is read.
struct Table<'r> {
    path: &'r Path,
    /// Of its columns, or their numbers, from 1.
    names: Vec<String>,
    taken: Vec<Taken>,
    /// The numbers of classes, for inputs whose column holds names.
    classes: Vec<Option<IndexMap<String, i64>>>,
    /// Those that there may be.
    known: Option<&'r [Vocabulary]>,
    /// `None` once they take more memory than they may.
    cells: Option<Vec<Elements>>,
    /// The byte and the line of each record.
    places: Vec<(u64, u64)>,
    memory: u64,
    row_bytes: u64,
}

impl<'r> Table<'r> {
    fn new<T: Real>(path: &'r Path, names: Vec<String>, taken: Vec<Taken>, request: &Request<'r>) -> Self {
        let cells = taken.iter().map(|taken| match taken.column.element {
            Element::Float if T::NAME == "f32" => Elements::F32(Vec::new()),
            Element::Float => Elements::F64(Vec::new()),
            Element::Int => Elements::I64(Vec::new()),
            Element::Bool => Elements::Bool(Vec::new()),
        });
        let cells = cells.collect();
        let row_bytes = taken.iter().map(|taken| 8 * taken.from.len() as u64).sum::<u64>() + 16;
        let classes = taken.iter().map(|_| None).collect();
        let (known, memory) = (request.vocabularies, request.memory);
        Self { path, names, taken, classes, known, cells: Some(cells), places: Vec::new(), memory, row_bytes }
    }

    /// Tells from the first record, or from what is known, which columns hold the names of classes.
    fn begin<R: Read>(&mut self, records: &Records<R>) {
        for (taken, classes) in self.taken.iter().zip(&mut self.classes) {
            if let Some(known) = self.known {
                let known = known.iter().find(|known| known.input == taken.column.name);
                *classes = known.map(|known| known.names.iter().cloned().zip(0..).collect());
                continue;
            }
            let field = taken.from.first().map_or(&[][..], |column| records.field(*column));
            let is_name = !field.is_empty() && cell::int(field).is_err() && cell::float(field).is_err();
            *classes = (taken.may_be_classes() && is_name).then(IndexMap::new);
        }
    }

    /// Takes in a record.
    fn take<R: Read>(&mut self, records: &Records<R>) -> Result<(), DataError> {
        if records.len() != self.names.len() {
            let message = format!("found {} fields, and {} are wanted", records.len(), self.names.len());
            return Err(self.wrong(records.line, None, message, None));
        }
        self.places.push((records.byte, records.line));
        let rows = self.places.len() as u64;
        if self.cells.is_some() && rows.saturating_mul(self.row_bytes) > self.memory {
            self.cells = None;
        }
        if rows.saturating_mul(16) > self.memory {
            return Err(too_large(self.path, rows * 16, self.memory, ""));
        }
        for index in 0..self.taken.len() {
            self.take_input(index, records)?;
        }
        Ok(())
    }

    fn take_input<R: Read>(&mut self, index: usize, records: &Records<R>) -> Result<(), DataError> {
        let Some(taken) = self.taken.get(index) else { return Ok(()) };
        for column in &taken.from {
            let field = records.field(*column);
            let value = match self.classes.get_mut(index) {
                Some(Some(classes)) => class(classes, field, self.known.is_some()),
                _ => value(taken.column.element, field),
            };
            match value {
                Ok(value) => {
                    if let Some(cells) = self.cells.as_mut().and_then(|cells| cells.get_mut(index)) {
                        push(cells, value);
                    }
                }
                Err(message) => {
                    let missing =
                        field.is_empty() || field.eq_ignore_ascii_case(b"na") || field.eq_ignore_ascii_case(b"nan");
                    let help = missing.then(|| "rows with missing values are filled or left out before".to_owned());
                    return Err(self.wrong(records.line, Some(*column), message, help));
                }
            }
        }
        Ok(())
    }

    fn wrong(&self, line: u64, column: Option<usize>, message: String, help: Option<String>) -> DataError {
        let name = column.and_then(|column| self.names.get(column));
        let name = name.map(|name| cell::shown(name.as_bytes()).into_owned());
        let column = name.map(|name| format!(", column `{name}`")).unwrap_or_default();
        DataError::Cell { path: self.path.display().to_string(), line, column, message, help }
    }

    fn finish(mut self, separator: u8, unused: Vec<String>) -> Result<Dataset, DataError> {
        let count = self.places.len();
        let vocabularies = self.number_classes();
        let columns = self.taken.iter().map(|taken| taken.column.clone()).collect();
        let store = match self.cells {
            Some(cells) => Store::Columns(cells.into_iter().map(Cells::Memory).collect()),
            None => {
                let source = Source::open(self.path)?;
                if source.gzipped {
                    let help = "; unpacked, it would be read in parts";
                    return Err(too_large(self.path, count as u64 * self.row_bytes, self.memory, help));
                }
                Store::Table(Box::new(TableFile {
                    path: self.path.to_owned(),
                    records: Records::new(self.path, source.file(), separator),
                    taken: self.taken,
                    classes: self.classes,
                    places: self.places,
                    fields: self.names.len(),
                }))
            }
        };
        Ok(Dataset { count, columns, vocabularies, unused, store })
    }

    /// Gives classes their numbers: those of their names in alphabetical order, unless the names came with numbers.
    fn number_classes(&mut self) -> Vec<Vocabulary> {
        let mut vocabularies = Vec::new();
        for (index, classes) in self.classes.iter_mut().enumerate() {
            let Some(classes) = classes else { continue };
            if self.known.is_none() {
                let mut names: Vec<String> = classes.keys().cloned().collect();
                names.sort_unstable();
                let numbers: IndexMap<String, i64> = names.into_iter().zip(0..).collect();
                let renumbered: Vec<i64> = classes.keys().filter_map(|name| numbers.get(name).copied()).collect();
                if let Some(Elements::I64(cells)) = self.cells.as_mut().and_then(|cells| cells.get_mut(index)) {
                    for cell in cells {
                        *cell =
                            usize::try_from(*cell).ok().and_then(|old| renumbered.get(old)).copied().unwrap_or(*cell);
                    }
                }
                *classes = numbers;
            }
            let input = self.taken.get(index).map(|taken| taken.column.name.clone()).unwrap_or_default();
            vocabularies.push(Vocabulary { input, names: classes.keys().cloned().collect() });
        }
        vocabularies
    }
}

enum Value {
    Float(f64),
    Int(i64),
    Bool(bool),
}

fn value(element: Element, field: &[u8]) -> Result<Value, String> {
    match element {
        Element::Float => cell::float(field).map(Value::Float),
        Element::Int => cell::int(field).map(Value::Int),
        Element::Bool => cell::bool(field).map(Value::Bool),
    }
}

fn push(cells: &mut Elements, value: Value) {
    match (cells, value) {
        (Elements::F32(cells), Value::Float(value)) => cells.push(value as f32),
        (Elements::F64(cells), Value::Float(value)) => cells.push(value),
        (Elements::I64(cells), Value::Int(value)) => cells.push(value),
        (Elements::Bool(cells), Value::Bool(value)) => cells.push(value),
        _ => {}
    }
}

/// The number of a class; a new one unless all are known.
fn class(classes: &mut IndexMap<String, i64>, field: &[u8], all_known: bool) -> Result<Value, String> {
    let name = std::str::from_utf8(field).map_err(|_| "the name of a class that isn't UTF-8".to_owned())?;
    if name.is_empty() {
        return Err("there is nothing, and the name of a class is wanted".to_owned());
    }
    if let Some(number) = classes.get(name) {
        return Ok(Value::Int(*number));
    }
    if all_known {
        return Err(format!("the class `{}` isn't in the data that the model is trained on", cell::shown(field)));
    }
    if classes.len() == MAX_CLASSES {
        return Err(format!("more than {MAX_CLASSES} classes"));
    }
    let number = classes.len() as i64;
    classes.insert(name.to_owned(), number);
    Ok(Value::Int(number))
}

/// A table that is read where it lies.
#[derive(Debug)]
pub(super) struct TableFile {
    path: PathBuf,
    records: Records<File>,
    taken: Vec<Taken>,
    classes: Vec<Option<IndexMap<String, i64>>>,
    places: Vec<(u64, u64)>,
    fields: usize,
}

impl TableFile {
    pub(super) fn fetch<T: Real>(
        &mut self,
        index: usize,
        rows: &[usize],
        mut out: SliceMut<'_, T>,
    ) -> Result<(), DataError> {
        let Some(taken) = self.taken.get(index) else { return Ok(()) };
        let mut at = 0;
        for row in rows {
            let Some((byte, line)) = self.places.get(*row).copied() else { continue };
            let path = &self.path;
            let changed = || DataError::Cell {
                path: path.display().to_string(),
                line,
                column: String::new(),
                message: "the file has changed since it was opened".to_owned(),
                help: None,
            };
            if !self.records.at(byte, line)? || self.records.len() != self.fields {
                return Err(changed());
            }
            for column in &taken.from {
                let field = self.records.field(*column);
                let value = match self.classes.get_mut(index) {
                    Some(Some(classes)) => class(classes, field, true),
                    _ => value(taken.column.element, field),
                };
                let written = match (value, &mut out) {
                    (Ok(Value::Float(value)), SliceMut::Float(out)) => {
                        out.get_mut(at).map(|to| *to = T::from_f64(value))
                    }
                    (Ok(Value::Int(value)), SliceMut::Int(out)) => out.get_mut(at).map(|to| *to = value),
                    (Ok(Value::Bool(value)), SliceMut::Bool(out)) => out.get_mut(at).map(|to| *to = value),
                    _ => None,
                };
                written.ok_or_else(changed)?;
                at += 1;
            }
        }
        Ok(())
    }
}
