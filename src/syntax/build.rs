//! pest's pairs to items and statements. Spans of whole pieces come from the tokens: those of pairs may take in the
//! blanks behind them.

use super::ast::{
    ArgumentDeclaration, ArgumentType, Assert, Binding, Const, Count, DimExpr, Import, Imports, Input, Layer,
    LayerBody, LayerKind, Loss, Name, Output, Over, Statement, StorageDeclaration, StorageKind, Tie, TypeExpr, Use,
};
use super::expr::{Builder, unescaped};
use super::grammar::Rule;
use crate::span::Span;
use pest::iterators::Pair;

impl Builder {
    pub(super) fn use_item(&self, pair: Pair<Rule>, span: Span) -> Option<Use> {
        let mut inner = pair.into_inner().filter(|pair| !matches!(pair.as_rule(), Rule::kw_use | Rule::kw_as));
        let path = inner.next()?;
        let path = Name { text: unescaped(path.as_str()), span: self.span(&path) };
        let target = inner.next()?;
        let imports = match target.as_rule() {
            Rule::imports => Imports::Names(target.into_inner().map(|pair| self.import(pair)).collect::<Option<_>>()?),
            _ => Imports::Module(self.name(&target)),
        };
        Some(Use { path, imports, span })
    }

    fn import(&self, pair: Pair<Rule>) -> Option<Import> {
        let mut names = pair.into_inner().filter(|pair| pair.as_rule() == Rule::name);
        Some(Import { name: self.name(&names.next()?), alias: names.next().map(|pair| self.name(&pair)) })
    }

    pub(super) fn const_item(&self, pair: Pair<Rule>, span: Span) -> Option<Const> {
        let binding = self.binding(pair, span)?;
        Some(Const { name: binding.targets.into_iter().next()?, value: binding.value, span })
    }

    /// The name and arguments of a block or model.
    pub(super) fn head(&self, pair: Pair<Rule>) -> Option<(Name, Vec<ArgumentDeclaration>)> {
        let mut inner = pair.into_inner().filter(|pair| matches!(pair.as_rule(), Rule::name | Rule::parameters));
        let name = self.name(&inner.next()?);
        let parameters = inner.next().map_or(Some(Vec::new()), |pair| {
            pair.into_inner().map(|pair| self.parameter(pair)).collect::<Option<_>>()
        })?;
        Some((name, parameters))
    }

