//! The names that every body of a file sees: its consts, blocks and models, and what it imports.

use super::constant::file_constant;
use super::errors::LowerError;
use super::nested::builtin_name;
use super::scope::duplicate;
use crate::diag::{Diagnostics, label, nearest, primary};
use crate::ops::Value;
use crate::program::Program;
use crate::span::Span;
use crate::syntax::ast;
use foldhash::{HashMap, HashMapExt};

/// The names of all files, by the indices of the program's.
pub(super) struct Files<'a> {
    pub(super) list: Vec<FileScope<'a>>,
}

#[derive(Default)]
pub(super) struct FileScope<'a> {
    /// `None` for one that was reported.
    pub(super) consts: HashMap<String, (Option<Value>, Span)>,
    pub(super) definitions: HashMap<String, Defined<'a>>,
    /// The files that go by a name; `None` for one that couldn't be read.
    pub(super) modules: HashMap<String, (Option<usize>, Span)>,
}

/// A block or model of a file.
#[derive(Clone, Copy)]
pub(super) struct Defined<'a> {
    pub(super) definition: &'a ast::Definition,
    pub(super) file: usize,
    pub(super) is_model: bool,
    /// The blocks of the bodies in which it stands, by their index.
    pub(super) nest: Option<usize>,
}

impl<'a> Files<'a> {
    pub(super) fn new(program: &'a Program, diagnostics: &mut Diagnostics) -> Self {
        let mut files = Self { list: Vec::new() };
        let mut copied = 0;
        files.list.resize_with(program.files.len(), FileScope::default);
        for &index in &program.order {
            let Some(file) = program.files.get(index) else { continue };
            let scope = files.read(index, file, &mut copied, diagnostics);
            if let Some(entry) = files.list.get_mut(index) {
                *entry = scope;
            }
        }
        files
    }

    /// The names of a file, when those of all that it imports are known.
    fn read(
        &self,
        index: usize,
        file: &'a crate::program::File,
        copied: &mut usize,
        diagnostics: &mut Diagnostics,
    ) -> FileScope<'a> {
        let mut scope = FileScope::default();
        let mut uses = file.uses.iter();
        let mut taken: HashMap<&str, Span> = HashMap::new();
        let mut is_new = |name: &'a ast::Name, diagnostics: &mut Diagnostics| {
            let first = taken.get(name.text.as_str()).copied();
            if let Some(first) = first {
                diagnostics.push(duplicate(name, first));
                return false;
            }
            taken.insert(&name.text, name.span);
            true
        };
        for entry in &file.tree.items {
            match entry {
                ast::Item::Const(item) => {
                    let value = file_constant(&scope, self, &item.value, copied, diagnostics);
                    if is_new(&item.name, diagnostics) {
                        scope.consts.insert(item.name.text.clone(), (value, item.name.span));
                    }
                }
                ast::Item::Model(item) | ast::Item::Block(item) => {
                    let is_model = matches!(entry, ast::Item::Model(_));
                    if let Some(error) = builtin_name(&item.name).filter(|_| !is_model) {
                        diagnostics.push(error);
                    }
                    if is_new(&item.name, diagnostics) {
                        let defined = Defined { definition: item, file: index, is_model, nest: None };
                        scope.definitions.insert(item.name.text.clone(), defined);
                    }
                }
                ast::Item::Use(item) => {
                    let target = uses.next().copied().flatten();
                    match &item.imports {
                        ast::Imports::Module(name) => {
                            if is_new(name, diagnostics) {
                                scope.modules.insert(name.text.clone(), (target, name.span));
                            }
                        }
                        ast::Imports::Names(names) => {
                            for import in names {
                                let name = import.alias.as_ref().unwrap_or(&import.name);
                                if is_new(name, diagnostics) {
                                    self.import(&mut scope, target, import, name, &item.path, diagnostics);
                                }
                            }
                        }
                    }
                }
                ast::Item::Error(broken) => {
                    for name in &broken.declares {
                        scope.consts.entry(name.text.clone()).or_insert((None, name.span));
                    }
                }
                ast::Item::Train(_) => {}
            }
        }
        scope
    }

    fn import(
        &self,
        scope: &mut FileScope<'a>,
        target: Option<usize>,
        import: &ast::Import,
        name: &ast::Name,
        path: &ast::Name,
        diagnostics: &mut Diagnostics,
    ) {
        let file = target.and_then(|target| self.list.get(target));
        if let Some(file) = file {
            if let Some(defined) =
                file.definitions.get(&import.name.text).filter(|defined| Some(defined.file) == target)
            {
                scope.definitions.insert(name.text.clone(), *defined);
                return;
            }
            if let Some((value, _)) = file.consts.get(&import.name.text) {
                scope.consts.insert(name.text.clone(), (value.clone(), name.span));
                return;
            }
            let known: Vec<&str> = file.definitions.keys().chain(file.consts.keys()).map(String::as_str).collect();
            let help = match nearest(&import.name.text, known.iter().copied()) {
                Some(near) => Some(format!("`{near}` is near to it")),
                None => {
                    let mut known = known;
                    known.sort_unstable();
                    (!known.is_empty()).then(|| format!("it has {}", known.join(", ")))
                }
            };
            diagnostics.push(LowerError::ImportName {
                name: import.name.text.clone(),
                path: path.text.clone(),
                labels: vec![
                    primary(import.name.span, "no block or const of that file"),
                    label(path.span, "this file"),
                ],
                help,
            });
        }
        // It means something that isn't known, and was reported.
        scope.consts.insert(name.text.clone(), (None, name.span));
    }

    pub(super) fn file(&self, index: usize) -> Option<&FileScope<'a>> {
        self.list.get(index)
    }
}
