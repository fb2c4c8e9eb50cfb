//! What is counted over batches beside weights: the loss, and by the kind of the loss how often the right class was told or
//! how far predictions were off.

use super::Trained;
use super::plans::{Batched, Compared};
use crate::exec::Machine;
use crate::tensor::Slice;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Up to so many classes, `top5` isn't told.
const MANY: usize = 10;

/// A number that says how good a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The part of the labels that have the greatest score.
    Accuracy,
    /// The part of the labels that are among the five with the greatest scores.
    Top5,
    /// The mean absolute difference of prediction and target.
    MeanAbsoluteError,
    /// e to the power of the loss.
    Perplexity,
    /// The loss in bits, of text.
    BitsPerCharacter,
    BitsPerByte,
}

impl Metric {
    /// As in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Top5 => "top5",
            Self::MeanAbsoluteError => "mae",
            Self::Perplexity => "perplexity",
            Self::BitsPerCharacter => "bits_per_character",
            Self::BitsPerByte => "bits_per_byte",
        }
    }
}

/// The mean loss over some examples, and the metrics that go with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    pub loss: f64,
    pub metrics: SmallVec<[(Metric, f64); 3]>,
}

impl Score {
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<f64> {
        self.metrics.iter().find(|(own, _)| *own == metric).map(|(_, value)| *value)
    }
}

/// Scores summed over examples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// The losses of the batches, each as often as it has examples.
    loss: f64,
    examples: u64,
    /// Labels of classes, those with the greatest score, and those among the five greatest.
    labels: u64,
    right: u64,
    near: u64,
    /// Absolute differences and how many there are.
    far: f64,
    numbers: u64,
}

impl Sums {
    /// Takes in a batch whose loss is known.
    pub(super) fn add<T: Trained>(&mut self, loss: f64, machine: &Machine<'_, T>, batched: &Batched) {
        self.loss += loss * batched.size as f64;
        self.examples += batched.size as u64;
        match batched.compared {
            Some(Compared::Classes { scores, labels, count, inner, .. }) => {
                let (Slice::Float(scores), Slice::Int(labels)) = (machine.view(scores).data, machine.view(labels).data)
                else {
                    return;
                };
                self.classes(scores, labels, count, inner.max(1));
            }
            Some(Compared::Numbers { found, wanted }) => {
                let (Slice::Float(found), Slice::Float(wanted)) = (machine.view(found).data, machine.view(wanted).data)
                else {
                    return;
                };
                let far = found.iter().zip(wanted).fold(0.0, |sum, (x, t)| sum + (x.to_f64() - t.to_f64()).abs());
                self.far += far;
                self.numbers += found.len() as u64;
            }
            None => {}
        }
    }

    fn classes<T: Trained>(&mut self, scores: &[T], labels: &[i64], count: usize, inner: usize) {
        for (at, label) in labels.iter().enumerate() {
            let first = at / inner * count * inner + at % inner;
            let Some(own) = usize::try_from(*label).ok().filter(|label| *label < count) else { continue };
            let lane = || scores.iter().skip(first).step_by(inner).take(count).enumerate();
            let Some((_, score)) = lane().nth(own) else { continue };
            // Of equal scores the first counts, as with argmax.
            let better = lane().filter(|(class, other)| *other > score || (*other == score && *class < own)).count();
            self.labels += 1;
            self.right += u64::from(better == 0 && !score.is_nan());
            self.near += u64::from(better < 5 && !score.is_nan());
        }
    }

    pub(super) fn score(&self, compared: Option<Compared>) -> Score {
        let mean = |sum: f64, count: u64| sum / (count.max(1) as f64);
        let loss = mean(self.loss, self.examples);
        let mut metrics = SmallVec::new();
        match compared {
            Some(Compared::Classes { count, measure, .. }) => {
                metrics.push((Metric::Accuracy, mean(self.right as f64, self.labels)));
                // Among few classes the five first say nothing.
                if count > MANY {
                    metrics.push((Metric::Top5, mean(self.near as f64, self.labels)));
                }
                metrics.extend(measure.map(|measure| {
                    let value = if measure == Metric::Perplexity { loss.exp() } else { loss / std::f64::consts::LN_2 };
                    (measure, value)
                }));
            }
            Some(Compared::Numbers { .. }) => {
                metrics.push((Metric::MeanAbsoluteError, mean(self.far, self.numbers)));
            }
            None => {}
        }
        Score { loss, metrics }
    }
}
