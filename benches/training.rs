//! What training does beside the model: an optimizer's step over a million elements, and reading a table of images.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may panic")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use std::fmt::Write;
use wnet::data::{Dataset, Element, Request, Tokens, Wanted};
use wnet::optim::{self, Part, Step, Stepped};
use wnet::tensor::SliceMut;

fn main() {
    divan::main();
}

const SHAPE: [usize; 2] = [1000, 1000];

fn step<T: Stepped>(bencher: Bencher, name: &str) {
    let mut optimizer = optim::optimizer(name, &[]).unwrap();
    let states = optimizer.states(&SHAPE);
    let mut memory: [Vec<T>; 3] = std::array::from_fn(|index| {
        states.get(index).map(|state| vec![T::from_f64(state.start); state.len()]).unwrap_or_default()
    });
    let mut param: Vec<T> = (0..1_000_000).map(|index| T::from_f64(f64::from(index % 97) * 0.01)).collect();
    let grad: Vec<T> = (0..1_000_000).map(|index| T::from_f64(f64::from(index % 89) * 0.001)).collect();
    let mut number = 0;
    bencher.counter(ItemsCount::new(param.len())).bench_local(|| {
        number += 1;
        let factors = optimizer.begin(Step::new(number, 1e-4));
        let states = memory.each_mut().map(Vec::as_mut_slice);
        T::update(&*optimizer, &factors, Part { shape: &SHAPE, param: black_box(&mut param), grad: &grad, states });
    });
}

#[divan::bench(args = ["SGD", "Adam", "RMSprop", "Adagrad", "Adamax", "NAdam", "RAdam", "Lion", "Adafactor"])]
fn f32_step(bencher: Bencher, name: &str) {
    step::<f32>(bencher, name);
}

#[divan::bench(args = ["SGD", "Adam"])]
fn f64_step(bencher: Bencher, name: &str) {
    step::<f64>(bencher, name);
}

/// 5,000 images of 784 pixels and their labels, in memory and where they lie.
#[divan::bench(args = [1 << 30, 1 << 20], sample_count = 3)]
fn table(bencher: Bencher, memory: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.csv");
    let mut text = String::new();
    for row in 0..5000 {
        (0..784).for_each(|column| write!(text, "{},", (row * column) % 256).unwrap());
        writeln!(text, "{}", row % 10).unwrap();
    }
    std::fs::write(&path, text).unwrap();
    let input = |name: &str, element, shape: &[Option<usize>]| Wanted {
        name: name.to_owned(),
        element,
        batched: true,
        shape: shape.to_vec(),
        optional: false,
    };
    let wanted = [input("image", Element::Float, &[Some(784)]), input("label", Element::Int, &[])];
    let request = Request { wanted: &wanted, memory, window: None, tokens: Tokens::Characters, vocabularies: None };
    let rows: Vec<usize> = (0..5000).map(|index| index * 7 % 5000).collect();
    let (mut images, mut labels) = (vec![0.0f32; 784 * 32], vec![0i64; 32]);
    bencher.counter(ItemsCount::new(rows.len())).bench_local(|| {
        let mut data = Dataset::open::<f32>(&path, &request).unwrap();
        for rows in rows.chunks_exact(32) {
            data.fetch(0, rows, SliceMut::Float(&mut images)).unwrap();
            data.fetch::<f32>(1, rows, SliceMut::Int(&mut labels)).unwrap();
        }
    });
}
