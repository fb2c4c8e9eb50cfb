//! `AdamW`: `Adam` whose weight decay shrinks the weights and leaves the averages alone.

use super::OptimizerDef;
use super::adam::{AMSGRAD, Adam, LR};
use super::def::{BETAS, EPS, MAXIMIZE, float};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "AdamW",
    summary: "`Adam` whose weight decay shrinks the weights and leaves the averages alone.",
    formula: "θ ← (1 - lr weight_decay) θ\n\
              m ← β₁ m + (1 - β₁) ∇, v ← β₂ v + (1 - β₂) ∇²\n\
              m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ)\n\
              θ ← θ - lr m̂ / (√v̂ + eps)",
    parameters: &[
        LR,
        BETAS,
        EPS,
        float("weight_decay", 1e-2, "By how much, times the learning rate, the weights shrink in a step."),
        AMSGRAD,
        MAXIMIZE,
    ],
    torch: "torch.optim.AdamW",
    paper: "https://arxiv.org/abs/1711.05101",
    build: |attributes| Ok(Box::new(Adam::new(&DEF, attributes, true)?)),
};
