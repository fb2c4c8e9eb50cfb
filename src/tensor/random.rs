//! Random numbers. Every consumer has its own stream, chosen by the seed and a name, so that what one draws never
//! depends on what another has drawn.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// A stream of random numbers, the same on every machine.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

/// Which stream a consumer draws from, when it comes to draw.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub seed: u64,
    pub name: &'a str,
    /// Which of several consumers of one name it is, such as the steps of a training run.
    pub index: u64,
}

impl Key<'_> {
    #[must_use]
    pub fn stream(self) -> Stream {
        let mut key = [0; 32];
        for (word, value) in key.chunks_exact_mut(8).zip([self.seed, hash(self.name), self.index, 1]) {
            word.copy_from_slice(&value.to_le_bytes());
        }
        Stream(ChaCha8Rng::from_seed(key))
    }
}

impl Stream {
    /// The stream of a seed for whoever has this name.
    #[must_use]
    pub fn new(seed: u64, name: &str) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(hash(name));
        Self(generator)
    }

    /// Uniform on [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// The standard normal distribution.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// Uniform on 0 .. `bound`; 0 if `bound` is.
    pub fn below(&mut self, bound: u64) -> u64 {
        // A 64-bit number times the bound, of which the upper half is taken: the bias is below 2^-40 for the bounds
        // that index tables of weights.
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A random order of 0 .. `length`.
    #[must_use]
    pub fn permutation(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        for last in (1..length).rev() {
            let other = self.below(last as u64 + 1) as usize;
            order.swap(last, other);
        }
        order
    }
}

/// FNV-1a.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written weights and checkpoints depend on these numbers: a change of generator must not go unnoticed.
    #[test]
    fn the_streams_are_those_of_the_first_release() {
        let mut stream = Stream::new(7, "fc.weight");
        let uniform: Vec<f64> = (0..4).map(|_| stream.uniform()).collect();
        let normal: Vec<f64> = (0..4).map(|_| stream.normal()).collect();
        insta::assert_compact_debug_snapshot!((uniform, normal), @"([0.38966398519048495, 0.8198285481212105, 0.39403122218892006, 0.1695654263762868], [1.4252344605516798, 1.497856252927551, -0.1295005153426917, 0.3929838647094353])");
    }

    #[test]
    fn streams_differ_by_seed_and_name() {
        let first = |seed, name| Stream::new(seed, name).uniform();
        assert_ne!(first(0, "a"), first(0, "b"));
        assert_ne!(first(0, "a"), first(1, "a"));
        assert_eq!(first(3, "a"), first(3, "a"));
        let nth = |index| Key { seed: 0, name: "a", index }.stream().uniform();
        assert_ne!(nth(0), nth(1));
    }

    #[test]
    fn a_permutation_holds_each_once() {
        let mut order = Stream::new(0, "x").permutation(1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
