//! Vectors of floats, as wide as the instruction set of the processor has them, for kernels whose loops the compiler
//! doesn't turn into vectors by itself. `Simd::vectorize` compiles a kernel once for each set.

use pulp::Simd;

/// What kernels do with vectors of a float type.
pub trait Vectors: Copy + 'static {
    type Vector<S: Simd>: Copy;

    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    /// The slice as vectors, without the elements that don't fill the last one.
    fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>];
    /// The first elements; zeros where the slice has none.
    fn load<S: Simd>(simd: S, slice: &[Self]) -> Self::Vector<S>;
    /// Writes as many elements as the slice has, at most.
    fn store<S: Simd>(simd: S, slice: &mut [Self], vector: Self::Vector<S>);
    /// The first elements, and zeros instead of the others.
    fn first<S: Simd>(simd: S, vector: Self::Vector<S>, count: usize) -> Self::Vector<S>;
    fn sum_of<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn difference_of<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The sum of the elements.
    fn total<S: Simd>(simd: S, vector: Self::Vector<S>) -> Self;
    /// a · b + c, rounded once where the processor can do that.
    fn mul_add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>, c: Self::Vector<S>) -> Self::Vector<S>;
    /// The elements of `a` whose numbers have the bit `distance` and those of `b` whose numbers haven't, one in place of the
    /// other.
    fn exchange<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>, distance: usize) -> [Self::Vector<S>; 2];
}

/// How many elements the widest vectors have.
pub const MOST_LANES: usize = 16;

/// Turns a square of as many vectors as each has elements, so that its rows become columns. What follows stays.
#[inline(always)]
pub fn transpose<T: Vectors, S: Simd>(simd: S, square: &mut [T::Vector<S>; MOST_LANES]) {
    exchange_all::<T, S, 8>(simd, square);
    exchange_all::<T, S, 4>(simd, square);
    exchange_all::<T, S, 2>(simd, square);
    exchange_all::<T, S, 1>(simd, square);
}

/// A step of a transpose. The distance is known when this is compiled, so that all vectors stay in registers.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "the places are below `MOST_LANES`, which lets the loop be unrolled")]
fn exchange_all<T: Vectors, S: Simd, const DISTANCE: usize>(simd: S, square: &mut [T::Vector<S>; MOST_LANES]) {
    if DISTANCE >= lanes::<T, S>() {
        return;
    }
    for pair in 0..lanes::<T, S>() / 2 {
        let first = pair / DISTANCE * DISTANCE * 2 + pair % DISTANCE;
        let [a, b] = T::exchange(simd, square[first], square[first + DISTANCE], DISTANCE);
        square[first] = a;
        square[first + DISTANCE] = b;
    }
}

/// For each of the first numbers, whether it has a bit.
#[inline(always)]
fn bits<T: From<bool>>(bit: usize) -> [T; MOST_LANES] {
    std::array::from_fn(|number| T::from(number & bit != 0))
}

/// The number of elements of a vector.
#[inline(always)]
pub fn lanes<T: Vectors, S: Simd>() -> usize {
    size_of::<T::Vector<S>>() / size_of::<T>()
}

impl Vectors for f32 {
    type Vector<S: Simd> = S::f32s;

    #[inline(always)]
    fn splat<S: Simd>(simd: S, value: Self) -> S::f32s {
        simd.splat_f32s(value)
    }
    #[inline(always)]
    fn vectors<S: Simd>(slice: &[Self]) -> &[S::f32s] {
        S::as_simd_f32s(slice).0
    }
    #[inline(always)]
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::f32s] {
        S::as_mut_simd_f32s(slice).0
    }
    #[inline(always)]
    fn load<S: Simd>(simd: S, slice: &[Self]) -> S::f32s {
        match S::as_simd_f32s(slice).0 {
            [vector, ..] => *vector,
            [] => simd.partial_load_f32s(slice),
        }
    }
    #[inline(always)]
    fn store<S: Simd>(simd: S, slice: &mut [Self], vector: S::f32s) {
        match S::as_mut_simd_f32s(slice) {
            ([first, ..], _) => *first = vector,
            ([], slice) => simd.partial_store_f32s(slice, vector),
        }
    }
    #[inline(always)]
    fn first<S: Simd>(simd: S, vector: S::f32s, count: usize) -> S::f32s {
        simd.select_f32s(simd.mask_between_m32s(0, count as u32).mask(), vector, simd.splat_f32s(0.0))
    }
    #[inline(always)]
    fn sum_of<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.add_f32s(a, b)
    }
    #[inline(always)]
    fn difference_of<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.sub_f32s(a, b)
    }
    #[inline(always)]
    fn total<S: Simd>(simd: S, vector: S::f32s) -> Self {
        simd.reduce_sum_f32s(vector)
    }
    #[inline(always)]
    fn mul_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
        simd.mul_add_e_f32s(a, b, c)
    }
    #[inline(always)]
    fn exchange<S: Simd>(simd: S, a: S::f32s, b: S::f32s, distance: usize) -> [S::f32s; 2] {
        let has = simd.greater_than_f32s(Self::load(simd, &bits(distance)), simd.splat_f32s(0.0));
        let (before, behind) = (simd.rotate_right_f32s(b, distance), simd.rotate_left_f32s(a, distance));
        [simd.select_f32s(has, before, a), simd.select_f32s(has, b, behind)]
    }
}

