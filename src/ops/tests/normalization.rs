//! The normalizing layers and functions, and affine maps as functions.

use super::cases::{Case, float, int, ints};
use crate::ops::*;

/// Cases that give every operand, and those that leave some out.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, given: &[(&'static str, Value)], inputs: &[&[usize]]| {
        let inputs: Vec<_> = inputs.iter().map(|shape| float(shape)).collect();
        cases.push(Case::new(name, given, &inputs));
    };
    for inputs in [&[&[3, 4][..], &[5, 4], &[5]][..], &[&[2, 3, 4], &[5, 4]], &[&[4], &[5, 4], &[5]]] {
        add("linear", &[], inputs);
    }
    for inputs in [&[&[3, 4][..], &[4], &[]][..], &[&[4], &[4]], &[&[0, 4], &[5, 4], &[5]], &[&[3, 0], &[5, 0], &[5]]] {
        add("linear", &[], inputs);
    }
    let shape = [("normalized_shape", ints(&[3, 4])), ("eps", Value::Float(0.1))];
    for inputs in [&[&[2, 5, 3, 4][..], &[3, 4], &[3, 4]][..], &[&[3, 4], &[3, 4]], &[&[2, 3, 4]]] {
        add("layer_norm", &shape, inputs);
    }
    for inputs in [&[&[2, 5, 3, 4][..], &[3, 4]][..], &[&[3, 4]], &[&[0, 3, 4], &[3, 4]]] {
        add("rms_norm", &shape, inputs);
    }
    for affine in [true, false] {
        let given = [("normalized_shape", int(4)), ("elementwise_affine", Value::Bool(affine))];
        for shape in [&[2, 3, 4][..], &[4], &[0, 4]] {
            add("RMSNorm", &given, &[shape]);
        }
    }
    add("RMSNorm", &[("normalized_shape", int(0))], &[&[3, 0]]);
    cases
}
