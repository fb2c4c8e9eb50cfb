//! Vectors of floats, as wide as the instruction set of the processor has them, for kernels whose loops the compiler
//! doesn't turn into vectors by itself. `Simd::vectorize` compiles a kernel once for each set.

use pulp::Simd;

/// What kernels do with vectors of a float type.
pub trait Vectors: Copy + 'static {
    type Vector<S: Simd>: Copy;

    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    /// The slice as vectors, without the elements that don't fill the last one.
    fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
    /// The first elements; zeros where the slice has none.
    fn load<S: Simd>(simd: S, slice: &[Self]) -> Self::Vector<S>;
    /// Writes as many elements as the slice has, at most.
    fn store<S: Simd>(simd: S, slice: &mut [Self], vector: Self::Vector<S>);
    /// The first elements, and zeros instead of the others.
    fn first<S: Simd>(simd: S, vector: Self::Vector<S>, count: usize) -> Self::Vector<S>;
    fn sum_of<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The sum of the elements.
    fn total<S: Simd>(simd: S, vector: Self::Vector<S>) -> Self;
    /// a · b + c, rounded once where the processor can do that.
    fn mul_add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>, c: Self::Vector<S>) -> Self::Vector<S>;
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
    fn total<S: Simd>(simd: S, vector: S::f32s) -> Self {
        simd.reduce_sum_f32s(vector)
    }
    #[inline(always)]
    fn mul_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
        simd.mul_add_e_f32s(a, b, c)
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
    fn total<S: Simd>(simd: S, vector: S::f64s) -> Self {
        simd.reduce_sum_f64s(vector)
    }
    #[inline(always)]
    fn mul_add<S: Simd>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
        simd.mul_add_e_f64s(a, b, c)
    }
}
