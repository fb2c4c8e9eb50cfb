//! Programs without mistakes: that they are taken, and what becomes of them.

use super::super::ast::{
    Binary, Expr, ExprKind, File, Item, LayerBody, Over, StageKind, Statement, StorageKind, Subscript, Unary,
};
use super::{body, good};
use crate::span::SourceMap;

/// Every form of the language once.
pub(super) const RICH: &str = r#"# examples/tied_lm.wnet
use "transformer.wnet" (Block)                   # blocks and consts of another file
use "more.wnet" (A, B as C,)
use "other.wnet" as m

const MAX = 512
const SIZES = [784, 64] + [10]

model TiedLM(vocab = 4096, d = 256, n = 4, heads = 4, rate: float = 0.1, dims: [int], bare,) {
  input tokens: int[batch, seq]
  input target: int[batch, seq]
  input mask: bool[_, d // 2, ]  input scalar: []

  param table: [vocab, d] = normal(std=0.02)     # a named storage
  frozen param rate2: [2]
  buffer seen: [d] = zeros()

  layer embed     = Embedding(vocab, d) weight=@table
  layer pos       = Embedding(MAX, d)
  layer blocks[n] = Block(d, heads)              # an array
  layer norm      = LayerNorm(d)
  frozen layer head = Linear(d, vocab, bias=false) weight=@table
    bias = @embed.weight.T
    attn.q.weight=@p[0:n] blocks[*].rel=@r[:, k:m].reshape(o, i) blocks[0].w=@blocks[1].attn.q.weight
  layer dec[i in n] = Linear(s[n-i], s[n-i-1]) weight=@enc[n-1-i].weight.T
  layer b = @a
  layer block = m.Block(d)
  layer mlp = Linear(3, 4) weight=@p bias=@q -> relu -> Linear(4, 5)
  layer bn = BatchNorm1d(d) running_mean=@bn1.running_mean

  h      = embed(tokens) + pos(arange(seq))
  logits = h -> blocks -> norm -> head           # an array in a pipeline
  y = x -> (f -> relu(1))^3 -> g^n -> blocks[0](k, v)^(n + 1) -> m.f(key=1,)
  a, _, c = f(x)
  q = f(x)[0] -> g
  skips = skips + [h]
  model = train
  use = const
  t = x[:, -1] + x[..., 0:k] - x[1:] * x[:] ** -2 // 3 % 4 / v.f(a).T
  z = not a == b and c != d or e <= f
  k = f(input=1, output=2, loss=x.input)
  s = "text \n \t \" \\ # no comment"
  e = [] + [1, 2.5, 3e-4, 5., .5, 1_000, 1E+3, true, false, none]
  p2 = a if c else b if d else e
  u = x.T.reshape(o, i)(1)[2].if
  é变 = -- x
  skip = x
  if c {
    layer extra = Linear(1, 2)
    h = extra(h)
  } else if n > 1 { h = g(h) } else { }
  for i in 0..n { h = blocks[i](h) }
  for b in blocks {
    h = b(h)
    for j in n..len(dims) - 1 { h = h }
  }

  output logits, h
  output name = logits
  output logits -> softmax(dim=-1)
  loss cross_entropy(logits, target, dim=-1)
  assert shared(embed.weight, head.weight)
  assert not shared(a, b)
  assert params == vocab*d + MAX*d + n*(12*d*d + 13*d) + 2*d
  assert shape(x) == [batch, 10]
}

block Part { input x: [..., d]  output x }
block Other(d) { input x: [...] output y = x }

train {
  optimizer = AdamW(lr=3e-4, weight_decay=0.1)
  schedule  = cosine(warmup=100)
  batch     = 32
}
train slow { epochs = 10 }
"#;

fn statements(text: &str) -> (Vec<Statement>, SourceMap) {
    let (tree, map) = good(&body(text));
    match tree.items.into_iter().next() {
        Some(Item::Model(model)) => (model.body, map),
        other => panic!("{other:?}"),
    }
}

fn value(text: &str) -> (Expr, SourceMap) {
    let (body, map) = statements(&format!("x = {text}  # end\n"));
    match body.into_iter().next() {
        Some(Statement::Let(binding)) => (binding.value, map),
        other => panic!("{other:?}"),
    }
}

/// An expression with all its parentheses.
fn show(expr: &Expr) -> String {
    let all = |exprs: &[Expr]| exprs.iter().map(show).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Str(text) => format!("{text:?}"),
        ExprKind::None => "none".to_owned(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::List(items) => format!("[{}]", all(items)),
        ExprKind::Call(call) => format!("{}({})", show(&call.callee), arguments(&call.arguments)),
        ExprKind::Field(base, name) => format!("{}.{}", show(base), name.text),
        ExprKind::Index(base, subscripts) => {
            let part = |expr: &Option<Expr>| expr.as_ref().map_or(String::new(), show);
            let subscripts = subscripts.iter().map(|subscript| match subscript {
                Subscript::At(expr) => show(expr),
                Subscript::Range(start, end) => format!("{}:{}", part(start), part(end)),
                Subscript::Ellipsis(_) => "...".to_owned(),
                Subscript::Every(_) => "*".to_owned(),
            });
            format!("{}[{}]", show(base), subscripts.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Unary(Unary::Not, operand) => format!("(not {})", show(operand)),
        ExprKind::Unary(operator, operand) => format!("({}{})", operator.symbol(), show(operand)),
        ExprKind::Binary(operator, sides) => format!("({} {} {})", show(&sides.0), operator.symbol(), show(&sides.1)),
        ExprKind::Conditional(parts) => {
            format!("({} if {} else {})", show(&parts.then), show(&parts.condition), show(&parts.otherwise))
        }
        ExprKind::Pipeline(head, stages) => format!("({}{})", show(head), stages.iter().map(stage).collect::<String>()),
    }
}

fn arguments(arguments: &[super::super::ast::Argument]) -> String {
    let one = |argument: &super::super::ast::Argument| match &argument.name {
        Some(name) => format!("{}={}", name.text, show(&argument.value)),
        None => show(&argument.value),
    };
    arguments.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn stage(stage: &super::super::ast::Stage) -> String {
    let repeat = stage.repeat.as_ref().map_or(String::new(), |repeat| format!("^{}", show(repeat)));
    match &stage.kind {
        StageKind::Call { callee, arguments: list } => format!(" -> {}({}){repeat}", show(callee), arguments(list)),
        StageKind::Group(stages) => format!(" -> <{}>{repeat}", stages.iter().map(self::stage).collect::<String>()),
    }
}

#[test]
fn every_form_is_taken() {
    let (tree, _) = good(RICH);
    assert_eq!(tree.items.len(), 10);
}

#[test]
fn operators_bind_as_in_python() {
    for (text, tree) in [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("-x ** 2", "(-(x ** 2))"),
        ("2 ** -1 * 3", "((2 ** (-1)) * 3)"),
        ("a ** b ** c", "(a ** (b ** c))"),
        ("-a * b", "((-a) * b)"),
        ("not a == b and c", "((not (a == b)) and c)"),
        ("a or b and not c", "(a or (b and (not c)))"),
        ("not not a", "(not (not a))"),
        ("a // b / c % d", "(((a // b) / c) % d)"),
        ("a if b or c else d if e else f", "(a if (b or c) else (d if e else f))"),
        ("(a if b else c) + 1", "((a if b else c) + 1)"),
        ("a < b and b < c", "((a < b) and (b < c))"),
        ("(a < b) == c", "((a < b) == c)"),
        ("a.b(c)[d].e", "a.b(c)[d].e"),
        ("f(a)(b)", "f(a)(b)"),
        ("a -b", "(a - b)"),
        ("a--b", "(a - (-b))"),
    ] {
        assert_eq!(show(&value(text).0), tree, "{text}");
    }
}

#[test]
fn pipelines() {
    for (text, tree) in [
        ("x -> f", "(x -> f())"),
        ("x -> f(1) -> g(k=2)", "(x -> f(1) -> g(k=2))"),
        ("x -> f(1)(2)", "(x -> f(1)(2))"),
        ("x -> b[0]", "(x -> b[0]())"),
        ("x -> b[0](k).c", "(x -> b[0](k).c())"),
        ("[a, b] -> f", "([a, b] -> f())"),
        ("(a + b) -> f^3", "((a + b) -> f()^3)"),
        (
            "f(x)[0].y -> (f -> (g -> h)^2)^n -> i^(n - 1)",
            "(f(x)[0].y -> < -> f() -> < -> g() -> h()>^2>^n -> i()^(n - 1))",
        ),
        ("x + (x -> f)", "(x + (x -> f()))"),
        ("f(x -> g, y)", "f((x -> g()), y)"),
        ("m[x -> g]", "m[(x -> g())]"),
    ] {
        assert_eq!(show(&value(text).0), tree, "{text}");
    }
}

#[test]
fn numbers_and_strings() {
    for (text, tree) in [
        ("1_000", "1000"),
        ("0", "0"),
        ("9223372036854775807", "9223372036854775807"),
        ("5.", "5.0"),
        (".5", "0.5"),
        ("1_0.2_5e1_0", "102500000000.0"),
        ("1E-3", "0.001"),
        ("0.0e-999", "0.0"),
        ("00", "0"),
        (r#""a\n\t\"\\#b""#, r#""a\n\t\"\\#b""#),
        ("x[0:2, :, 1:, :3, ..., -1]", "x[0:2, :, 1:, :3, ..., (-1)]"),
    ] {
        assert_eq!(show(&value(text).0), tree, "{text}");
    }
}

#[test]
fn blocks_stand_in_bodies_however_the_file_is_indented() {
    let inner = "block B(d = 4, k: [int]) {\nblock C {\noutput x\n}\nlayer c = C\noutput c(x)\n}";
    for text in [
        format!(
            "model M {{\n{inner}\nlayer block = B(3)\nblock, block = [block(x)]\nif c {{ {inner} }}\n}}\nblock D {{ }}\n"
        ),
        format!("model M {{ {inner} layer block = B(3) block, block = [block(x)] if c {{ {inner} }} }} block D {{ }}"),
    ] {
        let (tree, map) = good(&text);
        let [Item::Model(model), Item::Block(_)] = tree.items.as_slice() else { panic!("{tree:#?}") };
        let [Statement::Block(block), Statement::Layer(_), Statement::Let(_), Statement::If(condition)] =
            model.body.as_slice()
        else {
            panic!("{model:#?}")
        };
        assert_eq!((block.name.text.as_str(), block.arguments.len()), ("B", 2));
        assert_eq!(map.slice(block.span), inner);
        assert!(matches!(block.body.as_slice(), [Statement::Block(_), Statement::Layer(_), Statement::Output(_)]));
        assert!(matches!(condition.then.as_slice(), [Statement::Block(_)]));
    }
}

/// Pieces of the tree and the source under them.
#[test]
fn spans_cover_what_they_stand_for() {
    let (body, map) = statements(
        "layer  a[i in n ] = Linear( 3 , 4 )  w . b [*]=@p . T  # tie\n -> m.Relu \n\nx , y = ( a ) + b ( 1 )  # v\nfor i in 0 .. n { }\nbuffer b : int [ _ , d ] = zeros ( ) # z\nq = x -> f ( 1 ) -> ( g ) ^ 2 # p\n",
    );
    let slice = |span| map.slice(span).to_owned();
    let Statement::Layer(layer) = &body[0] else { panic!() };
    assert_eq!(slice(layer.span), "layer  a[i in n ] = Linear( 3 , 4 )  w . b [*]=@p . T  # tie\n -> m.Relu");
    assert_eq!(slice(layer.count.as_ref().unwrap().span), "[i in n ]");
    let LayerBody::Chain(kinds) = &layer.body else { panic!() };
    assert_eq!(slice(kinds[0].span), "Linear( 3 , 4 )");
    assert_eq!(slice(kinds[0].arguments[0].span), "3");
    assert_eq!(slice(kinds[0].ties[0].span), "w . b [*]=@p . T");
    assert_eq!(slice(kinds[0].ties[0].slot.span), "w . b [*]");
    assert_eq!(slice(kinds[0].ties[0].target.span), "@p . T");
    assert_eq!(slice(kinds[0].ties[0].target.expr.span), "p . T");
    assert_eq!(slice(kinds[1].span), "m.Relu");
    let Statement::Let(binding) = &body[1] else { panic!() };
    assert_eq!(slice(binding.span), "x , y = ( a ) + b ( 1 )");
    assert_eq!(slice(binding.value.span), "( a ) + b ( 1 )");
    let ExprKind::Binary(Binary::Add, sides) = &binding.value.kind else { panic!() };
    assert_eq!((slice(sides.0.span), slice(sides.1.span)), ("( a )".to_owned(), "b ( 1 )".to_owned()));
    let Statement::For(repeat) = &body[2] else { panic!() };
    assert_eq!(slice(repeat.span), "for i in 0 .. n { }");
    assert!(matches!(&repeat.over, Over::Range(_, end) if slice(end.span) == "n"));
    let Statement::Storage(storage) = &body[3] else { panic!() };
    assert_eq!((storage.kind, slice(storage.ty.span)), (StorageKind::Buffer, "int [ _ , d ]".to_owned()));
    assert_eq!(slice(storage.init.as_ref().unwrap().span), "zeros ( )");
    let Statement::Let(binding) = &body[4] else { panic!() };
    assert_eq!(slice(binding.value.span), "x -> f ( 1 ) -> ( g ) ^ 2");
    let ExprKind::Pipeline(_, stages) = &binding.value.kind else { panic!() };
    assert_eq!(slice(stages[0].span), "f ( 1 )");
    assert_eq!(slice(stages[1].span), "( g ) ^ 2");
}

#[test]
fn statements_need_no_newlines() {
    let (body, _) =
        statements("input x: [3] layer a = Linear(3, 3) h = a(x) b, c = f(h) if d { h = b } output h assert d");
    assert_eq!(body.len(), 7);
    let (spread, _) = statements("h\n=\na(\nx\n)\nlayer\na\n=\nL(\n1)\nw\n=\n@p\noutput\nh");
    assert_eq!(spread.len(), 3);
}

#[test]
fn conditions_nest_to_the_right() {
    let (body, map) = statements("if a { x = 1 } else if b { y = 2 } else { z = 3 }");
    let Statement::If(outer) = &body[0] else { panic!() };
    let [Statement::If(inner)] = outer.otherwise.as_slice() else { panic!() };
    assert_eq!(map.slice(inner.span), "if b { y = 2 } else { z = 3 }");
    assert_eq!((inner.then.len(), inner.otherwise.len()), (1, 1));
}

#[test]
fn item_words_are_names_elsewhere() {
    let (tree, _) = good(
        "const train = 1\nconst model = train + 1\nmodel use(block = model, const) { block = use\n const = block\n layer model = Linear(1, 2) train = model(block)\n output train }",
    );
    assert_eq!(tree.items.len(), 3);
}

#[test]
fn line_breaks_of_all_kinds() {
    let unix = RICH.to_owned();
    let (tree, _) = good(&unix);
    let (twin, _) = good(&unix.replace('\n', "\r\n"));
    assert_eq!(serde_json::to_string(&tree).unwrap(), serde_json::to_string(&twin).unwrap());
    let (tree, _) = good("model M {\r input x: [3]\r\toutput x }");
    assert_eq!(tree.items.len(), 1);
    assert_eq!(good("").0, File::default());
    assert_eq!(good("# nothing").0, File::default());
}
