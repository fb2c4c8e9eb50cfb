//! Every operator's examples through the whole compiler: forward, and backward against finite differences in f64.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

#[path = "ops/views.rs"]
mod views;

use std::collections::BTreeMap;
use wnet::exec::Machine;
use wnet::ops::{HangsOn, Mode, REGISTRY};
use wnet::plan::{Bindings, Options, Plan, PlanError, Seed, Start, TensorId, plan};
use wnet::span::SourceMap;
use wnet::tensor::random::Stream;
use wnet::tensor::{Slice, SliceMut};
use wnet::{CheckedModel, Settings, check};

fn compile(text: &str) -> CheckedModel {
    let mut map = SourceMap::new();
    map.add("test", text).unwrap();
    let mut checked = check(&map.files()[0], &Settings::default());
    let errors: Vec<_> =
        checked.diagnostics.iter().filter(|found| found.severity == wnet::diag::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?} in\n{text}");
    checked.models.pop().unwrap()
}

fn plan_of(model: &CheckedModel, start: Option<Start>) -> Result<Plan, PlanError> {
    let options = Options { start, input_gradients: true, ..Options::default() };
    plan(&model.typed().unwrap(), &model.places, &Bindings::new(), &options)
}

/// Writes numbers into the inputs: floats away from 0, where functions have kinks; ints below what is allowed.
fn write_inputs(model: &CheckedModel, plan: &Plan, machine: &mut Machine<f64>) {
    for (index, input) in plan.inputs.iter().enumerate() {
        let Some(input) = input else { continue };
        let mut stream = Stream::new(5, &format!("input {index}"));
        let value = model.graph.inputs[index].value;
        let bound = model.graph.nodes.iter().filter_map(|(_, node)| {
            let types: Vec<_> = node.operands.iter().map(|id| model.typed().unwrap().of(*id)).collect();
            let operand = node.operands.iter().position(|operand| *operand == value)?;
            node.operator.op.index_bound(operand, &types)?.as_const()
        });
        let bound = bound.min().unwrap_or(5) as u64;
        match machine.slice_mut(input.tensor) {
            SliceMut::Float(out) => out.iter_mut().for_each(|x| {
                let size = 0.2 + 1.3 * stream.uniform();
                *x = if stream.uniform() < 0.5 { size } else { -size };
            }),
            SliceMut::Int(out) => out.iter_mut().for_each(|x| *x = stream.below(bound) as i64),
            SliceMut::Bool(out) => out.iter_mut().for_each(|x| *x = stream.uniform() < 0.5),
        }
    }
}

/// Σ over the outputs of their elements times fixed numbers, so that no gradient cancels.
fn objective(machine: &mut Machine<f64>, mode: Mode) -> f64 {
    machine.forward(mode).unwrap();
    let mut sum = 0.0;
    for (index, output) in machine.plan().outputs.iter().enumerate() {
        if let Slice::Float(elements) = machine.view(output.tensor).data {
            sum += elements.iter().zip(weights(index, elements.len())).map(|(x, w)| x * w).sum::<f64>();
        }
    }
    sum
}

fn weights(output: usize, len: usize) -> Vec<f64> {
    let mut stream = Stream::new(9, &format!("output {output}"));
    (0..len).map(|_| 0.5 + stream.uniform()).collect()
}

/// The step of the differences.
const H: f64 = 1e-5;

/// Every gradient of a model against central differences.
fn check_gradients(text: &str) -> Result<(), String> {
    let model = compile(text);
    let plan = match plan_of(&model, Some(Start::Outputs)) {
        // Ints and bools have none.
        Err(PlanError::NoGradient { .. }) => plan_of(&model, None).unwrap(),
        plan => plan.unwrap(),
    };
    let mut machine = Machine::<f64>::new(&plan, 3).unwrap();
    if plan.seeds.is_empty() {
        write_inputs(&model, &plan, &mut machine);
        return machine.forward(Mode::Eval).map_err(|error| format!("{error:?}"));
    }
    write_inputs(&model, &plan, &mut machine);
    // Eval, because a mask of Dropout is drawn anew by each pass.
    let mode = Mode::Eval;
    let inputs: Vec<(TensorId, TensorId)> =
        plan.inputs.iter().flatten().filter_map(|input| Some((input.tensor, input.grad?))).collect();
    let storages = plan.storages.iter().filter_map(|storage| Some((storage.tensor, storage.grad?)));
    for (tensor, grad) in storages.chain(inputs) {
        let len = plan.tensors[tensor].len();
        for element in 0..len {
            let mut at = |step: f64| {
                // Memory of inputs may be reused by a pass, so they are written before each.
                write_inputs(&model, &plan, &mut machine);
                let SliceMut::Float(out) = machine.slice_mut(tensor) else { panic!("a gradient of what is no float") };
                let kept = out[element];
                out[element] = kept + step;
                let value = objective(&mut machine, mode);
                if let SliceMut::Float(out) = machine.slice_mut(tensor) {
                    out[element] = kept;
                }
                value
            };
            let wanted = (at(H) - at(-H)) / (2.0 * H);
            write_inputs(&model, &plan, &mut machine);
            objective(&mut machine, mode);
            let seeds = |seed: Seed| match seed {
                Seed::Output(index) => Some(weights(index, plan.tensors[plan.outputs[index].tensor].len())),
                Seed::Loss => None,
            };
            machine.backward(mode, &seeds).unwrap();
            let Slice::Float(found) = machine.view(grad).data else { panic!("a gradient that is no float") };
            let close = (found[element] - wanted).abs() <= 1e-6 * (1.0 + wanted.abs());
            if !close {
                return Err(format!("element {element} of {tensor:?}: {} and not {wanted}\n{text}", found[element]));
            }
        }
    }
    Ok(())
}

