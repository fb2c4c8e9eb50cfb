//! Names to ids: which storage every slot and value reaches, and through which view. Storage that several slots reach
//! is one alias group with one owner. Whether the shapes fit, `infer` says.

mod checks;
mod errors;
mod groups;
mod names;
mod properties;
mod uses;

pub use errors::ResolveError;

use crate::diag::Diagnostics;
use crate::ir::View;
use crate::ir::{Callee, Value, ValueId, ValueOf};
use crate::ir::{
    Graph, Layer, LayerId, Model, Node, Places, Reference, Slot, SlotId, SlotIds, SlotOf, Target, Tie, TieDecl,
};
use groups::Groups;
use names::{Entity, Names};

/// The graph of a model. References that lead nowhere are reported, and their slots keep storage of their own.
pub fn resolve(model: &Model, places: &Places, diagnostics: &mut Diagnostics) -> Graph {
    let names = Names::new(model);
    let groups = Groups::new(model, places, &names, diagnostics);
    let mut graph = Graph {
        name: model.name.clone(),
        arguments: model.arguments.clone(),
        symbols: model.symbols.clone(),
        inputs: model.inputs.clone(),
        scopes: model.scopes.clone(),
        checks: model.checks.clone(),
        outputs: model.outputs.clone(),
        loss: model.loss,
        asserts: model.asserts.clone(),
        ..Graph::default()
    };
    let storages = properties::storages(model, places, &names, &groups, diagnostics, &mut graph);
    slots(model, &names, &groups, &storages, &mut graph);
    nodes(model, places, &names, &groups, &storages, diagnostics, &mut graph);
    asserted(model, places, &names, diagnostics);
    uses::count(places, &mut graph);
    checks::warn(model, places, &graph, diagnostics);
    graph
}

/// The slots of every layer, each with its storage.
fn slots(model: &Model, names: &Names, groups: &Groups, storages: &properties::StorageOf, graph: &mut Graph) {
    graph.slots.reserve(names.total());
    graph.layers.reserve(model.layers.len());
    graph.names.reserve(model.layers.len() + model.scopes.len());
    let mut entity = model.storages.len();
    for (index, layer) in model.layers.iter().enumerate() {
        let mut ids = SlotIds::new();
        let id: LayerId = graph.layers.next_id();
        for (position, spec) in names.slots(index).iter().enumerate() {
            let (root, view) = groups.find(entity);
            let Some(storage) = storages.of(root) else { continue };
            // An owner has the path of its storage.
            let owned = (root == entity).then(|| graph.storages[storage].path.clone());
            let slot: SlotId = graph.slots.push(Slot {
                path: owned.unwrap_or_else(|| layer.path.join(&spec.name)),
                of: SlotOf::Layer(id, position),
                shape: spec.shape.clone(),
                kind: spec.kind,
                storage,
                view,
                tie: tie(&layer.ties, groups.tie(entity)),
            });
            graph.storages[storage].members.push(slot);
            ids.push(slot);
            entity += 1;
        }
        graph.names.insert(layer.path.clone(), Target::Layer(id));
        graph.layers.push(Layer {
            path: layer.path.clone(),
            operator: layer.operator.clone(),
            slots: ids,
            calls: 0,
            scope: layer.scope,
        });
    }
    for (index, decl) in model.storages.iter().enumerate().filter(|(index, _)| groups.tie(*index).is_some()) {
        let (root, view) = groups.find(index);
        let Some(storage) = storages.of(root) else { continue };
        let slot: SlotId = graph.slots.push(Slot {
            path: decl.path.clone(),
            of: SlotOf::Declaration(index),
            shape: decl.ty.shape.clone(),
            kind: decl.kind,
            storage,
            view,
            tie: tie(&decl.ties, groups.tie(index)),
        });
        graph.storages[storage].members.push(slot);
        graph.names.insert(decl.path.clone(), Target::Slot(slot));
    }
    for (index, scope) in model.scopes.iter().enumerate() {
        graph.names.insert(scope.path.clone(), Target::Scope(index));
    }
}

fn tie(ties: &[TieDecl], index: Option<usize>) -> Option<Tie> {
    let index = index?;
    Some(Tie { index, target: ties.get(index)?.target.clone() })
}

/// What assertions name must be there.
fn asserted(model: &Model, places: &Places, names: &Names, diagnostics: &mut Diagnostics) {
    for (path, place) in places.asserts.iter().flat_map(|place| &place.paths) {
        if names.find(path).is_none() {
            let reference = Reference { path: path.clone(), view: View::default() };
            let near = names.nearest(path, model, diagnostics);
            diagnostics.push(errors::unknown(&reference, *place, near));
        }
    }
}

/// Nodes and values, with the storages that values reach.
fn nodes(
    model: &Model,
    places: &Places,
    names: &Names,
    groups: &Groups,
    storages: &properties::StorageOf,
    diagnostics: &mut Diagnostics,
    graph: &mut Graph,
) {
    graph.nodes.reserve(model.calls.len());
    graph.values.reserve(model.values.len());
    for call in &model.calls {
        let (layer, operator) = match &call.callee {
            Callee::Operator(operator) => (None, operator.clone()),
            Callee::Layer(path, at_call) => match graph.names.get(path) {
                Some(Target::Layer(id)) => {
                    (Some(*id), at_call.clone().unwrap_or_else(|| graph.layers[*id].operator.clone()))
                }
                _ => continue,
            },
        };
        if let Some(id) = layer {
            graph.layers[id].calls += 1;
        }
        graph.nodes.push(Node { layer, operator, operands: call.operands.clone(), results: call.results.clone() });
    }
    for (id, value) in model.values.iter() {
        graph.values.push(Value::clone(value));
        let ValueOf::Storage(reference) = &value.of else { continue };
        let place = places.values.get(id.index()).copied().unwrap_or_default();
        match names.find(&reference.path) {
            Some(Entity::Storage(entity)) => {
                let (root, view) = groups.find(entity);
                if let Some(storage) = storages.of(root) {
                    graph.value_storages.push((id as ValueId, storage, view.then(&reference.view)));
                }
            }
            Some(Entity::Layer(layer)) => {
                diagnostics.push(errors::to_a_layer(reference, place, names.slots(layer)));
            }
            Some(Entity::Scope(_)) => diagnostics.push(errors::to_a_layer(reference, place, &[])),
            None => {
                let near = names.nearest(&reference.path, model, diagnostics);
                diagnostics.push(errors::unknown(reference, place, near));
            }
        }
    }
}
