//! The symbols of a model: the names in its inputs' shapes that are neither arguments nor consts. Each must be told by
//! the data.

use super::body::Body;
use super::errors::LowerError;
use crate::diag::primary;
use crate::shape::{Dim, Symbol, SymbolKind};
use crate::syntax::ast::{self, DimExpr, ExprKind, Subscript};
use std::collections::HashSet;

impl Body<'_> {
    /// Introduces the symbols of the inputs.
    pub(super) fn symbols(&mut self, body: &[ast::Statement]) {
        for statement in body {
            let ast::Statement::Input(input) = statement else { continue };
            for dim in &input.ty.dims {
                if let DimExpr::Expr(expr) = dim {
                    self.symbols_of(expr);
                }
            }
        }
    }

    fn symbols_of(&mut self, expr: &ast::Expr) {
        match &expr.kind {
            ExprKind::Name(name) => {
                let known = self.known_constant(name).is_some() || self.scope.broken.contains_key(name);
                if !known && !self.scope.declared.contains_key(name) {
                    let symbol = self.symbol(name, SymbolKind::Input, expr.span);
                    self.scope.symbols.insert(name.clone(), symbol);
                }
            }
            ExprKind::Unary(_, operand) => self.symbols_of(operand),
            ExprKind::Binary(_, pair) => {
                self.symbols_of(&pair.0);
                self.symbols_of(&pair.1);
            }
            ExprKind::Call(call) => call.arguments.iter().for_each(|argument| self.symbols_of(&argument.value)),
            ExprKind::Index(_, subscripts) => {
                for subscript in subscripts {
                    if let Subscript::At(index) = subscript {
                        self.symbols_of(index);
                    }
                }
            }
            _ => {}
        }
    }

    /// Reports the symbols that no input tells: each must stand alone, or in a sum with others that are told.
    pub(super) fn check_symbols(&mut self) {
        let dims: Vec<&Dim> = self.model.inputs.iter().flat_map(|input| input.ty.shape.iter()).collect();
        let mut told: HashSet<Symbol> = HashSet::new();
        loop {
            let before = told.len();
            for dim in &dims {
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
        let symbols = self.model.symbols.iter().zip(&self.places.symbols);
        for (symbol, place) in symbols {
            if symbol.kind == SymbolKind::Input && !told.contains(symbol) {
                self.diagnostics.push(LowerError::Unsolvable {
                    name: symbol.name.to_string(),
                    labels: vec![primary(*place, "it stands in no dimension from which it could be computed")],
                    help: Some(format!(
                        "make it an argument of the model, or let an input have the dimension `{symbol:?}`"
                    )),
                });
            }
        }
    }
}
