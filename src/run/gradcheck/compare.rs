//! One element after another: its gradient, the quotient of differences, and whether they agree.

use super::bench::{Bench, Moved};
use super::uses::{Use, find};
use super::{Compared, Comparison, Tally, TensorCheck, UseCheck};
use crate::CheckedModel;
use crate::exec::StepError;
use crate::plan::TensorId;
use crate::tensor::random::Stream;
use std::collections::{BTreeMap, BTreeSet};

/// How much smaller the step is with which a kink is told from a strong bend.
const FINER: f64 = 16.0;

/// How many uses of a storage are looked at one by one.
const MAX_USES: usize = 32;

/// A tensor whose gradient is looked at.
struct Subject {
    path: String,
    tensor: TensorId,
    gradients: Vec<f64>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Storage,
    Input,
}

/// The slopes on both sides of an element, and between both ends.
struct Slopes {
    below: f64,
    above: f64,
    both: f64,
    /// What the rounding of the results may have to do with them.
    noise: f64,
}

/// What an element turned out to be.
enum Verdict {
    /// There is no slope, and the gradient lies between those of the sides.
    Kink,
    Right(f64),
    Wrong(f64),
}

impl Verdict {
    fn excused(self) -> Self {
        if matches!(self, Self::Wrong(_)) { Self::Kink } else { self }
    }
}

impl Comparison {
    /// |gradient - quotient| / (|quotient| + atol / rtol), which must not be above `rtol`. Noise doesn't count.
    fn difference(&self, gradient: f64, quotient: f64, noise: f64) -> f64 {
        let difference = (gradient - quotient).abs();
        if difference <= noise {
            return 0.0;
        }
        (difference - noise) / (quotient.abs() + self.atol / self.rtol)
    }

    fn agree(&self, gradient: f64, quotient: f64, noise: f64) -> bool {
        self.difference(gradient, quotient, noise) <= self.rtol
    }
}

impl Tally {
    fn add(&mut self, element: usize, gradient: f64, verdict: &Verdict, slack: impl Fn(f64) -> f64) {
        self.checked += 1;
        let quotient = match *verdict {
            Verdict::Kink => {
                self.kinks += 1;
                return;
            }
            Verdict::Right(quotient) => quotient,
            Verdict::Wrong(quotient) => {
                self.wrong += 1;
                quotient
            }
        };
        let difference = slack(quotient);
        // NaN is larger than everything.
        if self.worst.is_none_or(|worst| worst.difference.abs().total_cmp(&difference.abs()).is_lt()) {
            self.worst = Some(Compared { element, gradient, quotient, difference });
        }
    }
}

