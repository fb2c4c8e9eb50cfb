//! `Adafactor`: `Adam` without momentum, whose averages of squares are kept as rows and columns only.

#![allow(clippy::indexing_slicing, reason = "rows and columns have the sizes that `states` says")]

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{MAXIMIZE, float, must_be, not_negative, within};
use super::{OptimizerDef, Real, sweep};
use crate::ops::{Literal, Parameter, Type, Value};
use crate::tensor::reduce::{self, COLUMNS};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "Adafactor",
    summary: "`Adam` without momentum, whose averages of squares are kept as rows and columns only.",
    formula: "β = 1 - t^beta2_decay\n\
              of a matrix, the last two axes: R ← β R + (1 - β) mean of ∇² over columns, C ← β C + (1 - β) mean over rows,\n\
                  V = R C / max(mean of R, ε₁)\n\
              of a vector: V ← β V + (1 - β) ∇²\n\
              U = ∇ / max(√V, ε₁)\n\
              θ ← (1 - lr weight_decay) θ - max(ε₂, RMS(θ)) min(lr, 1/√t) U / max(1, RMS(U) / d)",
    parameters: &[
        float("lr", 1e-2, "The largest relative size of a step, and the factor of the weight decay."),
        float("beta2_decay", -0.8, "The power of the step's number by which the averages give way."),
        Parameter::attribute(
            "eps",
            Type::List(&Type::Optional(&Type::Float)),
            Literal::List(&[Literal::None, Literal::Float(1e-3)]),
            "The least root of an average, the precision of the type if `none`; and the least scale of weights.",
        ),
        float("d", 1.0, "How large a step may be against the average, before it is made shorter."),
        float("weight_decay", 0.0, "By how much, times the learning rate, the weights shrink in a step."),
        MAXIMIZE,
    ],
    torch: "torch.optim.Adafactor",
    paper: "https://arxiv.org/abs/1804.04235",
    build: |attributes| {
        let eps = attributes.optional_floats("eps")?;
        let [eps1, Some(eps2)] = eps.as_slice() else {
            let found = attributes.get("eps").cloned().unwrap_or(Value::None);
            return Err(must_be("eps", "two numbers, of which the first may be `none`", &found));
        };
        if eps1.is_some_and(|eps| eps < 0.0) || *eps2 < 0.0 {
            let found = attributes.get("eps").cloned().unwrap_or(Value::None);
            return Err(must_be("eps", "at least 0", &found));
        }
        Ok(Box::new(Adafactor {
            lr: not_negative(attributes, "lr")?,
            beta2_decay: within(attributes, "beta2_decay", f64::MIN, 0.0, "at most 0")?,
            eps1: *eps1,
            eps2: *eps2,
            d: within(attributes, "d", 1.0, f64::MAX, "at least 1")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            maximize: attributes.bool("maximize")?,
        }))
    },
};

#[derive(Debug)]
struct Adafactor {
    lr: f64,
    beta2_decay: f64,
    eps1: Option<f64>,
    eps2: f64,
    d: f64,
    weight_decay: f64,
    maximize: bool,
}

impl Optimizer for Adafactor {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        let [outer @ .., rows, columns] = shape else { return vec![State::like("variance", shape)] };
        let factor = |name, sizes: [usize; 2]| State::like(name, &[outer, &sizes].concat());
        vec![factor("row_var", [*rows, 1]), factor("col_var", [1, *columns])]
    }

    fn begin(&mut self, step: Step) -> Factors {
        let number = step.number as f64;
        Factors::new([
            step.scale(self.maximize),
            step.lr.min(1.0 / number.sqrt()),
            1.0 - step.lr * self.weight_decay,
            number.powf(self.beta2_decay),
        ])
    }

    fn by_element(&self) -> bool {
        false
    }
}

