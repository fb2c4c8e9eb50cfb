//! Assertions, answered when all else is known. One that hangs on sizes that aren't known becomes a requirement.

use super::Inference;
use super::errors::InferError;
use crate::diag::{label, primary};
use crate::ir::{AssertPlace, Binary, Path, Query, sharing};
use crate::ops::Value;
use crate::shape::Dim;
use crate::span::Span;
use miette::LabeledSpan;

/// What is known of a condition.
pub(super) enum Truth {
    Holds,
    Fails(Failure),
    /// It hangs on sizes that aren't known.
    Open,
    /// What it asks about was reported already.
    Silent,
}

/// Why a condition doesn't hold.
pub(super) struct Failure {
    pub(super) message: String,
    /// What is said of the condition itself.
    pub(super) found: String,
    /// The left side of a comparison, and the right sides of all that have it.
    pub(super) sides: Option<(String, String)>,
    /// Other places that took part.
    pub(super) chain: Vec<LabeledSpan>,
    pub(super) help: Option<String>,
}

impl Truth {
    pub(super) fn fails(message: String, found: String) -> Self {
        Self::Fails(Failure { message, found, sides: None, chain: Vec::new(), help: None })
    }

    /// Neither of two conditions holds.
    fn neither(a: Failure, b: Failure) -> Self {
        let message = "the assertion fails".to_owned();
        match (a.sides, b.sides) {
            (Some((left, first)), Some((other, second))) if left == other => {
                let rights = format!("{first}, {second}");
                let found = format!("the left side is {left}, the right sides {rights}");
                Self::Fails(Failure { message, found, sides: Some((left, rights)), chain: Vec::new(), help: None })
            }
            _ => Self::fails(message, format!("{}, and {}", a.found, b.found)),
        }
    }
}

