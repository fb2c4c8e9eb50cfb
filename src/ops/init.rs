//! Initializers: how a storage gets its first values. Names, arguments and defaults are those of `torch.nn.init`.

use super::contract::{Literal, Parameter, Type};
use super::value::number;
use super::{AttributeError, Attributes, init_fill};
use crate::shape::{Dim, Symbol};
use crate::tensor::Real;
use crate::tensor::random::Stream;
use std::fmt;

/// An initializer with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Init {
    Constant(f64),
    /// Ones on the diagonal of a matrix, zeros elsewhere.
    Eye,
    Uniform {
        a: f64,
        b: f64,
    },
    Normal {
        mean: f64,
        std: f64,
    },
    /// Normal, but only from the part in [`a`, `b`].
    TruncatedNormal {
        mean: f64,
        std: f64,
        a: f64,
        b: f64,
    },
    /// Uniform on ±1/√n: what PyTorch's layers use for `n` inputs.
    Inputs(Dim),
    /// Glorot's, <https://proceedings.mlr.press/v9/glorot10a.html>: std = gain·√(2 / (`fan_in` + `fan_out`)).
    Xavier {
        law: Law,
        gain: f64,
    },
    /// He's, <https://arxiv.org/abs/1502.01852>: std = gain / √fan.
    Kaiming {
        law: Law,
        gain: f64,
        fan: Fan,
        a: f64,
        nonlinearity: &'static str,
    },
    /// Rows or columns, whichever are fewer, that are orthogonal and of this length, <https://arxiv.org/abs/1312.6120>.
    Orthogonal {
        gain: f64,
    },
    /// Ones in the middle of the kernels from each channel to itself, in as many groups.
    Dirac {
        groups: i64,
    },
    /// Normal, with zeros in a share of each column.
    Sparse {
        sparsity: f64,
        std: f64,
    },
    /// `normal()` with zeros in one row.
    NormalButRow(Dim),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    Uniform,
    Normal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    In,
    Out,
}

/// An initializer as it is written.
pub struct InitDef {
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub parameters: &'static [Parameter],
    pub build: fn(&Attributes) -> Result<Init, AttributeError>,
}

const fn float(name: &'static str, default: f64, doc: &'static str) -> Parameter {
    Parameter::attribute(name, Type::Float, Literal::Float(default), doc)
}

const GAIN: Parameter = float("gain", 1.0, "A factor.");
const NONLINEARITIES: &[&str] = &[
    "linear",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "selu",
];
const KAIMING: &[Parameter] = &[
    float("a", 0.0, "The negative slope of the `leaky_relu` behind the layer."),
    Parameter::attribute(
        "mode",
        Type::Word(&["fan_in", "fan_out"]),
        Literal::Str("fan_in"),
        "Whether forward or backward keeps its variance.",
    ),
    Parameter::attribute(
        "nonlinearity",
        Type::Word(NONLINEARITIES),
        Literal::Str("leaky_relu"),
        "What stands behind the layer.",
    ),
];

