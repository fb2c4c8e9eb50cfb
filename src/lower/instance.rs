//! Bodies with their declarations: a model, and every instance of a block with its params, buffers and layers. What may
//! stand anywhere in a body is read here, before its statements are.

use super::aliases::Alias;
use super::body::{Instance, Lowering};
use super::errors::LowerError;
use super::files::Defined;
use super::nested::builtin_name;
use super::scope::{Declared, Fixed, Item, Scope, Unit, duplicate};
use super::ties::PendingTie;
use crate::diag::primary;
use crate::ir::{Path, ScopeKind};
use crate::ops::Value;
use crate::span::Span;
use crate::syntax::ast::{self, ArgumentDeclaration, Statement};
use std::rc::Rc;

/// What of a body's declarations refers to others, which may stand below.
#[derive(Default)]
pub(super) struct Pending<'a> {
    pub(super) aliases: Vec<Alias<'a>>,
    pub(super) ties: Vec<PendingTie<'a>>,
}

impl<'a> Lowering<'a> {
    /// An instance of a block, with arguments that were evaluated where it stands.
    pub(super) fn instantiate(
        &mut self,
        defined: Defined<'a>,
        given: &[(String, Option<Value>)],
        path: &Path,
        [name, kind]: [Span; 2],
    ) -> Unit {
        self.used.insert(defined.definition.name.span);
        if !self.spend(1, kind) {
            return Unit::Broken;
        }
        let definition = defined.definition;
        let scope_index = self.open_scope(path.clone(), ScopeKind::Block, &definition.name.text, name);
        let mut fixed = Fixed::new(path.clone(), &definition.name.text, false, defined.file, Some(scope_index));
        (fixed.nest, fixed.around) = (defined.nest, defined.nest);
        let scope = Scope::new(Rc::new(fixed), self.scope.frame);
        let text = format!("`{path}` is declared here");
        let read = |lowering: &mut Self| {
            let (done, scope) = lowering.within(scope, kind, text, |inner| {
                inner.arguments(
                    defined,
                    |name| given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
                    kind,
                );
                inner.nest(definition);
                inner.declare_body(&definition.body);
                inner.check_results(definition);
            });
            ((), done, scope)
        };
        let read = self.in_block(kind, read);
        self.close_scope(scope_index);
        let Some(((), (), scope)) = read else { return Unit::Broken };
        self.instances.push(Instance { definition, fixed: scope.fixed });
        Unit::Block(self.instances.len() - 1)
    }

    /// Reads all declarations of the body.
    pub(super) fn declare_body(&mut self, body: &'a [Statement]) {
        let mut pending = Pending::default();
        self.names(body);
        // Sizes of inputs can't be used here, which is told where they are.
        let inputs = self.inputs(body);
        self.symbols(&inputs);
        self.declarations(body, &mut pending);
        self.aliases(&pending.aliases);
        for tie in pending.ties {
            self.tie(tie);
        }
    }

    /// Declares what may stand anywhere, so that all else can refer to it.
    fn names(&mut self, body: &'a [Statement]) {
        for statement in body {
            match statement {
                Statement::Storage(item) => {
                    let kind = if item.kind == ast::StorageKind::Param { Declared::Param } else { Declared::Buffer };
                    self.declare(&item.name, kind);
                }
                Statement::Layer(item) => self.declare(&item.name, Declared::Layer),
                Statement::Block(item) => {
                    if let Some(error) = builtin_name(&item.name) {
                        self.report(error);
                    }
                    // It would be a number in expressions and a block behind `layer NAME =`.
                    if let Some((Some(_), first)) = self.file().consts.get(&item.name.text) {
                        let error = duplicate(&item.name, *first);
                        self.report(error);
                    }
                    self.declare(&item.name, Declared::Block);
                }
                Statement::Let(item) => {
                    for target in &item.targets {
                        if !self.scope.fixed.later.contains_key(&target.text) {
                            self.fixed().later.insert(target.text.clone(), target.span);
                        }
                    }
                }
                Statement::Input(item) => {
                    _ = self.fixed().later.entry(item.name.text.clone()).or_insert(item.name.span);
                }
                Statement::Error(broken) => {
                    self.model.partial = true;
                    for name in &broken.declares {
                        self.fixed().broken.entry(name.text.clone()).or_insert(name.span);
                    }
                }
                Statement::If(item) => {
                    if let Some(branch) = self.branch(item) {
                        self.names(branch);
                    }
                }
                Statement::For(item) => self.loop_names(&item.body),
                Statement::Output(_) | Statement::Loss(_) | Statement::Assert(_) => {}
            }
        }
    }

    /// The values that a loop binds, and a report of what can't be declared in it.
    fn loop_names(&mut self, body: &[Statement]) {
        for statement in body {
            let (what, name, help) = match statement {
                Statement::Let(item) => {
                    for target in &item.targets {
                        self.fixed().later.entry(target.text.clone()).or_insert(target.span);
                    }
                    continue;
                }
                Statement::For(item) => {
                    self.loop_names(&item.body);
                    continue;
                }
                Statement::If(item) => {
                    self.loop_names(&item.then);
                    self.loop_names(&item.otherwise);
                    continue;
                }
                Statement::Layer(item) => {
                    let name = &item.name.text;
                    (
                        "a layer",
                        &item.name,
                        format!("declare an array before the loop, `layer {name}[n] = …`, and call `{name}[i]` in it"),
                    )
                }
                Statement::Storage(item) => ("a param or buffer", &item.name, "declare it before the loop".to_owned()),
                Statement::Block(item) => ("a block", &item.name, "declare it before the loop".to_owned()),
                Statement::Input(item) => ("an input", &item.name, "declare it before the loop".to_owned()),
                Statement::Output(_) | Statement::Loss(_) | Statement::Assert(_) | Statement::Error(_) => continue,
            };
            self.report(LowerError::DeclarationInLoop {
                what,
                labels: vec![primary(name.span, "each round would declare it anew")],
                help: Some(help),
            });
            self.fixed().broken.entry(name.text.clone()).or_insert(name.span);
        }
    }

