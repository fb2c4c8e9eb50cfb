//! Operators that move elements or only change the shape: cases for the gradients, what comes where, and words.

use super::cases::{Case, Given, float, int, ints, word};
use super::harness::{Data, RESULTS, Run, Tensor, build};
use super::notation::{function, infer, size, sizes};
use crate::ops::*;

pub(super) fn list(items: Vec<Value>) -> Value {
    Value::List(items)
}

fn subscripts(items: Vec<Value>) -> Given {
    vec![("subscripts", list(items))]
}

fn range(start: i64, end: i64) -> Value {
    ints(&[start, end])
}

fn all() -> Value {
    list(vec![Value::None, Value::None])
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: Given, shapes: &[&[usize]]| {
        let def = if name == "index" { subscript() } else { named(name).unwrap() };
        cases.push(Case(def, given, shapes.iter().map(|shape| float(shape)).collect()));
    };
    for name in ["view", "reshape"] {
        add(name, vec![("shape", ints(&[3, -1]))], &[&[2, 6]]);
        add(name, vec![("shape", ints(&[0]))], &[&[2, 0]]);
    }
    for name in ["view_as", "reshape_as"] {
        add(name, vec![], &[&[1, 3], &[3]]);
        add(name, vec![], &[&[2, 6], &[3, 1, 4]]);
    }
    add("flatten", vec![], &[&[2, 3, 4]]);
    add("flatten", vec![("start_dim", int(1))], &[&[2, 0, 4]]);
    add("squeeze", vec![], &[&[2, 1, 3, 1]]);
    add("squeeze", vec![("dim", ints(&[1, 0]))], &[&[2, 1, 3, 1]]);
    add("unsqueeze", vec![("dim", int(-1))], &[&[2, 3]]);
    for shape in [&[2, 3][..], &[3], &[], &[0, 2]] {
        add("t", vec![], &[shape]);
    }
    for shape in [&[2, 3, 4][..], &[1, 3, 1], &[2, 0, 4]] {
        add("permute", vec![("dims", ints(&[2, 0, -2]))], &[shape]);
        add("movedim", vec![("source", ints(&[0, 1])), ("destination", ints(&[-1, 0]))], &[shape]);
        add("transpose", vec![("dim0", int(0)), ("dim1", int(2))], &[shape]);
        for dims in [ints(&[]), ints(&[1]), ints(&[0, -1]), ints(&[0, 1, 2])] {
            add("flip", vec![("dims", dims)], &[shape]);
        }
        add("roll", vec![("shifts", ints(&[2, -5])), ("dims", ints(&[2, 0]))], &[shape]);
        add("roll", vec![("shifts", int(i64::MIN))], &[shape]);
        add("repeat", vec![("repeats", ints(&[2, 1, 3, 2]))], &[shape]);
        add("tile", vec![("dims", ints(&[2, 3]))], &[shape]);
        add("repeat_interleave", vec![("repeats", int(2)), ("dim", int(1))], &[shape]);
        add("repeat_interleave", vec![("repeats", int(3))], &[shape]);
        for name in ["cat", "concat"] {
            add(name, vec![("dim", int(-1))], &[shape, shape, shape]);
        }
        add("stack", vec![("dim", int(1))], &[shape, shape]);
        add("chunk", vec![("chunks", int(1)), ("dim", int(1))], &[shape]);
        add("index", subscripts(vec![all(), all(), range(1, 1)]), &[shape]);
        add("diagonal", vec![("dim1", int(2)), ("dim2", int(0)), ("offset", int(-1))], &[shape]);
        for diagonal in [-9, -1, 0, 1, i64::MAX, i64::MIN] {
            add("tril", vec![("diagonal", int(diagonal))], &[shape]);
            add("triu", vec![("diagonal", int(diagonal))], &[shape]);
        }
    }
    for (from, to) in [(&[2, 1][..], &[2, 3][..]), (&[3], &[2, 3]), (&[], &[2, 2]), (&[1, 3, 1], &[2, 0, 3, 2])] {
        let size = ints(&to.iter().map(|size| *size as i64).collect::<Vec<_>>());
        add("expand", vec![("size", size.clone())], &[from]);
        add("broadcast_to", vec![("size", size)], &[from]);
        add("expand_as", vec![], &[from, to]);
    }
    add("expand", vec![("size", ints(&[2, -1, -1]))], &[&[1, 3]]);
    add("repeat", vec![("repeats", ints(&[0, 2]))], &[&[2, 3]]);
    add("cat", vec![], &[&[2, 3], &[0, 3], &[1, 3]]);
    add("split", vec![("split_size_or_sections", ints(&[1, 0, 3])), ("dim", int(1))], &[&[2, 4, 3]]);
    add("split", vec![("split_size_or_sections", ints(&[2]))], &[&[2, 3]]);
    add("split", vec![("split_size_or_sections", int(2)), (RESULTS, int(3))], &[&[5, 2]]);
    add("unbind", vec![("dim", int(1)), (RESULTS, int(3))], &[&[2, 3, 2]]);
    add("chunk", vec![("chunks", int(3)), ("dim", int(-1))], &[&[2, 8]]);
    add("chunk", vec![("chunks", int(3))], &[&[0, 2]]);
    add("narrow", vec![("dim", int(1)), ("start", int(-3)), ("length", int(2))], &[&[2, 5, 3]]);
    add("narrow", vec![("dim", int(0)), ("start", int(2)), ("length", int(0))], &[&[2, 5]]);
    add("select", vec![("dim", int(1)), ("index", int(-1))], &[&[2, 3, 4]]);
    add("index", subscripts(vec![]), &[&[2, 3]]);
    add("index", subscripts(vec![int(-1), all(), range(1, 3)]), &[&[2, 3, 4]]);
    add("index", subscripts(vec![word("..."), int(0)]), &[&[2, 3, 4]]);
    add("index", subscripts(vec![int(1), word("..."), range(0, -1), int(2)]), &[&[2, 3, 4, 5]]);
    for (shape, offset) in [(&[3][..], 0), (&[2], 2), (&[2], -1), (&[0], 1), (&[3, 4], 1), (&[3, 4], -2), (&[2, 2], 5)]
    {
        add("diag", vec![("diagonal", int(offset))], &[shape]);
    }
    add("diagonal", vec![("offset", int(9))], &[&[2, 3]]);
    cases
}

