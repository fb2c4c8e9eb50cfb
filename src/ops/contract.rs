//! What an instance of an operator, with its attributes, can do (`Op`, `Kernel`). What an operator says of itself before
//! that is its `Def`.

pub use super::definition::{Def, Form, Literal, Parameter, ParameterKind, Type};
pub use super::factor::{Factor, FactorOf, Pass};
use super::{AttributeError, Attributes, Init, ShapeError};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::random::Key;
use crate::tensor::{Real, View, ViewMut};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Storage that a layer has, by default its own.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotSpec {
    /// As in PyTorch's `state_dict`.
    pub name: Cow<'static, str>,
    pub shape: Shape,
    /// PyTorch's initial values.
    pub init: Init,
    pub kind: SlotKind,
    /// The initial values are scaled by the number of inputs, so values of a quite different scale deserve a warning.
    pub scaled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// It is trained.
    Param,
    /// It has no gradient; running statistics, for instance.
    Buffer,
}

/// What backward reads beside the gradients. Slots and saved tensors can always be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeps {
    /// The elements of these operands, one bit each, the lowest first. Their shapes can always be read.
    pub inputs: u64,
    /// The elements of the results.
    pub outputs: bool,
}

impl Keeps {
    pub const NOTHING: Self = Self { inputs: 0, outputs: false };
    pub const INPUTS: Self = Self { inputs: u64::MAX, outputs: false };
    pub const OUTPUTS: Self = Self { inputs: 0, outputs: true };

    /// The elements of the operand with this index.
    #[must_use]
    pub const fn input(index: u32) -> Self {
        Self { inputs: 1 << index, outputs: false }
    }

    /// Operands past the 64th are kept if the 64th is.
    #[must_use]
    pub fn has_input(self, index: usize) -> bool {
        self.inputs >> index.min(63) & 1 == 1
    }
}

/// Some of the gradients of a backward step, one bit each, the lowest first: of operands and of slots that are params. Those
/// past the 64th are never among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grads {
    inputs: u64,
    slots: u64,
}

impl Grads {
    pub const NONE: Self = Self { inputs: 0, slots: 0 };
    pub const ALL: Self = Self { inputs: u64::MAX, slots: u64::MAX };
    /// Of all operands.
    pub const INPUTS: Self = Self { inputs: u64::MAX, slots: 0 };

    /// Of the operand with this index alone.
    #[must_use]
    pub const fn input(index: usize) -> Self {
        Self { inputs: bit(index), slots: 0 }
    }

    /// Of the slot with this index alone.
    #[must_use]
    pub const fn slot(index: usize) -> Self {
        Self { inputs: 0, slots: bit(index) }
    }

    /// These and others.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { inputs: self.inputs | other.inputs, slots: self.slots | other.slots }
    }

    #[must_use]
    pub const fn has_input(self, index: usize) -> bool {
        self.inputs & bit(index) != 0
    }

    #[must_use]
    pub const fn has_slot(self, index: usize) -> bool {
        self.slots & bit(index) != 0
    }

    /// The same where the operands from the `n`th on stand in the place of slots.
    #[must_use]
    pub(super) const fn slots_from(self, n: u32) -> Self {
        match (self.inputs.checked_shr(n), 1u64.checked_shl(n)) {
            (Some(slots), Some(first)) => Self { inputs: self.inputs & (first - 1), slots },
            _ => Self { inputs: self.inputs, slots: 0 },
        }
    }
}

const fn bit(index: usize) -> u64 {
    if index < 64 { 1 << index } else { 0 }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    Train,
    #[default]
    Eval,
}

/// What results hang on beside the attributes, the shapes of the operands and the slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangsOn {
    /// The elements of the operands. Without slots the mode makes no difference.
    Operands,
    /// Random numbers too, in training or always.
    Random,
    /// Nothing: of its operands no more than the shapes is read.
    Nothing,
}

