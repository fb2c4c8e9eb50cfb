//! `relu6` and `ReLU6`: a rectified linear unit that ends at 6.

use super::hardtanh::Hardtanh;
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::{INPUT, Map};

pub(super) static DEF: Def = Def {
    name: "relu6",
    form: Form::Function,
    summary: "Replaces every negative element by 0 and every one above 6 by 6.",
    formula: "y = min(max(x, 0), 6)",
    parameters: &[INPUT],
    torch: "torch.nn.functional.relu6",
    onnx: "Clip",
    examples: &["input x: [3, 4]  output relu6(5.0 * x)"],
    build: |_| Ok(Map::new(&DEF, Hardtanh { min: 0.0, max: 6.0 })),
};

pub(super) static LAYER: Def = Def {
    name: "ReLU6",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.ReLU6",
    examples: &["input x: [3, 4]  layer act = ReLU6()  output act(5.0 * x)"],
    build: |_| Ok(Map::new(&LAYER, Hardtanh { min: 0.0, max: 6.0 })),
    ..DEF
};
