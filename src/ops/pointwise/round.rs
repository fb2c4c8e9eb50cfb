//! `round`: rounding to the nearest number with so many decimals.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::AttributeError;
use crate::ops::contract::{Def, Form, Keeps, Literal, Parameter, Type};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "round",
    form: Form::Function,
    summary: "Rounds every element to the nearest number with `decimals` decimals, of two to the even one; the gradient is 0.",
    formula: "y = round(10^d x) / 10^d, d = decimals",
    parameters: &[
        FLOAT_OR_INT,
        Parameter::attribute(
            "decimals",
            Type::Int,
            Literal::Int(0),
            "How many decimals stay; a negative number makes tens, hundreds and so on.",
        ),
    ],
    torch: "torch.round",
    onnx: "Round",
    examples: &[
        "input x: [3, 4]  output round(x)",
        "input x: [3, 4]  output round(x, decimals=2)",
        "input x: int[3]  output round(x)",
    ],
    build: |attributes| {
        let decimals = attributes.int("decimals")?;
        let in_range = i32::try_from(decimals).ok().filter(|decimals| (-18..=300).contains(decimals));
        let Some(decimals) = in_range else {
            let message = format!("`decimals` must be between -18 and 300, and is {decimals}");
            return Err(AttributeError::new("decimals", message));
        };
        Ok(Map::new(&DEF, Round { decimals }))
    },
};

#[derive(Debug)]
struct Round {
    decimals: i32,
}

impl Pointwise for Round {
    const KEEPS: Keeps = Keeps::NOTHING;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        // Powers of ten of negative numbers aren't exact, so those divide.
        let power = T::from_f64(10f64.powi(self.decimals.abs()));
        match self.decimals {
            0 => x.round(),
            1.. => (x * power).round() / power,
            _ => (x / power).round() * power,
        }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, _: T, _: T) -> T {
        T::zero()
    }

    fn int(&self, x: i64) -> i64 {
        if self.decimals >= 0 {
            return x;
        }
        let unit = 10i64.pow(self.decimals.unsigned_abs());
        let (quotient, rest) = (x.div_euclid(unit), x.rem_euclid(unit));
        let up = rest > unit - rest || rest == unit - rest && quotient & 1 == 1;
        quotient.wrapping_add(i64::from(up)).wrapping_mul(unit)
    }
}
