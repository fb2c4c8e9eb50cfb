//! `x[…]`: elements and ranges of axes.

use super::range::{On, from_start};
use crate::ops::contract::{Def, Form, Op, Parameter, Type};
use crate::ops::movement::{Move, Moved, Movement};
use crate::ops::shape_rules::{any_operand, axes};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Steps, dense_steps};
use std::sync::Arc;

pub(in crate::ops) static DEF: Def = Def {
    name: "index",
    form: Form::Subscript,
    summary: "Takes elements of axes, which go away, and ranges of others; nothing is clamped.",
    formula: "y[..., j, ...] = x[i, ..., start + j, ...] for x[i, ..., start:end]",
    parameters: &[
        Parameter::operand("input", "Any shape with an axis for each subscript."),
        Parameter::required(
            SUBSCRIPTS,
            Type::Subscripts,
            "One for each axis, from the first on or, after `...`, up to the last: `i`, `start:end`, `:`; -1 is the last.",
        ),
    ],
    torch: "torch.Tensor.__getitem__",
    onnx: "Slice",
    examples: &[
        "input x: [2, 5]  output x[1]",
        "input x: [2, 5]  output x[:, -1]",
        "input x: [2, 3, 5]  output x[..., 0:4]",
        "input x: [4, 3, 2]  output x[-2:, 1, :]",
        "input x: [4, 3]  output x[1:-1, 2:2]",
        "input x: [2, 3, 4, 5]  output x[0, ..., 1:3]",
        "input x: int[3]  output x[2]",
    ],
    build: |attributes| Index::new(attributes).map(|op| Arc::new(Moved(op)) as Arc<dyn Op>),
};

const SUBSCRIPTS: &str = "subscripts";

#[derive(Debug)]
struct Index {
    /// Those before `...`, or all.
    first: Vec<Subscript>,
    /// Those after it.
    last: Vec<Subscript>,
}

#[derive(Debug)]
enum Subscript {
    At(Dim),
    Range(Option<Dim>, Option<Dim>),
}

impl Index {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let wrong = || AttributeError::new(SUBSCRIPTS, "a subscript is an integer, a range or `...`");
        let Some(Value::List(items)) = attributes.get(SUBSCRIPTS) else { return Err(wrong()) };
        let (mut first, mut last) = (Vec::new(), None);
        for item in items {
            let end = |value: &Value| if let Value::Int(dim) = value { Some(dim.clone()) } else { None };
            let subscript = match item {
                Value::Int(index) => Subscript::At(index.clone()),
                Value::List(ends) => match ends.as_slice() {
                    [from, to] => Subscript::Range(end(from), end(to)),
                    _ => return Err(wrong()),
                },
                Value::Str(_) if last.is_none() => {
                    last = Some(Vec::new());
                    continue;
                }
                Value::Str(_) => {
                    return Err(AttributeError::new(SUBSCRIPTS, "only one of the subscripts can be `...`"));
                }
                _ => return Err(wrong()),
            };
            last.as_mut().unwrap_or(&mut first).push(subscript);
        }
        Ok(Self { first, last: last.unwrap_or_default() })
    }

    /// The subscripts and their axes.
    fn axes(&self, rank: usize) -> impl Iterator<Item = (usize, &Subscript)> {
        let behind = rank.saturating_sub(self.last.len());
        self.first.iter().enumerate().chain(self.last.iter().enumerate().map(move |(at, one)| (behind + at, one)))
    }
}

impl Movement for Index {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let (rank, count) = (input.shape.rank(), self.first.len() + self.last.len());
        if count > rank {
            let message = format!("{count} subscripts for {}, which has {}", input.shape, axes(rank));
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Attribute(SUBSCRIPTS), format!("these are for {}", axes(count)))
                .cause(Cause::Operand(0), format!("this is {input}")));
        }
        let mut sizes: Vec<Option<Dim>> = input.shape.iter().cloned().map(Some).collect();
        for (axis, subscript) in self.axes(rank) {
            let on = On { def: &DEF, attribute: SUBSCRIPTS, input, axis };
            let size = match subscript {
                Subscript::At(index) => {
                    on.index(facts, index)?;
                    None
                }
                Subscript::Range(start, end) => Some(on.range(facts, start.as_ref(), end.as_ref())?.1),
            };
            if let Some(old) = sizes.get_mut(axis) {
                *old = size;
            }
        }
        Ok(vec![TensorType::new(input.element, sizes.into_iter().flatten().collect::<Shape>())])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let steps = dense_steps(input);
        let mut kept: Steps = steps.clone();
        let (mut from, mut gone) = (0, 0);
        for (axis, subscript) in self.axes(input.len()) {
            let (Some(size), Some(step)) = (input.get(axis), steps.get(axis)) else { return };
            let place = |written: &Dim| from_start(written, &Dim::from(*size)).as_const().unwrap_or(0) as usize;
            match subscript {
                Subscript::At(index) => {
                    from += step * place(index);
                    kept.remove(axis - gone);
                    gone += 1;
                }
                Subscript::Range(Some(start), _) => from += step * place(start),
                Subscript::Range(None, _) => {}
            }
        }
        visit(&Move::gather(from, &kept, result));
    }
}
