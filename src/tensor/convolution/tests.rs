//! The products and gradients of convolutions, each compared with loops over single elements. All numbers are whole and
//! small, so that sums are exact in whatever order.

use super::*;
use crate::tensor::border::Border;

fn axis(input: usize, taps: usize, stride: usize, dilation: usize, before: usize) -> Sweep {
    let output = (input + 2 * before).saturating_sub((taps - 1) * dilation + 1) / stride + 1;
    Sweep { input, output, taps, stride, dilation, before, border: Border::Constant }
}

fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
    (0..len).map(|at| T::from_f64(((at * 7 + at / 5 + seed) % 9) as f64 - 4.0)).collect()
}

/// Calls `visit` with the places in image, weight and map that meet.
fn for_each(of: &Convolution, mut visit: impl FnMut(usize, usize, usize)) {
    let [z_axis, y_axis, x_axis] = of.axes;
    for sample in 0..of.batch {
        for row in 0..of.map_channels {
            for channel in 0..of.channels() {
                let image_channel = row / of.map_rows() * of.channels() + channel;
                for tap in 0..of.taps() {
                    let taps = [tap / x_axis.taps / y_axis.taps, tap / x_axis.taps % y_axis.taps, tap % x_axis.taps];
                    for place in 0..of.places() {
                        let (line, x) = (place / x_axis.output, place % x_axis.output);
                        let z = z_axis.source(line / y_axis.output, taps[0]);
                        let y = y_axis.source(line % y_axis.output, taps[1]);
                        let (Some(z), Some(y), Some(x)) = (z, y, x_axis.source(x, taps[2])) else { continue };
                        let image = (sample * of.image_channels + image_channel) * of.pixels();
                        visit(
                            image + (z * y_axis.input + y) * x_axis.input + x,
                            (row * of.channels() + channel) * of.taps() + tap,
                            (sample * of.map_channels + row) * of.places() + place,
                        );
                    }
                }
            }
        }
    }
}

/// The first element of each tensor is left out, so that vectors lie across their natural places.
fn as_one_by_one<T: Real>(of: &Convolution) {
    let pixels = of.batch * of.image_channels * of.pixels();
    let (places, n_weights) = (of.batch * of.map_channels * of.places(), of.map_channels * of.patch_rows());
    let (image, weight) = (&numbers::<T>(pixels + 1, 1)[1..], &numbers::<T>(n_weights + 1, 2)[1..]);
    let (map, bias) = (&numbers::<T>(places + 1, 3)[1..], numbers::<T>(of.map_channels, 4));

    let taps = arranged_taps(&of.axes.map(|axis| axis.taps));
    let [rows, channels] = [of.map_rows(), of.channels()].map(|count| count.next_multiple_of(VECTOR));
    let memory = vec![T::one(); of.groups * rows * channels * taps];
    let number = |at: usize| T::from_f64((at % 5) as f64);
    let finish = |at: usize, map: &mut [T]| (at..).zip(map).for_each(|(at, map)| *map += number(at));
    for mut memory in [memory.clone(), Vec::new()] {
        let mut wanted: Vec<T> = (0..places).map(|at| bias[at / of.places() % of.map_channels]).collect();
        for_each(of, |i, w, m| wanted[m] += image[i] * weight[w]);
        wanted.iter_mut().enumerate().for_each(|(at, wanted)| *wanted += number(at));
        let mut found = vec![T::one(); places + 1];
        of.multiply(image, weight, &mut memory, Use::Write(Some(&bias)), &finish, &mut found[1..]);
        assert_eq!(found[1..], wanted, "{of:?}");
        for_each(of, |i, w, m| wanted[m] += image[i] * weight[w]);
        of.multiply(image, weight, &mut memory, Use::Add, &|_, _| {}, &mut found[1..]);
        assert_eq!(found[1..], wanted, "{of:?}");
    }

    let (mut found, mut wanted) = (vec![T::one(); pixels + 1], vec![T::one(); pixels]);
    for_each(of, |i, w, m| wanted[i] += map[m] * weight[w]);
    let memory = &mut memory.clone();
    of.add_transposed(map, weight, memory, false, &mut found[1..]);
    assert_eq!(found[1..], wanted, "{of:?} transposed");
    wanted.fill(T::zero());
    for_each(of, |i, w, m| wanted[i] += map[m] * weight[w]);
    of.add_transposed(map, weight, memory, true, &mut found[1..]);
    assert_eq!(found[1..], wanted, "{of:?} transposed, fresh");

    let (mut found, mut wanted) = (vec![T::one(); n_weights + 1], vec![T::one(); n_weights]);
    for_each(of, |i, w, m| wanted[w] += map[m] * image[i]);
    for mut sums in [vec![T::one(); SHARES * n_weights], vec![T::one(); SHARES * memory.len()]] {
        found.fill(T::one());
        of.add_weight_gradient(map, image, &mut sums, &mut found[1..]);
        assert_eq!(found[1..], wanted, "{of:?} weight");
    }

    let (mut found, mut wanted) = (vec![T::one(); of.map_channels], vec![T::one(); of.map_channels]);
    (0..places).for_each(|at| wanted[at / of.places() % of.map_channels] += map[at]);
    add_bias_gradient(of.batch, map, &mut found);
    assert_eq!(found, wanted, "{of:?} bias");
}

