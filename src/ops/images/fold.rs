//! `Fold` and `fold`: an image of which columns are the patches; what overlaps is added.

use super::patches::{DILATION, KERNEL_SIZE, PADDING, Patches, STRIDE};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::shape_rules::{axes, float_input};
use crate::ops::windows::each;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

const INPUT: Parameter = Parameter::operand("input", "`[N, C·kh·kw, L]` or `[C·kh·kw, L]`");
const OUTPUT_SIZE: Parameter =
    Parameter::required("output_size", Type::Sizes, "The height and width of the image; one number for both.");

pub(super) static DEF: Def = Def {
    name: "Fold",
    form: Form::Layer { call: &[INPUT] },
    summary: "Makes an image of columns, each of them what a window sees at one of its places; what overlaps is added.",
    formula: "[N, C·kh·kw, L] -> [N, C, H, W], L the number of places that the window of `unfold` has in the image",
    parameters: &[OUTPUT_SIZE, KERNEL_SIZE, DILATION, PADDING, STRIDE],
    torch: "torch.nn.Fold",
    onnx: "Col2Im",
    examples: &[
        "input x: [1, 8, 6]  layer f = Fold([3, 4], 2)  output f(x)",
        "input x: [6, 2]  layer f = Fold([3, 4], [3, 2], dilation=[1, 2], padding=[1, 0], stride=2)  output f(x)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "fold",
    form: Form::Function,
    parameters: &[INPUT, OUTPUT_SIZE, KERNEL_SIZE, DILATION, PADDING, STRIDE],
    torch: "torch.nn.functional.fold",
    examples: &[
        "input x: [2, 4, 4]  output fold(x, 4, 2, stride=2)",
        "input x: [4, 16]  output fold(x, 3, 2, padding=1)",
    ],
    build: |attributes| build(&FUNCTION, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let size = each(attributes, "output_size", 2, 1)?;
    Ok(Arc::new(Fold { patches: Patches::new(def, attributes)?, size }))
}

#[derive(Debug)]
struct Fold {
    patches: Patches,
    /// The height and width of the image.
    size: Vec<Dim>,
}

impl Op for Fold {
    fn def(&self) -> &'static Def {
        self.patches.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (def, input) = (self.patches.def, float_input(self.patches.def, inputs)?);
        let (name, taps, rank) = (def.name, self.patches.numel(), input.shape.rank());
        let ([.., channels, length], true) = (&*input.shape, (2..=3).contains(&rank)) else {
            let message = format!("`{name}` wants [N, C·{taps}, L] or [C·{taps}, L], and gets {}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank))));
        };
        if !facts.divides(&taps, channels) {
            let message = format!("`{name}` wants columns of a multiple of {taps} elements, and gets {channels}");
            let axis = rank - 2;
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {channels}", input.shape))
                .cause(Cause::Attribute("kernel_size"), format!("a patch of one channel has {taps}")));
        }
        let mut places = Dim::ONE;
        for (window, size) in self.patches.windows.iter().zip(&self.size) {
            if !facts.at_most(&window.extent().sub(&window.padding()), size) {
                let message = format!("`{name}` covers {} along an axis of {size}", window.extent());
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Attribute("output_size"), format!("it is {size}"))
                    .cause(Cause::Attribute("kernel_size"), format!("the kernel covers {}", window.extent())));
            }
            places = places.mul(&window.places(size));
        }
        if !facts.equal(&places, length) {
            let axis = rank - 1;
            let message = format!("`{name}` wants {places} columns, one for each place, and gets {length}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {length}", input.shape))
                .cause(Cause::Attribute("output_size"), format!("the kernel has {places} places in it")));
        }
        let mut shape: Shape = input.shape.iter().take(rank - 2).cloned().collect();
        shape.push(channels.exact_div(&taps).unwrap_or_else(|| channels.floor_div(&taps)));
        let shape = shape.iter().chain(&self.size).cloned().collect::<Shape>();
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        crate::ops::shape_rules::numel(inputs)
    }
}

impl<T: Real> Kernel<T> for Fold {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let (shape, x, y) = (y.shape, x.floats(), y.floats());
        y.fill(T::zero());
        self.patches.moves(shape, &mut |one| one.add_back(x, y));
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) else { return };
        self.patches.moves(grad.shape, &mut |one| one.add(grad.floats(), out));
    }
}
