//! Operands that aren't dense: parts and transposes of storages, results of what moves elements, one value in several
//! places. Each example of each operator has with them the results and the gradients that it has with copies.

use super::{compile, plan_of, weights};
use std::collections::BTreeMap;
use wnet::CheckedModel;
use wnet::exec::Machine;
use wnet::ops::{Mode, REGISTRY};
use wnet::plan::{Plan, PlanError, Seed, Start, TensorId};
use wnet::tensor::random::Stream;
use wnet::tensor::{Slice, SliceMut};

#[derive(Clone, Debug, PartialEq)]
enum Data {
    Float(Vec<f64>),
    Int(Vec<i64>),
    Bool(Vec<bool>),
}

impl Data {
    /// The elements at these places.
    fn at(&self, places: &[usize]) -> Self {
        match self {
            Self::Float(data) => Self::Float(places.iter().map(|at| data[*at]).collect()),
            Self::Int(data) => Self::Int(places.iter().map(|at| data[*at]).collect()),
            Self::Bool(data) => Self::Bool(places.iter().map(|at| data[*at]).collect()),
        }
    }

    /// The same, NaN counting as itself.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || a.is_nan() && b.is_nan())
            }
            _ => self == other,
        }
    }
}

/// How an operand sees the tensor that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    // Views of a storage, which the plan gathers unless they are dense.
    Transposed,
    Rows,
    Columns,
    TransposedRows,
    Flat,
    // Results of operators.
    Turned,
    Cut,
    Reshaped,
    Expanded,
}

impl How {
    /// Params hold floats, and what a slot may be tied to isn't always a value.
    fn suits_inputs(self, element: &str) -> bool {
        self != Self::TransposedRows && (element.is_empty() || !self.is_of_storage())
    }

    fn is_of_storage(self) -> bool {
        matches!(self, Self::Transposed | Self::Rows | Self::Columns | Self::TransposedRows | Self::Flat)
    }
}

struct View {
    /// The shape of the whole.
    whole: Vec<usize>,
    /// Where the elements that are seen lie in it.
    places: Vec<usize>,
    /// Behind `@whole`.
    of_storage: String,
    /// Of the value `whole`.
    of_value: String,
}