#[test]
fn convolutions_of_all_kinds_are_those_of_loops() {
    threads::use_threads(3);
    let single = Sweep::SINGLE;
    let with = |border, axis: Sweep| Sweep { border, ..axis };
    let kinds = [
        [single, single, axis(1, 1, 1, 1, 0)],
        [single, axis(5, 3, 1, 1, 1), axis(7, 3, 1, 1, 1)],
        [single, axis(9, 3, 1, 1, 0), axis(9, 3, 1, 1, 0)],
        [single, axis(6, 3, 2, 1, 1), axis(8, 3, 2, 1, 1)],
        [single, axis(5, 1, 1, 1, 0), axis(6, 1, 1, 1, 0)],
        [single, axis(5, 1, 2, 1, 0), axis(6, 1, 3, 1, 0)],
        [single, axis(3, 2, 1, 2, 2), axis(40, 5, 1, 3, 4)],
        [axis(3, 2, 1, 1, 1), axis(4, 3, 2, 1, 1), axis(3, 2, 3, 2, 1)],
        [single, single, axis(200, 150, 1, 1, 3)],
        [single, single, axis(60, 3, 4, 1, 1)],
        [single, axis(2, 3, 1, 1, 1), axis(70, 3, 1, 1, 1)],
        [single, with(Border::Reflect, axis(4, 3, 1, 1, 2)), with(Border::Circular, axis(5, 3, 2, 1, 2))],
        [single, with(Border::Replicate, axis(4, 4, 1, 1, 3)), with(Border::Reflect, axis(20, 3, 1, 1, 1))],
        // Nothing of the image is seen by the first place, and none of it by any.
        [single, axis(1, 1, 1, 1, 4), axis(3, 2, 1, 1, 3)],
        [single, Sweep { input: 0, output: 2, ..axis(1, 2, 1, 1, 2) }, axis(3, 2, 1, 1, 1)],
    ];
    for axes in kinds {
        for [batch, channels, rows, groups] in [
            [2, 1, 4, 1],
            [1, 3, 5, 1],
            [3, 2, 17, 1],
            [2, 9, 8, 1],
            [2, 2, 4, 3],
            [1, 1, 1, 5],
            [2, 1, 3, 2],
            [2, 2, 3, 2],
            [0, 2, 4, 1],
            [2, 0, 4, 1],
            [2, 13, 3, 2],
            [1, 34, 4, 1],
        ] {
            let of =
                Convolution { axes, batch, image_channels: channels * groups, map_channels: rows * groups, groups };
            as_one_by_one::<f32>(&of);
            as_one_by_one::<f64>(&of);
        }
    }
}

/// Large enough to be divided: by samples, and by rows where there are few samples.
#[test]
fn pieces_of_convolutions_are_those_of_loops() {
    threads::use_threads(3);
    let axes = [Sweep::SINGLE, axis(7, 3, 1, 1, 1), axis(9, 3, 1, 1, 1)];
    for [batch, image_channels, map_channels, groups] in [[9, 16, 16, 1], [1, 32, 64, 1], [3, 32, 32, 2]] {
        as_one_by_one::<f32>(&Convolution { axes, batch, image_channels, map_channels, groups });
    }
    as_one_by_one::<f64>(&Convolution { axes, batch: 3, image_channels: 17, map_channels: 40, groups: 1 });
}