/// How an operator's result may be written over an operand of the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    No,
    /// It is a function of each element of that operand alone; backward doesn't read the operand, unless it is kept.
    Map,
    /// Each element hangs on one of each operand, and the gradient of each operand is the result's.
    Sum,
}

/// An operator with its attributes.
pub trait Op: fmt::Debug + Send + Sync + Kernel<f32> + Kernel<f64> {
    fn def(&self) -> &'static Def;

    /// The storage that it has: none unless it is a layer.
    fn slots(&self) -> Vec<SlotSpec> {
        Vec::new()
    }

    /// How many results a call has.
    fn n_results(&self) -> usize {
        1
    }

    /// The operator of one call of a layer, if what stands in the call's parentheses makes a difference: its attributes,
    /// and which of its operands are there.
    fn at_call(&self, _call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        Ok(None)
    }

    /// The types of the results. Relations between dimensions that can't be decided are taken for granted in `facts`,
    /// which turns them into requirements.
    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError>;

    /// What backward reads.
    fn keeps(&self) -> Keeps;

    /// What forward leaves for backward beside its results: masks, statistics.
    fn saved(&self, _inputs: &[TensorType], _outputs: &[TensorType]) -> Vec<TensorType> {
        Vec::new()
    }

    /// Forward leaves out what it saves where no backward step follows: the saved tensors have no elements then.
    fn spares_saved(&self) -> bool {
        false
    }

    /// How many of the last tensors that forward saves it only works in: backward sees no elements of them.
    fn n_working(&self) -> usize {
        0
    }

    /// Memory that backward works in. It holds anything when backward begins.
    fn scratch(&self, _inputs: &[TensorType], _outputs: &[TensorType]) -> Vec<TensorType> {
        Vec::new()
    }

    /// The gradients that backward can write where they have no value yet, instead of adding to zeros. It does so where
    /// `Backward::fresh` says.
    fn writes(&self) -> Grads {
        Grads::NONE
    }

    /// The number that every element of an int operand must be below. Drawn inputs keep to it.
    fn index_bound(&self, _operand: usize, _inputs: &[TensorType]) -> Option<Dim> {
        None
    }

    /// Of a loss that compares classes: the axis of its first operand along which they stand, where the second holds their
    /// indices. Training counts how often the greatest is the right one.
    fn class_axis(&self, _inputs: &[TensorType]) -> Option<usize> {
        None
    }

    /// Of a loss that compares classes: it is the mean of the negative logarithms of what the labels' probabilities are.
    fn is_mean_nll(&self, _inputs: &[TensorType]) -> bool {
        false
    }

    /// Of a loss: it compares numbers, its first operand, with what they should be, its second, element by element.
    fn compares_numbers(&self) -> bool {
        false
    }

    /// The number of additions and multiplications of a forward pass; one for each element of the results by default.
    fn flops(&self, _inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        outputs.iter().fold(Dim::ZERO, |sum, output| sum.add(&output.shape.numel()))
    }

    /// Gradients reach this operand. Where they don't, the operand counts as a constant.
    fn passes_gradient(&self, _operand: usize) -> bool {
        true
    }

    /// A row that counts as a constant: of a layer's first slot, of a function's second operand. A negative number counts
    /// from the end.
    fn constant_row(&self) -> Option<i64> {
        None
    }

    /// What hangs on nothing but such results is computed once, and not in each pass.
    fn hangs_on(&self) -> HangsOn {
        HangsOn::Operands
    }

    /// Whether its only result may be written over this operand, by `Kernel::follow`.
    fn follows(&self, _operand: usize) -> Follow {
        Follow::No
    }

    /// The matrix that it multiplies by and can take in panels.
    fn factor(&self, _pass: Pass) -> Option<Factor> {
        None
    }

    /// Its forward calls `Forward::finish` itself, for every piece of its only result.
    fn finishes(&self) -> bool {
        false
    }

