//! What the registries promise, what is refused and with which words, and what the comparison with PyTorch doesn't show.

use super::*;
use crate::ops::{ParameterKind, Value};

fn value(x: f64) -> Value {
    Value::Float(x)
}

fn word(text: &str) -> Value {
    Value::Str(text.into())
}

/// The message and the help.
fn refused<P: ?Sized>(built: Result<Box<P>, SetupError>) -> (SetupErrorKind, String) {
    let error = built.err().unwrap();
    let help = error.help.map(|help| format!(" | {help}")).unwrap_or_default();
    (error.kind, format!("{}{help}", error.message))
}

#[test]
fn every_definition_says_what_it_is() {
    fn check<P: ?Sized>(defs: &[&'static Def<P>]) {
        for (index, def) in defs.iter().enumerate() {
            assert!(def.summary.ends_with('.') && !def.formula.is_empty(), "{}", def.name);
            assert!(defs.iter().skip(index + 1).all(|other| other.name != def.name), "{} is there once", def.name);
            for parameter in def.parameters {
                assert!(parameter.doc.ends_with('.'), "{}: {}", def.name, parameter.name);
                assert!(matches!(parameter.kind, ParameterKind::Attribute { .. }), "{}", def.name);
            }
        }
    }
    check(OPTIMIZERS);
    check(SCHEDULES);
}

#[test]
fn defaults_make_an_optimizer_whose_name_is_its_own() {
    for def in OPTIMIZERS {
        let mut built = optimizer(def.name, &[]).unwrap();
        assert_eq!(built.def().name, def.name);
        for shape in [&[][..], &[3], &[2, 3], &[4, 2, 3], &[0, 3]] {
            let states = built.states(shape);
            assert!(states.len() <= MAX_STATES, "{}", def.name);
            let size: usize = shape.iter().product();
            if built.by_element() {
                assert!(states.iter().all(|state| state.len() == size), "{}", def.name);
            }
            let mut param = vec![0.5f64; size];
            let grad = vec![0.25; size];
            let mut memory: [Vec<f64>; 3] =
                std::array::from_fn(|index| states.get(index).map(|s| vec![s.start; s.len()]).unwrap_or_default());
            let factors = built.begin(Step::new(1, 0.1));
            let states = memory.each_mut().map(Vec::as_mut_slice);
            built.update(&factors, Part { shape, param: &mut param, grad: &grad, states });
            assert!(param.iter().all(|p| p.is_finite() && *p < 0.5), "{} goes downhill: {param:?}", def.name);
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    use SetupErrorKind::{ArgumentMissing, ArgumentTwice, ArgumentType, ArgumentValue, UnknownArgument, UnknownName};
    let lr = || (Some("lr"), value(0.1));
    let cases = [
        (refused(optimizer("AdamWw", &[])), UnknownName, "there is no optimizer `AdamWw` | `AdamW` is near to it"),
        (refused(schedule("cosin", &[])), UnknownName, "there is no schedule `cosin` | `cosine` is near to it"),
        (
            refused(optimizer("Lion", &[lr(), (Some("weight_decoy"), value(0.1))])),
            UnknownArgument(1),
            "`Lion` has no argument `weight_decoy` | `weight_decay` is near to it; `Lion` takes lr, betas, weight_decay, maximize",
        ),
        (refused(optimizer("Adam", &[lr(), lr()])), ArgumentTwice(1), "`lr` is given twice"),
        (refused(optimizer("Adam", &[(None, value(0.1)), lr()])), ArgumentTwice(1), "`lr` is given twice"),
        (
            refused(optimizer("Adam", &[(Some("lr"), word("much"))])),
            ArgumentType(0),
            "`lr` of `Adam` wants a number, and gets a string",
        ),
        (
            refused(schedule("StepLR", &[])),
            ArgumentMissing,
            "`StepLR` needs `step_size` | `step_size`: The number of steps of a stair.",
        ),
        (
            refused(optimizer("Adam", &[(Some("lr"), value(-1.0))])),
            ArgumentValue(Some(0)),
            "`lr` must be at least 0, and is -1",
        ),
        (
            refused(optimizer("Adam", &[(Some("lr"), value(f64::NAN))])),
            ArgumentValue(Some(0)),
            "`lr` must be at least 0, and is NaN",
        ),
        (
            refused(optimizer("Adam", &[lr(), (Some("betas"), Value::List(vec![value(0.9), value(1.0)]))])),
            ArgumentValue(Some(1)),
            "`betas` must be two numbers of at least 0 and below 1, and is [0.9, 1]",
        ),
        (
            refused(optimizer("Adam", &[(Some("betas"), Value::List(vec![value(0.9)]))])),
            ArgumentValue(Some(0)),
            "`betas` must be two numbers of at least 0 and below 1, and is [0.9]",
        ),
        (
            refused(optimizer("SGD", &[lr(), (Some("nesterov"), Value::Bool(true))])),
            ArgumentValue(Some(1)),
            "`nesterov` must be `false` without momentum or with dampening, and is true",
        ),
        (
            refused(schedule("CosineAnnealingLR", &[(None, Value::from(crate::ops::Literal::Int(0)))])),
            ArgumentValue(Some(0)),
            "`T_max` must be at least 1, and is 0",
        ),
        (
            refused(schedule(
                "OneCycleLR",
                &[(None, value(0.1)), (Some("epochs"), Value::from(crate::ops::Literal::Int(3)))],
            )),
            ArgumentValue(None),
            "`steps_per_epoch` must be given with `epochs`, and is none",
        ),
        (
            refused(schedule("plateau", &[(Some("mode"), word("mean"))])),
            ArgumentType(0),
            "`mode` of `plateau` wants \"min\" or \"max\", and gets a string",
        ),
    ];
    for (found, kind, message) in cases {
        assert_eq!(found, (kind, message.to_owned()));
    }
    let many = [(None, value(0.1)), (None, value(0.0)), (None, value(0.0)), (None, value(0.0)), (None, value(0.0))];
    assert_eq!(
        refused(schedule("cosine", &many)).1,
        "`warmup` of `cosine` wants an integer, and gets a float",
        "arguments by position are in the order of the definition"
    );
    assert_eq!(
        refused(schedule("constant", &[(None, Value::from(crate::ops::Literal::Int(1))), (None, value(1.0))])).1,
        "`constant` takes 1 arguments | `constant` takes warmup"
    );
}

fn int(name: &'static str, count: i64) -> Argument<'static> {
    (Some(name), Value::from(crate::ops::Literal::Int(count)))
}

#[test]
fn short_forms_warm_up_and_end_with_the_run() {
    for (name, end) in [("cosine", 0.0), ("linear", 0.0), ("polynomial", 0.0), ("exponential", 0.01), ("constant", 1.0)]
    {
        let built = schedule(name, &[int("warmup", 4)]).unwrap();
        let lr = |step| built.rates(step, 104, 2.0).lr / 2.0;
        for step in 0..4 {
            assert!((lr(step) - (step + 1) as f64 / 5.0).abs() < 1e-15, "{name}");
        }
        assert_eq!(lr(4), 1.0, "{name}");
        assert!((4..103).all(|step| lr(step + 1) <= lr(step)), "{name} doesn't rise behind the warm-up");
        assert!((lr(104) - end).abs() < 1e-15 && lr(200) == lr(104), "{name} ends at {}", lr(104));
    }
    // Half of the way.
    let at = |name: &str| schedule(name, &[]).unwrap().rates(50, 100, 1.0).lr;
    assert_eq!((at("cosine"), at("linear"), at("polynomial")), (0.5, 0.5, 0.5));
    assert!((at("exponential") - 0.1).abs() < 1e-15);
    assert_eq!((at("multistep"), at("constant")), (0.1, 1.0));
    let stairs = schedule("step", &[int("size", 10), int("warmup", 5)]).unwrap();
    assert_eq!([14, 15, 25].map(|step| stairs.rates(step, 100, 1.0).lr), [1.0, 0.1, 0.1f64.powf(2.0)]);
    let cycle = schedule("one_cycle", &[]).unwrap();
    let torch = schedule("OneCycleLR", &[(Some("max_lr"), value(0.3)), int("total_steps", 50)]).unwrap();
    assert!((0..60).all(|step| cycle.rates(step, 50, 0.3) == torch.rates(step, 7, 99.0)));
}

#[test]
fn no_number_of_steps_makes_a_schedule_fail() {
    let required: &[Argument] = &[];
    for def in SCHEDULES {
        let given: Vec<Argument> = match def.name {
            "OneCycleLR" => vec![(None, value(0.1))],
            "MultiStepLR" => vec![(None, Value::List(vec![]))],
            "ExponentialLR" => vec![(None, value(0.5))],
            "step" | "StepLR" | "CosineAnnealingLR" | "CosineAnnealingWarmRestarts" => {
                vec![(None, Value::from(crate::ops::Literal::Int(1)))]
            }
            _ => required.to_vec(),
        };
        let built = schedule(def.name, &given).unwrap();
        assert_eq!(built.def().name, def.name);
        for (step, total) in [(0, 0), (0, 1), (5, 1), (u64::MAX, 2), (u64::MAX, u64::MAX), (3, u64::MAX)] {
            let rates = built.rates(step, total, 0.1);
            assert!(rates.lr.is_finite() && rates.lr >= 0.0, "{} at {step} of {total}: {rates:?}", def.name);
        }
    }
}

#[test]
fn a_schedule_that_sets_the_momentum_needs_one() {
    let cycle = schedule("one_cycle", &[]).unwrap();
    let mut adagrad = optimizer("Adagrad", &[]).unwrap();
    let error = drive(&*cycle, &mut *adagrad).unwrap_err();
    assert_eq!(error.message, "`one_cycle` sets the momentum, and `Adagrad` has none");
    assert!(drive(&*schedule("cosine", &[]).unwrap(), &mut *adagrad).is_ok());
    // As in PyTorch, the momentum of the schedule replaces the 0 of the optimizer, which then has a state for it.
    let mut sgd = optimizer("SGD", &[]).unwrap();
    assert!(sgd.states(&[2]).is_empty());
    drive(&*cycle, &mut *sgd).unwrap();
    assert_eq!(sgd.states(&[2])[0].name, "momentum_buffer");
    let (mut param, mut buffer) = ([1.0f64], [0.0]);
    for number in 1..=2 {
        let factors = sgd.begin(Step { momentum: Some(0.5), ..Step::new(number, 0.25) });
        let states = [&mut buffer[..], &mut [], &mut []];
        sgd.update(&factors, Part { shape: &[1], param: &mut param, grad: &[1.0], states });
    }
    assert_eq!((param, buffer), ([1.0 - 0.25 - 0.25 * 1.5], [1.5]));
}

#[test]
fn a_factor_of_the_gradients_is_that_of_the_gradients() {
    for def in OPTIMIZERS {
        let run = |factor: f64, grad: [f64; 3]| {
            let mut built = optimizer(def.name, &[]).unwrap();
            let (mut param, mut memory) = ([1.0f64, -2.0, 3.0], [[0.0; 3]; 3]);
            for number in 1..=3 {
                let factors = built.begin(Step { grad_scale: factor, ..Step::new(number, 0.1) });
                let states = memory.each_mut().map(<[f64; 3]>::as_mut_slice);
                built.update(&factors, Part { shape: &[3], param: &mut param, grad: &grad, states });
            }
            param
        };
        assert_eq!(run(0.25, [1.0, -2.0, 0.5]), run(1.0, [0.25, -0.5, 0.125]), "{}", def.name);
    }
}

#[test]
fn what_a_checkpoint_keeps_goes_on_the_same() {
    let mut one = optimizer("NAdam", &[]).unwrap();
    (1..=5).for_each(|number| {
        one.begin(Step::new(number, 0.1));
    });
    let kept = *one.carried().unwrap().1;
    let mut other = optimizer("NAdam", &[]).unwrap();
    *other.carried().unwrap().1 = kept;
    assert_eq!(one.begin(Step::new(6, 0.1)), other.begin(Step::new(6, 0.1)));

    let new = || schedule("plateau", &[int("patience", 1), int("cooldown", 1)]).unwrap();
    let losses = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, f64::NAN, 0.1, 0.2, 0.3];
    let mut whole = new();
    losses.iter().for_each(|loss| whole.observe(*loss, 0.1));
    let mut first = new();
    losses[..6].iter().for_each(|loss| first.observe(*loss, 0.1));
    let mut second = new();
    let kept: Vec<f64> = first.carried().into_iter().map(|(_, value)| *value).collect();
    second.carried().into_iter().zip(kept).for_each(|((_, value), kept)| *value = kept);
    losses[6..].iter().for_each(|loss| second.observe(*loss, 0.1));
    assert_eq!(whole.rates(0, 1, 0.1), second.rates(0, 1, 0.1));
    assert!(whole.rates(0, 1, 0.1).lr < 0.1);
}

#[test]
fn clipping_is_that_of_pytorch() {
    let grads = [vec![3.0f32, 0.0], vec![4.0]];
    let squares: f64 = grads.iter().map(|grad| clip::sum_of_squares(grad)).sum();
    assert_eq!(squares, 25.0);
    assert_eq!(clip::norm_factor(squares, 1.0), 1.0 / (5.0 + 1e-6));
    assert_eq!(clip::norm_factor(squares, 5.1), 1.0);
    assert_eq!(clip::norm_factor(0.0, 1.0), 1.0);
    assert!(clip::norm_factor(f64::NAN, 1.0).is_nan());
    assert_eq!(clip::norm_factor(f64::INFINITY, 1.0), 0.0);
    let mut grad = [3.0f64, -0.5, f64::NEG_INFINITY, f64::NAN];
    clip::by_value(&mut grad, 1.0);
    assert_eq!(grad[..3], [1.0, -0.5, -1.0]);
    assert!(grad[3].is_nan());
}

/// A sum over many steps of a long column, where single precision would lose what it adds.
#[test]
fn adafactor_averages_long_columns() {
    let rows = 50_000;
    let grad: Vec<f32> = (0..rows * 3).map(|index| 1.0 + (index % 7) as f32 * 1e-3).collect();
    let mut built = optimizer("Adafactor", &[]).unwrap();
    let mut param = vec![1.0f32; rows * 3];
    let (mut row, mut col) = (vec![0.0f32; rows], vec![0.0f32; 3]);
    let factors = built.begin(Step::new(1, 0.01));
    let states = [&mut row[..], &mut col[..], &mut []];
    built.update(&factors, Part { shape: &[rows, 3], param: &mut param, grad: &grad, states });
    for (column, found) in col.iter().enumerate() {
        let wanted: f64 = grad.iter().skip(column).step_by(3).map(|g| f64::from(*g).powi(2)).sum::<f64>() / rows as f64;
        assert!((f64::from(*found) - wanted).abs() < 1e-7, "{found} and not {wanted}");
    }
}
