//! The state of lowering one model: what is read so far, the body that is being read, and how mistakes are reported.

use super::Settings;
use super::errors::LowerError;
use super::files::{FileScope, Files};
use super::nested::Nest;
use super::scope::{Fixed, Item, Scope};
use crate::diag::{Diagnostic, Diagnostics, Label, primary};
use crate::ir::{Model, Path, Places, Scope as ModelScope, ScopeKind, ScopePlace, Value, ValueId, ValueOf};
use crate::ops;
use crate::shape::{Dim, Symbol, SymbolKind};
use crate::span::Span;
use crate::syntax::ast;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::cell::Cell;
use std::rc::Rc;

/// The largest number of layers, and of calls, in a model, after arrays, loops and repeats are unrolled.
pub(super) const MAX_NODES: u64 = 1_000_000;

/// How deep blocks may stand in blocks, and calls of them in their bodies.
pub(super) const MAX_BLOCKS: usize = 100;

/// How deep expressions may be nested, those of all bodies that are open together.
const MAX_EXPRESSIONS: usize = 4_000;

/// How many items of lists cost as much as a layer or call.
const ITEMS: u64 = 100;

/// The number of bytes in a path that cost nothing beside what has the path.
const SHORT_PATH: usize = 100;

/// In how many places the path of a layer stands, its slots' among them.
const PATH_PLACES: usize = 4;

/// An instance of a block.
pub(super) struct Instance<'a> {
    pub(super) definition: &'a ast::Definition,
    pub(super) fixed: Rc<Fixed>,
}

/// Where the body that is being read is used.
struct Context {
    /// No two have the same.
    number: usize,
    place: Span,
    /// The file of that place.
    file: usize,
    text: String,
}

