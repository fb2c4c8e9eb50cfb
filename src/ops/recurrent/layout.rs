//! A recurrent layer over a sequence, in symbols and in numbers, and the memory that it needs. All of it is divided into
//! pieces of the batch, and in each piece time comes first, whatever comes first in the input.

#![allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]

use crate::ops::Init;
use crate::ops::contract::{SlotKind, SlotSpec};
use crate::shape::{Dim, Element, Shape, TensorType};
use crate::tensor::panels;
use crate::tensor::recurrent::Nonlinearity;
use crate::tensor::threads;
use std::borrow::Cow;
use std::ops::Range;

/// What is done at one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Rnn(Nonlinearity),
    Lstm,
    Gru,
}

impl Cell {
    /// How many rows the weights have for each hidden unit.
    pub(super) const fn gates(self) -> usize {
        match self {
            Self::Rnn(_) => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

/// The attributes that layers and cells have in common.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) cell: Cell,
    pub(super) layers: usize,
    pub(super) directions: usize,
    pub(super) input: Dim,
    pub(super) hidden: Dim,
    /// The width of a projected h.
    pub(super) projection: Option<Dim>,
    pub(super) bias: bool,
    pub(super) batch_first: bool,
    /// The probability of a 0 between the layers.
    pub(super) dropout: f64,
    /// It is a cell: the only results are the states after the only step.
    pub(super) is_cell: bool,
}

/// A recurrent layer over a sequence of known size, or over a piece of its batch.
#[derive(Clone, Copy)]
pub(super) struct Sequence<'a> {
    pub(super) spec: &'a Spec,
    pub(super) steps: usize,
    pub(super) batch: usize,
    /// Of a piece, its first item among all.
    first: usize,
    /// The batch that it is a piece of.
    whole: usize,
    /// Features of the input.
    pub(super) input: usize,
    pub(super) hidden: usize,
    /// The width of h.
    pub(super) output: usize,
}

/// How many tensors forward saves; see `Spec::saved`.
pub(super) const SAVED: usize = 9;

/// The last of them, which only forward works in.
pub(super) const WORKING: usize = 2;

/// How many tensors backward works in; see `Spec::scratch`.
pub(super) const SCRATCH: usize = 10;

impl Spec {
    /// The width of h.
    pub(super) fn output(&self) -> &Dim {
        self.projection.as_ref().unwrap_or(&self.hidden)
    }

    pub(super) fn projects(&self) -> bool {
        self.projection.is_some()
    }

    /// One pair of states for each of these.
    pub(super) fn states(&self) -> usize {
        self.layers * self.directions
    }

    pub(super) fn width(&self) -> Dim {
        Dim::from(self.cell.gates()).mul(&self.hidden)
    }

    pub(super) fn features(&self, layer: usize) -> Dim {
        if layer == 0 { self.input.clone() } else { Dim::from(self.directions).mul(self.output()) }
    }

    /// In the order of PyTorch. `name` is given the layer and the direction.
    pub(super) fn slots(&self, name: impl Fn(&'static str, usize, usize) -> Cow<'static, str>) -> Vec<SlotSpec> {
        let mut slots = Vec::new();
        for layer in 0..self.layers {
            for direction in 0..self.directions {
                let mut slot = |text: &'static str, shape: Shape| {
                    slots.push(SlotSpec {
                        name: name(text, layer, direction),
                        shape,
                        init: Init::Inputs(self.hidden.clone()),
                        kind: SlotKind::Param,
                        scaled: true,
                    });
                };
                slot("weight_ih", [self.width(), self.features(layer)].into());
                slot("weight_hh", [self.width(), self.output().clone()].into());
                if self.bias {
                    slot("bias_ih", [self.width()].into());
                    slot("bias_hh", [self.width()].into());
                }
                if let Some(width) = &self.projection {
                    slot("weight_hr", [width.clone(), self.hidden.clone()].into());
                }
            }
        }
        slots
    }

    /// Between the layers a copy is made, because directions are put beside each other or elements are dropped.
    pub(super) fn copies(&self) -> bool {
        self.layers > 1 && (self.directions > 1 || self.dropout > 0.0)
    }