    /// The elements of its result are those of its first operand in the same order: no step is needed at all.
    fn is_reshape(&self) -> bool {
        false
    }
}

/// The computation in one float type. It allocates nothing; every buffer has the size that `infer`, `slots`, `saved` and
/// `scratch` stated.
pub trait Kernel<T> {
    /// Writes every element of the results and of what is saved for backward.
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError>;

    /// Adds to the gradients that are there, and writes every element of those that are fresh; an operand that is an int or
    /// needs no gradient has none.
    fn backward(&self, cx: Backward<T>);

    /// Writes the result over the operand with this index, of which `y` is a piece. `others` are the elements of the other
    /// operands at the same places, in their order. For operators that say so by `Op::follows`.
    fn follow(&self, _operand: usize, _y: &mut [T], _others: &[View<T>]) {}

    /// Multiplies the gradient of the result by the derivative, told from the result `y` if `Op::keeps` names it. For
    /// operators that are a `Follow::Map`.
    fn through(&self, _grad: &mut [T], _y: &[T]) {}
}

/// A value in the data that the operator can't take, such as an index out of range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    /// The operand that holds it.
    pub operand: usize,
    pub message: String,
}

/// The tensors of a forward step. An optional operand that was left out isn't among the inputs.
pub struct Forward<'l, 't, T> {
    pub inputs: &'l [View<'t, T>],
    /// The slots that are params, in their order.
    pub slots: &'l [View<'t, T>],
    pub outputs: &'l mut [ViewMut<'t, T>],
    pub saved: &'l mut [ViewMut<'t, T>],
    /// The slots that are buffers, in their order. They keep what is written to them.
    pub buffers: &'l mut [ViewMut<'t, T>],
    /// `Op::factor` in panels, if the plan made some.
    pub panels: Option<&'l [T]>,
    /// What is done with each piece of the result while it is in the cache: takes the index of its first element, and the
    /// piece. For operators with `Op::finishes`.
    pub finish: &'l (dyn Fn(usize, &mut [T]) + Sync),
    pub mode: Mode,
    /// The random numbers of this step, and of no other.
    pub random: Key<'l>,
}

/// The tensors of a backward step.
pub struct Backward<'l, 't, T> {
    /// Without elements where `keeps` doesn't name them.
    pub inputs: &'l [View<'t, T>],
    /// The slots that are params, in their order.
    pub slots: &'l [View<'t, T>],
    /// Without elements unless `keeps` names them.
    pub outputs: &'l [View<'t, T>],
    pub saved: &'l [View<'t, T>],
    /// The slots that are buffers, in their order, as the last call left them.
    pub buffers: &'l [View<'t, T>],
    /// One for each result; without elements for one that isn't a float.
    pub grad_outputs: &'l [View<'t, T>],
    pub grad_inputs: &'l mut [Option<&'t mut [T]>],
    /// One for each param.
    pub grad_slots: &'l mut [Option<&'t mut [T]>],
    /// The gradients that hold anything, because this is the first step that gives them a value: their elements are written,
    /// not added to, as by a product of matrices that replaces what is there. None but those that `Op::writes` names.
    pub fresh: Grads,
    pub scratch: &'l mut [ViewMut<'t, T>],
    /// `Op::factor` in panels, if the plan made some.
    pub panels: Option<&'l [T]>,
    pub mode: Mode,
}

impl<T: Real> Backward<'_, '_, T> {
    /// Makes zeros of the gradients that are fresh, for kernels that add to them all the same.
    pub(super) fn begin(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let inputs = self.grad_inputs.iter_mut().enumerate().filter(|(index, _)| fresh.has_input(*index));
        let slots = self.grad_slots.iter_mut().enumerate().filter(|(index, _)| fresh.has_slot(*index));
        inputs.chain(slots).for_each(|(_, grad)| grad.iter_mut().for_each(|grad| grad.fill(T::zero())));
    }
}
