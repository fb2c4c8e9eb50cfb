//! Kernels at the points: G g Gᵀ.

#![allow(clippy::indexing_slicing, reason = "points are counted from the sizes of the weight")]

use super::{POINTS, SIDE, Winograd};
use crate::tensor::convolution::arranged::{Chunk, Product};
use crate::tensor::convolution::channels_last::CHANNELS;
use crate::tensor::simd::{self, Loop};
use crate::tensor::{Real, threads};

/// What moving a number of a kernel costs, in operations.
const COST: usize = 8;

/// Writes the transformed weight as `[groups, chunks of channels, points, rows, channels of a chunk]`.
pub(super) fn arrange<T: Real>(product: &Winograd<'_, T>, arranged: &mut [T]) {
    // All chunks of a single group but the last are as long.
    let unit = product.start(1, 0).min(if product.of.sizes.groups == 1 { product.start(0, 1) } else { usize::MAX });
    let piece = threads::piece(arranged.len(), unit, arranged.len().saturating_mul(COST));
    threads::split(arranged, piece, |index, arranged| {
        simd::run(Arrange { product, start: index * piece, arranged });
    });
}

/// Some chunks of the arranged weight.
struct Arrange<'a, T> {
    product: &'a Winograd<'a, T>,
    start: usize,
    arranged: &'a mut [T],
}

impl<T: Real> Loop for Arrange<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (product, depth) = (self.product, self.product.depth());
        for Chunk { group, first, width } in product.of.sizes.chunks() {
            let start = product.start(group, first / CHANNELS).checked_sub(self.start);
            let Some(arranged) = start.and_then(|start| self.arranged.get_mut(start..start + POINTS * depth * width))
            else {
                continue;
            };
            for row in 0..depth {
                let mut kernels = [[T::zero(); 9]; CHANNELS];
                for (channel, to) in (first..).zip(&mut kernels).take(width) {
                    let kernel = product.of.kernel(group, channel, row);
                    *to = std::array::from_fn(|tap| kernel.at(tap));
                }
                for (channel, kernel) in kernels.iter().enumerate().take(width) {
                    let columns: [[T; SIDE]; 3] =
                        std::array::from_fn(|x| of_kernel([kernel[x], kernel[3 + x], kernel[6 + x]]));
                    for y in 0..SIDE {
                        let line = of_kernel(columns.map(|column| column[y]));
                        for (x, value) in line.into_iter().enumerate() {
                            arranged[((y * SIDE + x) * depth + row) * width + channel] = value;
                        }
                    }
                }
            }
        }
    }
}

/// G g
#[inline(always)]
fn of_kernel<T: Real>([a, b, c]: [T; 3]) -> [T; SIDE] {
    let half = T::from_f64(0.5);
    [a, half * (a + b + c), half * (a - b + c), c]
}
