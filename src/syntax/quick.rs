//! The commonest statements, read from their tokens: values and layers made of names, whole numbers and calls. Whatever
//! else there is in a piece gives `None`, and is left to pest, which would make the same tree of these.

use super::ast::{
    Argument, Binding, Call, Expr, ExprKind, Layer, LayerBody, LayerKind, Name, Reference, Stage, StageKind, Statement,
    Tie,
};
use super::piece::Piece;
use super::token::{Bracket, Keyword, Kind, Tokens};
use crate::span::Span;
use smallvec::SmallVec;

pub(super) fn statement(tokens: &Tokens, piece: Piece, span: Span) -> Option<Statement> {
    let mut reader = Reader { tokens, at: piece.from, end: piece.to };
    let statement = if reader.take(Kind::Keyword(Keyword::Layer)) {
        reader.layer(span)?
    } else {
        let targets = vec![reader.name()?];
        reader.expect(Kind::Assign)?;
        Statement::Let(Binding { targets, value: reader.value()?, span })
    };
    (reader.at == piece.to).then_some(statement)
}

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    at: usize,
    /// Where the piece ends, and the next statement begins.
    end: usize,
}

impl Reader<'_, '_> {
    fn kind(&self) -> Kind {
        if self.at < self.end { self.tokens.kind(self.at) } else { Kind::End }
    }

    fn take(&mut self, kind: Kind) -> bool {
        let fits = self.kind() == kind;
        self.at += usize::from(fits);
        fits
    }

    fn expect(&mut self, kind: Kind) -> Option<()> {
        self.take(kind).then_some(())
    }

    fn name(&mut self) -> Option<Name> {
        let (text, span) = (self.tokens.word(self.at), self.tokens.span(self.at));
        self.expect(Kind::Name)?;
        Some(Name { text: text.to_owned(), span })
    }

    fn layer(&mut self, span: Span) -> Option<Statement> {
        let name = self.name()?;
        self.expect(Kind::Assign)?;
        let mut kinds = vec![self.layer_kind()?];
        while self.take(Kind::Arrow) {
            kinds.push(self.layer_kind()?);
        }
        Some(Statement::Layer(Layer { frozen: false, name, count: None, body: LayerBody::Chain(kinds), span }))
    }

    fn layer_kind(&mut self) -> Option<LayerKind> {
        let name = self.name()?;
        let mut kind = LayerKind { span: name.span, path: vec![name], arguments: Vec::new(), ties: Vec::new() };
        if self.kind() == Kind::Open(Bracket::Round) {
            let end;
            (kind.arguments, end) = self.arguments()?;
            kind.span = kind.span.to(end);
        }
        while self.kind() == Kind::Name {
            let slot = self.path()?;
            self.expect(Kind::Assign)?;
            let start = self.tokens.span(self.at);
            self.expect(Kind::At)?;
            let expr = self.path()?;
            let target = Reference { span: start.to(expr.span), expr };
            kind.ties.push(Tie { span: slot.span.to(target.span), slot, target });
        }
        Some(kind)
    }

    /// A name with fields behind it.
    fn path(&mut self) -> Option<Expr> {
        let name = self.name()?;
        let mut expr = Expr { kind: ExprKind::Name(name.text), span: name.span };
        while self.take(Kind::Dot) {
            let name = self.name()?;
            let span = expr.span.to(name.span);
            expr = Expr { kind: ExprKind::Field(Box::new(expr), name), span };
        }
        Some(expr)
    }

    /// `f(x) -> g -> h(y)`
    fn value(&mut self) -> Option<Expr> {
        let head = self.operand()?;
        if self.kind() != Kind::Arrow {
            return Some(head);
        }
        if matches!(head.kind, ExprKind::Int(_)) {
            return None;
        }
        let mut stages = Vec::new();
        while self.take(Kind::Arrow) {
            let operand = self.path()?;
            let mut stage = Stage {
                span: operand.span,
                kind: StageKind::Call { callee: operand, arguments: Vec::new() },
                repeat: None,
            };
            if self.kind() == Kind::Open(Bracket::Round) {
                let (taken, end) = self.arguments()?;
                stage.span = stage.span.to(end);
                if let StageKind::Call { arguments, .. } = &mut stage.kind {
                    *arguments = taken;
                }
            }
            stages.push(stage);
        }
        let span = stages.last().map_or(head.span, |stage| head.span.to(stage.span));
        Some(Expr { kind: ExprKind::Pipeline(Box::new(head), stages), span })
    }

    /// A whole number, or a name with fields and a call behind it.
    fn operand(&mut self) -> Option<Expr> {
        if self.kind() == Kind::Number {
            let text = self.tokens.word(self.at);
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            let value = text.parse().ok().filter(|_| plain)?;
            let span = self.tokens.span(self.at);
            self.at += 1;
            return Some(Expr { kind: ExprKind::Int(value), span });
        }
        let callee = self.path()?;
        if self.kind() != Kind::Open(Bracket::Round) {
            return Some(callee);
        }
        let (arguments, end) = self.arguments()?;
        let span = callee.span.to(end);
        Some(Expr { kind: ExprKind::Call(Box::new(Call { callee, arguments })), span })
    }

    /// What stands in parentheses, and the place of the last of them.
    fn arguments(&mut self) -> Option<(Vec<Argument>, Span)> {
        // Whether a line that begins with it belongs to the one before, the grammar knows.
        let follows =
            self.at.checked_sub(1).map(|before| self.tokens.span(before).end) == Some(self.tokens.span(self.at).start);
        self.expect(Kind::Open(Bracket::Round)).filter(|()| follows)?;
        let mut arguments: SmallVec<[Argument; 4]> = SmallVec::new();
        loop {
            let end = self.tokens.span(self.at);
            if self.take(Kind::Close(Bracket::Round)) {
                return Some((arguments.into_vec(), end));
            }
            if !arguments.is_empty() {
                self.expect(Kind::Comma)?;
                if self.kind() == Kind::Close(Bracket::Round) {
                    continue;
                }
            }
            let name = if self.tokens.kind(self.at + 1) == Kind::Assign { Some(self.name()?) } else { None };
            if name.is_some() {
                self.at += 1;
            }
            let value = self.value()?;
            let span = name.as_ref().map_or(value.span, |name| name.span.to(value.span));
            arguments.push(Argument { name, value, span });
        }
    }
}
