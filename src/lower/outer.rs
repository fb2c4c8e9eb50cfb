//! What a name means in the body around a block, which the block doesn't see, and how the block gets it all the same. In:
//! the tree of that body and a name. Out: what declares it, and where.

use crate::span::Span;
use crate::syntax::ast::{Definition, DimExpr, Expr, ExprKind, Name, Statement, StorageKind, TypeExpr};

/// What a body declares by a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outer {
    Argument,
    Size,
    Param,
    Buffer,
    Layer,
    Value,
}

impl Outer {
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Argument => "an argument",
            Self::Size => "a size",
            Self::Param => "a param",
            Self::Buffer => "a buffer",
            Self::Layer => "a layer",
            Self::Value => "a value",
        }
    }

    /// How a block gets it.
    pub(super) fn handed(self, name: &str, block: &str) -> String {
        match self {
            Self::Argument => {
                format!(
                    "make it an argument, `block {block}({name})`, and give it where the block is used, `{block}({name})`"
                )
            }
            Self::Size => format!("name it in an input of `{block}`, `[…, {name}]`"),
            Self::Param => format!(
                "declare it in `{block}` too, `param {name}: […]`, and tie the two where the block is used, `{name}=@{name}`"
            ),
            Self::Buffer => format!(
                "declare it in `{block}` too, `buffer {name}: […]`, and tie the two where the block is used, `{name}=@{name}`"
            ),
            Self::Layer => format!(
                "declare it in `{block}` too, `layer {name} = …`, and tie the two where the block is used, `{name}=@{name}`"
            ),
            Self::Value => format!("make it an input, `input {name}: […]`, and give it in the call"),
        }
    }
}

/// What a name means in a body, in whatever branch.
pub(super) fn find(definition: &Definition, name: &str) -> Option<(Outer, Span)> {
    let argument = definition.arguments.iter().find(|argument| argument.name.text == name);
    if let Some(argument) = argument {
        return Some((Outer::Argument, argument.name.span));
    }
    in_body(&definition.body, name)
}

fn in_body(body: &[Statement], name: &str) -> Option<(Outer, Span)> {
    let named = |outer: Outer, declared: &Name| (declared.text == name).then_some((outer, declared.span));
    body.iter().find_map(|statement| match statement {
        Statement::Storage(item) => {
            named(if item.kind == StorageKind::Param { Outer::Param } else { Outer::Buffer }, &item.name)
        }
        Statement::Layer(item) => named(Outer::Layer, &item.name),
        Statement::Input(item) => named(Outer::Value, &item.name).or_else(|| size(&item.ty, name)),
        Statement::Let(item) => item.targets.iter().find_map(|target| named(Outer::Value, target)),
        Statement::If(item) => in_body(&item.then, name).or_else(|| in_body(&item.otherwise, name)),
        Statement::For(item) => in_body(&item.body, name),
        _ => None,
    })
}

/// The size that stands in a shape by itself.
fn size(ty: &TypeExpr, name: &str) -> Option<(Outer, Span)> {
    ty.dims.iter().find_map(|dim| match dim {
        DimExpr::Expr(Expr { kind: ExprKind::Name(found), span }) if found == name => Some((Outer::Size, *span)),
        _ => None,
    })
}
