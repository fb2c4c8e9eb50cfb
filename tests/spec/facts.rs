//! What is known of the models of a case, against the `#:` and `#=` marks in its comments: types, requirements, groups and
//! counts.

use crate::case::{Case, Mark, Marked, Outcome};
use wnet::CheckedModel;
use wnet::ir::answer;
use wnet::ir::sharing::counts;
use wnet::ir::{Storage, StorageKind};

/// What differs.
pub fn compare(case: &Case, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    for marked in &case.marks {
        let (wanted, found) = match &marked.mark {
            Mark::Finding(_) => continue,
            Mark::Types(wanted) => (wanted.clone(), types(marked, outcome)),
            Mark::Fact(text) if text.starts_with("set ") || text.starts_with("max-nodes ") => continue,
            Mark::Fact(text) if text.starts_with("requires") => continue,
            Mark::Fact(text) => {
                let (key, value) = text.split_once(':').unwrap_or_else(|| panic!("`#= {text}` has no value"));
                let found = model(outcome, &marked.file, marked.line).map(|model| fact(model, key));
                (value.trim().to_owned(), found.unwrap_or_else(|| "no model".to_owned()))
            }
        };
        if wanted != found {
            wrong.push(format!("{}:{}: {wanted} was wanted, and found is {found}", marked.file, marked.line));
        }
    }
    let sound = outcome.checked.models.iter().filter(|model| model.sound);
    let found: Vec<String> =
        sound.flat_map(|model| &model.types.required).map(|one| one.requirement.to_string()).collect();
    let wanted: Vec<&str> = case.facts("requires").map(|(_, text)| text).collect();
    if wanted != found {
        wrong.push(format!("it requires {}, and wanted is {}", found.join(", "), wanted.join(", ")));
    }
    wrong
}

/// The model whose text holds a line, or the first.
fn model<'a>(outcome: &'a Outcome, file: &str, line: u32) -> Option<&'a CheckedModel> {
    let above = |model: &&CheckedModel| {
        let (found, at) = outcome.place(model.places.model.start);
        found == file && at <= line
    };
    let models = &outcome.checked.models;
    models.iter().rfind(above).or_else(|| models.first())
}

/// The types of what a line gives away or binds: outputs, else the loss or an input, else what is computed last.
fn types(marked: &Marked, outcome: &Outcome) -> String {
    let here = |at: u32| outcome.place(at) == (marked.file.clone(), marked.line);
    let Mark::Types(wanted) = &marked.mark else { return String::new() };
    for model in &outcome.checked.models {
        let (graph, places) = (&model.graph, &model.places);
        let outputs = graph.outputs.iter().zip(&places.outputs).filter(|(_, at)| here(at.start));
        let mut ids: Vec<_> = outputs.map(|((_, id), _)| *id).collect();
        if ids.is_empty() && places.loss.is_some_and(|at| here(at.start)) {
            ids.extend(graph.loss);
        }
        if ids.is_empty() {
            let inputs = graph.inputs.iter().zip(&places.inputs).filter(|(_, place)| here(place.name.start));
            ids.extend(inputs.map(|(input, _)| input.value));
        }
        if ids.is_empty() {
            let values = graph.values.ids().zip(&places.values).filter(|(_, at)| here(at.start));
            let mut last: Vec<_> = values.map(|(id, _)| id).collect();
            let count = wanted.split("; ").count();
            ids = last.split_off(last.len().saturating_sub(count));
        }
        if !ids.is_empty() {
            let types =
                ids.iter().map(|id| model.types.of(*id).map_or_else(|| "unknown".to_owned(), |ty| ty.to_string()));
            return types.collect::<Vec<_>>().join("; ");
        }
    }
    "nothing".to_owned()
}

fn fact(model: &CheckedModel, key: &str) -> String {
    let graph = &model.graph;
    let counts = counts(graph).map(|dim| model.types.dim(dim));
    let (word, name) = key.split_once(' ').unwrap_or((key, ""));
    let of_owner = |tell: &dyn Fn(&Storage) -> String| {
        let found = graph.storages.iter().find(|(_, storage)| storage.path.as_str() == name);
        found.map_or_else(|| format!("no storage `{name}`"), |(_, storage)| tell(storage))
    };
    match word {
        "sentence" => answer(graph).sentence,
        "params" => counts.unique.to_string(),
        "naive" => counts.naive.to_string(),
        "untied" => counts.untied.to_string(),
        "trainable" => counts.trainable.to_string(),
        "buffers" => counts.buffers.to_string(),
        "group" => of_owner(&|storage| members(model, storage)),
        "uses" => of_owner(&|storage| storage.use_count.to_string()),
        "init" => of_owner(&|storage| storage.init.to_string()),
        "kind" => of_owner(&|storage| storage.kind.name().to_owned()),
        "owners" => list(model, |_| true),
        "frozen" => list(model, |storage| !storage.trainable && storage.kind != StorageKind::Buffer),
        "inputs" => graph.inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>().join(", "),
        "outputs" => graph.outputs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
        "argument" => {
            let found = graph.arguments.iter().find(|(known, _)| known == name);
            found.map_or_else(|| format!("no argument `{name}`"), |(_, value)| value.to_string())
        }
        _ => panic!("`#= {key}` isn't known"),
    }
}

/// `embed.weight, head.weight = table.T`: each slot, with what it sees where that isn't the whole.
fn members(model: &CheckedModel, storage: &Storage) -> String {
    let member = |slot| {
        let slot = &model.graph.slots[slot];
        if slot.view.is_whole() {
            slot.path.to_string()
        } else {
            format!("{} = {}{}", slot.path, storage.path, slot.view)
        }
    };
    storage.members.iter().map(|slot| member(*slot)).collect::<Vec<_>>().join(", ")
}

/// The owners of the storages that are wanted.
fn list(model: &CheckedModel, wanted: impl Fn(&Storage) -> bool) -> String {
    let storages = model.graph.storages.iter().filter(|(_, storage)| wanted(storage));
    storages.map(|(_, storage)| storage.path.to_string()).collect::<Vec<_>>().join(", ")
}
