//! The `train` blocks of a file: each field with its value, computed, or with the name and the arguments of an optimizer or
//! a schedule. What the fields mean isn't known here.

use super::constant::{FUNCTIONS, file_constant};
use super::files::{FileScope, Files};
use crate::diag::Diagnostics;
use crate::ops::Value;
use crate::program::Program;
use crate::span::Span;
use crate::syntax::ast::{self, Argument, Expr, ExprKind, Name};

/// One `train` block.
#[derive(Clone, Debug)]
pub struct Training {
    /// The model that it is for; `None` for all.
    pub model: Option<Name>,
    pub fields: Vec<Field>,
    pub span: Span,
}

/// `name = value`
#[derive(Clone, Debug)]
pub struct Field {
    pub name: Name,
    pub value: FieldValue,
    /// That of the value.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum FieldValue {
    Value(Value),
    /// `AdamW(lr=3e-4)`, or `AdamW` alone.
    Method {
        name: Name,
        arguments: Vec<(Option<Name>, Value, Span)>,
    },
}

/// The `train` blocks of the first file. Fields whose values can't be computed are reported and left out.
pub fn training(program: &Program, diagnostics: &mut Diagnostics) -> Vec<Training> {
    let Some(tree) = program.files.first().map(|file| &file.tree) else { return Vec::new() };
    if !tree.items.iter().any(|item| matches!(item, ast::Item::Train(_))) {
        return Vec::new();
    }
    // What is wrong with the files is reported where models are read.
    let files = Files::new(program, &mut Diagnostics::new());
    let Some(scope) = files.file(0) else { return Vec::new() };
    let blocks =
        tree.items.iter().filter_map(|item| if let ast::Item::Train(train) = item { Some(train) } else { None });
    blocks
        .map(|train| Training {
            model: train.name.clone(),
            fields: train.fields.iter().filter_map(|field| read(field, scope, &files, diagnostics)).collect(),
            span: train.span,
        })
        .collect()
}

fn read(field: &ast::Binding, scope: &FileScope, files: &Files, diagnostics: &mut Diagnostics) -> Option<Field> {
    let [name] = field.targets.as_slice() else { return None };
    let mut copied = 0;
    let mut compute = |expr: &Expr| file_constant(scope, files, expr, &mut copied, diagnostics);
    let value = match method(&field.value, scope) {
        None => FieldValue::Value(compute(&field.value)?),
        Some((name, arguments)) => {
            // Every argument is looked at, so that all mistakes are found in one run.
            let computed: Vec<_> = arguments
                .iter()
                .map(|argument| Some((argument.name.clone(), compute(&argument.value)?, argument.span)))
                .collect();
            FieldValue::Method { name, arguments: computed.into_iter().collect::<Option<_>>()? }
        }
    };
    Some(Field { name: name.clone(), value, span: field.value.span })
}

/// The name and the arguments of what isn't a value.
fn method<'e>(expr: &'e Expr, scope: &FileScope) -> Option<(Name, &'e [Argument])> {
    let (callee, arguments) = match &expr.kind {
        ExprKind::Call(call) => (&call.callee, call.arguments.as_slice()),
        ExprKind::Name(name) if !scope.consts.contains_key(name) => (expr, &[][..]),
        _ => return None,
    };
    let ExprKind::Name(name) = &callee.kind else { return None };
    (!FUNCTIONS.contains(&name.as_str())).then(|| (Name { text: name.clone(), span: callee.span }, arguments))
}