/// Every initializer.
pub static INITIALIZERS: &[InitDef] = &[
    InitDef { name: "zeros", summary: "Fills with 0.", parameters: &[], build: |_| Ok(Init::Constant(0.0)) },
    InitDef { name: "ones", summary: "Fills with 1.", parameters: &[], build: |_| Ok(Init::Constant(1.0)) },
    InitDef {
        name: "constant",
        summary: "Fills with one number.",
        parameters: &[Parameter::required("val", Type::Float, "The number.")],
        build: |attributes| Ok(Init::Constant(attributes.float("val")?)),
    },
    InitDef {
        name: "eye",
        summary: "Ones on the diagonal of a matrix, zeros elsewhere.",
        parameters: &[],
        build: |_| Ok(Init::Eye),
    },
    InitDef {
        name: "uniform",
        summary: "Draws from the uniform distribution on [a, b).",
        parameters: &[float("a", 0.0, "The lower bound."), float("b", 1.0, "The upper bound.")],
        build: |attributes| {
            let (a, b) = (attributes.float("a")?, attributes.float("b")?);
            if a > b {
                return Err(AttributeError::new("b", format!("`b` must be at least `a`, {a}, and is {b}")));
            }
            Ok(Init::Uniform { a, b })
        },
    },
    InitDef {
        name: "normal",
        summary: "Draws from the normal distribution.",
        parameters: &[float("mean", 0.0, "The mean."), float("std", 1.0, "The standard deviation.")],
        build: |attributes| Ok(Init::Normal { mean: attributes.float("mean")?, std: deviation(attributes)? }),
    },
    InitDef {
        name: "trunc_normal",
        summary: "Draws from the part of the normal distribution that lies in [a, b].",
        parameters: &[
            float("mean", 0.0, "The mean."),
            float("std", 1.0, "The standard deviation."),
            float("a", -2.0, "The lower bound."),
            float("b", 2.0, "The upper bound."),
        ],
        build: |attributes| {
            let (mean, std) = (attributes.float("mean")?, deviation(attributes)?);
            let (a, b) = (attributes.float("a")?, attributes.float("b")?);
            if a >= b || a > mean + 4.0 * std || b < mean - 4.0 * std || b - a < 1e-3 * std {
                return Err(AttributeError::new("b", "`a` and `b` must enclose a part of the distribution"));
            }
            Ok(Init::TruncatedNormal { mean, std, a, b })
        },
    },
    InitDef {
        name: "xavier_uniform",
        summary: "Glorot's uniform initializer.",
        parameters: &[GAIN],
        build: |attributes| Ok(Init::Xavier { law: Law::Uniform, gain: attributes.float("gain")? }),
    },
    InitDef {
        name: "xavier_normal",
        summary: "Glorot's normal initializer.",
        parameters: &[GAIN],
        build: |attributes| Ok(Init::Xavier { law: Law::Normal, gain: attributes.float("gain")? }),
    },
    InitDef {
        name: "kaiming_uniform",
        summary: "He's uniform initializer.",
        parameters: KAIMING,
        build: |attributes| kaiming(Law::Uniform, attributes),
    },
    InitDef {
        name: "kaiming_normal",
        summary: "He's normal initializer.",
        parameters: KAIMING,
        build: |attributes| kaiming(Law::Normal, attributes),
    },
    InitDef {
        name: "orthogonal",
        summary: "Draws rows or columns, whichever are fewer, that are orthogonal to one another; axes behind the first count as columns.",
        parameters: &[float("gain", 1.0, "Their length.")],
        build: |attributes| Ok(Init::Orthogonal { gain: attributes.float("gain")? }),
    },
    InitDef {
        name: "dirac",
        summary: "Ones in the middle of the kernels from each channel to itself, zeros elsewhere, so that a convolution changes nothing.",
        parameters: &[Parameter::attribute(
            "groups",
            Type::Int,
            Literal::Int(1),
            "How many groups the first axis is divided into, each of which begins with the first channel.",
        )],
        build: |attributes| match attributes.int("groups")? {
            groups if groups > 0 => Ok(Init::Dirac { groups }),
            groups => Err(AttributeError::new("groups", format!("`groups` must be at least 1, and is {groups}"))),
        },
    },
    InitDef {
        name: "sparse",
        summary: "Draws from the normal distribution, with zeros at random places of each column of a matrix.",
        parameters: &[
            Parameter::required("sparsity", Type::Float, "The share of each column that is 0, rounded up."),
            float("std", 0.01, "The standard deviation of the others."),
        ],
        build: |attributes| {
            let (sparsity, std) = (attributes.float("sparsity")?, deviation(attributes)?);
            if (0.0..=1.0).contains(&sparsity) {
                return Ok(Init::Sparse { sparsity, std });
            }
            let found = number(sparsity);
            Err(AttributeError::new("sparsity", format!("`sparsity` must be between 0 and 1, and is {found}")))
        },
    },
];

fn deviation(attributes: &Attributes) -> Result<f64, AttributeError> {
    let std = attributes.float("std")?;
    if std >= 0.0 {
        Ok(std)
    } else {
        Err(AttributeError::new("std", format!("`std` can't be negative, and is {}", number(std))))
    }
}

