//! A source file with everything that it imports, each file read once, and which `use` means which file. What can't be
//! read, leaves the root or closes a circle is reported. No name is looked up here.

mod errors;
mod path;
mod standard;

pub use errors::ImportError;
pub use standard::standard_files;

use crate::diag::{Diagnostics, label, primary};
use crate::span::{SourceMap, Span};
use crate::syntax::{self, ast};
use std::collections::HashMap;

/// Where imported files come from.
pub trait Library {
    /// The path of the first file, relative to the root.
    fn root(&self) -> String;

    /// The text of a file by its path relative to the root, in which no `.` and `..` occur, or why it can't be had.
    fn read(&mut self, path: &str) -> Result<String, String>;

    /// The file as messages name it.
    fn name(&self, path: &str) -> String;
}

/// A library without files: only what is built in can be imported.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Library for NoFiles {
    fn root(&self) -> String {
        String::new()
    }

    fn read(&mut self, _: &str) -> Result<String, String> {
        Err("only `std/…` can be imported here".to_owned())
    }

    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The files of one run. The first is the one that was named.
#[derive(Debug, Default)]
pub struct Program {
    pub files: Vec<File>,
    /// Indices of all files, each after those that it imports.
    pub order: Vec<usize>,
}

#[derive(Debug)]
pub struct File {
    pub tree: ast::File,
    /// The index of the file that each `use` means, in their order; `None` where that was reported.
    pub uses: Vec<Option<usize>>,
}

/// Reads the first file of the map and all that it imports, which the map then holds too.
pub fn collect(map: &mut SourceMap, library: &mut dyn Library, diagnostics: &mut Diagnostics) -> Program {
    let mut program = Program::default();
    let mut known: HashMap<String, Option<usize>> = HashMap::new();
    let root = library.root();
    let mut paths = vec![root.clone()];
    known.insert(root, Some(0));
    let mut places: Vec<Vec<(Span, usize)>> = Vec::new();
    while let Some(path) = paths.get(program.files.len()).cloned() {
        let Some(file) = map.files().get(program.files.len()) else { break };
        let tree = syntax::parse(file, diagnostics);
        let mut uses = Vec::new();
        let mut targets = Vec::new();
        for item in &tree.items {
            let ast::Item::Use(item) = item else { continue };
            let target = match path::join(&path, &item.path.text) {
                Ok(target) => match known.get(&target) {
                    Some(target) => *target,
                    None => {
                        let read = read(map, library, &target, item.path.span, diagnostics);
                        let index = read.then_some(paths.len());
                        if read {
                            paths.push(target.clone());
                        }
                        known.insert(target, index);
                        index
                    }
                },
                Err(why) => {
                    diagnostics.push(ImportError::Path {
                        path: item.path.text.clone(),
                        labels: vec![primary(item.path.span, why)],
                    });
                    None
                }
            };
            targets.extend(target.map(|target| (item.path.span, target)));
            uses.push(target);
        }
        program.files.push(File { tree, uses });
        places.push(targets);
    }
    order(&mut program, &places, map, diagnostics);
    program
}

/// Adds a file to the map; `false` if it can't be had, which is reported.
fn read(
    map: &mut SourceMap,
    library: &mut dyn Library,
    path: &str,
    place: Span,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (name, text) = match standard::text(path) {
        Some(text) => (path.to_owned(), text.map(str::to_owned)),
        None => (library.name(path), library.read(path)),
    };
    let added =
        text.and_then(|text| map.add(name.as_str(), text).ok_or_else(|| "all files together are too large".to_owned()));
    if let Err(why) = &added {
        diagnostics.push(ImportError::Read { name, labels: vec![primary(place, why.as_str())] });
    }
    added.is_ok()
}

/// Finds an order in which every file comes after those that it imports; where there is none, cuts an import.
fn order(program: &mut Program, places: &[Vec<(Span, usize)>], map: &SourceMap, diagnostics: &mut Diagnostics) {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; program.files.len()];
    let mut cut: Vec<(usize, usize)> = Vec::new();
    // Files that are open, each with the number of its imports that were followed. A chain may be long, so no recursion.
    let mut open: Vec<(usize, usize)> = Vec::new();
    if program.files.is_empty() {
        return;
    }
    open.push((0, 0));
    while let Some((file, next)) = open.last_mut() {
        let file = *file;
        let Some(&(place, target)) = places.get(file).and_then(|places| places.get(*next)) else {
            open.pop();
            if let Some(state) = states.get_mut(file) {
                *state = State::Done;
            }
            program.order.push(file);
            continue;
        };
        *next += 1;
        if let Some(state) = states.get_mut(file) {
            *state = State::Open;
        }
        match states.get(target) {
            Some(State::New) => open.push((target, 0)),
            Some(State::Open) => {
                diagnostics.push(cycle(&open, target, place, places, map));
                cut.push((file, target));
            }
            _ => {}
        }
    }
    for (file, target) in cut {
        let uses = program.files.get_mut(file).map(|file| &mut file.uses);
        uses.into_iter().flatten().filter(|entry| **entry == Some(target)).for_each(|entry| *entry = None);
    }
}

fn cycle(
    open: &[(usize, usize)],
    target: usize,
    place: Span,
    places: &[Vec<(Span, usize)>],
    map: &SourceMap,
) -> ImportError {
    let name = |file: usize| map.files().get(file).map_or("", |file| file.name());
    let circle: Vec<(usize, usize)> = open.iter().copied().skip_while(|(file, _)| *file != target).collect();
    let mut names: Vec<&str> = circle.iter().map(|(file, _)| name(*file)).collect();
    names.push(name(target));
    let mut labels = vec![primary(place, format!("`{}` is open already", name(target)))];
    for (file, next) in circle.iter().take(circle.len().saturating_sub(1)).take(8) {
        let followed = places.get(*file).and_then(|places| places.get(next.checked_sub(1)?));
        labels.extend(followed.map(|(span, to)| label(*span, format!("`{}` imports `{}`", name(*file), name(*to)))));
    }
    ImportError::Cycle { name: name(target).to_owned(), circle: names.join(" → "), labels }
}