    fn declare(&mut self, name: &ast::Name, kind: Declared) {
        if let Some((_, first)) = self.scope.fixed.declared.get(&name.text) {
            let error = duplicate(name, *first);
            self.report(error);
        } else {
            self.fixed().declared.insert(name.text.clone(), (kind, name.span));
        }
    }

    /// Reads params, buffers and layers, in their order.
    fn declarations(&mut self, body: &'a [Statement], pending: &mut Pending<'a>) {
        for statement in body {
            match statement {
                Statement::Storage(item) => self.storage(item),
                Statement::Layer(item) => self.layer(item, pending),
                Statement::If(item) => {
                    if let Some(branch) = self.branch(item) {
                        self.declarations(branch, pending);
                    }
                }
                _ => {}
            }
        }
    }

    /// The statements that a condition chooses, told from arguments and consts alone; `None` where it can't be told.
    pub(super) fn branch(&self, item: &'a ast::If) -> Option<&'a [Statement]> {
        match self.quiet_constant(&item.condition)? {
            Value::Bool(true) => Some(&item.then),
            Value::Bool(false) => Some(&item.otherwise),
            _ => None,
        }
    }

    fn layer(&mut self, layer: &'a ast::Layer, pending: &mut Pending<'a>) {
        let name = &layer.name.text;
        // Of two with one name the first counts.
        if self.scope.fixed.units.contains_key(name) {
            return;
        }
        let unit = match &layer.body {
            ast::LayerBody::Alias(reference) => {
                if let Some(count) = &layer.count {
                    self.report(LowerError::ReferenceForm {
                        message: "a second name can't be an array".to_owned(),
                        labels: vec![primary(count.span, "one name for one layer")],
                        help: Some(format!("write `layer {name} = @…`, for an array too")),
                    });
                }
                pending.aliases.push(Alias { name: &layer.name, reference });
                self.fixed().aliases.insert(name.clone());
                Unit::Broken
            }
            ast::LayerBody::Chain(kinds) => {
                let outer = self.frozen;
                self.frozen |= layer.frozen;
                let unit = match &layer.count {
                    None => self.chain(kinds, self.path(name), layer, pending),
                    Some(count) => self.array(kinds, count, layer, pending),
                };
                self.frozen = outer;
                unit
            }
        };
        if matches!(unit, Unit::Broken) && !self.scope.fixed.aliases.contains(name) {
            self.fixed().broken.entry(name.clone()).or_insert(layer.name.span);
        }
        self.fixed().units.insert(name.clone(), unit);
    }

    fn array(
        &mut self,
        kinds: &'a [ast::LayerKind],
        count: &'a ast::Count,
        layer: &'a ast::Layer,
        pending: &mut Pending<'a>,
    ) -> Unit {
        let Some(length) = self.count(&count.count) else { return Unit::Broken };
        if !self.spend(length, count.span) {
            return Unit::Broken;
        }
        if let Some(index) = &count.index {
            let taken = self.scope.fixed.declared.get(&index.text).copied();
            if let Some((declared, place)) = taken {
                let error = super::statement::rebound(declared, index, place);
                self.report(error);
                return Unit::Broken;
            }
        }
        let path = self.path(&layer.name.text);
        let scope = self.open_scope(path.clone(), ScopeKind::Array, "", layer.name.span);
        let outer = self.fixed().scope.replace(scope);
        let mut parts = Vec::new();
        let mut complete = true;
        for at in 0..length {
            if let Some(index) = &count.index {
                let value = Item::Const(Value::Int(i64::try_from(at).unwrap_or(i64::MAX).into()));
                self.scope.loops.push((index.text.clone(), value, index.span));
            }
            let unit = self.chain(kinds, path.index(at), layer, pending);
            if count.index.is_some() {
                self.scope.loops.pop();
            }
            complete &= !matches!(unit, Unit::Broken);
            parts.push(unit);
            if self.full {
                break;
            }
        }
        self.fixed().scope = outer;
        self.close_scope(scope);
        if !complete {
            return Unit::Broken;
        }
        Unit::Many(Rc::new(super::scope::Many { path, is_array: true, parts, scope: Some(scope) }))
    }

    /// One kind, or several that follow one another.
    fn chain(
        &mut self,
        kinds: &'a [ast::LayerKind],
        path: Path,
        layer: &'a ast::Layer,
        pending: &mut Pending<'a>,
    ) -> Unit {
        if let [kind] = kinds {
            return self.kind(kind, path, layer, true, pending);
        }
        let scope = self.open_scope(path.clone(), ScopeKind::Chain, "", layer.name.span);
        let outer = self.fixed().scope.replace(scope);
        let parts: Vec<Unit> =
            (0..).zip(kinds).map(|(index, kind)| self.kind(kind, path.index(index), layer, false, pending)).collect();
        self.fixed().scope = outer;
        self.close_scope(scope);
        if parts.iter().any(|part| matches!(part, Unit::Broken)) {
            return Unit::Broken;
        }
        Unit::Many(Rc::new(super::scope::Many { path, is_array: false, parts, scope: Some(scope) }))
    }
}

/// The arguments that a block declares, as names to bind to.
pub(super) fn argument_names(arguments: &[ArgumentDeclaration]) -> Vec<&ast::Name> {
    arguments.iter().map(|argument| &argument.name).collect()
}
