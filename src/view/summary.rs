//! The table of a model: its tree of blocks and layers with output types, parameters and operations, and what memory a
//! training step takes. It is made of the types; nothing is run, and sizes may be symbols.

use crate::infer::Typed;
use crate::ir::{LayerId, NodeId, ScopeKind, SlotId, StorageId, StorageKind, ValueId, ValueOf, sharing};
use crate::shape::{Dim, Element, TensorType};
use std::collections::{BTreeMap, BTreeSet};

/// A block, array, composite layer or layer.
#[derive(Clone, Debug)]
pub struct Row {
    pub path: String,
    /// Its name in what holds it.
    pub name: String,
    /// `Linear`, the name of a block, `array` or `chain`.
    pub kind: String,
    /// How many rows it stands in.
    pub depth: usize,
    /// It is the last in the row that holds it.
    pub last: bool,
    /// What its last call gives; empty for one that is never called.
    pub outputs: Vec<TensorType>,
    pub calls: u64,
    /// Elements of the storages that no row above reaches.
    pub params: Dim,
    /// As if every slot had storage of its own.
    pub naive: Dim,
    pub trainable: Dim,
    /// The owners of the storages that another row reaches too, or that are used more than once.
    pub shared: Vec<String>,
    /// Additions and multiplications of all its calls.
    pub flops: Dim,
}

/// Sizes in elements.
#[derive(Clone, Debug)]
pub struct Memory {
    pub params: Dim,
    pub gradients: Dim,
    /// What backward reads of what forward computed.
    pub activations: Dim,
}

#[derive(Clone, Debug)]
pub struct Summary {
    pub model: String,
    pub inputs: Vec<(String, TensorType)>,
    pub rows: Vec<Row>,
    pub params: sharing::Counts,
    pub flops: Dim,
    pub memory: Memory,
}

/// The table of a model in the order of its declarations.
#[must_use]
pub fn summary(typed: &Typed<'_>) -> Summary {
    let graph = typed.graph();
    let nodes = Nodes::new(typed);
    let mut table = Table::new(typed, &nodes);
    table.inside(None, 0);
    table.params();
    let flops = nodes.flops.iter().fold(Dim::ZERO, |sum, flops| sum.add(flops));
    let params = sharing::counts(graph).map(|dim| typed.types().dim(dim));
    let reduce = |ty: &TensorType| TensorType { element: ty.element, shape: typed.types().reduce(&ty.shape) };
    Summary {
        model: graph.name.clone(),
        inputs: graph.inputs.iter().map(|input| (input.name.clone(), reduce(&input.ty))).collect(),
        rows: table.rows,
        memory: Memory {
            params: params.unique.add(&params.buffers),
            gradients: params.trainable.clone(),
            activations: activations(typed),
        },
        params,
        flops: typed.types().dim(&flops),
    }
}

/// How many slots reach each storage, and uses of it as a value.
fn reached(typed: &Typed<'_>) -> BTreeMap<StorageId, usize> {
    let graph = typed.graph();
    let mut reached = BTreeMap::new();
    let slots = graph.slots.iter().map(|(_, slot)| slot.storage);
    for storage in slots.chain(graph.value_storages.iter().map(|(_, storage, _)| *storage)) {
        *reached.entry(storage).or_insert(0) += 1;
    }
    reached
}

/// What the nodes of each layer do.
struct Nodes {
    of_layer: BTreeMap<LayerId, Vec<NodeId>>,
    flops: Vec<Dim>,
}

impl Nodes {
    fn new(typed: &Typed<'_>) -> Self {
        let mut nodes = Self { of_layer: BTreeMap::new(), flops: Vec::new() };
        let types = |ids: &[ValueId]| ids.iter().map(|id| typed.of(*id)).collect::<Vec<_>>();
        for (id, node) in typed.graph().nodes.iter() {
            if let Some(layer) = node.layer {
                nodes.of_layer.entry(layer).or_default().push(id);
            }
            nodes.flops.push(node.operator.op.flops(&types(&node.operands), &types(&node.results)));
        }
        nodes
    }
}

struct Table<'a> {
    typed: &'a Typed<'a>,
    nodes: &'a Nodes,
    /// What stands directly in each scope, in the order of the declarations.
    parts: BTreeMap<Option<usize>, Vec<Part>>,
    /// The params and buffers that blocks declare.
    own: BTreeMap<usize, Vec<StorageId>>,
    counted: BTreeSet<StorageId>,
    reached: BTreeMap<StorageId, usize>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Scope(usize),
    Layer(LayerId),
}

