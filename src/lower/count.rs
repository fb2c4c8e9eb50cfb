//! How many layers and calls a body makes at least, told before any is made, because blocks in blocks, arrays and repeats
//! multiply. What can't be told without making it counts nothing.

use super::arguments::bind;
use super::body::{Lowering, MAX_BLOCKS};
use super::errors::LowerError;
use super::files::Defined;
use super::instance::argument_names;
use super::scope::{Fixed, Item, Scope};
use crate::diag::primary;
use crate::ir::Path;
use crate::ops::{self, Value};
use crate::span::Span;
use crate::syntax::ast::{self, Expr, ExprKind, LayerKind, Stage, StageKind, Statement, Subscript};
use foldhash::{HashMap, HashMapExt};
use std::rc::Rc;

/// How many statements and expressions are looked at. A body beyond counts as little as it can.
const MAX_STEPS: u64 = 2_000_000;

#[derive(Clone, Copy, Default)]
struct Costs {
    layers: u64,
    /// Calls that one call makes, itself among them.
    calls: u64,
}

impl Costs {
    fn and(self, other: Self) -> Self {
        Self { layers: self.layers.saturating_add(other.layers), calls: self.calls.saturating_add(other.calls) }
    }
}

/// A layer that a body declares.
#[derive(Clone, Copy, Default)]
struct Part {
    whole: Costs,
    /// 1 if it is no array.
    length: u64,
    /// The fewest calls that one of its elements makes.
    element: u64,
}

type Parts<'a> = HashMap<&'a str, Part>;

struct Counting {
    /// By the name of the block where it is defined, the blocks that it sees, and its arguments.
    blocks: HashMap<(Span, Option<usize>, String), Costs>,
    steps: u64,
    depth: usize,
}

impl Counting {
    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }
}

impl<'a> Lowering<'a> {
    /// Refuses a body that makes more than the limit allows. Its arguments are known.
    pub(super) fn count_ahead(&mut self, body: &'a [Statement]) {
        let mut counting = Counting { blocks: HashMap::new(), steps: MAX_STEPS, depth: 0 };
        let mut parts = Parts::with_capacity(body.len() / 2);
        let mut sum = 0u64;
        for statement in body {
            let layers = self.declared(std::slice::from_ref(statement), &mut parts, &mut counting);
            sum = sum.saturating_add(layers);
            if sum > self.limit {
                return self.too_many(layers, layers_place(statement), counting);
            }
        }
        for statement in body {
            let calls = self.statement_calls(std::slice::from_ref(statement), &parts, &mut counting);
            sum = sum.saturating_add(calls);
            if sum > self.limit {
                let place = self.calls_place(statement, &parts, &mut counting);
                return self.too_many(calls, place, counting);
            }
        }
    }

    fn too_many(&mut self, count: u64, place: Span, counting: Counting) {
        self.full = true;
        // What they are made of isn't looked at by itself: it would be too many again.
        self.used.extend(counting.blocks.into_keys().map(|(name, ..)| name));
        let text = match count {
            u64::MAX => "more are made here than can be counted".to_owned(),
            count => format!("at least {count} of them are made here"),
        };
        self.report(LowerError::TooManyNodes {
            model: self.model.name.clone(),
            limit: self.limit,
            labels: vec![primary(place, text)],
        });
    }

    /// The layers of a body; `parts` gets what their calls cost.
    fn declared(&mut self, body: &'a [Statement], parts: &mut Parts<'a>, counting: &mut Counting) -> u64 {
        let mut sum = 0u64;
        for statement in body {
            if !counting.step() {
                break;
            }
            match statement {
                Statement::Layer(layer) => {
                    let part = match &layer.body {
                        ast::LayerBody::Alias(_) => Part::default(),
                        ast::LayerBody::Chain(kinds) => self.part_costs(kinds, layer.count.as_ref(), counting),
                    };
                    sum = sum.saturating_add(part.whole.layers);
                    parts.insert(&layer.name.text, part);
                }
                Statement::If(item) => {
                    if let Some(branch) = self.branch(item) {
                        sum = sum.saturating_add(self.declared(branch, parts, counting));
                    }
                }
                _ => {}
            }
        }
        sum
    }

    fn part_costs(&mut self, kinds: &'a [LayerKind], count: Option<&'a ast::Count>, counting: &mut Counting) -> Part {
        let Some(count) = count else {
            let whole = self.chain_costs(kinds, counting);
            return Part { whole, length: 1, element: whole.calls };
        };
        let Some(length) = self.times(&count.count) else { return Part::default() };
        // What hangs on the index isn't told: every element may have arguments of its own.
        if let Some(index) = &count.index {
            self.scope.loops.push((index.text.clone(), Item::Unknown, index.span));
        }
        let one = self.chain_costs(kinds, counting);
        if count.index.is_some() {
            self.scope.loops.pop();
        }
        let layers = one.layers.saturating_add(1).saturating_mul(length);
        Part { whole: Costs { layers, calls: one.calls.saturating_mul(length) }, length, element: one.calls }
    }