    /// What forward leaves for backward: the gates, `[layers * directions, T, B, gates * hidden]`; h before the first
    /// step and after each, in the order of time, `[layers * directions, T + 1, B, output]`; c of an LSTM likewise; what
    /// an LSTM projects, or the sums that a GRU multiplies by r; the input; the inputs of the other layers, if they are
    /// copies; and which of their elements stay. Then what it works in: the sums of states of one step of a GRU; the
    /// weights in panels, and the biases.
    pub(super) fn saved(&self, steps: &Dim, batch: &Dim) -> Vec<TensorType> {
        let (lstm, gru) = (self.cell == Cell::Lstm, self.cell == Cell::Gru);
        let (all, rows) = (Dim::from(self.states()), steps.mul(batch));
        let states = |width: &Dim| all.mul(&steps.add(&Dim::ONE)).mul(batch).mul(width);
        let inner = all.mul(&rows).mul(&self.hidden);
        let between = Dim::from(self.layers.saturating_sub(1)).mul(&rows).mul(&self.features(1));
        let mut saved = flat::<6>([
            (true, all.mul(&rows).mul(&self.width())),
            (true, states(self.output())),
            (lstm, states(&self.hidden)),
            (gru || self.projects(), inner),
            (true, rows.mul(&self.input)),
            (self.copies(), between.clone()),
        ]);
        let mask = if self.copies() && self.dropout > 0.0 { between } else { Dim::ZERO };
        saved.push(TensorType::new(Element::Bool, [mask]));
        saved.extend(flat::<WORKING>([(gru, batch.mul(&self.width())), (true, self.prepared())]));
        saved
    }

    /// The columns of the panels of a matrix this wide, or of a matrix with room for them.
    fn columns(width: &Dim) -> Dim {
        let known = width.as_const().and_then(|width| usize::try_from(width).ok());
        known.map_or_else(|| width.add(&Dim::from(panels::MORE)), |width| Dim::from(panels::columns(width)))
    }

    /// The size of what is prepared of the weights of all directions of all layers.
    fn prepared(&self) -> Dim {
        let gates = self.cell.gates() + usize::from(self.cell == Cell::Gru);
        let mut sum = Dim::from(self.states() * gates).mul(&self.hidden);
        for layer in (0..self.layers).filter(|_| !self.is_cell) {
            let weights = self.features(layer).add(self.output()).mul(&Self::columns(&self.width()));
            sum = sum.add(&Dim::from(self.directions).mul(&weights));
        }
        sum
    }

    /// The gradients of the sums of one direction, `[T, B, gates * hidden]`; of a GRU, those of the sums of states; that
    /// of a layer's output, `[T, B, directions * output]`; that of the layer below; that of the input; those of h and c of
    /// one step; with a projection, that of what is projected, and those of h of all steps. Then the weight of states of
    /// one direction in panels.
    pub(super) fn scratch(&self, steps: &Dim, batch: &Dim) -> Vec<TensorType> {
        let projects = self.projects();
        let rows = steps.mul(batch);
        let sums = rows.mul(&self.width());
        let output = rows.mul(&self.features(1));
        flat::<SCRATCH>([
            (true, sums.clone()),
            (self.cell == Cell::Gru, sums),
            (true, output.clone()),
            (self.layers > 1, output),
            (true, rows.mul(&self.input)),
            (true, batch.mul(self.output())),
            (self.cell == Cell::Lstm, batch.mul(&self.hidden)),
            (projects, batch.mul(&self.hidden)),
            (projects, rows.mul(self.output())),
            (!self.is_cell, self.width().mul(&Self::columns(self.output()))),
        ])
    }

    /// `None` if a size isn't known.
    pub(super) fn sequence(&self, steps: usize, batch: usize) -> Option<Sequence<'_>> {
        let size = |dim: &Dim| dim.as_const().and_then(|size| usize::try_from(size).ok());
        let (input, hidden, output) = (size(&self.input)?, size(&self.hidden)?, size(self.output())?);
        Some(Sequence { spec: self, steps, batch, first: 0, whole: batch, input, hidden, output })
    }

    /// Products, gates and states of one forward pass.
    pub(super) fn flops(&self, steps: &Dim, batch: &Dim) -> Dim {
        let rows = steps.mul(batch).mul(&Dim::from(self.directions));
        let two = Dim::from(2usize);
        let mut sum = Dim::ZERO;
        for layer in 0..self.layers {
            let inputs = self.features(layer).add(self.output());
            sum = sum.add(&rows.mul(&self.width()).mul(&inputs.mul(&two).add(&two)));
            if let Some(width) = &self.projection {
                sum = sum.add(&rows.mul(width).mul(&self.hidden).mul(&two));
            }
        }
        sum
    }
}

/// Tensors with one axis, of these sizes where they are needed, else of none.
fn flat<const N: usize>(sizes: [(bool, Dim); N]) -> Vec<TensorType> {
    sizes.into_iter().map(|(needed, size)| TensorType::float([if needed { size } else { Dim::ZERO }])).collect()
}

