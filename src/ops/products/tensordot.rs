//! `tensordot`: sums of products along several axes of two tensors.

use super::contraction::{Letters, Multiplied, Product};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::axes;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Facts, Shape, TensorType};
use smallvec::SmallVec;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "tensordot",
    form: Form::Function,
    summary: "Adds up products along axes of two tensors, for all combinations of the others.",
    formula: "y[i…, j…] = Σₖ… a[i…, k…] b[k…, j…]",
    parameters: &[
        Parameter::operand("a", "Any shape with the axes."),
        Parameter::operand("b", "Any shape with the axes."),
        Parameter::attribute(
            "dims",
            Type::OneOf(&[Type::Int, Type::List(&Type::Ints)]),
            Literal::Int(2),
            "How many axes, the last of `a` and the first of `b`, or a list with the axes of `a` and those of `b`.",
        ),
    ],
    torch: "torch.tensordot",
    onnx: "",
    examples: &[
        "input a: [2, 3, 4]  input b: [3, 4, 2]  output tensordot(a, b)",
        "input a: [2, 3]  input b: [3, 2]  output tensordot(a, b, 1)",
        "input a: [2, 3, 4]  input b: [4, 5, 2]  output tensordot(a, b, dims=[[0, -1], [2, 0]])",
        "input a: [2]  input b: [3]  output tensordot(a, b, dims=0)",
    ],
    build: |attributes| TensorDot::new(attributes).map(|op| Arc::new(Multiplied(op)) as Arc<dyn Op>),
};

#[derive(Debug)]
enum TensorDot {
    /// The last of the one, and the first of the other.
    Count(usize),
    Lists([Vec<i64>; 2]),
}

impl TensorDot {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let wrong = |message: String| AttributeError::new("dims", message);
        match attributes.get("dims") {
            Some(Value::List(lists)) => {
                let ints = |list: &Value| match list {
                    Value::List(items) => items.iter().filter_map(Value::as_int).collect(),
                    other => other.as_int().into_iter().collect::<Vec<i64>>(),
                };
                match lists.iter().map(ints).collect::<Vec<_>>().as_slice() {
                    [a, b] if a.len() == b.len() => Ok(Self::Lists([a.clone(), b.clone()])),
                    [a, b] => {
                        let (a, b) = (axes(a.len()), axes(b.len()));
                        Err(wrong(format!("`dims` must name as many axes of `a` as of `b`, and names {a} and {b}")))
                    }
                    lists => Err(wrong(format!("`dims` must be two lists of axes, and there are {}", lists.len()))),
                }
            }
            Some(value) => match value.as_int().map(usize::try_from) {
                Some(Ok(count)) => Ok(Self::Count(count)),
                _ => Err(wrong(format!("`dims` can't be negative, and is {value}"))),
            },
            None => Err(wrong("`dims` must be given".to_owned())),
        }
    }

    /// The axes that are summed, in pairs.
    fn pairs(&self, [a, b]: [usize; 2]) -> SmallVec<[(usize, usize); 4]> {
        match self {
            Self::Count(count) => (0..*count).filter_map(|at| Some(((a + at).checked_sub(*count)?, at))).collect(),
            Self::Lists([first, second]) => {
                let pair = |(x, y): (&i64, &i64)| axis(*x, a).zip(axis(*y, b));
                first.iter().zip(second).filter_map(pair).collect()
            }
        }
    }

    fn check(&self, [a, b]: [&TensorType; 2]) -> Result<(), ShapeError> {
        match self {
            Self::Count(count) => {
                for (operand, input) in [(1, b), (0, a)] {
                    let rank = input.shape.rank();
                    if rank < *count {
                        let wanted = axes(*count);
                        let message =
                            format!("`tensordot` along {wanted} of {}, which has {}", input.shape, axes(rank));
                        return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                            .cause(Cause::Operand(operand), format!("this has {}", axes(rank)))
                            .cause(Cause::Attribute("dims"), format!("this wants {wanted}")));
                    }
                }
            }
            Self::Lists(lists) => {
                for (operand, (list, input)) in lists.iter().zip([a, b]).enumerate() {
                    let mut seen = Vec::new();
                    for dim in list {
                        let axis = axis_of(&DEF, "dims", *dim, operand, input)?;
                        if seen.contains(&axis) {
                            let message = format!("`tensordot` names axis {axis} of {} twice", input.shape);
                            return Err(ShapeError::new(ShapeErrorKind::Axis, message)
                                .cause(Cause::Attribute("dims"), format!("the second time as {dim}"))
                                .cause(Cause::Operand(operand), format!("this is {input}")));
                        }
                        seen.push(axis);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Product for TensorDot {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn shape(&self, facts: &mut Facts, [a, b]: [&TensorType; 2]) -> Result<Shape, ShapeError> {
        self.check([a, b])?;
        let pairs = self.pairs([a.shape.rank(), b.shape.rank()]);
        for &(first, second) in &pairs {
            let (Some(x), Some(y)) = (a.shape.get(first), b.shape.get(second)) else { continue };
            if !facts.equal(x, y) {
                let (p, q) = (&a.shape, &b.shape);
                let message =
                    format!("`tensordot` sums axis {first} of {p} with axis {second} of {q}: they are {x} and {y}");
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 1, axis: second }, format!("axis {second} is {y}"))
                    .cause(Cause::Axis { operand: 0, axis: first }, format!("axis {first} is {x}")));
            }
        }
        let of_a = a.shape.iter().enumerate().filter(|(axis, _)| !pairs.iter().any(|pair| pair.0 == *axis));
        let of_b = b.shape.iter().enumerate().filter(|(axis, _)| !pairs.iter().any(|pair| pair.1 == *axis));
        Ok(of_a.chain(of_b).map(|(_, size)| size.clone()).collect())
    }

    fn letters(&self, ranks: [usize; 2]) -> [Letters; 3] {
        let pairs = self.pairs(ranks);
        let [a, b] = ranks;
        let first: Letters = (0..a as u32).collect();
        let of_b = |axis: usize| match pairs.iter().find(|pair| pair.1 == axis) {
            Some((other, _)) => *other as u32,
            None => (a + axis) as u32,
        };
        let second: Letters = (0..b).map(of_b).collect();
        let summed = |letter: &u32| pairs.iter().any(|pair| pair.0 as u32 == *letter);
        let kept = first.iter().chain(&second).filter(|letter| !summed(letter)).copied().collect();
        [first, second, kept]
    }
}