    fn chain_costs(&mut self, kinds: &'a [LayerKind], counting: &mut Counting) -> Costs {
        kinds.iter().fold(Costs::default(), |sum, kind| sum.and(self.kind_costs(kind, counting)))
    }

    fn kind_costs(&mut self, kind: &'a LayerKind, counting: &mut Counting) -> Costs {
        let (defined, name) = match kind.path.as_slice() {
            [name] => (self.defined(&name.text), name),
            [module, name] => {
                let file = self.file().modules.get(&module.text).and_then(|(file, _)| *file);
                let file = file.and_then(|file| self.files.file(file));
                (file.and_then(|file| file.definitions.get(&name.text)).copied(), name)
            }
            _ => return Costs::default(),
        };
        match defined {
            Some(defined) if !defined.is_model => self.block_costs(defined, kind, counting),
            _ => match ops::named(&name.text) {
                Some(def) => Costs { layers: u64::from(def.is_layer()), calls: 1 },
                None => Costs::default(),
            },
        }
    }

    fn block_costs(&mut self, defined: Defined<'a>, kind: &'a LayerKind, counting: &mut Counting) -> Costs {
        let least = Costs { layers: 1, calls: 1 };
        if counting.depth >= MAX_BLOCKS || !counting.step() {
            return least;
        }
        let definition = defined.definition;
        let names = argument_names(&definition.arguments);
        let bound = bind(&definition.name.text, names.as_slice(), &kind.arguments, 0, &mut Vec::new());
        let given: Vec<(usize, Option<Value>)> = bound
            .unwrap_or_default()
            .into_iter()
            .map(|(index, argument)| (index, self.quiet_constant(&argument.value)))
            .collect();
        let key = (definition.name.span, defined.nest, format!("{given:?}"));
        if let Some(costs) = counting.blocks.get(&key) {
            return *costs;
        }
        let mut fixed = Fixed::new(Path::new(""), &definition.name.text, false, defined.file, None);
        fixed.nest = defined.nest;
        let outer = std::mem::replace(&mut self.scope, Scope::new(Rc::new(fixed), 0));
        for (index, argument) in definition.arguments.iter().enumerate() {
            let given = given.iter().find(|(other, _)| *other == index).map(|(_, value)| value.clone());
            let default = || argument.default.as_ref().and_then(|default| self.quiet_constant(default));
            let value = given.unwrap_or_else(default);
            self.fixed().arguments.insert(argument.name.text.clone(), value);
        }
        self.nest(definition);
        counting.depth += 1;
        let mut parts = Parts::new();
        let layers = self.declared(&definition.body, &mut parts, counting);
        let calls = self.statement_calls(&definition.body, &parts, counting);
        counting.depth -= 1;
        self.scope = outer;
        let costs = least.and(Costs { layers, calls });
        counting.blocks.insert(key, costs);
        costs
    }

    fn statement_calls(&mut self, body: &'a [Statement], parts: &Parts<'a>, counting: &mut Counting) -> u64 {
        let mut sum = 0u64;
        for statement in body {
            if !counting.step() {
                break;
            }
            let calls = match statement {
                Statement::Let(binding) => self.expr_calls(&binding.value, parts, counting),
                Statement::Output(output) => {
                    let calls = output.values.iter().map(|value| self.expr_calls(value, parts, counting));
                    calls.fold(0, u64::saturating_add)
                }
                Statement::Loss(loss) => self.expr_calls(&loss.value, parts, counting),
                Statement::For(item) => self.loop_calls(item, parts, counting),
                Statement::If(item) => {
                    self.branch(item).map_or(0, |branch| self.statement_calls(branch, parts, counting))
                }
                _ => 0,
            };
            sum = sum.saturating_add(calls);
        }
        sum
    }

    fn loop_calls(&mut self, item: &'a ast::For, parts: &Parts<'a>, counting: &mut Counting) -> u64 {
        let (rounds, part) = match &item.over {
            ast::Over::Range(start, end) => {
                let bound = |expr: &Expr| self.quiet_constant(expr).and_then(|value| value.as_int());
                let (Some(from), Some(to)) = (bound(start), bound(end)) else { return 0 };
                (u64::try_from(to.saturating_sub(from)).unwrap_or(0), Part::default())
            }
            ast::Over::Each(list) => match &list.kind {
                ExprKind::Name(name) => match parts.get(name.as_str()) {
                    Some(part) => {
                        let one = Costs { layers: 0, calls: part.element };
                        (part.length, Part { whole: one, length: 1, element: part.element })
                    }
                    None => return 0,
                },
                _ => return 0,
            },
        };
        let mut inner = parts.clone();
        inner.insert(&item.name.text, part);
        self.scope.loops.push((item.name.text.clone(), Item::Unknown, item.name.span));
        let calls = self.statement_calls(&item.body, &inner, counting);
        self.scope.loops.pop();
        calls.saturating_add(1).saturating_mul(rounds)
    }