/// Parts of a line, some of many lines, channels that don't fit into one panel, and strides with distant taps.
#[test]
fn blocks_of_strips_are_those_of_loops() {
    threads::use_threads(3);
    let single = Sweep::SINGLE;
    for (axes, image_channels, map_channels) in [
        ([single, single, axis(1100, 3, 1, 1, 1)], 3, 9),
        ([single, axis(27, 3, 1, 1, 0), axis(31, 3, 1, 1, 1)], 1, 13),
        ([single, axis(5, 3, 1, 1, 1), axis(230, 3, 1, 1, 1)], 30, 14),
        ([single, axis(3, 3, 1, 1, 1), axis(530, 3, 1, 1, 0)], 2, 6),
        ([single, axis(90, 5, 1, 1, 2), axis(17, 3, 1, 1, 1)], 3, 7),
        ([single, axis(21, 3, 2, 1, 1), axis(33, 3, 2, 1, 1)], 70, 14),
        ([single, axis(19, 3, 2, 3, 2), axis(18, 3, 1, 2, 2)], 5, 8),
        ([axis(5, 3, 1, 1, 1), axis(9, 3, 1, 1, 1), axis(9, 3, 1, 1, 1)], 25, 5),
        ([single, axis(13, 1, 1, 1, 0), axis(50, 1, 1, 1, 0)], 90, 16),
    ] {
        let of = Convolution { axes, batch: 2, image_channels, map_channels, groups: 1 };
        assert!(Strips::new(axes, image_channels, map_channels, usize::MAX).is_some());
        as_one_by_one::<f32>(&of);
        as_one_by_one::<f64>(&of);
    }
}

/// Lines of more than a tile, many lines turned together, rows that don't fit at once, and channels beyond a chunk.
#[test]
fn pixels_with_their_channels_are_those_of_loops() {
    threads::use_threads(3);
    let single = Sweep::SINGLE;
    for (axes, image_channels, map_channels, groups) in [
        ([single, axis(5, 3, 1, 1, 1), axis(29, 3, 1, 1, 1)], 15, 46, 1),
        ([single, single, axis(150, 3, 1, 2, 0)], 60, 13, 1),
        ([single, axis(14, 2, 1, 3, 4), axis(11, 5, 1, 1, 1)], 34, 28, 2),
        ([axis(3, 3, 1, 1, 2), axis(5, 3, 1, 1, 1), axis(13, 1, 1, 1, 0)], 16, 16, 1),
        ([single, axis(14, 1, 1, 1, 0), axis(14, 1, 1, 1, 0)], 130, 12, 1),
        ([single, axis(3, 3, 1, 1, 1), axis(98, 3, 1, 1, 1)], 90, 12, 1),
    ] {
        let of = Convolution { axes, batch: 2, image_channels, map_channels, groups };
        assert!(is_arranged(of.map_rows(), of.patch_rows(), false));
        as_one_by_one::<f32>(&of);
        as_one_by_one::<f64>(&of);
    }
}

/// Blocks of all lengths, tiles beyond the ends, rows and channels that don't fill vectors, and lines of tiles in several
/// turns.
#[test]
fn tiles_of_square_kernels_are_those_of_loops() {
    threads::use_threads(3);
    for (y, x, image_channels, map_channels, groups) in [
        (axis(13, 3, 1, 1, 0), axis(13, 3, 1, 1, 0), 32, 16, 1),
        (axis(15, 3, 1, 1, 1), axis(27, 3, 1, 1, 2), 17, 46, 1),
        (axis(6, 3, 1, 1, 2), axis(100, 3, 1, 1, 1), 18, 13, 1),
        (axis(14, 3, 1, 1, 1), axis(14, 3, 1, 1, 1), 96, 28, 2),
        (axis(5, 3, 1, 1, 1), axis(18, 3, 1, 1, 1), 30, 40, 1),
        (axis(20, 3, 1, 1, 1), axis(7, 3, 1, 1, 0), 16, 12, 1),
    ] {
        let axes = [Sweep::SINGLE, y, x];
        let of = Convolution { axes, batch: 3, image_channels, map_channels, groups };
        let sizes = Sizes { samples: 3, groups, rows: of.channels(), channels: of.map_rows() };
        assert!(Factors::new(axes, sizes, &[0.0f32], &[0.0]).and_then(winograd::Winograd::new).is_some());
        as_one_by_one::<f32>(&of);
        as_one_by_one::<f64>(&of);
    }
}

