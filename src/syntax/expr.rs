//! pest's pairs to expressions. Operators come as a flat list and get their places by precedence.

use super::ast::{
    Argument, Binary, Call, Conditional, Expr, ExprKind, Name, Reference, Stage, StageKind, Subscript, Unary,
};
use super::errors::{SyntaxError, quoted};
use super::grammar::Rule;
use crate::diag::{label, primary};
use crate::span::Span;
use pest::iterators::{Pair, Pairs};
use pest::pratt_parser::{Assoc, Op, PrattParser};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::sync::LazyLock;

/// Low to high. A minus sign gives way to the power on its right, as in mathematics.
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    let infix = |rule| Op::infix(rule, Assoc::Left);
    PrattParser::new()
        .op(infix(Rule::kw_or))
        .op(infix(Rule::kw_and))
        .op(Op::prefix(Rule::not))
        .op(infix(Rule::equal)
            | infix(Rule::not_equal)
            | infix(Rule::less)
            | infix(Rule::less_equal)
            | infix(Rule::greater)
            | infix(Rule::greater_equal))
        .op(infix(Rule::add) | infix(Rule::subtract))
        .op(infix(Rule::multiply) | infix(Rule::divide) | infix(Rule::floor_divide) | infix(Rule::modulo))
        .op(Op::prefix(Rule::minus))
        .op(Op::infix(Rule::power, Assoc::Right))
        .op(Op::postfix(Rule::call) | Op::postfix(Rule::index) | Op::postfix(Rule::field))
});

/// Turns pairs into tree. Every method gives `None` only for pairs that the grammar doesn't make.
pub(super) struct Builder {
    /// Where the piece's text begins, in the offsets of all sources.
    pub(super) base: u32,
    pub(super) errors: RefCell<Vec<SyntaxError>>,
}

/// The comparisons since the last `and`, `or` or `not`, and where in the piece what is compared stands.
#[derive(Default)]
struct Chain<'i> {
    signs: SmallVec<[Pair<'i, Rule>; 1]>,
    operands: SmallVec<[(usize, usize); 2]>,
}

impl Chain<'_> {
    /// Takes a part of an operand: a sign, a value, or what stands behind one.
    fn operand(&mut self, pair: &Pair<Rule>) {
        let span = pair.as_span();
        if self.operands.len() == self.signs.len() {
            self.operands.push((span.start(), span.end()));
        } else if let Some(last) = self.operands.last_mut() {
            last.1 = span.end();
        }
    }
}

impl Builder {
    pub(super) fn new(base: u32) -> Self {
        Self { base, errors: RefCell::default() }
    }