/// The gains are those of `torch.nn.init.calculate_gain`.
fn kaiming(law: Law, attributes: &Attributes) -> Result<Init, AttributeError> {
    let a = attributes.float("a")?;
    let word = attributes.word("nonlinearity")?;
    let nonlinearity = NONLINEARITIES.iter().find(|known| **known == word).copied().unwrap_or("leaky_relu");
    let gain = match nonlinearity {
        "tanh" => 5.0 / 3.0,
        "relu" => f64::sqrt(2.0),
        "leaky_relu" => f64::sqrt(2.0 / (1.0 + a * a)),
        "selu" => 0.75,
        _ => 1.0,
    };
    let fan = if attributes.word("mode")? == "fan_out" { Fan::Out } else { Fan::In };
    Ok(Init::Kaiming { law, gain, fan, a, nonlinearity })
}

impl Init {
    pub const ZEROS: Self = Self::Constant(0.0);
    pub const ONES: Self = Self::Constant(1.0);

    /// The number of axes that it asks for, if the storage hasn't got as many.
    #[must_use]
    pub fn wants_axes(&self, rank: usize) -> Option<&'static str> {
        match self {
            Self::Eye | Self::Sparse { .. } if rank != 2 => Some("exactly 2 axes"),
            Self::Dirac { .. } if !(3..=5).contains(&rank) => Some("3 to 5 axes"),
            Self::Xavier { .. } | Self::Kaiming { .. } | Self::Orthogonal { .. } if rank < 2 => Some("at least 2 axes"),
            _ => None,
        }
    }

    /// The standard deviation of the values, where it can be told.
    #[must_use]
    pub fn std(&self, shape: &[Dim]) -> Option<f64> {
        let uniform = |width: f64| width / f64::sqrt(12.0);
        Some(match self {
            Self::Constant(_) => 0.0,
            Self::Uniform { a, b } => uniform(b - a),
            Self::Normal { std, .. } => *std,
            Self::Inputs(inputs) => uniform(2.0 / f64::sqrt(inputs.as_const()? as f64)),
            Self::Sparse { sparsity, std } => std * f64::sqrt(1.0 - sparsity),
            Self::Xavier { .. } | Self::Kaiming { .. } | Self::Orthogonal { .. } => {
                let shape: Option<Vec<usize>> =
                    shape.iter().map(|dim| dim.as_const().and_then(|size| usize::try_from(size).ok())).collect();
                self.fan_std(&shape?)
            }
            Self::Eye | Self::Dirac { .. } | Self::TruncatedNormal { .. } | Self::NormalButRow(_) => return None,
        })
    }

    /// The initializer with symbols replaced by their values.
    #[must_use]
    pub fn substitute(&self, value: &impl Fn(&Symbol) -> Option<Dim>) -> Self {
        match self {
            Self::Inputs(inputs) => Self::Inputs(inputs.substitute(value)),
            Self::NormalButRow(row) => Self::NormalButRow(row.substitute(value)),
            other => other.clone(),
        }
    }

    /// Writes the first values of a storage of this shape, in row-major order.
    pub fn fill<T: Real>(&self, shape: &[usize], random: &mut Stream, out: &mut [T]) {
        let mut draw = |value: &mut dyn FnMut(&mut Stream) -> f64| {
            for element in &mut *out {
                *element = T::from_f64(value(random));
            }
        };
        match *self {
            Self::Constant(value) => out.fill(T::from_f64(value)),
            Self::Eye => {
                let columns = shape.last().copied().unwrap_or(0);
                for (index, element) in out.iter_mut().enumerate() {
                    let diagonal = index.checked_div(columns) == index.checked_rem(columns);
                    *element = if diagonal { T::one() } else { T::zero() };
                }
            }
            Self::Uniform { a, b } => draw(&mut |random| a + (b - a) * random.uniform()),
            Self::Normal { mean, std } => draw(&mut |random| mean + std * random.normal()),
            Self::TruncatedNormal { mean, std, a, b } => init_fill::truncated_normal([mean, std, a, b], random, out),
            Self::Orthogonal { gain } => init_fill::orthogonal(shape, gain, random, out),
            Self::Dirac { groups } => init_fill::dirac(shape, groups.try_into().unwrap_or(1), out),
            Self::Sparse { sparsity, std } => init_fill::sparse(shape, sparsity, std, random, out),
            Self::Inputs(ref inputs) => {
                let bound = inputs.as_const().filter(|n| *n > 0).map_or(0.0, |n| 1.0 / f64::sqrt(n as f64));
                draw(&mut |random| bound * (2.0 * random.uniform() - 1.0));
            }
            Self::Xavier { law, .. } | Self::Kaiming { law, .. } => {
                let std = self.fan_std(shape);
                match law {
                    Law::Normal => draw(&mut |random| std * random.normal()),
                    Law::Uniform => draw(&mut |random| f64::sqrt(3.0) * std * (2.0 * random.uniform() - 1.0)),
                }
            }
            Self::NormalButRow(ref row) => {
                draw(&mut Stream::normal);
                let width: usize = shape.iter().skip(1).product();
                let start = row.as_const().and_then(|row| usize::try_from(row).ok()).map(|row| row * width);
                if let Some(zeros) = start.and_then(|start| out.get_mut(start..start + width)) {
                    zeros.fill(T::zero());
                }
            }
        }
    }

    fn fan_std(&self, shape: &[usize]) -> f64 {
        let field: usize = shape.iter().skip(2).product();
        let axis = |axis: usize| (shape.get(axis).copied().unwrap_or(1) * field) as f64;
        let (fan_in, fan_out) = (axis(1), axis(0));
        match self {
            Self::Xavier { gain, .. } => gain * f64::sqrt(2.0 / (fan_in + fan_out)),
            Self::Kaiming { gain, fan: Fan::In, .. } => gain / f64::sqrt(fan_in),
            Self::Kaiming { gain, fan: Fan::Out, .. } => gain / f64::sqrt(fan_out),
            Self::Orthogonal { gain } => gain / f64::sqrt(fan_in.max(fan_out / field as f64)),
            _ => 0.0,
        }
    }
}