#[test]
fn examples_of_all_operators_have_right_gradients() {
    let mut count = 0;
    for def in REGISTRY {
        assert!(!def.examples.is_empty(), "{} has no example", def.name);
        for example in def.examples {
            check_gradients(&format!("model M {{ {} }}", example.replace("  ", "\n"))).unwrap();
            count += 1;
        }
    }
    assert!(count > REGISTRY.len());
}

/// Shared storage, through every kind of use: two slots, two calls, a transposed view, a value, twice in one operator.
#[test]
fn gradients_of_shared_storages_are_sums() {
    for body in [
        "input x: [2, 3]\nparam p: [3, 3] = normal()\nlayer a = Linear(3, 3) weight=@p\nlayer b = Linear(3, 3) weight=@p.T bias=@a.bias\noutput x -> a -> tanh -> b -> a",
        "input x: [2, 3]\nparam p: [3, 3] = normal()\noutput matmul(matmul(x, p), p.T) * matmul(x, p.T)",
        "input x: [2, 3]\noutput z = x + x\noutput y = x * x - -x",
        "input x: [2, 4]\nlayer f = Linear(4, 4)\noutput a = x -> (f -> tanh)^3\noutput b = x -> f -> reshape([4, 2]) -> sum(dim=0)",
        "input x: [2, 4]\nlayer enc = Linear(4, 3)\nlayer dec = Linear(3, 4) weight=@enc.weight.T\noutput x -> enc -> sigmoid -> dec",
        "input x: int[5]\nlayer e = Embedding(6, 4)\nlayer head = Linear(4, 6, bias=false) weight=@e.weight\noutput x -> e -> tanh -> head",
        "param p: [3] = normal()\noutput r = matmul(p, p)\noutput q = p",
        "input x: [2, 3]\nfrozen param p: [3, 3] = normal()\nlayer a = Linear(3, 3) weight=@p\noutput x -> a -> a",
    ] {
        check_gradients(&format!("model M {{\n{body}\n}}")).unwrap();
    }
}

/// The two outputs of a model in train mode, of the first pass and of the second.
fn two_outputs(body: &str, seed: u64) -> [[Vec<f64>; 2]; 2] {
    let model = compile(&format!("model M {{\n{body}\n}}"));
    let plan = plan_of(&model, None).unwrap();
    let mut machine = Machine::<f64>::new(&plan, seed).unwrap();
    [(); 2].map(|()| {
        write_inputs(&model, &plan, &mut machine);
        machine.forward(Mode::Train).unwrap();
        [0, 1].map(|index| machine.view(plan.outputs[index].tensor).floats().to_vec())
    })
}

/// Each call of what draws has numbers of its own, in each pass others, and all of them are those of the seed.
#[test]
fn calls_and_passes_draw_numbers_of_their_own() {
    for body in [
        "output a = rand([40])\noutput b = rand([40])",
        "output a = randn([5, 8])\noutput b = randn([5, 8])",
        "input x: [40]\noutput a = rand_like(x)\noutput b = rand_like(x)",
        "input x: [40]\noutput a = dropout(x)\noutput b = dropout(x)",
        "input x: [40]\nlayer d = Dropout()\noutput a = d(x)\noutput b = d(x)",
        "input x: [40]\nlayer d = Dropout()\nlayer e = Dropout()\noutput a = d(x)\noutput b = e(x)",
        "input x: [40]\nlayer d[2] = AlphaDropout()\noutput a = d[0](x)\noutput b = d[1](x)",
        "input x: [20, 40, 2]\nlayer d = Dropout1d()\noutput a = d(x)\noutput b = d(x)",
        "input x: [40]\nlayer d = RReLU()\noutput a = d(x)\noutput b = d(x)",
        "input x: [9, 8]\noutput a = scaled_dot_product_attention(x, x, x, dropout_p=0.5)\noutput b = scaled_dot_product_attention(x, x, x, dropout_p=0.5)",
        "input x: [9, 8]\nlayer f = MultiheadAttention(8, 2, dropout=0.5)\noutput a = f(x, x, x, need_weights=false)\noutput b = f(x, x, x, need_weights=false)",
        "input x: [9, 8]\nlayer f = LSTM(8, 8, num_layers=2, dropout=0.5)\na, _, _ = f(x)\nb, _, _ = f(x)\noutput a, b",
    ] {
        let [[a, b], [a_again, b_again]] = two_outputs(body, 1);
        assert_eq!(two_outputs(body, 1), [[a.clone(), b.clone()], [a_again.clone(), b_again.clone()]], "{body}");
        let [[other, _], _] = two_outputs(body, 2);
        let all = [&a, &b, &a_again, &b_again, &other];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{body}");
        }
    }
}

