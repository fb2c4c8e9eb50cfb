//! `PReLU` and `prelu`: a rectified linear unit whose negative slope is learnt, <https://arxiv.org/abs/1502.01852>.

use super::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type,
};
use super::functional::{self, grad_slot};
use super::shape_rules::{axes, float_input, operand_of, size};
use super::{Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::nest::Nest;
use crate::tensor::reduce::add_sums;
use crate::tensor::zip::Read;
use crate::tensor::{Real, View};
use std::sync::Arc;

const SUMMARY: &str = "Multiplies negative elements by a learnt slope, one for all or one for each channel.";
const FORMULA: &str = "y = max(x, 0) + weight · min(x, 0), weight [1] or [C]";

pub(super) static DEF: Def = Def {
    name: "PReLU",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape, or `[N, num_parameters, ...]`")] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[
        Parameter::attribute("num_parameters", Type::Size, Literal::Int(1), "1, or the number of channels."),
        Parameter::attribute("init", Type::Float, Literal::Float(0.25), "The slope at first."),
    ],
    torch: "torch.nn.PReLU",
    onnx: "PRelu",
    examples: &[
        "input x: [3, 4]  layer act = PReLU()  output act(x)",
        "input x: [2, 3, 4]  layer act = PReLU(3, init=0.1)  output act(x)",
        "input x: [4]  layer act = PReLU()  output act(x)",
    ],
    build: |attributes| {
        let parameters = size(attributes, "num_parameters")?;
        Ok(Arc::new(PRelu { def: &DEF, parameters: Some(parameters), init: attributes.float("init")? }))
    },
};

pub(super) static FUNCTION: Def = Def {
    name: "prelu",
    form: Form::Function,
    summary: "Multiplies negative elements by a slope, one for all or one for each channel.",
    formula: FORMULA,
    parameters: &[
        Parameter::operand("input", "Any shape, or `[N, C, ...]`"),
        Parameter::operand("weight", "`[]`, `[1]` or `[C]`"),
    ],
    torch: "torch.nn.functional.prelu",
    onnx: "PRelu",
    examples: &[
        "input x: [3, 4]  input w: []  output prelu(x, w)",
        "input x: [2, 3, 4]  input w: [3]  output prelu(x, w)",
        "input x: [2, 3, 4]  input w: [1]  output prelu(x, w)",
    ],
    build: |_| Ok(Arc::new(PRelu { def: &FUNCTION, parameters: None, init: 0.0 })),
};

#[derive(Debug)]
struct PRelu {
    def: &'static Def,
    /// `None` for a function, which takes what it gets.
    parameters: Option<Dim>,
    init: f64,
}

impl PRelu {
    fn channels(&self, facts: &mut Facts, input: &TensorType, wanted: &Dim, cause: Cause) -> Result<(), ShapeError> {
        if facts.reduce(wanted) == Dim::ONE {
            return Ok(());
        }
        let name = self.def.name;
        let Some(found) = input.shape.get(1) else {
            let message = format!("`{name}` with {wanted} slopes wants at least 2 axes, and gets {input}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank())))
                .cause(cause, format!("there are {wanted} slopes")));
        };
        if facts.equal(wanted, found) {
            return Ok(());
        }
        let message = format!("`{name}` has slopes for {wanted} channels, and gets {found}");
        Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand: 0, axis: 1 }, format!("axis 1 of {} is {found}", input.shape))
            .cause(cause, format!("there are {wanted} slopes")))
    }
}

impl Op for PRelu {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let slot = |parameters: &Dim| SlotSpec {
            name: "weight".into(),
            shape: [parameters.clone()].into(),
            init: Init::Constant(self.init),
            kind: SlotKind::Param,
            scaled: false,
        };
        self.parameters.iter().map(slot).collect()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        if let Some(wanted) = &self.parameters {
            self.channels(facts, input, wanted, Cause::Attribute("num_parameters"))?;
        } else {
            let weight = operand_of(self.def, inputs, 1, Element::Float)?;
            match &*weight.shape {
                [] => {}
                [wanted] => self.channels(facts, input, wanted, Cause::Operand(1))?,
                other => {
                    let message = format!("`prelu` wants a weight [] or [C], and gets {weight}");
                    return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                        .cause(Cause::Operand(1), format!("this has {}", axes(other.len()))));
                }
            }
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        functional::keeps(1, Some(0))
    }
}

/// The loops over the input, and the slope of each of its elements.
fn nest<T>(x: &View<'_, T>, slopes: usize) -> Nest<2> {
    let [items, channels] = [0, 1].map(|axis| x.shape.get(axis).copied().unwrap_or(1));
    let elements: usize = x.shape.iter().skip(2).product();
    let steps: [&[usize]; 2] = [&[channels * elements, elements, 1], &[0, usize::from(slopes > 1), 0]];
    Nest::new(&[items, channels, elements], steps)
}

impl<T: Real> Kernel<T> for PRelu {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let cx = functional::forward(self.def, cx, 1);
        let ([x], [weight], [y]) = (cx.inputs, cx.slots, cx.outputs) else { return Ok(()) };
        let (data, weight, y) = (x.floats(), weight.floats(), y.floats());
        nest(x, weight.len()).for_each_run(|[at, channel], length, [_, step]| {
            let y = y.get_mut(at..at + length).unwrap_or_default();
            for (index, (y, &x)) in y.iter_mut().zip(data.window(at, length)).enumerate() {
                *y = if x > T::zero() { x } else { x * weight.at(channel + index * step) };
            }
        });
        Ok(())
    }

    /// dx = g or g weight, dweight = Σ g min(x, 0)
    fn backward(&self, cx: Backward<T>) {
        let cx = functional::backward(self.def, cx, 1);
        let Backward { grad_inputs, grad_slots, .. } = cx;
        let ([x], [weight], [grad]) = (cx.inputs, cx.slots, cx.grad_outputs) else { return };
        let (data, weight, grad) = (x.floats(), weight.floats(), grad.floats());
        let nest = nest(x, weight.len());
        if let [Some(out)] = grad_inputs {
            nest.for_each_run(|[at, channel], length, [_, step]| {
                let out = out.get_mut(at..at + length).unwrap_or_default();
                let pairs = data.window(at, length).iter().zip(grad.window(at, length));
                for (index, (out, (&x, &grad))) in out.iter_mut().zip(pairs).enumerate() {
                    *out += if x > T::zero() { grad } else { grad * weight.at(channel + index * step) };
                }
            });
        }
        if let Some(out) = grad_slot(grad_slots, Some(0)) {
            let value = |[at, _]: [usize; 2]| {
                let x = data.at(at);
                if x > T::zero() { T::zero() } else { grad.at(at) * x }
            };
            add_sums(&nest, 1, 1.0, value, out);
        }
    }
}
