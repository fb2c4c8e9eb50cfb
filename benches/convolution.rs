//! Convolutions and pooling of single tensors, on one thread: the shapes of W4, of `ResNet-18` and of `ConvNeXt`.

#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use wnet::tensor::border::Border;
use wnet::tensor::convolution::{Convolution, SHARES, Use};
use wnet::tensor::max_pool::MaxPool;
use wnet::tensor::sweep::Sweep;

fn main() {
    divan::main();
}

fn axis(input: usize, taps: usize, stride: usize, before: usize) -> Sweep {
    let output = (input + 2 * before - taps) / stride + 1;
    Sweep { input, output, taps, stride, dilation: 1, before, border: Border::Constant }
}

fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|at| (at * 7919 % 1013) as f32 / 1013.0 - 0.5).collect()
}

/// Batch, channels of the image and the map, size of the image, of the kernel, stride, padding, groups.
const SHAPES: [[usize; 8]; 12] = [
    [64, 1, 32, 28, 3, 1, 0, 1],
    [64, 32, 64, 13, 3, 1, 0, 1],
    [4, 3, 64, 112, 7, 2, 3, 1],
    [4, 64, 64, 56, 3, 1, 1, 1],
    [4, 64, 128, 56, 3, 2, 1, 1],
    [4, 64, 128, 56, 1, 2, 0, 1],
    [4, 128, 128, 28, 3, 1, 1, 1],
    [4, 256, 256, 14, 3, 1, 1, 1],
    [4, 512, 512, 7, 3, 1, 1, 1],
    [4, 64, 256, 56, 1, 1, 0, 1],
    [4, 96, 96, 56, 7, 1, 3, 96],
    [4, 192, 192, 28, 3, 2, 1, 192],
];

struct Tensors {
    of: Convolution,
    image: Vec<f32>,
    weight: Vec<f32>,
    map: Vec<f32>,
    /// Additions and multiplications.
    work: ItemsCount,
}

fn tensors([batch, image_channels, map_channels, size, taps, stride, before, groups]: [usize; 8]) -> Tensors {
    let one = axis(size, taps, stride, before);
    let of = Convolution { axes: [Sweep::SINGLE, one, one], batch, image_channels, map_channels, groups };
    let depth = image_channels / groups * taps * taps;
    let places = batch * map_channels * one.output * one.output;
    let image = numbers(batch * image_channels * size * size);
    let (weight, map) = (numbers(map_channels * depth), numbers(places));
    Tensors { of, image, weight, map, work: ItemsCount::new(2 * places * depth) }
}

#[divan::bench(args = SHAPES)]
fn forward(bencher: Bencher, shape: [usize; 8]) {
    let Tensors { of, image, weight, mut map, work } = tensors(shape);
    let (bias, mut memory) = (numbers(of.map_channels), vec![0.0; SHARES * weight.len()]);
    bencher.counter(work).bench_local(|| {
        of.multiply(black_box(&image), &weight, &mut memory, Use::Write(Some(&bias)), &|_, _| {}, &mut map);
    });
}

#[divan::bench(args = SHAPES)]
fn input_gradient(bencher: Bencher, shape: [usize; 8]) {
    let Tensors { of, mut image, weight, map, work } = tensors(shape);
    let mut memory = vec![0.0; SHARES * weight.len()];
    bencher.counter(work).bench_local(|| of.add_transposed(black_box(&map), &weight, &mut memory, false, &mut image));
}

#[divan::bench(args = SHAPES)]
fn weight_gradient(bencher: Bencher, shape: [usize; 8]) {
    let Tensors { of, image, mut weight, map, work } = tensors(shape);
    let mut sums = vec![0.0; SHARES * weight.len()];
    bencher.counter(work).bench_local(|| of.add_weight_gradient(black_box(&map), &image, &mut sums, &mut weight));
}

/// Planes, size, window, stride, padding; the items are elements of the input.
#[divan::bench(args = [[2048, 26, 2, 2, 0], [4096, 11, 2, 2, 0], [256, 112, 3, 2, 1], [256, 56, 3, 1, 1]])]
fn max_pool(bencher: Bencher, [planes, size, taps, stride, before]: [usize; 5]) {
    let one = axis(size, taps, stride, before);
    let pool = MaxPool { planes, axes: [Sweep::SINGLE, one, one] };
    let x = numbers(planes * size * size);
    let mut y = vec![0.0; planes * one.output * one.output];
    let mut places = y.clone();
    bencher.counter(ItemsCount::new(x.len())).bench_local(|| pool.forward(black_box(&x), &mut y, &mut places));
}