/// First values hang on the seed and on the path of the storage: another layer changes none of the others'.
#[test]
fn storages_have_first_values_of_their_own() {
    let values = |body: &str, seed: u64| {
        let model = compile(&format!("model M {{\n{body}\n}}"));
        let plan = plan_of(&model, None).unwrap();
        let machine = Machine::<f64>::new(&plan, seed).unwrap();
        let storages = plan.storages.iter();
        let of = |tensor| machine.view(tensor).floats().to_vec();
        storages.map(|storage| (storage.path.to_string(), of(storage.tensor))).collect::<BTreeMap<_, _>>()
    };
    let body = "input x: [2, 5]\nlayer f[2] = Linear(5, 5)\nparam p: [5, 5] = normal()\noutput matmul(f(x), p)";
    let first = values(body, 1);
    assert_eq!(first, values(body, 1));
    let other = values(body, 2);
    assert!(first.iter().all(|(path, values)| other[path] != *values));
    let distinct: Vec<&Vec<f64>> = first.values().collect();
    assert!((0..distinct.len()).all(|index| !distinct[..index].contains(&distinct[index])));
    let more = values(&body.replace("layer f[2]", "layer e = Linear(5, 5)\nlayer f[3]").replace("f(x)", "f(e(x))"), 1);
    assert!(first.iter().all(|(path, values)| more[path] == *values));
}

/// A second pass finds all as the first one did: constants, and memory that was used for something else meanwhile.
#[test]
fn passes_are_alike() {
    let more = [
        "input x: [2, 5]  mask = tril(ones([5, 5]))  output y = matmul(x, mask)  output m = mask + 1",
        "input x: [2, 5]  y = exp(x)  z = sin(y) * cos(y)  output z + arange(5) * full([2, 1], 2.0)",
        "input x: [3, 4]  output a = x + reshape(arange(12), [3, 4])  output b = reshape(arange(12), [4, 3])",
        "input x: [3]  output zeros_like(x) - cumsum(ones([3]), 0) * x",
        "input x: [4]  a = full([4], 2.0)  b = relu(a)  output y = relu(b + x) * b  output z = exp(b) + exp(x)",
        "input x: [4]  output relu(exp(ones([4]))) + relu(x + zeros([4]))",
        "input x: [4]  b = relu(full([4], 2.0))  c = x * b  d = cumsum(c, 0)  e = cumsum(d, 0)  output cumsum(e, 0)",
        "output arange(3)",
        "output cat([ones([2]), zeros([2])])",
    ];
    for example in REGISTRY.iter().flat_map(|def| def.examples).chain(&more) {
        let model = compile(&format!("model M {{\n{}\n}}", example.replace("  ", "\n")));
        let plan = plan_of(&model, None).unwrap();
        let mut nodes = model.graph.nodes.iter();
        if nodes.any(|(_, node)| node.operator.op.hangs_on() == HangsOn::Random) {
            continue;
        }
        let mut machine = Machine::<f64>::new(&plan, 3).unwrap();
        let [first, second] = [(); 2].map(|()| {
            write_inputs(&model, &plan, &mut machine);
            let ran = machine.forward(Mode::Eval).is_ok();
            let outputs = plan.outputs.iter().map(|output| format!("{:?}", machine.view(output.tensor)));
            ran.then(|| outputs.collect::<Vec<_>>())
        });
        assert_eq!(first, second, "{example}");
    }
}

/// What hangs on nothing is computed by the first pass alone.
#[test]
fn constants_are_computed_once() {
    let steps = |body: &str| {
        let model = compile(&format!("model M {{\n{body}\n}}"));
        let plan = plan_of(&model, Some(Start::Outputs)).unwrap();
        let name = |step: &wnet::plan::Step| match &step.action {
            wnet::plan::Action::Forward(call) => call.name.to_string(),
            _ => String::new(),
        };
        plan.forward.iter().filter(|step| step.once).map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(steps("input x: [4, 4]\noutput x * tril(ones([4, 4]))"), "ones tril");
    assert_eq!(steps("input x: [4, 4]\noutput x + zeros_like(x) * arange(4)"), "zeros_like arange *");
    assert_eq!(steps("input x: [4]\nparam p: [4] = zeros()\noutput x + exp(p)"), "");
    assert_eq!(steps("input x: [4]\noutput x + dropout(ones([4])) + rand(4)"), "ones");
    assert_eq!(steps("input x: [4]\nlayer norm = LayerNorm(4)\noutput x * norm(ones([4]))"), "ones");
}
