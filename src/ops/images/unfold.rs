//! `Unfold` and `unfold`: the patches of an image, as columns.

use super::patches::{DILATION, KERNEL_SIZE, PADDING, Patches, STRIDE};
use crate::ops::contract::{Def, Form, Op, Parameter};
use crate::ops::movement::{Move, Moved, Movement};
use crate::ops::shape_rules::any_operand;
use crate::ops::windows::{Taps, fits, leading};
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

const INPUT: Parameter = Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`");

pub(super) static DEF: Def = Def {
    name: "Unfold",
    form: Form::Layer { call: &[INPUT] },
    summary: "Makes a column of what a window sees of an image, for each of its places, row by row.",
    formula: "[N, C, H, W] -> [N, C·kh·kw, L], L the number of places, ⌊(H + 2·padding - dilation·(kh - 1) - 1) / stride⌋ + 1 of them along H and alike along W",
    parameters: &[KERNEL_SIZE, DILATION, PADDING, STRIDE],
    torch: "torch.nn.Unfold",
    onnx: "",
    examples: &[
        "input x: [1, 2, 4, 5]  layer f = Unfold(3)  output f(x)",
        "input x: [2, 5, 4]  layer f = Unfold([3, 2], dilation=[1, 2], padding=[1, 0], stride=2)  output f(x)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "unfold",
    form: Form::Function,
    parameters: &[INPUT, KERNEL_SIZE, DILATION, PADDING, STRIDE],
    torch: "torch.nn.functional.unfold",
    examples: &[
        "input x: [2, 1, 4, 4]  output unfold(x, 2, stride=2)",
        "input x: [1, 3, 3]  output unfold(x, 2, padding=1)",
    ],
    build: |attributes| build(&FUNCTION, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Moved(Unfold(Patches::new(def, attributes)?))))
}

#[derive(Debug)]
struct Unfold(Patches);

impl Movement for Unfold {
    fn def(&self) -> &'static Def {
        self.0.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.0.def, inputs, 0)?;
        let leading = leading(self.0.def, input, 2, "C")?;
        let mut places = Dim::ONE;
        for (axis, window) in (leading..).zip(&self.0.windows) {
            fits(facts, self.0.def, (input, axis), window, &Dim::ZERO, &Taps::Attribute)?;
            places = places.mul(&window.places(input.shape.get(axis).unwrap_or(&Dim::ONE)));
        }
        let mut shape: Shape = input.shape.iter().take(leading).cloned().collect();
        if let Some(channels) = shape.last_mut() {
            *channels = channels.mul(&self.0.numel());
        }
        shape.push(places);
        Ok(vec![TensorType::new(input.element, shape)])
    }

    fn leaves_zeros(&self) -> bool {
        self.0.windows.iter().any(|window| window.before != Dim::ZERO)
    }

    fn moves(&self, inputs: &[&[usize]], _: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        if let [image] = inputs {
            self.0.moves(image, visit);
        }
    }
}