impl<'a> Table<'a> {
    fn new(typed: &'a Typed<'a>, nodes: &'a Nodes) -> Self {
        let graph = typed.graph();
        // Scopes and layers were numbered as they were declared; a scope stands where its first layer would.
        let mut places: Vec<((usize, usize), Option<usize>, Part)> = Vec::new();
        let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, scope) in graph.scopes.iter().enumerate() {
            places.push(((scope.layers.start, index), scope.parent, Part::Scope(index)));
            by_path.insert(scope.path.as_str(), index);
        }
        for (id, layer) in graph.layers.iter() {
            places.push(((id.index(), usize::MAX), layer.scope, Part::Layer(id)));
        }
        places.sort_by_key(|(place, _, _)| *place);
        let mut parts: BTreeMap<Option<usize>, Vec<Part>> = BTreeMap::new();
        for (_, scope, part) in places {
            parts.entry(scope).or_default().push(part);
        }
        let mut own: BTreeMap<usize, Vec<StorageId>> = BTreeMap::new();
        for (id, storage) in graph.storages.iter().filter(|(_, storage)| storage.declaration.is_some()) {
            let block = storage.path.as_str().rsplit_once('.').and_then(|(block, _)| by_path.get(block));
            own.extend(block.filter(|block| !own.contains_key(*block)).map(|block| (*block, Vec::new())));
            block.and_then(|block| own.get_mut(block)).into_iter().for_each(|own| own.push(id));
        }
        let (counted, reached) = (BTreeSet::new(), reached(typed));
        Self { typed, nodes, parts, own, counted, reached, rows: Vec::new() }
    }

    /// The rows of what stands directly in a scope.
    fn inside(&mut self, scope: Option<usize>, depth: usize) {
        let parts = self.parts.remove(&scope).unwrap_or_default();
        let count = parts.len();
        for (at, part) in parts.into_iter().enumerate() {
            let last = at + 1 == count;
            match part {
                Part::Scope(index) => {
                    let place = self.rows.len();
                    self.scope(index, depth, last);
                    self.inside(Some(index), depth + 1);
                    self.add_up(place, depth);
                }
                Part::Layer(id) => self.layer(id, depth, last),
            }
        }
    }

    /// The params that no layer reaches.
    fn params(&mut self) {
        let graph = self.typed.graph();
        for (id, storage) in graph.storages.iter() {
            if storage.kind == StorageKind::Buffer || self.counted.contains(&id) {
                continue;
            }
            let shape = self.typed.types().reduce(&storage.ty.shape);
            self.rows.push(Row {
                path: storage.path.to_string(),
                name: storage.path.to_string(),
                kind: storage.kind.name().to_owned(),
                depth: 0,
                last: true,
                outputs: vec![TensorType { element: storage.ty.element, shape }],
                calls: storage.use_count,
                params: Dim::ZERO,
                naive: Dim::ZERO,
                trainable: Dim::ZERO,
                shared: Vec::new(),
                flops: Dim::ZERO,
            });
            self.count(vec![(id, None)]);
        }
        let mut last = true;
        for row in self.rows.iter_mut().rev().filter(|row| row.depth == 0) {
            row.last = std::mem::take(&mut last);
        }
    }

    fn scope(&mut self, index: usize, depth: usize, last: bool) {
        let graph = self.typed.graph();
        let Some(scope) = graph.scopes.get(index) else { return };
        let kind = if scope.kind == ScopeKind::Block { scope.name.clone() } else { scope.kind.name().to_owned() };
        let outputs = self.types(&scope.results);
        self.rows.push(Row {
            path: scope.path.to_string(),
            name: own_name(scope.path.as_str()).to_owned(),
            kind,
            depth,
            last,
            outputs,
            calls: scope.calls,
            params: Dim::ZERO,
            naive: Dim::ZERO,
            trainable: Dim::ZERO,
            shared: Vec::new(),
            flops: Dim::ZERO,
        });
        let own = self.own.remove(&index).unwrap_or_default();
        self.count(own.into_iter().map(|id| (id, None)).collect());
    }

    /// The sums of the rows below one. An array is called as often as one of its elements.
    fn add_up(&mut self, place: usize, depth: usize) {
        let zero = (Dim::ZERO, Dim::ZERO, Dim::ZERO, Dim::ZERO);
        let below = self.rows.iter().skip(place + 1).filter(|row| row.depth == depth + 1);
        let calls = below.clone().map(|row| row.calls).max().unwrap_or(0);
        let sums = below.fold(zero, |sum, row| {
            (sum.0.add(&row.params), sum.1.add(&row.naive), sum.2.add(&row.trainable), sum.3.add(&row.flops))
        });
        if let Some(row) = self.rows.get_mut(place) {
            if row.kind == ScopeKind::Array.name() || row.kind == ScopeKind::Chain.name() {
                row.calls = row.calls.max(calls);
            }
            row.params = row.params.add(&sums.0);
            row.naive = row.naive.add(&sums.1);
            row.trainable = row.trainable.add(&sums.2);
            row.flops = row.flops.add(&sums.3);
        }
    }

    fn layer(&mut self, id: LayerId, depth: usize, last: bool) {
        let graph = self.typed.graph();
        let layer = &graph.layers[id];
        let nodes = self.nodes.of_layer.get(&id).map_or(&[][..], Vec::as_slice);
        let flops = nodes.iter().filter_map(|node| self.nodes.flops.get(node.index()));
        let flops = flops.fold(Dim::ZERO, |sum, flops| sum.add(flops));
        let outputs = nodes.last().map_or_else(Vec::new, |node| self.types(&graph.nodes[*node].results));
        self.rows.push(Row {
            path: layer.path.to_string(),
            name: own_name(layer.path.as_str()).to_owned(),
            kind: layer.operator.op.def().name.to_owned(),
            depth,
            last,
            outputs,
            calls: layer.calls,
            params: Dim::ZERO,
            naive: Dim::ZERO,
            trainable: Dim::ZERO,
            shared: Vec::new(),
            flops: self.typed.types().dim(&flops),
        });
        self.count(layer.slots.iter().map(|slot| (graph.slots[*slot].storage, Some(*slot))).collect());
    }

    /// Counts storages for the last row.
    fn count(&mut self, storages: Vec<(StorageId, Option<SlotId>)>) {
        let graph = self.typed.graph();
        let Some(row) = self.rows.last_mut() else { return };
        for (id, slot) in storages {
            let storage = &graph.storages[id];
            if storage.kind == StorageKind::Buffer {
                continue;
            }
            let size = self.typed.types().dim(&storage.ty.shape.numel());
            let own =
                slot.map_or_else(|| size.clone(), |slot| self.typed.types().dim(&graph.slots[slot].shape.numel()));
            row.naive = row.naive.add(&own);
            if self.counted.insert(id) {
                row.params = row.params.add(&size);
                if storage.trainable {
                    row.trainable = row.trainable.add(&size);
                }
            }
            let shared = self.reached.get(&id).copied().unwrap_or(0) > 1 || storage.use_count > 1;
            let owner = storage.path.to_string();
            if shared && !row.shared.contains(&owner) {
                row.shared.push(owner);
            }
        }
    }

    fn types(&self, values: &[ValueId]) -> Vec<TensorType> {
        values.iter().filter_map(|value| self.typed.types().of(*value)).collect()
    }
}

