//! First values: those of every layer have PyTorch's distribution, and initializers make what they say.

use super::cases::{int, ints, word};
use super::harness::build;
use super::laws::{Law, differs, mean_and_deviation};
use crate::ops::init::INITIALIZERS;
use crate::ops::*;
use crate::shape::Dim;
use crate::tensor::Real;
use crate::tensor::random::Stream;

/// Attributes that make large slots, and the distribution of a slot by its name, as in the classes of PyTorch.
type Expected = (Vec<(&'static str, Value)>, fn(&str) -> Law);

/// Weight and bias of a normalization, and its statistics.
fn normalization(slot: &str) -> Law {
    Law::Constant(if matches!(slot, "bias" | "running_mean") { 0.0 } else { 1.0 })
}

fn expected(layer: &str) -> Option<Expected> {
    let channels = |inputs: i64, outputs: i64, kernel: &[i64]| {
        vec![("in_channels", int(inputs)), ("out_channels", int(outputs)), ("kernel_size", ints(kernel))]
    };
    let features = || {
        let on = |name| (name, Value::Bool(true));
        vec![("num_features", int(5)), on("affine"), on("track_running_stats")]
    };
    let states = || vec![("input_size", int(30)), ("hidden_size", int(64))];
    Some(match layer {
        "Linear" => (vec![("in_features", int(64)), ("out_features", int(5000))], |_| Law::within(0.125)),
        "Bilinear" => (vec![("in1_features", int(64)), ("in2_features", int(3)), ("out_features", int(2000))], |_| {
            Law::within(0.125)
        }),
        "Embedding" | "EmbeddingBag" => {
            (vec![("num_embeddings", int(500)), ("embedding_dim", int(100))], |_| Law::Normal(0.0, 1.0))
        }
        "LayerNorm" | "RMSNorm" => (vec![("normalized_shape", ints(&[3, 4]))], normalization),
        "GroupNorm" => (vec![("num_groups", int(2)), ("num_channels", int(4))], normalization),
        name if name.starts_with("BatchNorm") || name.starts_with("InstanceNorm") => (features(), normalization),
        // √(6 / (64 + 3·64)), and 1 / √64.
        "MultiheadAttention" => (vec![("embed_dim", int(64)), ("num_heads", int(2))], |slot| match slot {
            "in_proj_weight" => Law::within(0.153_093_108_923_948_63),
            "out_proj.weight" => Law::within(0.125),
            _ => Law::Constant(0.0),
        }),
        // One of two arguments must be given, and it has no slots.
        name if name.starts_with("Upsampl") => (vec![("size", ints(&[2]))], |_| Law::Constant(0.0)),
        "PReLU" => (vec![("num_parameters", int(3))], |_| Law::Constant(0.25)),
        // Bounds are 1 / √fan_in, the size of a kernel times the second axis of the weight.
        "Conv1d" => (channels(32, 2000, &[2]), |_| Law::within(0.125)),
        "Conv2d" => (channels(16, 2000, &[2, 2]), |_| Law::within(0.125)),
        "Conv3d" => (channels(4, 2000, &[2, 2, 4]), |_| Law::within(0.125)),
        "ConvTranspose1d" => (channels(20, 1250, &[2]), |_| Law::within(0.02)),
        "ConvTranspose2d" => (channels(20, 625, &[2, 2]), |_| Law::within(0.02)),
        "ConvTranspose3d" => (channels(20, 625, &[1, 2, 2]), |_| Law::within(0.02)),
        "RNN" | "LSTM" | "GRU" => {
            let more = [("num_layers", int(2)), ("bidirectional", Value::Bool(true))];
            ([states(), more.to_vec()].concat(), |_| Law::within(0.125))
        }
        "RNNCell" | "LSTMCell" | "GRUCell" => (states(), |_| Law::within(0.125)),
        _ => return None,
    })
}

fn sizes(shape: &[Dim]) -> Vec<usize> {
    shape.iter().map(|dim| dim.as_const().unwrap() as usize).collect()
}

fn drawn<T: Real>(init: &Init, shape: &[usize], seed: u64) -> Vec<T> {
    let mut values = vec![T::from_f64(f64::NAN); shape.iter().product()];
    init.fill(shape, &mut Stream::new(seed, "w"), &mut values);
    values
}

fn filled(init: &Init, shape: &[usize]) -> Vec<f64> {
    drawn(init, shape, 0)
}

#[test]
fn layers_begin_with_the_distributions_of_pytorch() {
    let mut count = 0;
    for def in REGISTRY.iter().filter(|def| def.is_layer()) {
        let Some((given, law)) = expected(def.name) else {
            let op = build(def, &required(def), operands(def));
            assert!(
                op.is_ok_and(|op| op.slots().is_empty()),
                "{} has slots whose first values aren't checked",
                def.name
            );
            continue;
        };
        for slot in build(def, &given, operands(def)).unwrap().slots() {
            let values = filled(&slot.init, &sizes(&slot.shape));
            assert_eq!(differs(&values, law(&slot.name)), None, "{} {} {}", def.name, slot.name, slot.shape);
            count += 1;
        }
    }
    assert!(count > 60, "{count} slots");
}

fn operands(def: &Def) -> usize {
    def.call().iter().filter(|parameter| matches!(parameter.kind, ParameterKind::Operand)).count()
}

/// Something for each attribute that has no default.
fn required(def: &Def) -> Vec<(&'static str, Value)> {
    let value = |ty: Type| match ty {
        Type::Float => Value::Float(0.5),
        Type::Word(words) => word(words[0]),
        Type::Sizes | Type::Ints => ints(&[2]),
        _ => int(2),
    };
    let without = def.parameters.iter().filter_map(|parameter| match parameter.kind {
        ParameterKind::Attribute { ty, default: None } => Some((parameter.name, value(ty))),
        _ => None,
    });
    without.collect()
}

fn init(name: &str, given: &[(&str, Value)]) -> Result<Init, AttributeError> {
    let def = INITIALIZERS.iter().find(|def| def.name == name).unwrap();
    let find = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    (def.build)(&Attributes::complete(def.parameters, find).unwrap())
}

fn float(value: f64) -> Value {
    Value::Float(value)
}

/// Of a matrix with 60 inputs and 500 outputs, with the gains and the fans of `torch.nn.init`.
#[test]
fn initializers_draw_from_their_distributions() {
    let std = |gain: f64, fan: f64| gain / fan.sqrt();
    let uniform = |gain: f64, fan: f64| Law::within(f64::sqrt(3.0) * std(gain, fan));
    let normal = |gain: f64, fan: f64| Law::Normal(0.0, std(gain, fan));
    let leaky = f64::sqrt(2.0 / 1.25);
    for (name, given, law) in [
        ("zeros", vec![], Law::Constant(0.0)),
        ("ones", vec![], Law::Constant(1.0)),
        ("constant", vec![("val", float(0.5))], Law::Constant(0.5)),
        ("uniform", vec![], Law::Uniform(0.0, 1.0)),
        ("uniform", vec![("a", float(-3.0)), ("b", float(2.0))], Law::Uniform(-3.0, 2.0)),
        ("normal", vec![], Law::Normal(0.0, 1.0)),
        ("normal", vec![("mean", float(2.0)), ("std", float(0.02))], Law::Normal(2.0, 0.02)),
        ("normal", vec![("std", float(0.0))], Law::Constant(0.0)),
        ("xavier_uniform", vec![], uniform(1.0, 280.0)),
        ("xavier_uniform", vec![("gain", float(2.0))], uniform(2.0, 280.0)),
        ("xavier_normal", vec![("gain", float(0.5))], normal(0.5, 280.0)),
        ("kaiming_uniform", vec![], uniform(f64::sqrt(2.0), 60.0)),
        ("kaiming_uniform", vec![("a", float(f64::sqrt(5.0)))], Law::within(1.0 / f64::sqrt(60.0))),
        ("kaiming_uniform", vec![("a", float(0.5)), ("mode", word("fan_out"))], uniform(leaky, 500.0)),
        ("kaiming_normal", vec![], normal(f64::sqrt(2.0), 60.0)),
        ("kaiming_normal", vec![("nonlinearity", word("relu")), ("mode", word("fan_out"))], normal(2f64.sqrt(), 500.0)),
        ("kaiming_normal", vec![("nonlinearity", word("tanh"))], normal(5.0 / 3.0, 60.0)),
        ("kaiming_normal", vec![("nonlinearity", word("selu"))], normal(0.75, 60.0)),
        ("kaiming_normal", vec![("nonlinearity", word("sigmoid"))], normal(1.0, 60.0)),
        ("trunc_normal", vec![("a", float(-99.0)), ("b", float(99.0)), ("mean", float(1.0))], Law::Normal(1.0, 1.0)),
    ] {
        let init = init(name, &given).unwrap();
        assert_eq!(differs(&filled(&init, &[500, 60]), law), None, "{init}");
        let single: Vec<f32> = drawn(&init, &[500, 60], 0);
        assert_eq!(differs(&single.into_iter().map(f64::from).collect::<Vec<_>>(), law.in_single()), None, "{init}");
    }
    // A convolution's fans count the places of its kernel.
    let convolution = filled(&init("kaiming_normal", &[("mode", word("fan_out"))]).unwrap(), &[100, 20, 3, 5]);
    assert_eq!(differs(&convolution, normal(f64::sqrt(2.0), 1500.0)), None);
}

/// A storage's numbers are those of its seed.
#[test]
fn initializers_follow_the_seed() {
    let mut drawing = Vec::new();
    for def in INITIALIZERS {
        let init = init(def.name, &[("sparsity", float(0.5)), ("val", float(1.0))]).unwrap();
        let shape: &[usize] = if def.name == "dirac" { &[6, 5, 1] } else { &[6, 5] };
        let values: Vec<f64> = drawn(&init, shape, 0);
        assert_eq!(values, drawn::<f64>(&init, shape, 0), "{}", def.name);
        let others: Vec<f64> = drawn(&init, shape, 1);
        if values != others {
            assert!(values.iter().zip(&others).filter(|(x, y)| x == y).count() < 15, "{}", def.name);
            drawing.push(def.name);
        }
    }
    let quiet = INITIALIZERS.iter().map(|def| def.name).filter(|name| !drawing.contains(name));
    assert_eq!(quiet.collect::<Vec<_>>(), ["zeros", "ones", "constant", "eye", "dirac"]);
}

#[test]
fn orthogonal_rows_or_columns_are_orthogonal() {
    let init = init("orthogonal", &[("gain", float(2.0))]).unwrap();
    for shape in [&[3, 5][..], &[5, 3], &[70, 90], &[90, 70], &[6, 2, 3, 2], &[1, 4], &[4, 1], &[7, 7]] {
        let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
        let values = filled(&init, shape);
        let (count, length) = (rows.min(columns), rows.max(columns));
        let at = |vector: usize, index: usize| {
            values[if rows <= columns { vector * columns + index } else { index * columns + vector }]
        };
        for a in 0..count {
            for b in 0..count {
                let product: f64 = (0..length).map(|index| at(a, index) * at(b, index)).sum();
                let wanted = if a == b { 4.0 } else { 0.0 };
                assert!((product - wanted).abs() < 1e-12, "{shape:?}: vectors {a} and {b} have the product {product}");
            }
        }
    }
    assert_eq!(filled(&init, &[0, 3]), [0.0; 0]);
    // Neither half of the space is preferred.
    let firsts = |seed| {
        let mut values = [0.0f64; 1];
        init.fill(&[1, 1], &mut Stream::new(seed, "w"), &mut values);
        values[0]
    };
    let sum: f64 = (0..100).map(firsts).sum();
    assert!(sum.abs() < 100.0 && firsts(0).abs() == 2.0, "{sum}");
}

#[test]
fn dirac_kernels_change_nothing() {
    let dirac = |groups: i64, shape: &[usize]| filled(&init("dirac", &[("groups", int(groups))]).unwrap(), shape);
    assert_eq!(dirac(1, &[2, 2, 3]), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let ones = |values: Vec<f64>| (0..values.len()).filter(|at| values[*at] != 0.0).collect::<Vec<_>>();
    // The places of [0, 0, 1, 1], [1, 1, 1, 1] and so on in the shape.
    assert_eq!(ones(dirac(1, &[3, 2, 3, 2])), [3, 21]);
    assert_eq!(ones(dirac(2, &[4, 3, 1])), [0, 4, 6, 10]);
    assert_eq!(ones(dirac(1, &[1, 1, 3, 3, 3])), [13]);
    assert_eq!(ones(dirac(5, &[2, 1, 1])), [0; 0]);
}

#[test]
fn sparse_columns_have_their_share_of_zeros() {
    let values = filled(&init("sparse", &[("sparsity", float(0.3)), ("std", float(2.0))]).unwrap(), &[10, 200]);
    for column in 0..200 {
        assert_eq!((0..10).filter(|row| values[row * 200 + column] == 0.0).count(), 3, "column {column}");
    }
    let others: Vec<f64> = values.into_iter().filter(|x| *x != 0.0).collect();
    assert_eq!(differs(&others, Law::Normal(0.0, 2.0)), None);
    let first = filled(&init("sparse", &[("sparsity", float(0.5))]).unwrap(), &[2, 1000]);
    let zeros = first[..1000].iter().filter(|x| **x == 0.0).count();
    assert!((400..600).contains(&zeros), "{zeros} of 1000 zeros in the first row");
}

#[test]
fn truncated_values_lie_within_their_bounds() {
    let truncated = |mean: f64, std: f64, a: f64, b: f64| {
        let given = [("mean", float(mean)), ("std", float(std)), ("a", float(a)), ("b", float(b))];
        filled(&init("trunc_normal", &given).unwrap(), &[20_000])
    };
    // The standard deviation of what lies within two of the distribution's.
    let values = truncated(0.0, 1.0, -2.0, 2.0);
    assert!(values.iter().all(|x| x.abs() <= 2.0) && (mean_and_deviation(&values).1 - 0.8796).abs() < 0.02);
    // The means of narrow parts far from the middle: the density at the bounds, over the share between them.
    for (a, b, mean) in [(3.9, 4.0, 3.946_7), (-4.0, -3.0, -3.260_5), (0.0, 0.1, 0.049_96), (3.0, 1e30, 3.283_1)] {
        let values = truncated(5.0, 2.0, 5.0 + 2.0 * a, 5.0 + 2.0 * b);
        let found = values.iter().map(|x| (x - 5.0) / 2.0).sum::<f64>() / 20_000.0;
        assert!(values.iter().all(|x| (5.0 + 2.0 * a..=5.0 + 2.0 * b).contains(x)), "{a} to {b}");
        assert!((found - mean).abs() < 0.01, "{a} to {b}: the mean is {found} and not {mean}");
    }
    assert!(truncated(1.0, 0.0, 0.0, 2.0).iter().all(|x| *x == 1.0));
}

#[test]
fn initializers_say_their_arguments() {
    let written = |name: &str, given: &[(&str, Value)]| match init(name, given) {
        Ok(init) => init.to_string(),
        Err(error) => format!("{}: {}", error.attribute, error.message),
    };
    assert_eq!(written("orthogonal", &[]), "orthogonal(gain=1)");
    assert_eq!(written("dirac", &[]), "dirac(groups=1)");
    assert_eq!(written("sparse", &[("sparsity", float(0.25))]), "sparse(sparsity=0.25, std=0.01)");
    assert_eq!(written("dirac", &[("groups", int(0))]), "groups: `groups` must be at least 1, and is 0");
    let share = written("sparse", &[("sparsity", float(1.5))]);
    assert_eq!(share, "sparsity: `sparsity` must be between 0 and 1, and is 1.5");
    let conv = written("kaiming_normal", &[("nonlinearity", word("conv2d"))]);
    assert_eq!(conv, "kaiming_normal(a=0, mode=\"fan_in\", nonlinearity=\"conv2d\")");
    let axes = |name: &str, rank: usize| {
        init(name, &[("sparsity", float(0.5))][..usize::from(name == "sparse")]).unwrap().wants_axes(rank)
    };
    assert_eq!(axes("dirac", 2), Some("3 to 5 axes"));
    assert_eq!(axes("sparse", 3), Some("exactly 2 axes"));
    assert_eq!(axes("orthogonal", 1), Some("at least 2 axes"));
    assert_eq!([axes("dirac", 4), axes("sparse", 2), axes("orthogonal", 4)], [None; 3]);
}

/// What is told of an initializer's standard deviation is that of its values.
#[test]
fn deviations_are_those_of_the_values() {
    let shape = [300, 200];
    let dims = shape.map(Dim::from);
    for (name, given) in [
        ("uniform", vec![("a", float(-2.0)), ("b", float(2.0))]),
        ("normal", vec![("std", float(3.0))]),
        ("xavier_uniform", vec![("gain", float(2.0))]),
        ("xavier_normal", vec![]),
        ("kaiming_uniform", vec![("a", float(1.0)), ("mode", word("fan_out"))]),
        ("kaiming_normal", vec![("nonlinearity", word("relu"))]),
        ("orthogonal", vec![("gain", float(2.0))]),
        ("sparse", vec![("sparsity", float(0.5)), ("std", float(2.0))]),
    ] {
        let init = init(name, &given).unwrap();
        let (told, found) = (init.std(&dims).unwrap(), mean_and_deviation(&filled(&init, &shape)).1);
        assert!((found / told - 1.0).abs() < 0.02, "{init}: {found} and not {told}");
    }
}