pub(super) struct Lowering<'a> {
    pub(super) files: &'a Files<'a>,
    empty: FileScope<'a>,
    pub(super) diagnostics: Diagnostics,
    pub(super) scope: Scope,
    pub(super) model: Model,
    pub(super) places: Places,
    pub(super) instances: Vec<Instance<'a>>,
    /// The blocks that bodies declare.
    pub(super) nests: Vec<Nest<'a>>,
    /// The index of each param and buffer.
    pub(super) storage_index: HashMap<Path, usize>,
    /// The index of each built-in layer.
    pub(super) layer_index: HashMap<Path, usize>,
    /// The names of the blocks that were instantiated, where they are defined.
    pub(super) used: HashSet<Span>,
    /// An enclosing layer is frozen.
    pub(super) frozen: bool,
    pub(super) limit: u64,
    spent: u64,
    /// How many items the lists have that were made and copied.
    pub(super) copied: Cell<u64>,
    /// The limit was passed and reported.
    pub(super) full: bool,
    blocks: usize,
    expressions: usize,
    contexts: Vec<Context>,
    n_contexts: usize,
    /// In which context a code was reported of a place. A body that is read again reports nothing again.
    reported: HashMap<(String, Span), usize>,
    /// A block is read by itself: what hangs on its arguments can't be told.
    pub(super) alone: bool,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(files: &'a Files<'a>, settings: &Settings, alone: bool) -> Self {
        let fixed = Fixed::new(Path::new(""), "", true, 0, None);
        Self {
            files,
            empty: FileScope::default(),
            diagnostics: Diagnostics::new(),
            scope: Scope::new(Rc::new(fixed), 0),
            model: Model::default(),
            places: Places::default(),
            instances: Vec::new(),
            nests: Vec::new(),
            storage_index: HashMap::new(),
            layer_index: HashMap::new(),
            used: HashSet::new(),
            frozen: false,
            limit: settings.max_nodes.unwrap_or(MAX_NODES),
            spent: 0,
            copied: Cell::new(0),
            full: false,
            blocks: 0,
            expressions: 0,
            contexts: Vec::new(),
            n_contexts: 0,
            reported: HashMap::new(),
            alone,
        }
    }

    /// Makes room for a body of so many statements.
    pub(super) fn expect(&mut self, statements: usize) {
        self.model.layers.reserve(statements);
        self.places.layers.reserve(statements);
        self.layer_index.reserve(statements / 2);
        self.model.calls.reserve(statements);
        self.places.calls.reserve(statements);
        self.model.values.reserve(statements);
        self.places.values.reserve(statements);
        let fixed = self.fixed();
        fixed.declared.reserve(statements / 2);
        fixed.units.reserve(statements / 2);
    }

    /// The names of the file in which the body stands.
    pub(super) fn file(&self) -> &FileScope<'a> {
        self.files.file(self.scope.fixed.file).unwrap_or(&self.empty)
    }

    /// What is fixed of the body while its declarations are read.
    pub(super) fn fixed(&mut self) -> &mut Fixed {
        // It is shared only when all is read, so nothing is copied.
        Rc::make_mut(&mut self.scope.fixed)
    }

    /// Reports a mistake, with the place where the body that has it is used.
    pub(super) fn report(&mut self, mut error: LowerError) {
        if self.alone && matches!(error, LowerError::UnsetArgument { .. }) {
            return;
        }
        self.beyond(&mut error);
        let mut found = Diagnostic::from(&error);
        let number = self.contexts.last().map_or(0, |context| context.number);
        if *self.reported.entry((found.code.clone(), found.span())).or_insert(number) != number {
            return;
        }
        // Where it is used, and if that isn't in the first file, where that file led to it.
        let inner = self.contexts.last();
        let outer = inner.filter(|inner| inner.file != 0).and(self.contexts.iter().rfind(|context| context.file == 0));
        for context in inner.into_iter().chain(outer) {
            if found.labels.iter().all(|label| label.span != context.place) {
                found.labels.push(Label { span: context.place, text: context.text.clone() });
            }
        }
        self.diagnostics.add(found);
    }

    /// The known name nearest to one that isn't, as a remedy.
    pub(super) fn near(&mut self, name: &str, known: impl FnOnce(&Self) -> Vec<String>) -> Option<String> {
        if !self.diagnostics.may_compare() {
            return None;
        }
        let known = known(self);
        self.diagnostics.nearest(name, known).map(|near| format!("`{near}` is near to it"))
    }

    pub(super) fn report_all(&mut self, found: Vec<LowerError>) {
        found.into_iter().for_each(|error| self.report(error));
    }

    /// Reads something with another body, which is given back.
    pub(super) fn within<R>(
        &mut self,
        scope: Scope,
        place: Span,
        text: String,
        read: impl FnOnce(&mut Self) -> R,
    ) -> (R, Scope) {
        let outer = std::mem::replace(&mut self.scope, scope);
        self.n_contexts += 1;
        self.contexts.push(Context { number: self.n_contexts, place, file: outer.fixed.file, text });
        let result = read(self);
        self.contexts.pop();
        (result, std::mem::replace(&mut self.scope, outer))
    }

    /// Goes one block deeper; `None`, and a report, where it gets too deep.
    pub(super) fn in_block<R>(&mut self, span: Span, read: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.blocks >= MAX_BLOCKS {
            return self.too_deep(span);
        }
        self.blocks += 1;
        let result = read(self);
        self.blocks -= 1;
        Some(result)
    }

    /// Goes one expression deeper; `None`, and a report, where it gets too deep.
    pub(super) fn in_expression<R>(&mut self, span: Span, read: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.expressions >= MAX_EXPRESSIONS {
            return self.too_deep(span);
        }
        self.expressions += 1;
        let result = read(self);
        self.expressions -= 1;
        Some(result)
    }

    fn too_deep<R>(&mut self, span: Span) -> Option<R> {
        self.report(LowerError::TooDeep { labels: vec![primary(span, "here it gets too deep")] });
        None
    }

    /// Counts layers, calls and rounds of loops. `false`, and a report, where they become too many.
    pub(super) fn spend(&mut self, count: u64, span: Span) -> bool {
        if self.full {
            return false;
        }
        self.spent = self.spent.saturating_add(count);
        if self.spent() > self.limit {
            self.full = true;
            self.report(LowerError::TooManyNodes {
                model: self.model.name.clone(),
                limit: self.limit,
                labels: vec![primary(span, "here the limit is passed")],
            });
        }
        !self.full
    }

    pub(super) fn spent(&self) -> u64 {
        self.spent.saturating_add(self.copied.get() / ITEMS)
    }

    /// Notes that a list of so many items was made or copied.
    pub(super) fn copies(&self, items: usize) {
        self.copied.set(self.copied.get().saturating_add(items as u64));
    }

    /// Whether so much can be spent; a report if not.
    pub(super) fn can_spend(&mut self, count: u64, span: Span) -> bool {
        let before = self.spent;
        let fits = self.spend(count, span);
        self.spent = before;
        fits
    }

    /// Notes the room that a path takes in the many places where it stands, if it is a long one.
    pub(super) fn names_path(&self, path: &Path) {
        self.copies(path.as_str().len().saturating_sub(SHORT_PATH).saturating_mul(PATH_PLACES));
    }

    /// Opens a scope of the model; it holds all layers and storages that are added until it is closed.
    pub(super) fn open_scope(&mut self, path: Path, kind: ScopeKind, name: &str, place: Span) -> usize {
        let layers = self.model.layers.len();
        let storages = self.model.storages.len();
        self.names_path(&path);
        self.model.scopes.push(ModelScope {
            path,
            kind,
            name: name.to_owned(),
            parent: self.scope.fixed.scope,
            layers: layers..layers,
            storages: storages..storages,
            calls: 0,
            results: Vec::new(),
        });
        self.places.scopes.push(ScopePlace { name: place });
        self.model.scopes.len() - 1
    }

    pub(super) fn close_scope(&mut self, scope: usize) {
        let (layers, storages) = (self.model.layers.len(), self.model.storages.len());
        if let Some(scope) = self.model.scopes.get_mut(scope) {
            scope.layers.end = layers;
            scope.storages.end = storages;
        }
    }

    pub(super) fn symbol(&mut self, name: &str, kind: SymbolKind, span: Span) -> Symbol {
        let id = u32::try_from(self.model.symbols.len()).unwrap_or(u32::MAX);
        let symbol = Symbol { id, kind, name: name.into() };
        self.model.symbols.push(symbol.clone());
        self.places.symbols.push(span);
        symbol
    }

    pub(super) fn value(&mut self, of: ValueOf, span: Span) -> ValueId {
        self.places.values.push(span);
        self.model.values.push(Value { name: None, of })
    }

    /// The path of something declared in the body.
    pub(super) fn path(&self, name: &str) -> Path {
        self.scope.fixed.path.join(name)
    }

    /// The remedy for a size that is known too late.
    pub(super) fn make_argument(&self, name: &str) -> String {
        let fixed = &self.scope.fixed;
        let what = if fixed.is_model { "model" } else { "block" };
        format!("make it an argument of the {what}: `{what} {}({name})`", fixed.name)
    }

    /// What a name of the body or file stands for, without a report.
    pub(super) fn known(&self, name: &str) -> Option<Item> {
        if let Some(item) = self.scope.bound(name) {
            return Some(item.clone());
        }
        self.known_constant(name).map(|value| value.map_or(Item::Unknown, Item::Const))
    }

    /// The constant, argument or symbol of this name; `Some(None)` for one that was reported.
    pub(super) fn known_constant(&self, name: &str) -> Option<Option<ops::Value>> {
        if let Some(value) = self.scope.fixed.arguments.get(name) {
            return Some(value.clone());
        }
        if let Some(symbol) = self.scope.symbols.get(name) {
            return Some(Some(ops::Value::Int(Dim::symbol(symbol.clone()))));
        }
        self.file().consts.get(name).map(|(value, _)| value.clone())
    }
}