/// Written as in a file, every argument with its value.
impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = |value: &f64| number(*value);
        let suffix = |law: &Law| if *law == Law::Uniform { "uniform" } else { "normal" };
        match self {
            Self::Constant(0.0) => f.write_str("zeros()"),
            Self::Constant(1.0) => f.write_str("ones()"),
            Self::Constant(value) => write!(f, "constant(val={})", n(value)),
            Self::Eye => f.write_str("eye()"),
            Self::Uniform { a, b } => write!(f, "uniform(a={}, b={})", n(a), n(b)),
            Self::Normal { mean, std } => write!(f, "normal(mean={}, std={})", n(mean), n(std)),
            Self::TruncatedNormal { mean, std, a, b } => {
                write!(f, "trunc_normal(mean={}, std={}, a={}, b={})", n(mean), n(std), n(a), n(b))
            }
            Self::Inputs(inputs) => write!(f, "uniform(a=-1/sqrt({inputs}), b=1/sqrt({inputs}))"),
            Self::Xavier { law, gain } => write!(f, "xavier_{}(gain={})", suffix(law), n(gain)),
            Self::Kaiming { law, fan, a, nonlinearity, .. } => {
                let mode = if *fan == Fan::In { "fan_in" } else { "fan_out" };
                let law = suffix(law);
                write!(f, "kaiming_{law}(a={}, mode=\"{mode}\", nonlinearity=\"{nonlinearity}\")", n(a))
            }
            Self::Orthogonal { gain } => write!(f, "orthogonal(gain={})", n(gain)),
            Self::Dirac { groups } => write!(f, "dirac(groups={groups})"),
            Self::Sparse { sparsity, std } => write!(f, "sparse(sparsity={}, std={})", n(sparsity), n(std)),
            Self::NormalButRow(row) => write!(f, "normal(mean=0, std=1), row {row} zeros()"),
        }
    }
}