    fn expr_calls(&mut self, expr: &'a Expr, parts: &Parts<'a>, counting: &mut Counting) -> u64 {
        if !counting.step() {
            return 0;
        }
        match &expr.kind {
            ExprKind::Call(call) => {
                let arguments = call.arguments.iter().map(|argument| self.expr_calls(&argument.value, parts, counting));
                let arguments = arguments.fold(0, u64::saturating_add);
                arguments.saturating_add(callee_calls(&call.callee, parts).unwrap_or(0))
            }
            ExprKind::Pipeline(head, stages) => {
                let head = self.expr_calls(head, parts, counting);
                stages.iter().fold(head, |sum, stage| sum.saturating_add(self.stage_calls(stage, parts, counting)))
            }
            ExprKind::List(items) => {
                items.iter().fold(0, |sum, item| sum.saturating_add(self.expr_calls(item, parts, counting)))
            }
            ExprKind::Field(base, _) | ExprKind::Index(base, _) | ExprKind::Unary(_, base) => {
                self.expr_calls(base, parts, counting)
            }
            ExprKind::Binary(_, pair) => {
                let left = self.expr_calls(&pair.0, parts, counting);
                left.saturating_add(self.expr_calls(&pair.1, parts, counting))
            }
            ExprKind::Conditional(choice) => match self.quiet_constant(&choice.condition) {
                Some(Value::Bool(true)) => self.expr_calls(&choice.then, parts, counting),
                Some(Value::Bool(false)) => self.expr_calls(&choice.otherwise, parts, counting),
                _ => 0,
            },
            _ => 0,
        }
    }

    fn stage_calls(&mut self, stage: &'a Stage, parts: &Parts<'a>, counting: &mut Counting) -> u64 {
        if !counting.step() {
            return 0;
        }
        let once = match &stage.kind {
            StageKind::Call { callee, arguments } => {
                let arguments = arguments.iter().map(|argument| self.expr_calls(&argument.value, parts, counting));
                let arguments = arguments.fold(0, u64::saturating_add);
                arguments.saturating_add(callee_calls(callee, parts).unwrap_or(1))
            }
            StageKind::Group(inner) => {
                inner.iter().fold(0u64, |sum, stage| sum.saturating_add(self.stage_calls(stage, parts, counting)))
            }
        };
        let times = stage.repeat.as_ref().map_or(Some(1), |count| self.times(count));
        once.saturating_mul(times.unwrap_or(0))
    }

    fn times(&self, count: &Expr) -> Option<u64> {
        self.quiet_constant(count)?.as_int().and_then(|count| u64::try_from(count).ok())
    }

    /// Where a statement makes the most calls.
    fn calls_place(&mut self, statement: &'a Statement, parts: &Parts<'a>, counting: &mut Counting) -> Span {
        let expr = match statement {
            Statement::Let(binding) => &binding.value,
            Statement::Output(output) => {
                let most = output.values.iter().max_by_key(|value| self.expr_calls(value, parts, counting));
                match most {
                    Some(expr) => expr,
                    None => return output.span,
                }
            }
            Statement::Loss(loss) => &loss.value,
            Statement::For(item) => return item.name.span,
            Statement::If(item) => return item.condition.span,
            _ => return Span::default(),
        };
        match &expr.kind {
            ExprKind::Pipeline(_, stages) => {
                let most = stages.iter().max_by_key(|stage| self.stage_calls(stage, parts, counting));
                most.map_or(expr.span, |stage| stage.span)
            }
            _ => expr.span,
        }
    }
}

/// Where a statement declares layers.
fn layers_place(statement: &Statement) -> Span {
    match statement {
        Statement::Layer(layer) => layer.count.as_ref().map_or(layer.span, |count| count.span),
        Statement::If(item) => item.condition.span,
        _ => Span::default(),
    }
}

/// `None` for what is no layer of the body.
fn callee_calls(callee: &Expr, parts: &Parts<'_>) -> Option<u64> {
    match &callee.kind {
        ExprKind::Name(name) => parts.get(name.as_str()).map(|part| part.whole.calls),
        ExprKind::Index(base, subscripts) => {
            let ExprKind::Name(name) = &base.kind else { return Some(0) };
            let part = parts.get(name.as_str())?;
            Some(if let [Subscript::At(_)] = subscripts.as_slice() { part.element } else { 0 })
        }
        _ => Some(0),
    }
}