impl<T: Real> Update<T> for Adafactor {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, rate, kept, take]: [f64; 4] = factors.exact();
        let Part { shape, param, grad, states: [first, second, _] } = part;
        let eps = self.eps1.unwrap_or(T::EPSILON.to_f64());
        let alpha = self.eps2.max(rms(param)) * rate;
        let scaled = |g: T| g.to_f64() * scale;
        let mut squares = 0.0;
        if let [.., rows, columns] = *shape {
            if rows * columns == 0 {
                return;
            }
            let matrices = || grad.chunks_exact(rows * columns);
            for ((grad, row), col) in matrices().zip(first.chunks_exact_mut(rows)).zip(second.chunks_exact_mut(columns))
            {
                average(grad, row, col, scale, take);
                let mean = least(reduce::sum(rows, |i| row[i].to_f64()) / rows as f64, eps);
                for (grad, row) in grad.chunks_exact(columns).zip(&*row) {
                    let direction = direction(row.to_f64() / mean, eps);
                    squares += reduce::sum(columns, |j| square(scaled(grad[j]) * direction(col[j])));
                }
            }
            let step = T::from_f64(alpha / self.shortening(squares, grad.len()));
            let all = matrices().zip(param.chunks_exact_mut(rows * columns));
            for (((grad, param), row), col) in all.zip(first.chunks_exact(rows)).zip(second.chunks_exact(columns)) {
                let mean = least(reduce::sum(rows, |i| row[i].to_f64()) / rows as f64, eps);
                let lines = grad.chunks_exact(columns).zip(param.chunks_exact_mut(columns)).zip(row);
                for ((grad, param), row) in lines {
                    let direction = direction(row.to_f64() / mean, eps);
                    for ((p, g), c) in param.iter_mut().zip(grad).zip(col) {
                        *p = *p * T::from_f64(kept) - step * T::from_f64(scaled(*g) * direction(*c));
                    }
                }
            }
            return;
        }
        let direction = direction(1.0, eps);
        for (v, g) in first.iter_mut().zip(grad) {
            *v = T::from_f64(lerp(v.to_f64(), square(scaled(*g)), take));
            squares += square(scaled(*g) * direction(*v));
        }
        let step = T::from_f64(alpha / self.shortening(squares, grad.len()));
        sweep::with_one(param, grad, first, |p, g, v| {
            *p = *p * T::from_f64(kept) - step * T::from_f64(scaled(g) * direction(*v));
        });
    }
}

impl Adafactor {
    /// What a step is divided by, from the sum of the squares of its elements.
    fn shortening(&self, squares: f64, count: usize) -> f64 {
        let ratio = (squares / count as f64).sqrt() / self.d;
        // NaN stays, so that it shows.
        if ratio < 1.0 { 1.0 } else { ratio }
    }
}

/// The averages of the squares of a matrix over its columns and over its rows, moved on by a step.
fn average<T: Real>(grad: &[T], row: &mut [T], col: &mut [T], scale: f64, take: f64) {
    let (rows, columns) = (row.len(), col.len());
    for (grad, row) in grad.chunks_exact(columns).zip(row.iter_mut()) {
        let mean = reduce::sum(columns, |j| square(grad[j].to_f64() * scale)) / columns as f64;
        *row = T::from_f64(lerp(row.to_f64(), mean, take));
    }
    for (block, col) in col.chunks_mut(COLUMNS).enumerate() {
        let start = block * COLUMNS;
        let mut sums = [0.0; COLUMNS];
        for grad in grad.chunks_exact(columns) {
            for (sum, g) in sums.iter_mut().zip(&grad[start..start + col.len()]) {
                *sum += square(g.to_f64() * scale);
            }
        }
        for (col, sum) in col.iter_mut().zip(sums) {
            *col = T::from_f64(lerp(col.to_f64(), sum / rows as f64, take));
        }
    }
}

/// What the elements of a row are multiplied by, from the columns' averages.
fn direction<T: Real>(row: f64, eps: f64) -> impl Fn(T) -> f64 {
    move |column| 1.0 / least(row * column.to_f64(), eps * eps).sqrt()
}

fn lerp(from: f64, to: f64, part: f64) -> f64 {
    from + part * (to - from)
}

fn square(x: f64) -> f64 {
    x * x
}

/// At least `eps`; NaN stays.
fn least(x: f64, eps: f64) -> f64 {
    if x < eps { eps } else { x }
}

/// The root of the mean of the squares; 0 of nothing.
fn rms<T: Real>(elements: &[T]) -> f64 {
    let sum = reduce::sum(elements.len(), |index| square(elements[index].to_f64()));
    (sum / elements.len().max(1) as f64).sqrt()
}
