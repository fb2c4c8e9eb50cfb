//! Views behind a reference: the bounds of slices, and new shapes.

use super::body::Lowering;
use super::errors::LowerError;
use crate::diag::primary;
use crate::ir::Reference;
use crate::ops::Value;
use crate::shape::{Dim, Shape};
use crate::span::Span;
use crate::syntax::ast::{Argument, Expr, ExprKind, Subscript};

/// The view that gives the elements another shape.
pub(super) const RESHAPE: &str = "reshape";

impl Lowering<'_> {
    /// The ranges of a slice, one for each axis up to the last that is written.
    pub(super) fn ranges(
        &mut self,
        reference: &Reference,
        subscripts: &[Subscript],
        span: Span,
    ) -> Option<Vec<Option<(Dim, Dim)>>> {
        let shape = self.shape_of(reference)?;
        if subscripts.len() > shape.rank() {
            let message =
                format!("`{}{}` is {shape}, and {} axes are sliced", reference.path, reference.view, subscripts.len());
            let labels = vec![primary(span, format!("it has {} axes", shape.rank()))];
            self.report(LowerError::ReferenceForm { message, labels, help: None });
            return None;
        }
        let mut ranges = Vec::new();
        for (subscript, size) in subscripts.iter().zip(shape.iter()) {
            match subscript {
                Subscript::Range(None, None) => ranges.push(None),
                Subscript::Range(start, end) => {
                    let from = match start {
                        None => Dim::ZERO,
                        Some(expr) => self.bound(expr, size)?,
                    };
                    let to = match end {
                        None => size.clone(),
                        Some(expr) => self.bound(expr, size)?,
                    };
                    ranges.push(Some((from, to)));
                }
                _ => {
                    self.report(LowerError::ReferenceForm {
                        message: "a slot is tied to a slice, which is a range on each axis".to_owned(),
                        labels: vec![primary(span, "this isn't one")],
                        help: Some("for example `@p[0:n]` or `@p[:, k:m]`; one row is `@p[i:i+1]`".to_owned()),
                    });
                    return None;
                }
            }
        }
        Some(ranges)
    }

    /// An end of a range; a negative number counts from the end.
    fn bound(&mut self, expr: &Expr, size: &Dim) -> Option<Dim> {
        let dim = match self.constant(expr)? {
            Value::Int(dim) => dim,
            other => {
                self.report(LowerError::Constant {
                    message: format!("an end of a slice is an integer, and this is {other}"),
                    labels: vec![primary(expr.span, "here")],
                    help: None,
                });
                return None;
            }
        };
        self.refuse_input_symbols(&dim, "view", expr.span)?;
        Some(if dim.as_const().is_some_and(|at| at < 0) { size.add(&dim) } else { dim })
    }

    pub(super) fn new_shape(&mut self, reference: &Reference, arguments: &[Argument], span: Span) -> Option<Shape> {
        let exprs: Vec<&Expr> = match arguments {
            [Argument { name: None, value: Expr { kind: ExprKind::List(items), .. }, .. }] => items.iter().collect(),
            arguments => arguments.iter().map(|argument| &argument.value).collect(),
        };
        let mut dims = Vec::new();
        let mut unknown = None;
        for expr in exprs {
            let value = self.constant(expr)?;
            let Value::Int(dim) = value else {
                self.report(LowerError::Dimension {
                    message: format!("a dimension is an integer, and this is {}", value.describe()),
                    labels: vec![primary(expr.span, format!("its value is {value}"))],
                    help: None,
                });
                return None;
            };
            self.refuse_input_symbols(&dim, "view", expr.span)?;
            if dim.as_const() == Some(-1) && unknown.is_none() {
                unknown = Some(dims.len());
                dims.push(Dim::ONE);
            } else {
                dims.push(dim);
            }
        }
        let mut shape: Shape = dims.into_iter().collect();
        if let Some(dim) = unknown.and_then(|at| shape.get(at).map(|_| at)) {
            let total = self.shape_of(reference)?.numel();
            let known = shape.numel();
            let Some(rest) = total.exact_div(&known) else {
                self.report(LowerError::ReferenceForm {
                    message: format!("{total} elements don't come in rows of {known}"),
                    labels: vec![primary(span, "-1 stands for what the others leave")],
                    help: None,
                });
                return None;
            };
            if let Some(entry) = shape.get_mut(dim) {
                *entry = rest;
            }
        }
        Some(shape)
    }

    /// The shape of what a reference sees, as far as it is declared. `None` if a view doesn't fit, which `infer` says.
    pub(super) fn shape_of(&self, reference: &Reference) -> Option<Shape> {
        let declared = match self.storage_index.get(&reference.path) {
            Some(index) => self.model.storages.get(*index)?.ty.shape.clone(),
            None => {
                let path = reference.path.as_str();
                path.match_indices('.').find_map(|(dot, _)| {
                    let layer = self.model.layers.get(*self.layer_index.get(path.get(..dot)?)?)?;
                    let name = path.get(dot + 1..)?;
                    Some(layer.operator.op.slots().into_iter().find(|slot| slot.name == name)?.shape)
                })?
            }
        };
        reference.view.shape(&declared)
    }
}