    pub(super) fn span(&self, pair: &Pair<Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.base + span.start() as u32, self.base + span.end() as u32)
    }

    pub(super) fn name(&self, pair: &Pair<Rule>) -> Name {
        Name { text: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// Of an `expression` or `operation`.
    pub(super) fn expression(&self, pair: Pair<Rule>) -> Option<Expr> {
        let mut inner = pair.into_inner();
        let first = self.operators(&mut inner)?;
        match inner.peek() {
            Some(next) if next.as_rule() == Rule::arrow => self.pipeline(first, inner),
            Some(_) => self.conditional(first, inner),
            None => Some(first),
        }
    }

    /// The operands and operators that `pairs` begins with.
    fn operators(&self, pairs: &mut Pairs<Rule>) -> Option<Expr> {
        let mut chain = Chain::default();
        let flat = std::iter::from_fn(|| {
            let next = pairs.peek().filter(|pair| !matches!(pair.as_rule(), Rule::arrow | Rule::choice));
            let Some(pair) = next else {
                self.end_chain(&mut chain);
                return None;
            };
            pairs.next();
            match pair.as_rule() {
                Rule::kw_or | Rule::kw_and | Rule::not => self.end_chain(&mut chain),
                rule if is_comparison(rule) => chain.signs.push(pair.clone()),
                _ => chain.operand(&pair),
            }
            Some(pair)
        });
        PRECEDENCE
            .map_primary(|pair| self.primary(pair))
            .map_prefix(|pair, operand: Option<Expr>| {
                let operand = operand?;
                let span = self.span(&pair).to(operand.span);
                let operator = if pair.as_rule() == Rule::not { Unary::Not } else { Unary::Negate };
                Some(Expr { kind: ExprKind::Unary(operator, Box::new(operand)), span })
            })
            .map_postfix(|operand, pair| self.suffix(operand?, pair))
            .map_infix(|left, pair, right| {
                let (left, right) = (left?, right?);
                let span = left.span.to(right.span);
                Some(Expr { kind: ExprKind::Binary(binary(pair.as_rule())?, Box::new((left, right))), span })
            })
            .parse(flat)
    }

    /// Reports the comparisons that end here if they are a chain.
    fn end_chain(&self, chain: &mut Chain) {
        let Chain { signs, operands } = std::mem::take(chain);
        let [first, second, ..] = signs.as_slice() else { return };
        let pairs: Vec<String> = signs
            .iter()
            .zip(operands.windows(2))
            .filter_map(|(sign, sides)| {
                let [left, right] = sides else { return None };
                let text = |side: &(usize, usize)| quoted(sign.get_input().get(side.0..side.1).unwrap_or(""));
                Some(format!("{} {} {}", text(left), sign.as_str(), text(right)))
            })
            .collect();
        self.errors.borrow_mut().push(SyntaxError::ChainedComparison {
            labels: vec![primary(self.span(second), "a second comparison"), label(self.span(first), "the first one")],
            help: Some(format!("write `{}`", pairs.join(" and "))),
        });
    }

    /// `a if c else b if d else e` is `a if c else (b if d else e)`.
    fn conditional(&self, first: Expr, choices: Pairs<Rule>) -> Option<Expr> {
        let mut earlier: Vec<(Expr, Expr)> = Vec::new();
        let mut last = first;
        for choice in choices {
            let mut parts = choice.into_inner().filter(|pair| pair.as_rule() == Rule::operation);
            let condition = self.expression(parts.next()?)?;
            let otherwise = self.expression(parts.next()?)?;
            earlier.push((std::mem::replace(&mut last, otherwise), condition));
        }
        for (then, condition) in earlier.into_iter().rev() {
            let span = then.span.to(last.span);
            let kind = ExprKind::Conditional(Box::new(Conditional { then, condition, otherwise: last }));
            last = Expr { kind, span };
        }
        Some(last)
    }

    fn pipeline(&self, head: Expr, stages: Pairs<Rule>) -> Option<Expr> {
        let literal = match head.kind {
            ExprKind::Int(_) | ExprKind::Float(_) => Some("a number"),
            ExprKind::Bool(_) => Some("a truth value"),
            ExprKind::Str(_) => Some("a string"),
            ExprKind::None => Some("`none`"),
            _ => None,
        };
        if let Some(literal) = literal {
            self.errors.borrow_mut().push(SyntaxError::PipelineOperand {
                message: format!("{literal} can't go into a pipeline"),
                labels: vec![primary(head.span, "not a tensor")],
                help: Some("a pipeline begins with a name, a call, an index, a list or a parenthesis".to_owned()),
            });
        }
        let stages: Vec<Stage> = self.stages(stages)?;
        let span = stages.last().map_or(head.span, |stage| head.span.to(stage.span));
        Some(Expr { kind: ExprKind::Pipeline(Box::new(head), stages), span })
    }

    fn stages(&self, pairs: Pairs<Rule>) -> Option<Vec<Stage>> {
        pairs.filter(|pair| pair.as_rule() == Rule::stage).map(|pair| self.stage(pair)).collect()
    }

    fn stage(&self, pair: Pair<Rule>) -> Option<Stage> {
        let mut inner = pair.into_inner();
        let first = inner.next()?;
        let mut span = self.span(&first);
        let mut repeat = None;
        if first.as_rule() == Rule::group {
            let kind = StageKind::Group(self.stages(first.into_inner())?);
            if let Some(pair) = inner.next() {
                span = span.to(self.span(&pair));
                repeat = Some(self.repeat(pair)?);
            }
            return Some(Stage { kind, repeat, span });
        }
        let mut callee = self.primary(first)?;
        // The last call is that of the stage; those before it make what is called.
        let mut call: Option<Pair<Rule>> = None;
        for pair in inner {
            span = span.to(self.span(&pair));
            if pair.as_rule() == Rule::repeat {
                repeat = Some(self.repeat(pair)?);
                continue;
            }
            if let Some(call) = call.take() {
                callee = self.suffix(callee, call)?;
            }
            if pair.as_rule() == Rule::call {
                call = Some(pair);
            } else {
                callee = self.suffix(callee, pair)?;
            }
        }
        let arguments = call.map_or(Some(Vec::new()), |call| self.arguments(call))?;
        Some(Stage { kind: StageKind::Call { callee, arguments }, repeat, span })
    }

    fn repeat(&self, pair: Pair<Rule>) -> Option<Expr> {
        self.primary(pair.into_inner().next()?)
    }

    fn primary(&self, pair: Pair<Rule>) -> Option<Expr> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::name | Rule::slot_name => ExprKind::Name(pair.as_str().to_owned()),
            Rule::number => self.number(pair.as_str(), span),
            Rule::string => ExprKind::Str(unescaped(pair.as_str())),
            Rule::kw_true => ExprKind::Bool(true),
            Rule::kw_false => ExprKind::Bool(false),
            Rule::kw_none => ExprKind::None,
            Rule::list => ExprKind::List(pair.into_inner().map(|item| self.expression(item)).collect::<Option<_>>()?),
            Rule::parenthesis => return Some(Expr { span, ..self.expression(pair.into_inner().next()?)? }),
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn number(&self, text: &str, span: Span) -> ExprKind {
        let digits = text.replace('_', "");
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole && let Ok(value) = digits.parse() {
            return ExprKind::Int(value);
        }
        let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
        let mantissa = digits.split(['e', 'E']).next().unwrap_or("");
        let zero = !mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
        let (size, help) = match value {
            _ if whole => ("large", Some(format!("whole numbers go up to {}", i64::MAX))),
            value if value.is_infinite() => ("large", Some(format!("numbers go up to {:e}", f64::MAX))),
            value if value == 0.0 && !zero => {
                ("small", Some("it would become 0; write `0.0`, if that is meant".to_owned()))
            }
            value => return ExprKind::Float(value),
        };
        let labels = vec![primary(span, "")];
        self.errors.borrow_mut().push(SyntaxError::NumberRange { number: quoted(text), size, labels, help });
        ExprKind::Float(0.0)
    }

    /// An expression with a call, an index or a field after it.
    pub(super) fn suffix(&self, base: Expr, pair: Pair<Rule>) -> Option<Expr> {
        let span = base.span.to(self.span(&pair));
        let kind = match pair.as_rule() {
            Rule::call => ExprKind::Call(Box::new(Call { callee: base, arguments: self.arguments(pair)? })),
            Rule::field => ExprKind::Field(Box::new(base), self.name(&pair.into_inner().next()?)),
            Rule::index => {
                let subscripts = pair.into_inner().map(|pair| self.subscript(pair)).collect::<Option<_>>()?;
                ExprKind::Index(Box::new(base), subscripts)
            }
            Rule::slot_index => {
                let inner = pair.into_inner().next()?;
                let subscript = match inner.as_rule() {
                    Rule::every => Subscript::Every(self.span(&inner)),
                    _ => Subscript::At(self.expression(inner)?),
                };
                ExprKind::Index(Box::new(base), vec![subscript])
            }
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn subscript(&self, pair: Pair<Rule>) -> Option<Subscript> {
        let mut start = None;
        let mut inner = pair.into_inner();
        let mut next = inner.next()?;
        if next.as_rule() == Rule::ellipsis {
            return Some(Subscript::Ellipsis(self.span(&next)));
        }
        if next.as_rule() == Rule::expression {
            let first = self.expression(next)?;
            let Some(after) = inner.next() else { return Some(Subscript::At(first)) };
            start = Some(first);
            next = after;
        }
        debug_assert_eq!(next.as_rule(), Rule::slice);
        let end = inner.next().map_or(Some(None), |pair| self.expression(pair).map(Some))?;
        Some(Subscript::Range(start, end))
    }

    pub(super) fn arguments(&self, call: Pair<Rule>) -> Option<Vec<Argument>> {
        let mut arguments: Vec<Argument> = call.into_inner().map(|pair| self.argument(pair)).collect::<Option<_>>()?;
        // Most calls have fewer than the four that a vector begins with.
        arguments.shrink_to_fit();
        Some(arguments)
    }

    fn argument(&self, pair: Pair<Rule>) -> Option<Argument> {
        let mut inner = pair.into_inner();
        let first = inner.next()?;
        if first.as_rule() == Rule::expression {
            let value = self.expression(first)?;
            return Some(Argument { name: None, span: value.span, value });
        }
        let name = self.name(&first);
        let value = self.expression(inner.find(|pair| pair.as_rule() == Rule::expression)?)?;
        Some(Argument { span: name.span.to(value.span), name: Some(name), value })
    }

    /// A chain of names, fields and indices: the slot of a tie, or what stands after `@`.
    pub(super) fn path(&self, pair: Pair<Rule>) -> Option<Expr> {
        let mut inner = pair.into_inner();
        let mut expr = self.primary(inner.next()?)?;
        for pair in inner {
            expr = self.suffix(expr, pair)?;
        }
        Some(expr)
    }

    pub(super) fn reference(&self, pair: Pair<Rule>) -> Option<Reference> {
        let start = self.span(&pair).start;
        let expr = self.path(pair)?;
        Some(Reference { span: Span::new(start, expr.span.end), expr })
    }
}

fn is_comparison(rule: Rule) -> bool {
    matches!(rule, Rule::equal | Rule::not_equal | Rule::less | Rule::less_equal | Rule::greater | Rule::greater_equal)
}

fn binary(rule: Rule) -> Option<Binary> {
    Some(match rule {
        Rule::kw_or => Binary::Or,
        Rule::kw_and => Binary::And,
        Rule::equal => Binary::Equal,
        Rule::not_equal => Binary::NotEqual,
        Rule::less => Binary::Less,
        Rule::less_equal => Binary::LessEqual,
        Rule::greater => Binary::Greater,
        Rule::greater_equal => Binary::GreaterEqual,
        Rule::add => Binary::Add,
        Rule::subtract => Binary::Subtract,
        Rule::multiply => Binary::Multiply,
        Rule::divide => Binary::Divide,
        Rule::floor_divide => Binary::FloorDivide,
        Rule::modulo => Binary::Modulo,
        Rule::power => Binary::Power,
        _ => return None,
    })
}

/// A string literal's content. Wrong escapes were reported by the scanner, and such a piece isn't parsed.
pub(super) fn unescaped(literal: &str) -> String {
    let content = literal.strip_prefix('"').unwrap_or(literal);
    let content = content.strip_suffix('"').unwrap_or(content);
    let mut out = String::with_capacity(content.len());
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(escaped) => out.push(escaped),
                None => {}
            },
            _ => out.push(character),
        }
    }
    out
}
