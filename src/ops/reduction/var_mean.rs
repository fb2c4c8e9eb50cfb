//! `var_mean`: the variance and the mean, of all elements or along axes.

use super::reduce::{DIM, KEEPDIM};
use super::variance::{CORRECTION, Root, UNBIASED, Variance};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "var_mean",
    form: Form::Function,
    summary: "Gives the variance and the mean of all elements, or of those along some axes.",
    formula: "y₀ = Σᵢ (xᵢ - E[x])² / (n - correction), y₁ = E[x]",
    parameters: &[INPUT, DIM, UNBIASED, KEEPDIM, CORRECTION],
    torch: "torch.var_mean",
    onnx: "",
    examples: &[
        "input x: [2, 3]  v, m = var_mean(x)  output v, m",
        "input x: [2, 3, 4]  v, m = var_mean(x, dim=1, correction=0)  output v, m",
        "input x: [2, 3, 4]  v, m = var_mean(x, dim=[0, -1], keepdim=true)  output (x - m) / sqrt(v)",
    ],
    build: |attributes| Ok(Arc::new(Variance::new(&DEF, attributes, Root::None)?.with_mean())),
};