impl Vectors for f64 {
    type Vector<S: Simd> = S::f64s;

    #[inline(always)]
    fn splat<S: Simd>(simd: S, value: Self) -> S::f64s {
        simd.splat_f64s(value)
    }
    #[inline(always)]
    fn vectors<S: Simd>(slice: &[Self]) -> &[S::f64s] {
        S::as_simd_f64s(slice).0
    }
    #[inline(always)]
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::f64s] {
        S::as_mut_simd_f64s(slice).0
    }
    #[inline(always)]
    fn load<S: Simd>(simd: S, slice: &[Self]) -> S::f64s {
        match S::as_simd_f64s(slice).0 {
            [vector, ..] => *vector,
            [] => simd.partial_load_f64s(slice),
        }
    }
    #[inline(always)]
    fn store<S: Simd>(simd: S, slice: &mut [Self], vector: S::f64s) {
        match S::as_mut_simd_f64s(slice) {
            ([first, ..], _) => *first = vector,
            ([], slice) => simd.partial_store_f64s(slice, vector),
        }
    }
    #[inline(always)]
    fn first<S: Simd>(simd: S, vector: S::f64s, count: usize) -> S::f64s {
        simd.select_f64s(simd.mask_between_m64s(0, count as u64).mask(), vector, simd.splat_f64s(0.0))
    }
    #[inline(always)]
    fn sum_of<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(a, b)
    }
    #[inline(always)]
    fn difference_of<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.sub_f64s(a, b)
    }
    #[inline(always)]
    fn total<S: Simd>(simd: S, vector: S::f64s) -> Self {
        simd.reduce_sum_f64s(vector)
    }
    #[inline(always)]
    fn mul_add<S: Simd>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
        simd.mul_add_e_f64s(a, b, c)
    }
    #[inline(always)]
    fn exchange<S: Simd>(simd: S, a: S::f64s, b: S::f64s, distance: usize) -> [S::f64s; 2] {
        let has = simd.greater_than_f64s(Self::load(simd, &bits(distance)), simd.splat_f64s(0.0));
        let (before, behind) = (simd.rotate_right_f64s(b, distance), simd.rotate_left_f64s(a, distance));
        [simd.select_f64s(has, before, a), simd.select_f64s(has, b, behind)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct Turned<T>([T; MOST_LANES * MOST_LANES]);

    impl<T: Vectors + PartialEq + std::fmt::Debug + From<u16>> WithSimd for Turned<T> {
        type Output = ();

        fn with_simd<S: Simd>(mut self, simd: S) {
            let lanes = lanes::<T, S>();
            let mut square = std::array::from_fn(|row| T::load(simd, &self.0[row * MOST_LANES..][..lanes]));
            transpose::<T, S>(simd, &mut square);
            for (row, vector) in self.0.chunks_mut(MOST_LANES).zip(square) {
                T::store(simd, &mut row[..lanes], vector);
            }
            for row in 0..lanes {
                let wanted: Vec<T> = (0..lanes).map(|column| T::from((column * MOST_LANES + row) as u16)).collect();
                assert_eq!(self.0[row * MOST_LANES..][..lanes], wanted, "{lanes}");
            }
        }
    }

    #[test]
    fn rows_become_columns() {
        fn check<T: Vectors + PartialEq + std::fmt::Debug + From<u16>>() {
            let numbers = || Turned::<T>(std::array::from_fn(|at| T::from(at as u16)));
            Arch::new().dispatch(numbers());
            numbers().with_simd(pulp::Scalar);
        }
        check::<f32>();
        check::<f64>();
    }
}