impl Bench<'_> {
    /// Compares all gradients. `base` are the values of the first pass.
    pub(super) fn check(
        mut self,
        base: &[f64],
        model: &CheckedModel,
        seed: u64,
        comparison: &Comparison,
    ) -> Result<Vec<TensorCheck>, StepError> {
        self.backward(0..self.plan().backward.len())?;
        let mut tensors = Vec::new();
        for subject in self.subjects(model) {
            let elements = sample(&subject.path, subject.gradients.len(), seed, comparison.samples);
            let (uses, more_uses, kinks) = match subject.kind {
                Kind::Storage => self.uses(base, model, subject.tensor, &elements, comparison)?,
                Kind::Input => (Vec::new(), 0, BTreeSet::new()),
            };
            let mut all = Tally::default();
            for element in &elements {
                let gradient = subject.gradients.get(*element).copied().unwrap_or(0.0);
                let moved = Moved::Everywhere(subject.tensor, *element);
                let (verdict, noise) = self.verdict(base, moved, gradient, comparison)?;
                // Kinks of several uses may cancel to a line.
                let verdict = if kinks.contains(element) { verdict.excused() } else { verdict };
                all.add(*element, gradient, &verdict, |quotient| comparison.difference(gradient, quotient, noise));
            }
            let shape = self.plan().tensors[subject.tensor].shape.to_vec();
            tensors.push(TensorCheck { path: subject.path, shape, all, uses, more_uses });
        }
        Ok(tensors)
    }

    /// What has a gradient. It is copied, because the next pass may use its memory for something else.
    fn subjects(&self, model: &CheckedModel) -> Vec<Subject> {
        let storages = self.plan().storages.iter().filter_map(|storage| {
            let gradients = self.floats(storage.grad?).to_vec();
            Some(Subject { path: storage.path.to_string(), tensor: storage.tensor, gradients, kind: Kind::Storage })
        });
        let inputs = model.graph.inputs.iter().zip(&self.plan().inputs).filter_map(|(input, planned)| {
            let planned = planned.as_ref()?;
            let gradients = self.floats(planned.grad?).to_vec();
            let path = format!("input.{}", input.name);
            Some(Subject { path, tensor: planned.tensor, gradients, kind: Kind::Input })
        });
        storages.chain(inputs).collect()
    }

    /// The steps that use the elements of a storage, how many more there are, and the elements at which uses have kinks and
    /// all of them are right. Where there is only one use, its part is the whole, and it isn't looked at again.
    fn uses(
        &mut self,
        base: &[f64],
        model: &CheckedModel,
        storage: TensorId,
        elements: &[usize],
        comparison: &Comparison,
    ) -> Result<(Vec<UseCheck>, usize, BTreeSet<usize>), StepError> {
        let mut uses: Vec<Use> = elements.iter().flat_map(|element| find(self.plan(), storage, *element)).collect();
        let steps: BTreeSet<usize> = uses.iter().map(|one| one.step).collect();
        let end = steps.iter().nth(MAX_USES).copied().unwrap_or(usize::MAX);
        uses.retain(|one| one.step < end);
        let parts = if steps.len() > 1 { self.parts(&uses)? } else { Vec::new() };
        let mut checks: BTreeMap<usize, UseCheck> = BTreeMap::new();
        let (mut kinks, mut wrong) = (BTreeSet::new(), BTreeSet::new());
        for (index, one) in uses.iter().enumerate() {
            let check = checks.entry(one.step).or_insert_with(|| UseCheck {
                name: one.name.clone(),
                at: model.places.calls.get(one.node).map_or(model.places.model, |place| place.whole),
                part: Tally::default(),
            });
            if let Some(part) = parts.get(index) {
                let (verdict, noise) = self.verdict(base, Moved::For(one), *part, comparison)?;
                check.part.add(one.element, *part, &verdict, |quotient| comparison.difference(*part, quotient, noise));
                match verdict {
                    Verdict::Kink => kinks.insert(one.element),
                    Verdict::Wrong(_) => wrong.insert(one.element),
                    Verdict::Right(_) => false,
                };
            }
        }
        kinks.retain(|element| !wrong.contains(element));
        Ok((checks.into_values().collect(), steps.len().saturating_sub(MAX_USES), kinks))
    }

    fn slopes(&mut self, base: &[f64], moved: Moved<'_>, eps: f64) -> Result<Slopes, StepError> {
        let (above, up) = self.moved(moved, eps)?;
        let (below, down) = self.moved(moved, -eps)?;
        let both = self.change_between(&above, &below);
        Ok(Slopes {
            below: self.change_between(base, &below).by / -down,
            above: self.change_between(&above, base).by / up,
            both: both.by / (up - down),
            noise: both.noise / (up - down),
        })
    }

    /// The slopes of the sides of a kink stay apart, however small the step is; those of a bend approach each other. The
    /// second of the results is the noise of the quotient.
    fn verdict(
        &mut self,
        base: &[f64],
        moved: Moved<'_>,
        gradient: f64,
        comparison: &Comparison,
    ) -> Result<(Verdict, f64), StepError> {
        let coarse = self.slopes(base, moved, comparison.eps)?;
        let (quotient, noise) = (coarse.both, coarse.noise);
        if comparison.agree(gradient, quotient, noise) {
            return Ok((Verdict::Right(quotient), noise));
        }
        if comparison.agree(coarse.below, coarse.above, 2.0 * noise) {
            return Ok((Verdict::Wrong(quotient), noise));
        }
        // The function ends here: there is only one side.
        if coarse.below.is_finite() != coarse.above.is_finite() {
            return Ok((Verdict::Kink, noise));
        }
        let fine = self.slopes(base, moved, comparison.eps / FINER)?;
        if comparison.agree(gradient, fine.both, fine.noise) {
            return Ok((Verdict::Right(fine.both), fine.noise));
        }
        let apart = |slopes: &Slopes| (slopes.above - slopes.below).abs();
        let margin = comparison.atol + comparison.rtol * fine.both.abs() + fine.noise;
        let (low, high) = (fine.below.min(fine.above) - margin, fine.below.max(fine.above) + margin);
        let is_kink = apart(&fine) > apart(&coarse) / 2.0 && (low..=high).contains(&gradient);
        Ok((if is_kink { Verdict::Kink } else { Verdict::Wrong(quotient) }, noise))
    }
}

/// The elements that are looked at, in their order.
fn sample(path: &str, len: usize, seed: u64, samples: Option<usize>) -> Vec<usize> {
    match samples {
        Some(samples) if samples < len => {
            let mut random = Stream::new(seed, &format!("gradcheck.{path}"));
            let mut chosen = BTreeSet::new();
            // Of the last places, each is drawn from all up to it; one that is taken stands for itself.
            for last in len - samples..len {
                let drawn = random.below(last as u64 + 1) as usize;
                if !chosen.insert(drawn) {
                    chosen.insert(last);
                }
            }
            chosen.into_iter().collect()
        }
        _ => (0..len).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_different_elements_of_all() {
        let few = sample("p", 1000, 1, Some(20));
        assert_eq!(few.len(), 20);
        assert!(few.windows(2).all(|pair| pair[0] < pair[1]) && few.iter().all(|element| *element < 1000));
        assert_ne!(few, sample("p", 1000, 2, Some(20)));
        assert_ne!(few, sample("q", 1000, 1, Some(20)));
        assert_eq!(sample("p", 3, 1, Some(20)), [0, 1, 2]);
        assert_eq!(sample("p", 3, 1, None), [0, 1, 2]);
        assert_eq!(sample("p", 20, 1, Some(19)).len(), 19);
    }
}