/// The part of a path that names it in what holds it.
fn own_name(path: &str) -> &str {
    if path.ends_with(']') {
        return path.rfind('[').and_then(|at| path.get(at..)).unwrap_or(path);
    }
    path.rsplit('.').next().unwrap_or(path)
}

/// The elements of what forward leaves for backward: operands and results that operators keep, and what they save.
fn activations(typed: &Typed<'_>) -> Dim {
    let graph = typed.graph();
    let mut kept: BTreeSet<ValueId> = BTreeSet::new();
    let mut saved = Dim::ZERO;
    // A value of which nothing moves is another's in another shape.
    let mut source: BTreeMap<ValueId, ValueId> = BTreeMap::new();
    for (_, node) in graph.nodes.iter() {
        if let (true, [operand, ..], [result]) = (node.operator.op.is_reshape(), &*node.operands, &*node.results) {
            source.insert(*result, source.get(operand).copied().unwrap_or(*operand));
            continue;
        }
        let keeps = node.operator.op.keeps();
        let inputs =
            node.operands.iter().enumerate().filter(|(index, _)| keeps.has_input(*index)).map(|(_, value)| value);
        let outputs = node.results.iter().filter(|_| keeps.outputs);
        kept.extend(inputs.chain(outputs).map(|value| source.get(value).copied().unwrap_or(*value)));
        let types = |ids: &[ValueId]| ids.iter().map(|id| typed.of(*id)).collect::<Vec<_>>();
        let all = node.operator.op.saved(&types(&node.operands), &types(&node.results));
        let kept = all.len().saturating_sub(node.operator.op.n_working());
        saved = all.iter().take(kept).fold(saved, |sum, ty| sum.add(&ty.shape.numel()));
    }
    let computed = |value: &&ValueId| matches!(graph.values[**value].of, ValueOf::Result(..));
    let sizes = kept.iter().filter(computed).map(|value| typed.of(*value)).filter(|ty| ty.element == Element::Float);
    typed.types().dim(&sizes.fold(saved, |sum, ty| sum.add(&ty.shape.numel())))
}
