//! Paths of params, layers and slots, with the views behind them. Whether they lead anywhere, `resolve` says.

use super::body::Body;
use super::errors::LowerError;
use crate::diag::primary;
use crate::ir::{Path, Reference, View, ViewStep};
use crate::syntax::ast::{Expr, ExprKind};

impl Body<'_> {
    /// The slot of a tie: `weight`, or deeper, `attn.q.weight`.
    pub(super) fn slot_path(&mut self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Field(base, name) => Some(format!("{}.{}", self.slot_path(base)?, name.text)),
            ExprKind::Index(..) => self.unsupported("arrays of layers", expr.span),
            _ => {
                self.not_a_path(expr);
                None
            }
        }
    }

    /// What stands behind an `@`.
    pub(super) fn reference(&mut self, expr: &Expr) -> Option<Reference> {
        match &expr.kind {
            ExprKind::Name(name) => {
                if self.scope.broken.contains_key(name) {
                    return None;
                }
                Some(Reference { path: Path::new(name.as_str()), view: View::default() })
            }
            ExprKind::Field(base, name) if name.text == "T" => {
                let mut reference = self.reference(base)?;
                reference.view = reference.view.then(&View(smallvec::smallvec![ViewStep::Transpose]));
                Some(reference)
            }
            ExprKind::Field(base, name) => {
                let reference = self.reference(base)?;
                if !reference.view.is_whole() {
                    self.not_a_path(expr);
                    return None;
                }
                Some(Reference { path: reference.path.join(&name.text), view: reference.view })
            }
            ExprKind::Index(..) => self.unsupported("slices of storage", expr.span),
            ExprKind::Call(_) => self.unsupported("reshaped references", expr.span),
            _ => {
                self.not_a_path(expr);
                None
            }
        }
    }

    fn not_a_path(&mut self, expr: &Expr) {
        self.diagnostics.push(LowerError::ReferenceForm {
            message: "a reference is the path of a param, buffer or slot, with views behind it".to_owned(),
            labels: vec![primary(expr.span, "this is something else")],
            help: Some("for example `@table`, `@layer.weight` or `@table.T`".to_owned()),
        });
    }
}