/// What is rounded on the way of the tiles costs no more than a few times what the loops round.
#[test]
fn tiles_of_square_kernels_round_little() {
    let axes = [Sweep::SINGLE, axis(14, 3, 1, 1, 1), axis(14, 3, 1, 1, 1)];
    let of = Convolution { axes, batch: 1, image_channels: 64, map_channels: 16, groups: 1 };
    let drawn = |len: usize, seed: &str| {
        let mut stream = crate::tensor::random::Stream::new(1, seed);
        (0..len).map(|_| (stream.uniform() * 2.0 - 1.0) as f32).collect::<Vec<f32>>()
    };
    let (image, weight) = (drawn(64 * of.pixels(), "image"), drawn(16 * of.patch_rows(), "weight"));
    let mut wanted = vec![0.0; 16 * of.places()];
    for_each(&of, |i, w, m| wanted[m] += f64::from(image[i]) * f64::from(weight[w]));
    let mut found = vec![0.0; wanted.len()];
    of.multiply(&image, &weight, &mut vec![0.0; 16 * 64 * 16], Use::Write(None), &|_, _| {}, &mut found);
    let far = found.iter().zip(&wanted).map(|(found, wanted)| (f64::from(*found) - wanted).abs()).fold(0.0, f64::max);
    let mut plain = vec![0.0; wanted.len()];
    of.multiply(&image, &weight, &mut [], Use::Write(None), &|_, _| {}, &mut plain);
    let plain = plain.iter().zip(&wanted).map(|(plain, wanted)| (f64::from(*plain) - wanted).abs()).fold(0.0, f64::max);
    assert!(far > 0.0 && far < 4.0 * plain && far < 2e-5, "{far:e}, where plain products are {plain:e} away");
}

#[test]
fn channels_by_themselves_are_computed_some_lines_at_a_time() {
    threads::use_threads(3);
    let with = |border, axis: Sweep| Sweep { border, ..axis };
    for axes in [
        [Sweep::SINGLE, axis(200, 5, 1, 1, 2), axis(130, 3, 1, 2, 2)],
        [Sweep::SINGLE, axis(201, 3, 2, 1, 1), axis(230, 4, 3, 1, 1)],
        [Sweep::SINGLE, with(Border::Reflect, axis(30, 3, 1, 1, 2)), with(Border::Circular, axis(67, 7, 1, 1, 3))],
    ] {
        for [batch, groups, maps] in [[1, 2, 1], [2, 3, 2]] {
            let of = Convolution { axes, batch, image_channels: groups, map_channels: groups * maps, groups };
            assert!(Depthwise::new(&of).is_some());
            as_one_by_one::<f32>(&of);
            as_one_by_one::<f64>(&of);
        }
    }
    // Too wide.
    let axes = [Sweep::SINGLE, axis(3, 3, 1, 1, 1), axis(6000, 3, 1, 1, 1)];
    let of = Convolution { axes, batch: 1, image_channels: 2, map_channels: 2, groups: 2 };
    assert!(Depthwise::new(&of).is_none());
    as_one_by_one::<f32>(&of);
}

#[test]
fn long_runs_are_summed_whole() {
    let map: Vec<f32> = (0..150).map(|index| (index % 7) as f32).collect();
    let image: Vec<f32> = (0..450).map(|index| (index % 11) as f32).collect();
    for length in [0, 3, 8, 63, 64, 65, 150] {
        for step in [1, 3] {
            let expected: f32 = (0..length).map(|index| map[index] * image[index * step]).sum();
            assert_eq!(dot(&map[..length], &image, step), f64::from(expected), "{length} {step}");
        }
    }
}