impl Inference<'_> {
    pub(super) fn asserts(&mut self) {
        let graph = self.graph;
        for (assert, place) in graph.asserts.iter().zip(&self.places.asserts) {
            match self.condition(&assert.condition, place, true) {
                Truth::Holds | Truth::Silent => {}
                Truth::Open => self.diagnostics.push(InferError::AssertionUndecided {
                    message: "this holds for some sizes only".to_owned(),
                    labels: vec![primary(place.condition, "it hangs on arguments without a value")],
                    help: self.unset(),
                }),
                Truth::Fails(failure) => {
                    let mut labels = vec![primary(place.condition, failure.found)];
                    labels.extend(failure.chain);
                    labels.extend(self.context(place.frame, place.condition));
                    let (message, help) = (failure.message, failure.help);
                    self.diagnostics.push(InferError::AssertionFailed { message, labels, help });
                }
            }
            self.take_required(place.condition);
        }
    }

    /// The flags that would decide what hangs on arguments.
    fn unset(&self) -> Option<String> {
        let unset = self
            .graph
            .arguments
            .iter()
            .filter(|(_, value)| matches!(value, Value::Int(dim) if dim.as_const().is_none()));
        let flags: Vec<String> = unset.map(|(name, _)| format!("--set {name}=…")).collect();
        (!flags.is_empty()).then(|| format!("give them values: {}", flags.join(" ")))
    }

    /// Whether a condition holds. `taken`: the assertion needs it, so what hangs on sizes may be taken for granted.
    fn condition(&mut self, query: &Query, place: &AssertPlace, taken: bool) -> Truth {
        match query {
            Query::Shared(paths) => self.shared(paths, place),
            Query::NotShared(paths) => self.not_shared(paths, place),
            Query::Not(inner) => match self.condition(inner, place, false) {
                Truth::Holds => Truth::fails("the assertion fails".to_owned(), "what is denied here holds".to_owned()),
                Truth::Fails(_) => Truth::Holds,
                other => other,
            },
            Query::Binary(Binary::And, pair) => {
                let (left, right) = (self.condition(&pair.0, place, taken), self.condition(&pair.1, place, taken));
                match (left, right) {
                    (Truth::Silent, _) | (_, Truth::Silent) => Truth::Silent,
                    (Truth::Fails(failure), _) | (_, Truth::Fails(failure)) => Truth::Fails(failure),
                    (Truth::Open, _) | (_, Truth::Open) => Truth::Open,
                    (Truth::Holds, Truth::Holds) => Truth::Holds,
                }
            }
            Query::Binary(Binary::Or, pair) => {
                let (left, right) = (self.condition(&pair.0, place, false), self.condition(&pair.1, place, false));
                match (left, right) {
                    (Truth::Holds, _) | (_, Truth::Holds) => Truth::Holds,
                    (Truth::Silent, _) | (_, Truth::Silent) => Truth::Silent,
                    (Truth::Open, _) | (_, Truth::Open) => Truth::Open,
                    (Truth::Fails(a), Truth::Fails(b)) => Truth::neither(a, b),
                }
            }
            Query::Binary(operator, pair) => {
                let (Some(left), Some(right)) = (self.answer(&pair.0), self.answer(&pair.1)) else {
                    return Truth::Silent;
                };
                self.compare(*operator, &left, &right, taken)
            }
            Query::Value(Value::Bool(true)) => Truth::Holds,
            Query::Value(Value::Bool(false)) => {
                Truth::fails("the assertion fails".to_owned(), "this is false".to_owned())
            }
            _ => Truth::Silent,
        }
    }

    fn compare(&mut self, operator: Binary, left: &Value, right: &Value, taken: bool) -> Truth {
        let holds = match (left, right) {
            (Value::Int(a), Value::Int(b)) => self.compare_sizes(operator, a, b, taken),
            (Value::List(a), Value::List(b)) => self.compare_lists(operator, a, b, taken),
            _ => match (number(left), number(right)) {
                (Some(a), Some(b)) => Some(compare_numbers(operator, a, b)),
                _ => Some((left == right) == (operator == Binary::Equal)),
            },
        };
        let (left, right) = (self.known(left), self.known(right));
        match holds {
            Some(true) => Truth::Holds,
            Some(false) => Truth::Fails(Failure {
                message: format!("the assertion fails: {left} {} {right}", operator.symbol()),
                found: format!("the left side is {left}, the right side {right}"),
                sides: Some((left.to_string(), right.to_string())),
                chain: Vec::new(),
                help: None,
            }),
            None => Truth::Open,
        }
    }

    fn compare_sizes(&mut self, operator: Binary, a: &Dim, b: &Dim, taken: bool) -> Option<bool> {
        let next = |dim: &Dim| dim.add(&Dim::ONE);
        match operator {
            Binary::Equal if taken => Some(self.facts.equal(a, b)),
            Binary::Equal => self.decided(a, b),
            Binary::NotEqual => self.decided(a, b).map(|equal| !equal),
            Binary::LessEqual => self.at_most(a, b, taken),
            Binary::GreaterEqual => self.at_most(b, a, taken),
            Binary::Less => self.at_most(&next(a), b, taken),
            Binary::Greater => self.at_most(&next(b), a, taken),
            _ => None,
        }
    }

    fn compare_lists(&mut self, operator: Binary, a: &[Value], b: &[Value], taken: bool) -> Option<bool> {
        let taken = taken && operator == Binary::Equal;
        let mut equal = Some(a.len() == b.len());
        if equal == Some(true) {
            for (a, b) in a.iter().zip(b) {
                match self.compare(Binary::Equal, a, b, taken) {
                    Truth::Holds => {}
                    Truth::Fails(_) => equal = Some(false),
                    Truth::Open | Truth::Silent => equal = equal.filter(|equal| !equal),
                }
            }
        }
        equal.map(|equal| equal == (operator == Binary::Equal))
    }

    fn decided(&self, a: &Dim, b: &Dim) -> Option<bool> {
        if self.facts.is_equal(a, b) {
            return Some(true);
        }
        self.facts.is_unequal(a, b).then_some(false)
    }

    fn at_most(&mut self, a: &Dim, b: &Dim, taken: bool) -> Option<bool> {
        if taken { Some(self.facts.at_most(a, b)) } else { self.facts.is_at_most(a, b) }
    }

    /// A value with everything put in that is known of the sizes.
    fn known(&self, value: &Value) -> Value {
        match value {
            Value::Int(dim) => Value::Int(self.facts.reduce(dim)),
            Value::List(items) => Value::List(items.iter().map(|item| self.known(item)).collect()),
            other => other.clone(),
        }
    }

    /// The value of a part of a condition; `None` if what it asks about was reported.
    fn answer(&mut self, query: &Query) -> Option<Value> {
        let shape = |dims: &[Dim]| Value::List(dims.iter().cloned().map(Value::Int).collect());
        match query {
            Query::Value(value) => Some(value.clone()),
            Query::List(items) => items.iter().map(|item| self.answer(item)).collect::<Option<_>>().map(Value::List),
            Query::Params(None) => Some(Value::Int(sharing::counts(self.graph).unique)),
            Query::Params(Some(path)) => self.target(path).map(|at| Value::Int(sharing::parameters(self.graph, at))),
            Query::ParamsTrainable(None) => Some(Value::Int(sharing::counts(self.graph).trainable)),
            Query::ParamsTrainable(Some(path)) => {
                self.target(path).map(|at| Value::Int(sharing::trainable_parameters(self.graph, at)))
            }
            Query::Uses(path) => {
                let uses = sharing::uses(self.graph, self.target(path)?);
                Some(Value::Int(Dim::from(i64::try_from(uses).unwrap_or(i64::MAX))))
            }
            Query::Shape(value) => self.types[*value].as_ref().map(|ty| shape(&ty.shape)),
            Query::ShapeOf(path) => self.shape_of(path).map(|dims| shape(&dims)),
            Query::Negate(inner) => match self.answer(inner)? {
                Value::Int(dim) => Some(Value::Int(dim.neg())),
                Value::Float(value) => Some(Value::Float(-value)),
                _ => None,
            },
            Query::Binary(operator, pair) => {
                let (left, right) = (self.answer(&pair.0)?, self.answer(&pair.1)?);
                arithmetic(*operator, &left, &right)
            }
            Query::Shared(_) | Query::NotShared(_) | Query::Not(_) | Query::Unknown => None,
        }
    }

    /// What a path of an assertion names, with a label for each step from it to its storage.
    pub(super) fn links(&self, path: &Path, place: Span) -> Vec<LabeledSpan> {
        let mut labels = Vec::new();
        let mut at = path.clone();
        let mut from = place;
        while let Some(crate::ir::Target::Slot(slot)) = self.graph.find(at.as_str()) {
            let slot = &self.graph.slots[slot];
            let Some(tie) = &slot.tie else {
                from = self.places.owner(slot);
                break;
            };
            let span = self.places.tie(slot).map_or(from, |tie| tie.whole);
            labels.push(label(span, format!("`{at}` is `@{}{}`", tie.target.path, tie.target.view)));
            at = tie.target.path.clone();
        }
        if let Some(crate::ir::Target::Storage(storage)) = self.graph.find(at.as_str()) {
            from = super::ties::owner_place(self.places, self.graph, &self.graph.storages[storage]);
        }
        labels.push(label(from, format!("`{at}` has its own storage")));
        labels
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(dim) => dim.as_const().map(|value| value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

fn compare_numbers(operator: Binary, a: f64, b: f64) -> bool {
    match operator {
        Binary::Equal => a == b,
        Binary::NotEqual => a != b,
        Binary::Less => a < b,
        Binary::LessEqual => a <= b,
        Binary::Greater => a > b,
        _ => a >= b,
    }
}

fn arithmetic(operator: Binary, left: &Value, right: &Value) -> Option<Value> {
    let (Value::Int(a), Value::Int(b)) = (left, right) else {
        let (a, b) = (number(left)?, number(right)?);
        return Some(Value::Float(match operator {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::FloorDivide => (a / b).floor(),
            Binary::Modulo => a - b * (a / b).floor(),
            Binary::Power => a.powf(b),
            _ => return None,
        }));
    };
    Some(Value::Int(match operator {
        Binary::Add => a.add(b),
        Binary::Subtract => a.sub(b),
        Binary::Multiply => a.mul(b),
        Binary::FloorDivide => a.floor_div(b),
        Binary::Modulo => a.modulo(b),
        Binary::Power => a.pow(u32::try_from(b.as_const()?).ok()?),
        _ => return None,
    }))
}
