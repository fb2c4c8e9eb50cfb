//! The heads of `MultiheadAttention`, which are done in pieces: what they give doesn't hang on how they are divided.

use super::cases::{float, int};
use super::harness::{Run, Tensor, build};
use crate::ops::*;
use crate::tensor::threads;

/// The heads of four items are more than one piece of work, those of one are one.
#[test]
fn heads_in_pieces_give_what_those_of_one_item_give() {
    const ITEMS: usize = 4;
    threads::use_threads(3);
    for (weights, each) in [(false, false), (true, false), (true, true)] {
        let given = [
            ("embed_dim", int(12)),
            ("num_heads", int(3)),
            ("batch_first", Value::Bool(true)),
            ("need_weights", Value::Bool(weights)),
            ("average_attn_weights", Value::Bool(!each)),
        ];
        let op = build(named("MultiheadAttention").unwrap(), &given, 3).unwrap();
        let shape = float(&[ITEMS, 130, 12]);
        let all = Run::draw(op, &[shape.clone(), shape.clone(), shape], Mode::Train, false);
        let results = all.forward().unwrap();
        let grads = Run::grad_outputs(&results);
        let mut found = all.zero_gradients();
        all.backward(&results, &grads, &mut found);
        let share = |data: &[f64], item: usize| -> Vec<f64> {
            let size = data.len() / ITEMS;
            data[item * size..(item + 1) * size].to_vec()
        };
        let mut of_slots = all.zero_gradients().split_off(3);
        for item in 0..ITEMS {
            let part = |input: &Tensor<f64>| Tensor::floats(&[1, 130, 12], &share(input.as_floats().unwrap(), item));
            let alone = Run { inputs: all.inputs.iter().map(part).collect(), ..all.clone() };
            let expected = alone.forward().unwrap();
            for (all, alone) in results.outputs.iter().zip(&expected.outputs) {
                close(&share(all.as_floats().unwrap(), item), alone.as_floats().unwrap());
            }
            let grads: Vec<_> = grads.iter().map(|grad| share(grad, item)).collect();
            let mut wanted = alone.zero_gradients();
            alone.backward(&expected, &grads, &mut wanted);
            for (all, alone) in found.iter().zip(&wanted).take(3) {
                close(&share(all.as_ref().unwrap(), item), alone.as_ref().unwrap());
            }
            for (sum, grad) in of_slots.iter_mut().zip(&wanted[3..]) {
                let pairs = sum.as_mut().unwrap().iter_mut().zip(grad.as_ref().unwrap());
                pairs.for_each(|(sum, grad)| *sum += grad);
            }
        }
        for (found, sum) in found[3..].iter().zip(&of_slots) {
            close(found.as_ref().unwrap(), sum.as_ref().unwrap());
        }
    }
}

fn close(found: &[f64], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() <= 1e-10 * (1.0 + wanted.abs()), "{found} is not {wanted}");
    }
}
