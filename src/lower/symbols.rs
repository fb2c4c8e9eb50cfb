//! The symbols of a model: the names in its inputs' shapes that are neither arguments nor consts. Each must be told by
//! the data.

use super::body::Lowering;
use super::errors::LowerError;
use crate::diag::primary;
use crate::shape::{Dim, Symbol, SymbolKind};
use crate::syntax::ast::{self, DimExpr, ExprKind, Subscript};
use std::collections::HashSet;

impl Lowering<'_> {
    /// Introduces the symbols of the inputs: sizes of data in a model, of whatever it is called with in a block.
    pub(super) fn symbols(&mut self, inputs: &[&ast::Input]) {
        let kind = if self.scope.fixed.is_model { SymbolKind::Input } else { SymbolKind::Local };
        for input in inputs {
            for dim in &input.ty.dims {
                if let DimExpr::Expr(expr) = dim {
                    self.symbols_of(expr, kind);
                }
            }
        }
    }

    fn symbols_of(&mut self, expr: &ast::Expr, kind: SymbolKind) {
        match &expr.kind {
            ExprKind::Name(name) => {
                let known = self.known_constant(name).is_some() || self.scope.is_broken(name);
                if !known && !self.scope.fixed.declared.contains_key(name) {
                    let symbol = self.symbol(name, kind, expr.span);
                    self.scope.symbols.insert(name.clone(), symbol);
                }
            }
            ExprKind::Unary(_, operand) => self.symbols_of(operand, kind),
            ExprKind::Binary(_, pair) => {
                self.symbols_of(&pair.0, kind);
                self.symbols_of(&pair.1, kind);
            }
            ExprKind::Call(call) => call.arguments.iter().for_each(|argument| self.symbols_of(&argument.value, kind)),
            ExprKind::Index(_, subscripts) => {
                for subscript in subscripts {
                    if let Subscript::At(index) = subscript {
                        self.symbols_of(index, kind);
                    }
                }
            }
            _ => {}
        }
    }

    /// Reports the symbols that no input tells: each must stand alone, or in a sum with others that are told.
    pub(super) fn check_symbols(&mut self, dims: &[Dim]) {
        if self.scope.symbols.is_empty() {
            return;
        }
        let mut told: HashSet<Symbol> = HashSet::new();
        loop {
            let before = told.len();
            for dim in dims {
                let given = |symbol: &Symbol| symbol.kind == SymbolKind::Argument || told.contains(symbol);
                let mut open: Vec<Symbol> = dim.symbols().into_iter().filter(|symbol| !given(symbol)).collect();
                open.dedup();
                if let [symbol] = open.as_slice()
                    && dim.is_linear_in(symbol)
                {
                    told.insert(symbol.clone());
                }
            }
            if told.len() == before {
                break;
            }
        }
        let mut untold: Vec<Symbol> =
            self.scope.symbols.values().filter(|symbol| !told.contains(*symbol)).cloned().collect();
        untold.sort_unstable();
        for symbol in untold {
            let place = self.places.symbols.get(symbol.id as usize).copied().unwrap_or_default();
            let what = if self.scope.fixed.is_model { "model" } else { "block" };
            self.report(LowerError::Unsolvable {
                name: symbol.name.to_string(),
                labels: vec![primary(place, "it stands in no dimension from which it could be computed")],
                help: Some(format!(
                    "make it an argument of the {what}, or let an input have the dimension `{symbol:?}`"
                )),
            });
        }
    }
}