/// Whether a direction runs against time.
pub(super) fn is_reverse(direction: usize) -> bool {
    direction == 1
}

/// Pieces of a batch have whole multiples of this many items.
const UNIT: usize = 16;

impl<'a> Sequence<'a> {
    /// How many items a piece has. What they are hangs on the sizes alone.
    fn cut(&self) -> usize {
        let each = self.features(0).max(self.features(self.spec.layers - 1)) + self.output;
        let products = self.rows().saturating_mul(self.width()).saturating_mul(each);
        threads::piece(self.batch, UNIT, products.saturating_mul(self.spec.states()))
    }

    /// The batch in pieces, each of which goes through all steps alone.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Sequence<'a>> + use<'a> {
        let (whole, cut) = (*self, self.cut());
        let end = move |first: usize| whole.batch.min(first + cut);
        (0..self.batch.max(1)).step_by(cut).map(move |first| whole.part(first.min(whole.batch)..end(first)))
    }

    /// Calls `run` with each piece and its share of this memory, at the same time where threads are free.
    pub(super) fn for_each_piece<T: Send, const N: usize>(
        &self,
        memory: [&mut [T]; N],
        run: impl Fn(&Sequence<'_>, [&mut [T]; N]) + Sync,
    ) {
        threads::split_rows(self.batch, self.cut(), memory, |items, memory| run(&self.part(items), memory));
    }

    /// These items.
    fn part(&self, items: Range<usize>) -> Self {
        Self { first: items.start, batch: items.len(), ..*self }
    }

    /// Where a piece lies in memory of this length that the whole batch has.
    pub(super) fn share(&self, length: usize) -> Range<usize> {
        let each = length.checked_div(self.whole).unwrap_or(0);
        self.first * each..(self.first + self.batch) * each
    }

    /// Where the items of a piece lie in `[layers * directions, B, width]`.
    pub(super) fn items(&self, index: usize, width: usize) -> Range<usize> {
        let start = index * self.whole + self.first;
        start * width..(start + self.batch) * width
    }

    pub(super) fn rows(&self) -> usize {
        self.steps * self.batch
    }

    pub(super) fn width(&self) -> usize {
        self.spec.cell.gates() * self.hidden
    }

    pub(super) fn features(&self, layer: usize) -> usize {
        if layer == 0 { self.input } else { self.spec.directions * self.output }
    }

    /// The index of the first slot of one direction of a layer, and that of its projection.
    pub(super) fn slots(&self, layer: usize, direction: usize) -> (usize, usize) {
        let count = 2 + 2 * usize::from(self.spec.bias) + usize::from(self.spec.projects());
        let first = (layer * self.spec.directions + direction) * count;
        (first, first + count - 1)
    }

    /// The time of a step, and which states stand before and after it.
    pub(super) fn times(&self, direction: usize, step: usize) -> (usize, usize, usize) {
        if is_reverse(direction) {
            let time = self.steps - 1 - step;
            (time, time + 1, time)
        } else {
            (step, step, step + 1)
        }
    }

    /// The places of the first and the last of the states of one direction, each as wide as this.
    pub(super) fn states(&self, direction: usize, width: usize) -> [Range<usize>; 2] {
        let slab = self.batch * width;
        let at = [0, self.steps * slab].map(|start| start..start + slab);
        let [low, high] = at;
        if is_reverse(direction) { [high, low] } else { [low, high] }
    }

    /// The h of all steps of one direction of a layer, `[T, B, output]`, among all of a piece: those before the steps, or
    /// after.
    pub(super) fn outputs(&self, index: usize, after: bool) -> Range<usize> {
        let (steps, slab) = (self.steps, self.batch * self.output);
        let skip = usize::from(after != is_reverse(index % self.spec.directions));
        let start = (index * (steps + 1) + skip) * slab;
        start..start + steps * slab
    }

    /// Calls `visit` with the places of a row in a piece and as the user has it.
    pub(super) fn each_row(&self, mut visit: impl FnMut(usize, usize)) {
        for time in 0..self.steps {
            for item in 0..self.batch {
                let outer = self.first + item;
                let outer = if self.spec.batch_first { outer * self.steps + time } else { time * self.whole + outer };
                visit(time * self.batch + item, outer);
            }
        }
    }

    /// What the elements that stay are multiplied by.
    pub(super) fn scale(&self) -> f64 {
        if self.spec.dropout < 1.0 { 1.0 / (1.0 - self.spec.dropout) } else { 0.0 }
    }
}