fn def(name: &str) -> &'static Def {
    if name == "index" { subscript() } else { named(name).unwrap() }
}

/// What becomes of tensors whose elements are 0, 1, 2, …, all of them ints; bools must go the same ways.
fn moved(name: &str, given: &[(&str, Value)], shapes: &[&[usize]]) -> Vec<Vec<i64>> {
    let run = |make: &dyn Fn(&[i64]) -> Data<f64>| {
        let mut next = 0..64;
        let inputs = shapes.iter().map(|shape| {
            let elements: Vec<i64> = next.by_ref().take(shape.iter().product()).collect();
            Tensor { shape: shape.to_vec(), data: make(&elements) }
        });
        let op = build(def(name), given, shapes.len()).unwrap();
        let run = Run { op, inputs: inputs.collect(), slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
        run.forward().unwrap().outputs.into_iter().map(|output| output.data).collect::<Vec<_>>()
    };
    let found = run(&|elements| Data::Int(elements.to_vec()));
    let ints = |data| if let Data::Int(data) = data { data } else { panic!("no ints") };
    let found: Vec<Vec<i64>> = found.into_iter().map(ints).collect();
    for bit in 0..6 {
        let bits = |elements: &[i64]| Data::Bool(elements.iter().map(|x| x >> bit & 1 == 1).collect());
        assert_eq!(run(&bits), found.iter().map(|ints| bits(ints)).collect::<Vec<_>>(), "{name}");
    }
    found
}

#[test]
fn elements_come_where_pytorch_puts_them() {
    let one = |name: &str, given: &[(&str, Value)], shape: &[usize]| moved(name, given, &[shape]).remove(0);
    assert_eq!(one("permute", &[("dims", ints(&[2, 0, 1]))], &[1, 2, 3]), [0, 3, 1, 4, 2, 5]);
    assert_eq!(one("t", &[], &[2, 3]), [0, 3, 1, 4, 2, 5]);
    let given = [("source", int(0)), ("destination", int(-1))];
    assert_eq!(one("movedim", &given, &[2, 1, 3]), [0, 3, 1, 4, 2, 5]);
    assert_eq!(one("flip", &[("dims", ints(&[0]))], &[2, 3]), [3, 4, 5, 0, 1, 2]);
    assert_eq!(one("flip", &[("dims", ints(&[0, 1]))], &[2, 3]), [5, 4, 3, 2, 1, 0]);
    assert_eq!(one("roll", &[("shifts", int(1))], &[2, 3]), [5, 0, 1, 2, 3, 4]);
    let given = [("shifts", ints(&[1, -1])), ("dims", ints(&[0, 1]))];
    assert_eq!(one("roll", &given, &[2, 3]), [4, 5, 3, 1, 2, 0]);
    assert_eq!(one("expand", &[("size", ints(&[2, -1, 2]))], &[2, 1]), [0, 0, 1, 1, 0, 0, 1, 1]);
    assert_eq!(one("repeat", &[("repeats", ints(&[2, 2]))], &[2]), [0, 1, 0, 1, 0, 1, 0, 1]);
    assert_eq!(one("tile", &[("dims", int(2))], &[2, 2]), [0, 1, 0, 1, 2, 3, 2, 3]);
    assert_eq!(one("repeat_interleave", &[("repeats", int(2)), ("dim", int(0))], &[2, 2]), [0, 1, 0, 1, 2, 3, 2, 3]);
    assert_eq!(one("repeat_interleave", &[("repeats", int(2))], &[2, 2]), [0, 0, 1, 1, 2, 2, 3, 3]);
    let given = [("dim", int(1)), ("start", int(-2)), ("length", int(1))];
    assert_eq!(one("narrow", &given, &[2, 3]), [1, 4]);
    assert_eq!(one("select", &[("dim", int(1)), ("index", int(-1))], &[2, 3]), [2, 5]);
    assert_eq!(one("diagonal", &[("offset", int(1))], &[3, 3]), [1, 5]);
    assert_eq!(one("diagonal", &[("offset", int(-1)), ("dim1", int(1)), ("dim2", int(2))], &[2, 2, 2]), [2, 6]);
    assert_eq!(one("diag", &[("diagonal", int(-1))], &[2]), [0, 0, 0, 0, 0, 0, 0, 1, 0]);
    assert_eq!(one("diag", &[], &[2, 3]), [0, 4]);
    assert_eq!(one("tril", &[], &[2, 3]), [0, 0, 0, 3, 4, 0]);
    assert_eq!(one("triu", &[("diagonal", int(1))], &[3, 3]), [0, 1, 2, 0, 0, 5, 0, 0, 0]);
    assert_eq!(one("squeeze", &[("dim", int(0))], &[1, 2]), [0, 1]);
}

#[test]
fn several_tensors_join_and_part() {
    let bools = Tensor { shape: vec![1], data: Data::Bool(vec![true]) };
    let joined = |name: &str, inputs: Vec<Tensor<f64>>| {
        let op = build(named(name).unwrap(), &[], inputs.len()).unwrap();
        let run = Run { op, inputs, slots: Vec::new(), buffers: Vec::new(), mode: Mode::Eval };
        run.forward().unwrap().outputs.remove(0).data
    };
    let inputs = vec![Tensor::ints(&[2], &[1, 2]), Tensor::floats(&[1], &[0.5]), bools.clone()];
    assert_eq!(joined("cat", inputs), Data::Float(vec![1.0, 2.0, 0.5, 1.0]));
    assert_eq!(joined("stack", vec![bools, Tensor::ints(&[1], &[7])]), Data::Int(vec![1, 7]));
    let dim = |dim: i64| ("dim", int(dim));
    assert_eq!(moved("cat", &[dim(1)], &[&[2, 1], &[2, 2]]), [[0, 2, 3, 1, 4, 5]]);
    assert_eq!(moved("cat", &[], &[&[0, 2], &[1, 2], &[0, 2]]), [[0, 1]]);
    assert_eq!(moved("stack", &[dim(-1)], &[&[2], &[2], &[2]]), [[0, 2, 4, 1, 3, 5]]);
    let split = |size: Value, results: i64, shape: &[usize]| {
        moved("split", &[("split_size_or_sections", size), dim(-1), (RESULTS, int(results))], &[shape])
    };
    assert_eq!(split(int(2), 2, &[2, 3]), [vec![0, 1, 3, 4], vec![2, 5]]);
    assert_eq!(split(ints(&[1, 2]), 2, &[2, 3]), [vec![0, 3], vec![1, 2, 4, 5]]);
    assert_eq!(split(int(0), 1, &[0]), [[0; 0]]);
    let chunk = |chunks: i64, results: i64, shape: &[usize]| {
        moved("chunk", &[("chunks", int(chunks)), (RESULTS, int(results))], &[shape])
    };
    assert_eq!(chunk(4, 3, &[5]), [vec![0, 1], vec![2, 3], vec![4]]);
    assert_eq!(chunk(2, 2, &[0]), [[0; 0], [0; 0]]);
    assert_eq!(moved("unbind", &[dim(1), (RESULTS, int(2))], &[&[2, 2]]), [[0, 2], [1, 3]]);
}

#[test]
fn subscripts_pick_elements_and_ranges() {
    let index = |items: Vec<Value>, shape: &[usize]| moved("index", &subscripts(items), &[shape]).remove(0);
    assert_eq!(index(vec![int(1)], &[2, 3]), [3, 4, 5]);
    assert_eq!(index(vec![all(), int(-1)], &[2, 3]), [2, 5]);
    assert_eq!(index(vec![word("..."), range(0, 2)], &[1, 2, 3]), [0, 1, 3, 4]);
    assert_eq!(index(vec![int(0), word("..."), int(1)], &[2, 2, 2]), [1, 3]);
    assert_eq!(index(vec![range(-2, -1)], &[3]), [1]);
    assert_eq!(index(vec![list(vec![int(1), Value::None]), int(0)], &[3, 2]), [2, 4]);
    assert_eq!(index(vec![range(3, 3)], &[3]), [0; 0]);
}

// Types of results, requirements and errors, as `infer` writes them.

#[test]
fn shapes_of_reshapings() {
    let dim = |dim: i64| ("dim", int(dim));
    let ends = |start: i64, end: i64| [("start_dim", int(start)), ("end_dim", int(end))];
    let found = [
        function("flatten", &[], &["[a, 3, b]"]),
        function("flatten", &ends(1, 2), &["int[a, 3, b]"]),
        function("flatten", &[], &["[]"]),
        function("flatten", &ends(1, 0), &["[a, b]"]),
        function("flatten", &ends(2, 2), &["[a, b]"]),
        function("squeeze", &[], &["[n, 1, 3, 1]"]),
        function("squeeze", &[dim(0)], &["[n, 1, 3]"]),
        function("squeeze", &[("dim", ints(&[2, 1]))], &["bool[n, 1, 3]"]),
        function("squeeze", &[dim(3)], &["[n, 1, 3]"]),
        function("unsqueeze", &[dim(-1)], &["[n]"]),
        function("unsqueeze", &[dim(2)], &["[n]"]),
        function("unsqueeze", &[dim(-2)], &["[]"]),
        function("view", &[("shape", sizes(&["2", "-1"]))], &["[n, 3]"]),
        function("view", &[("shape", sizes(&["4", "-1"]))], &["[3, 3]"]),
        function("reshape_as", &[], &["[n, 4]", "int[2, m]"]),
        function("view_as", &[], &["[3, 4]", "[5]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn shapes_of_permutations() {
    let found = [
        function("permute", &[("dims", ints(&[2, 0, -2]))], &["[a, b, c]"]),
        function("permute", &[("dims", ints(&[2, 0]))], &["[a, b, c]"]),
        function("permute", &[("dims", ints(&[0, 1, 0]))], &["[a, b, c]"]),
        function("permute", &[("dims", ints(&[0, 1, 2, 3]))], &["[a, b, c]"]),
        function("movedim", &[("source", int(0)), ("destination", int(-1))], &["[a, b, c]"]),
        function("movedim", &[("source", int(0)), ("destination", ints(&[1, 2]))], &["[a, b, c]"]),
        function("movedim", &[("source", ints(&[0, 1])), ("destination", ints(&[1, 1]))], &["[a, b, c]"]),
        function("t", &[], &["[a, b]"]),
        function("t", &[], &["[a, b, c]"]),
        function("flip", &[("dims", int(2))], &["[a, b]"]),
        function("roll", &[("shifts", int(2))], &["[a, b]"]),
        function("roll", &[("shifts", ints(&[1, 2]))], &["[a, b]"]),
        function("roll", &[("shifts", int(1)), ("dims", int(2))], &["[a, b]"]),
        function("tril", &[], &["[a, b]"]),
        function("triu", &[], &["[a]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn shapes_of_repetitions() {
    let dim = |dim: i64| ("dim", int(dim));
    let n = || Value::Int(size("n"));
    let found = [
        function("expand", &[("size", sizes(&["n", "-1"]))], &["[1, 3]"]),
        function("expand", &[("size", sizes(&["m", "3"]))], &["[n, 1]"]),
        function("expand", &[("size", sizes(&["n"]))], &["[1, 3]"]),
        function("expand", &[("size", sizes(&["-1", "3"]))], &["[3]"]),
        function("expand", &[("size", sizes(&["2", "4"]))], &["[2, 3]"]),
        function("expand", &[("size", sizes(&["-2"]))], &["[1]"]),
        function("expand_as", &[], &["[3]", "int[n, 4]"]),
        function("broadcast_to", &[("size", sizes(&["n", "3"]))], &["bool[3]"]),
        function("repeat", &[("repeats", sizes(&["2", "n"]))], &["[3]"]),
        function("repeat", &[("repeats", sizes(&["2"]))], &["[a, 3]"]),
        function("repeat", &[("repeats", sizes(&["-2"]))], &["[3]"]),
        function("tile", &[("dims", sizes(&["2"]))], &["[a, 3]"]),
        function("repeat_interleave", &[("repeats", n()), dim(1)], &["[a, 3]"]),
        function("repeat_interleave", &[("repeats", int(2))], &["[a, 3]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn shapes_of_joins_and_cuts() {
    let dim = |dim: i64| ("dim", int(dim));
    let n = || Value::Int(size("n"));
    let split = |pieces: Value, results: i64, input: &str| {
        function("split", &[("split_size_or_sections", pieces), (RESULTS, int(results))], &[input])
    };
    let chunk = |chunks: i64, results: i64, input: &str| {
        function("chunk", &[("chunks", int(chunks)), (RESULTS, int(results))], &[input])
    };
    let found = [
        function("cat", &[dim(1)], &["[a, 2]", "[a, n]", "[b, 3]"]),
        function("cat", &[], &["[2, 3]", "[2, 4]"]),
        function("concat", &[], &["[2, 3]", "[2]"]),
        function("cat", &[], &["[2]", "int[2]"]),
        function("stack", &[dim(-1)], &["[a, 2]", "[b, 2]"]),
        function("stack", &[], &["[2, 3]", "[2, 4]"]),
        function("stack", &[dim(3)], &["[2, 3]"]),
        split(ints(&[2, 3]), 2, "[5]"),
        split(sizes(&["a", "b"]), 2, "[n]"),
        split(ints(&[2, 3]), 2, "[6]"),
        split(ints(&[-2, 3]), 2, "[1]"),
        split(int(2), 3, "[5]"),
        split(n(), 2, "[m]"),
        split(int(2), 2, "[5]"),
        split(int(2), 2, "[2]"),
        function("split", &[("split_size_or_sections", int(2))], &["[5]"]),
        chunk(3, 3, "[6, n]"),
        chunk(3, 3, "[n]"),
        chunk(3, 3, "[3*n]"),
        chunk(4, 3, "[5]"),
        chunk(4, 4, "[5]"),
        chunk(4, 4, "[9223372036854775807]"),
        chunk(0, 1, "[5]"),
        function("unbind", &[(RESULTS, int(2))], &["[n, 3]"]),
        function("unbind", &[(RESULTS, int(2))], &["[3, 3]"]),
        function("unbind", &[], &["[3, 3]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn shapes_of_subscripts() {
    let dim = |dim: i64| ("dim", int(dim));
    let n = || Value::Int(size("n"));
    let open = |start: Value, end: Value| list(vec![start, end]);
    let index = |items: Vec<Value>, input: &str| infer(subscript(), &subscripts(items), &[input]);
    let narrow = |start: Value, length: Value, input: &str| {
        function("narrow", &[dim(1), ("start", start), ("length", length)], &[input])
    };
    let found = [
        index(vec![int(0), all()], "[n, 3]"),
        index(vec![n()], "[m, 3]"),
        index(vec![all(), int(-1)], "[n, m]"),
        index(vec![all(), int(3)], "[n, 3]"),
        index(vec![int(-4)], "[3]"),
        index(vec![int(0)], "[0]"),
        index(vec![int(-2)], "[n]"),
        index(vec![all(), open(int(0), n())], "[m, k]"),
        index(vec![open(n(), int(-1))], "[m]"),
        index(vec![word("..."), open(Value::None, int(-2))], "[a, b, c]"),
        index(vec![word("..."), open(int(2), Value::None)], "int[a, 3]"),
        index(vec![range(0, 4)], "[3]"),
        index(vec![range(-4, 2)], "[3]"),
        index(vec![range(2, 1)], "[3]"),
        index(vec![int(0), int(0), word("..."), int(0)], "[2, 2]"),
        index(vec![int(i64::MAX)], "[3]"),
        index(vec![int(i64::MIN)], "[n]"),
        index(vec![range(i64::MIN, i64::MIN)], "[n]"),
        narrow(int(0), n(), "[a, b]"),
        narrow(int(-2), int(2), "[a, 3]"),
        narrow(int(2), int(2), "[a, 3]"),
        narrow(int(0), int(-2), "[a, 3]"),
        narrow(int(i64::MAX), int(i64::MAX), "[a, 3]"),
        narrow(int(i64::MAX), int(1), "[a, 3]"),
        function("select", &[dim(1), ("index", int(3))], &["[a, 3]"]),
        function("select", &[dim(0), ("index", int(0))], &["[a, 3]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn shapes_of_diagonals() {
    let found = [
        function("diagonal", &[], &["[n, n]"]),
        function("diagonal", &[("offset", int(1))], &["[2, n]"]),
        function("diagonal", &[], &["[n, m]"]),
        function("diagonal", &[("offset", int(-3))], &["[2, 3]"]),
        function("diagonal", &[("dim1", int(1))], &["[2, 3]"]),
        function("diag", &[("diagonal", int(-2))], &["[n]"]),
        function("diag", &[("diagonal", int(1))], &["[n, n]"]),
        function("diag", &[], &["[a, b, c]"]),
    ];
    insta::assert_snapshot!(found.join("\n"));
}
