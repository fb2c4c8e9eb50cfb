//! The gradient of a bias: sums over all samples and places.

use crate::tensor::simd::{self, Loop};
use crate::tensor::{Real, threads};

/// How many sums run side by side.
const LANES: usize = 16;

/// Adds to `out` the sums of its channels in all samples.
pub fn add_bias_gradient<T: Real>(samples: usize, grad: &[T], out: &mut [T]) {
    let n_channels = out.len();
    let Some(size) = grad.len().checked_div(samples * n_channels).filter(|size| *size > 0) else { return };
    let piece = threads::piece(n_channels, 1, grad.len());
    threads::split(out, piece, |index, out| simd::run(Sums { grad, size, n_channels, first: index * piece, out }));
}

/// The sums of some channels.
struct Sums<'a, T> {
    grad: &'a [T],
    size: usize,
    n_channels: usize,
    first: usize,
    out: &'a mut [T],
}

impl<T: Real> Loop for Sums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (channel, out) in (self.first..).zip(self.out) {
            let mut total = 0.0;
            for plane in self.grad.chunks_exact(self.size).skip(channel).step_by(self.n_channels) {
                let (whole, rest) = plane.as_chunks::<LANES>();
                let mut lanes = [0.0; LANES];
                for chunk in whole {
                    lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane += x.to_f64());
                }
                total += lanes.iter().sum::<f64>() + rest.iter().map(|x| x.to_f64()).sum::<f64>();
            }
            *out += T::from_f64(total);
        }
    }
}
