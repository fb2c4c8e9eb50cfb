//! A plan as text and JSON: each step with the tensors that it reads and writes, and where they lie.

use super::layout::{Tensor, TensorId};
use super::step::{Action, Operand, Role, Step};
use super::{Plan, Seed};
use crate::shape::Element;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// Storages, what is packed when they change, forward steps, backward steps. `f12[3, 4]` is a tensor that begins with the
/// float 12 of the arena; a gradient that is `new` is written, the others are added to.
#[must_use]
pub fn plan_text(plan: &Plan) -> String {
    let mut out = String::new();
    let sizes = plan.sizes;
    let _ = writeln!(out, "arena {} floats, {} ints, {} bools", sizes.floats, sizes.ints, sizes.bools);
    for storage in &plan.storages {
        let uses =
            if storage.use_count > 1 { format!(", {} uses add to it", storage.use_count) } else { String::new() };
        let grad = storage.grad.map_or_else(String::new, |grad| format!(" grad {}{uses}", place(plan, grad)));
        let _ = writeln!(out, "storage {} {}{grad}", storage.path, place(plan, storage.tensor));
    }
    for (title, steps) in [("pack", &plan.pack), ("forward", &plan.forward), ("backward", &plan.backward)] {
        if !steps.is_empty() {
            let _ = writeln!(out, "{title}");
        }
        for step in steps {
            let _ = write!(out, "  {}{}", name(&step.action), if step.once { " once" } else { "" });
            let mut last = None;
            for operand in &step.operands {
                if last != Some(operand.role) {
                    let _ = write!(out, " {}", role(operand.role));
                }
                last = Some(operand.role);
                let _ = write!(out, " {}", operand_text(plan, operand));
            }
            for then in &step.then {
                let _ = write!(out, " then {}", then.call.name);
            }
            if let Some(reason) = step.apart {
                let _ = write!(out, "  # a step of its own: {reason}");
            }
            out.push('\n');
        }
    }
    for output in &plan.outputs {
        let _ = writeln!(out, "output {} {}", output.name, place(plan, output.tensor));
    }
    if let Some(loss) = plan.loss {
        let _ = writeln!(out, "loss {}", place(plan, loss));
    }
    out
}

#[must_use]
pub fn plan_json(plan: &Plan) -> Json {
    let steps = |steps: &[Step]| {
        steps
            .iter()
            .map(|step| {
                let operands: Vec<Json> = step
                    .operands
                    .iter()
                    .map(|operand| {
                        let tensor = operand.tensor.map(|id| tensor_json(plan, id));
                        json!({
                            "role": role(operand.role),
                            "tensor": tensor,
                            "present": operand.present,
                            "fresh": operand.fresh,
                        })
                    })
                    .collect();
                let then: Vec<&str> = step.then.iter().map(|then| &*then.call.name).collect();
                let (once, apart) = (step.once, step.apart);
                json!({"step": name(&step.action), "operands": operands, "then": then, "apart": apart, "once": once})
            })
            .collect::<Vec<_>>()
    };
    let storages: Vec<Json> = plan
        .storages
        .iter()
        .map(|storage| {
            let grad = storage.grad.map(|grad| tensor_json(plan, grad));
            json!({
                "path": storage.path.as_str(),
                "tensor": tensor_json(plan, storage.tensor),
                "grad": grad,
                "uses": storage.use_count,
            })
        })
        .collect();
    let outputs: Vec<Json> = plan
        .outputs
        .iter()
        .map(|output| json!({"name": output.name, "tensor": tensor_json(plan, output.tensor)}))
        .collect();
    json!({
        "schema": "wnet.plan/1",
        "arena": {"floats": plan.sizes.floats, "ints": plan.sizes.ints, "bools": plan.sizes.bools},
        "storages": storages,
        "pack": steps(&plan.pack),
        "forward": steps(&plan.forward),
        "backward": steps(&plan.backward),
        "outputs": outputs,
        "loss": plan.loss.map(|loss| tensor_json(plan, loss)),
    })
}

fn tensor_json(plan: &Plan, id: TensorId) -> Json {
    let tensor = &plan.tensors[id];
    json!({"element": tensor.element.name(), "offset": tensor.offset, "shape": &*tensor.shape})
}

fn name(action: &Action) -> String {
    match action {
        Action::Forward(call) | Action::Backward(call) => call.name.to_string(),
        Action::Through(call) => format!("{} (in place)", call.name),
        Action::Zero => "(zero)".to_owned(),
        Action::Add => "(add)".to_owned(),
        Action::Seed(Seed::Loss) => "(start at the loss)".to_owned(),
        Action::Seed(Seed::Output(index)) => format!("(start at output {index})"),
        Action::Gather(_) => "(gather)".to_owned(),
        Action::Scatter(_) => "(scatter)".to_owned(),
        Action::Put(_) => "(put)".to_owned(),
        Action::Pack { transposed: false } => "(pack)".to_owned(),
        Action::Pack { transposed: true } => "(pack transposed)".to_owned(),
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Input => "in",
        Role::Slot => "slots",
        Role::Output => "out",
        Role::Saved => "saved",
        Role::Buffer => "buffers",
        Role::GradOutput => "grad-out",
        Role::GradInput => "grad-in",
        Role::GradSlot => "grad-slots",
        Role::Scratch => "scratch",
        Role::From => "from",
        Role::To => "to",
        Role::Beside => "beside",
        Role::Panels => "panels",
    }
}

fn operand_text(plan: &Plan, operand: &Operand) -> String {
    match operand.tensor {
        Some(tensor) if operand.fresh => format!("new {}", place(plan, tensor)),
        Some(tensor) if operand.present => place(plan, tensor),
        Some(tensor) => format!("{:?}", plan.tensors[tensor].shape),
        None => "-".to_owned(),
    }
}

fn place(plan: &Plan, id: TensorId) -> String {
    let Tensor { element, offset, shape, .. } = &plan.tensors[id];
    let letter = match element {
        Element::Float => 'f',
        Element::Int => 'i',
        Element::Bool => 'b',
    };
    format!("{letter}{offset}{shape:?}")
}