/// What sees a tensor of this shape so, if its rank allows.
fn view(how: How, shape: &[usize]) -> Option<View> {
    let rank = shape.len();
    let list = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let steps =
        |shape: &[usize]| -> Vec<usize> { (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect() };
    let (whole, start, mut seen, text): (Vec<usize>, usize, Vec<usize>, String) = match how {
        How::Transposed | How::TransposedRows if rank != 2 => return None,
        How::Columns | How::Turned if rank < 2 => return None,
        How::Rows | How::Cut | How::Expanded if rank < 1 => return None,
        How::Transposed => {
            let whole: Vec<usize> = shape.iter().rev().copied().collect();
            let seen = steps(&whole).into_iter().rev().collect();
            (whole, 0, seen, ".T".to_owned())
        }
        How::TransposedRows => {
            let mut whole: Vec<usize> = shape.iter().rev().copied().collect();
            whole[0] += 2;
            let seen = steps(&whole).into_iter().rev().collect();
            let start = whole[1..].iter().product();
            let text = format!("[1:{}].T", whole[0] - 1);
            (whole, start, seen, text)
        }
        How::Rows | How::Cut => {
            let mut whole = shape.to_vec();
            whole[0] += 3;
            let seen = steps(&whole);
            (whole, 2 * seen[0], seen, format!("[2:{}]", shape[0] + 2))
        }
        How::Columns => {
            let mut whole = shape.to_vec();
            whole[rank - 1] += 2;
            let seen = steps(&whole);
            (whole, 1, seen, format!("[{}1:{}]", ":, ".repeat(rank - 1), shape[rank - 1] + 1))
        }
        How::Flat | How::Reshaped => {
            (vec![shape.iter().product()], 0, steps(shape), format!(".reshape({})", list(shape)))
        }
        How::Turned => {
            let mut whole = shape.to_vec();
            whole.swap(0, rank - 1);
            let mut seen = steps(&whole);
            seen.swap(0, rank - 1);
            (whole, 0, seen, String::new())
        }
        How::Expanded => {
            let mut whole = shape.to_vec();
            whole[0] = 1;
            let mut seen = steps(&whole);
            seen[0] = 0;
            (whole, 0, seen, String::new())
        }
    };
    let of_value = match how {
        How::Turned => format!("transpose(whole, 0, {})", rank - 1),
        How::Expanded => format!("expand(whole, [{}])", list(shape)),
        How::Flat | How::Reshaped => format!("reshape(whole, [{}])", list(shape)),
        _ => format!("whole{text}"),
    };
    let mut places = vec![start];
    for (size, step) in shape.iter().zip(seen.drain(..)) {
        places = places.iter().flat_map(|at| (0..*size).map(move |index| at + index * step)).collect();
    }
    Some(View { whole, places, of_storage: text, of_value })
}

/// The statements of an example; those of inputs taken apart.
fn statements(example: &str) -> Vec<String> {
    example.split("  ").map(str::to_owned).collect()
}

/// `input x: int[2, 3]` → x, int, [2, 3]
fn input(statement: &str) -> Option<(&str, &str, Vec<usize>)> {
    let (name, ty) = statement.strip_prefix("input ")?.split_once(": ")?;
    let (element, shape) = ty.strip_suffix(']')?.split_once('[')?;
    let sizes = shape.split(", ").filter(|size| !size.is_empty());
    Some((name, element, sizes.map(|size| size.parse().unwrap()).collect()))
}

fn model(statements: &[String]) -> CheckedModel {
    compile(&format!("model M {{\n{}\n}}", statements.join("\n")))
}

fn plan_with_gradients(model: &CheckedModel) -> Plan {
    match plan_of(model, Some(Start::Outputs)) {
        Err(PlanError::NoGradient { .. }) => plan_of(model, None).unwrap(),
        plan => plan.unwrap(),
    }
}

/// By the names of inputs and the paths of storages.
type Values = BTreeMap<String, Data>;

/// The inputs and storages of a plan, and their gradients.
fn tensors(model: &CheckedModel, plan: &Plan) -> Vec<(String, TensorId, Option<TensorId>)> {
    let inputs = model.graph.inputs.iter().zip(&plan.inputs);
    let inputs = inputs.filter_map(|(input, planned)| {
        planned.as_ref().map(|planned| (input.name.clone(), planned.tensor, planned.grad))
    });
    let storages = plan.storages.iter().map(|storage| (storage.path.to_string(), storage.tensor, storage.grad));
    inputs.chain(storages).collect()
}

/// Numbers for all of them: floats away from 0, positive in buffers; ints below what is allowed.
fn draw(model: &CheckedModel, plan: &Plan, machine: &mut Machine<f64>) -> Values {
    super::write_inputs(model, plan, machine);
    for storage in &plan.storages {
        let mut stream = Stream::new(6, storage.path.as_str());
        let SliceMut::Float(out) = machine.slice_mut(storage.tensor) else { continue };
        out.iter_mut().for_each(|x| *x = 0.2 + stream.uniform());
    }
    tensors(model, plan).into_iter().map(|(name, tensor, _)| (name, data(machine, tensor))).collect()
}

fn data(machine: &Machine<f64>, tensor: TensorId) -> Data {
    match machine.view(tensor).data {
        Slice::Float(data) => Data::Float(data.to_vec()),
        Slice::Int(data) => Data::Int(data.to_vec()),
        Slice::Bool(data) => Data::Bool(data.to_vec()),
    }
}

#[derive(Debug)]
struct Found {
    /// Empty where the data were refused, as they are by every model of an example.
    outputs: Vec<Data>,
    /// What buffers hold after a pass.
    after: Values,
    gradients: BTreeMap<String, Vec<f64>>,
}

fn run(model: &CheckedModel, values: &Values, mode: Mode) -> Found {
    let plan = plan_with_gradients(model);
    let mut machine = Machine::<f64>::new(&plan, 3).unwrap();
    for (name, tensor, _) in tensors(model, &plan) {
        match (machine.slice_mut(tensor), &values[&name]) {
            (SliceMut::Float(out), Data::Float(data)) => out.copy_from_slice(data),
            (SliceMut::Int(out), Data::Int(data)) => out.copy_from_slice(data),
            (SliceMut::Bool(out), Data::Bool(data)) => out.copy_from_slice(data),
            _ => panic!("{name} is of another type"),
        }
    }
    let mut found = Found { outputs: Vec::new(), after: Values::new(), gradients: BTreeMap::new() };
    if machine.forward(mode).is_err() {
        return found;
    }
    found.outputs = plan.outputs.iter().map(|output| data(&machine, output.tensor)).collect();
    let storages = plan.storages.iter();
    found.after = storages.map(|storage| (storage.path.to_string(), data(&machine, storage.tensor))).collect();
    if plan.seeds.is_empty() {
        return found;
    }
    let seeds = |seed: Seed| match seed {
        Seed::Output(index) => Some(weights(index, plan.tensors[plan.outputs[index].tensor].len())),
        Seed::Loss => None,
    };
    machine.backward(mode, &seeds).unwrap();
    for (name, _, grad) in tensors(model, &plan) {
        if let Some(grad) = grad {
            found.gradients.insert(name, machine.view(grad).floats().to_vec());
        }
    }
    found
}

/// A model that sees some of its operands and slots through views, and what it has for them: a name of the usual model, the
/// name of the whole, and the view.
fn seen(example: &str, usual: &CheckedModel, how: How) -> (Vec<String>, Vec<(String, String, View)>) {
    let (mut text, mut views) = (Vec::new(), Vec::new());
    for statement in statements(example) {
        if let Some((name, element, shape)) = input(&statement)
            && let Some(view) = view(how, &shape).filter(|_| how.suits_inputs(element))
        {
            let whole = format!("whole_{name}");
            text.push(if how.is_of_storage() {
                format!("param {whole}: {:?} = zeros()", view.whole)
            } else {
                format!("input {whole}: {element}{:?}", view.whole)
            });
            text.push(format!("{name} = {}", view.of_value.replace("whole", &whole)));
            views.push((name.to_owned(), whole, view));
            continue;
        }
        let layer = statement.strip_prefix("layer ").and_then(|rest| rest.split_once(' ')).map(|(name, _)| name);
        let Some(layer) = layer.filter(|_| how.is_of_storage()) else {
            text.push(statement);
            continue;
        };
        let mut ties = String::new();
        for (_, storage) in usual.graph.storages.iter() {
            let path = storage.path.to_string();
            let Some(slot) = path.strip_prefix(layer).and_then(|rest| rest.strip_prefix('.')) else { continue };
            let shape: Vec<usize> = storage.ty.shape.iter().map(|dim| dim.as_const().unwrap() as usize).collect();
            let Some(view) = view(how, &shape) else { continue };
            let (whole, keyword) =
                (format!("whole_{}", slot.replace('.', "_")), if storage.trainable { "param" } else { "buffer" });
            text.push(format!("{keyword} {whole}: {:?} = zeros()", view.whole));
            ties.extend([" ", slot, "=@", &whole, &view.of_storage]);
            views.push((path, whole, view));
        }
        text.push(statement + &ties);
    }
    (text, views)
}

/// Gradients are sums of the same terms, maybe in another order.
fn close(found: &[f64], wanted: &[f64]) -> bool {
    let near = |(x, y): (&f64, &f64)| x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= 1e-12 * (1.0 + y.abs());
    found.len() == wanted.len() && found.iter().zip(wanted).all(near)
}

fn compare(found: &Found, wanted: &Found, views: &[(String, String, View)]) -> Result<(), String> {
    for (index, (found, wanted)) in found.outputs.iter().zip(&wanted.outputs).enumerate() {
        if !found.is(wanted) {
            return Err(format!("output {index} is {found:?}, not {wanted:?}"));
        }
    }
    if found.outputs.is_empty() != wanted.outputs.is_empty() {
        return Err("the data are refused".to_owned());
    }
    for (name, wanted) in &wanted.after {
        let seen = views.iter().find(|(seen, ..)| seen == name);
        let found =
            seen.map_or_else(|| found.after[name].clone(), |(_, whole, view)| found.after[whole].at(&view.places));
        if !found.is(wanted) {
            return Err(format!("{name} holds {found:?}, not {wanted:?}"));
        }
    }
    for (name, gradient) in &wanted.gradients {
        let (found, wanted) = match views.iter().find(|(seen, ..)| seen == name) {
            None => (&found.gradients[name], gradient.clone()),
            Some((_, whole, view)) => {
                let mut sums = vec![0.0; view.whole.iter().product()];
                view.places.iter().zip(gradient).for_each(|(at, gradient)| sums[*at] += gradient);
                (&found.gradients[whole], sums)
            }
        };
        if !close(found, &wanted) {
            return Err(format!("the gradient of {name} is {found:?}, not {wanted:?}"));
        }
    }
    Ok(())
}

/// How many comparisons there were of each.
fn compare_all(hows: &[How]) -> Vec<usize> {
    let (mut wrong, mut counts) = (Vec::new(), vec![0; hows.len()]);
    for example in REGISTRY.iter().flat_map(|def| def.examples) {
        let usual = model(&statements(example));
        for (how, count) in hows.iter().zip(&mut counts) {
            let (text, views) = seen(example, &usual, *how);
            if views.is_empty() {
                continue;
            }
            let other = model(&text);
            let plan = plan_with_gradients(&other);
            let mut wholes = draw(&other, &plan, &mut Machine::new(&plan, 3).unwrap());
            bound_indices(&usual, &views, &mut wholes);
            let mut dense = wholes.clone();
            for (name, whole, view) in &views {
                // An operand of which only the shape counts isn't read.
                if let Some(values) = wholes.get(whole) {
                    dense.insert(name.clone(), values.at(&view.places));
                }
            }
            for mode in [Mode::Eval, Mode::Train] {
                let compared = compare(&run(&other, &wholes, mode), &run(&usual, &dense, mode), &views);
                wrong
                    .extend(compared.err().map(|message| format!("{how:?}, {mode:?}: {message}\n{}", text.join("\n"))));
            }
            *count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    counts
}

#[test]
fn operands_that_are_views_of_storages_count_as_copies() {
    let counts = compare_all(&[How::Transposed, How::Rows, How::Columns, How::TransposedRows, How::Flat]);
    assert!(counts.iter().zip([200, 500, 500, 20, 500]).all(|(count, least)| *count > least), "{counts:?}");
}

#[test]
fn operands_that_are_moved_count_as_copies() {
    let counts = compare_all(&[How::Turned, How::Cut, How::Reshaped, How::Expanded]);
    assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
}

/// An index must be below what its operator allows, which a whole doesn't know.
fn bound_indices(usual: &CheckedModel, views: &[(String, String, View)], wholes: &mut Values) {
    let plan = plan_with_gradients(usual);
    for (name, values) in draw(usual, &plan, &mut Machine::new(&plan, 3).unwrap()) {
        let Data::Int(drawn) = values else { continue };
        let largest = drawn.iter().max().copied().unwrap_or(0);
        let seen = views.iter().find(|(seen, ..)| *seen == name);
        if let Some(Data::Int(values)) = wholes.get_mut(seen.map_or(&name, |(_, whole, _)| whole)) {
            values.iter_mut().for_each(|value| *value = (*value).min(largest));
        }
    }
}

/// f(x, x): results are those of two equal operands, and the gradient is the sum of theirs.
#[test]
fn one_value_may_be_several_operands() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for def in REGISTRY {
        for example in def.examples {
            let statements = statements(example);
            let first = statements.iter().find_map(|statement| input(statement)).filter(|(_, ty, _)| ty.is_empty());
            let Some((x, _, shape)) = first else { continue };
            let alike: Vec<&str> = statements
                .iter()
                .filter_map(|statement| input(statement))
                .filter(|(name, ty, other)| *name != x && ty.is_empty() && *other == shape)
                .map(|(name, ..)| name)
                .collect();
            if alike.is_empty() {
                continue;
            }
            let usual = model(&statements);
            let mut text: Vec<String> = statements.clone();
            for statement in &mut text {
                if let Some((name, ..)) = input(statement)
                    && alike.contains(&name)
                {
                    *statement = format!("{name} = {x}");
                }
            }
            let other = model(&text);
            let plan = plan_with_gradients(&usual);
            let mut values = draw(&usual, &plan, &mut Machine::new(&plan, 3).unwrap());
            for name in &alike {
                let same = values[x].clone();
                values.insert((*name).to_owned(), same);
            }
            for mode in [Mode::Eval, Mode::Train] {
                let (found, mut wanted) = (run(&other, &values, mode), run(&usual, &values, mode));
                for name in &alike {
                    let Some(more) = wanted.gradients.remove(*name) else { continue };
                    let sum = wanted.gradients.entry(x.to_owned()).or_insert_with(|| vec![0.0; more.len()]);
                    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                }
                wrong.extend(
                    compare(&found, &wanted, &[])
                        .err()
                        .map(|message| format!("{mode:?}: {message}\n{}", text.join("\n"))),
                );
                count += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 140, "{count} comparisons");
}

/// `output f(x)` beside other outputs.
fn with_name(statement: &str) -> String {
    let is_name = |text: &str| text.chars().all(|sign| sign.is_alphanumeric() || sign == '_');
    match statement.strip_prefix("output ") {
        Some(result) if !result.contains(" = ") && !result.split(", ").all(is_name) => {
            format!("output result = {result}")
        }
        _ => statement.to_owned(),
    }
}

/// No operator changes an operand, whatever memory its results lie in.
#[test]
fn operands_stay_as_they_are() {
    let mut wrong = Vec::new();
    for def in REGISTRY {
        for example in def.examples {
            let mut text: Vec<String> = statements(example).iter().map(|statement| with_name(statement)).collect();
            let inputs: Vec<String> =
                text.iter()
                    .filter_map(|statement| input(statement))
                    .map(|(name, element, _)| {
                        if element == "bool" { format!("{name} = not {name}") } else { format!("{name} = 3 * {name}") }
                    })
                    .collect();
            let at = text.iter().rposition(|statement| input(statement).is_some()).map_or(0, |at| at + 1);
            text.extend(inputs.iter().map(|copy| format!("output after_{copy}")));
            text.splice(at..at, inputs.iter().map(|copy| format!("output before_{copy}")));
            let model = model(&text);
            let plan = plan_with_gradients(&model);
            let values = draw(&model, &plan, &mut Machine::new(&plan, 3).unwrap());
            for mode in [Mode::Eval, Mode::Train] {
                let outputs = run(&model, &values, mode).outputs;
                let (n, len) = (inputs.len(), outputs.len());
                if len > 0 && !(0..n).all(|index| outputs[index].is(&outputs[len - n + index])) {
                    wrong.push(text.join("\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} operands changed\n{}", wrong.len(), wrong.join("\n"));
}