    fn parameter(&self, pair: Pair<Rule>) -> Option<ArgumentDeclaration> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let mut declaration = ArgumentDeclaration { span: name.span, name, ty: None, default: None };
        for pair in inner {
            match pair.as_rule() {
                Rule::parameter_type => {
                    let inner = pair.into_inner().next()?;
                    let span = self.span(&inner);
                    let list = inner.as_rule() == Rule::list_type;
                    let name = if list { inner.into_inner().next()? } else { inner };
                    declaration.span = declaration.span.to(span);
                    declaration.ty = Some(ArgumentType { name: self.name(&name), list, span });
                }
                Rule::expression => {
                    let default = self.expression(pair)?;
                    declaration.span = declaration.span.to(default.span);
                    declaration.default = Some(default);
                }
                _ => {}
            }
        }
        Some(declaration)
    }

    #[allow(
        clippy::unnecessary_wraps,
        clippy::option_option,
        reason = "the outer one is that of all readers of pieces"
    )]
    pub(super) fn train_head(&self, pair: Pair<Rule>) -> Option<Option<Name>> {
        Some(pair.into_inner().find(|pair| pair.as_rule() == Rule::name).map(|pair| self.name(&pair)))
    }

    /// Of a `binding`, a `setting` or a `const_item`.
    pub(super) fn binding(&self, pair: Pair<Rule>, span: Span) -> Option<Binding> {
        let mut targets = Vec::new();
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::name => targets.push(self.name(&pair)),
                Rule::expression => return Some(Binding { targets, value: self.expression(pair)?, span }),
                _ => {}
            }
        }
        None
    }

    pub(super) fn for_head(&self, pair: Pair<Rule>) -> Option<(Name, Over)> {
        let mut inner = pair.into_inner().filter(|pair| matches!(pair.as_rule(), Rule::name | Rule::expression));
        let name = self.name(&inner.next()?);
        let first = self.expression(inner.next()?)?;
        let over = match inner.next() {
            Some(last) => Over::Range(first, self.expression(last)?),
            None => Over::Each(first),
        };
        Some((name, over))
    }

    pub(super) fn plain(&self, pair: Pair<Rule>, span: Span) -> Option<Statement> {
        Some(match pair.as_rule() {
            Rule::binding => Statement::Let(self.binding(pair, span)?),
            Rule::layer => Statement::Layer(self.layer(pair, span)?),
            Rule::input => {
                let mut inner = pair.into_inner().filter(|pair| matches!(pair.as_rule(), Rule::name | Rule::type_expr));
                let name = self.name(&inner.next()?);
                Statement::Input(Input { name, ty: self.type_expr(inner.next()?)?, span })
            }
            Rule::storage => Statement::Storage(self.storage(pair, span)?),
            Rule::output => Statement::Output(self.output(pair, span)?),
            Rule::loss => Statement::Loss(Loss { value: self.expression(pair.into_inner().nth(1)?)?, span }),
            Rule::assertion => {
                Statement::Assert(Assert { condition: self.expression(pair.into_inner().nth(1)?)?, span })
            }
            _ => return None,
        })
    }

    fn storage(&self, pair: Pair<Rule>, span: Span) -> Option<StorageDeclaration> {
        let mut kind = StorageKind::Param;
        let mut frozen = false;
        let (mut name, mut ty, mut init) = (None, None, None);
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::kw_frozen => frozen = true,
                Rule::kw_buffer => kind = StorageKind::Buffer,
                Rule::name => name = Some(self.name(&pair)),
                Rule::type_expr => ty = Some(self.type_expr(pair)?),
                Rule::expression => init = Some(self.expression(pair)?),
                _ => {}
            }
        }
        Some(StorageDeclaration { kind, frozen, name: name?, ty: ty?, init, span })
    }

    fn type_expr(&self, pair: Pair<Rule>) -> Option<TypeExpr> {
        let span = self.span(&pair);
        let mut ty = TypeExpr { element: None, leading: None, dims: Vec::new(), span };
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::element => ty.element = Some(self.name(&pair)),
                Rule::ellipsis => ty.leading = Some(self.span(&pair)),
                Rule::anonymous => ty.dims.push(DimExpr::Anonymous(self.span(&pair))),
                _ => ty.dims.push(DimExpr::Expr(self.expression(pair)?)),
            }
        }
        Some(ty)
    }

    fn output(&self, pair: Pair<Rule>, span: Span) -> Option<Output> {
        let mut output = Output { name: None, values: Vec::new(), span };
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::name => output.name = Some(self.name(&pair)),
                Rule::expression => output.values.push(self.expression(pair)?),
                _ => {}
            }
        }
        Some(output)
    }

    fn layer(&self, pair: Pair<Rule>, span: Span) -> Option<Layer> {
        let mut frozen = false;
        let (mut name, mut count, mut alias) = (None, None, None);
        let mut chain = Vec::new();
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::kw_frozen => frozen = true,
                Rule::name => name = Some(self.name(&pair)),
                Rule::count => count = Some(self.count(pair)?),
                Rule::reference => alias = Some(self.reference(pair)?),
                Rule::kind => chain.push(self.kind(pair)?),
                _ => {}
            }
        }
        let body = alias.map_or(LayerBody::Chain(chain), LayerBody::Alias);
        Some(Layer { frozen, name: name?, count, body, span })
    }

    fn count(&self, pair: Pair<Rule>) -> Option<Count> {
        let span = self.span(&pair);
        let mut index = None;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::name => index = Some(self.name(&pair)),
                Rule::expression => return Some(Count { index, count: self.expression(pair)?, span }),
                _ => {}
            }
        }
        None
    }

    fn kind(&self, pair: Pair<Rule>) -> Option<LayerKind> {
        let mut inner = pair.into_inner();
        let first = self.name(&inner.next()?);
        let mut kind = LayerKind { span: first.span, path: vec![first], arguments: Vec::new(), ties: Vec::new() };
        for pair in inner {
            match pair.as_rule() {
                Rule::field => {
                    kind.span = kind.span.to(self.span(&pair));
                    kind.path.push(self.name(&pair.into_inner().next()?));
                }
                Rule::call => {
                    kind.span = kind.span.to(self.span(&pair));
                    kind.arguments = self.arguments(pair)?;
                }
                _ => kind.ties.push(self.tie(pair)?),
            }
        }
        Some(kind)
    }

    fn tie(&self, pair: Pair<Rule>) -> Option<Tie> {
        let mut inner = pair.into_inner().filter(|pair| pair.as_rule() != Rule::equals);
        let slot = self.path(inner.next()?)?;
        let target = self.reference(inner.next()?)?;
        Some(Tie { span: slot.span.to(target.span), slot, target })
    }
}
