//! What batch, group and instance normalization have in common: the elements are divided into sets, each of which is
//! shifted and scaled by its mean and variance, and then each channel by a weight and a bias. The layers' files say how
//! they are written, and which elements are a set.

use super::channel_norm_kernel::{Layout, Sums};
use crate::ops::contract::{Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Mode, Op, SlotKind, SlotSpec};
use crate::ops::functional::{self, Slot, slot, slot_shape};
use crate::ops::shape_rules::{axes, float_input, numel};
use crate::ops::{Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::{Real, ViewMut};

/// y = (x - mean) / √(variance + eps) · weight + bias
#[derive(Debug)]
pub(super) struct ChannelNorm {
    /// The layer, or the function whose slots are operands.
    pub(super) def: &'static Def,
    pub(super) sets: Sets,
    pub(super) axes: Axes,
    /// The number of channels and the attribute that says it; a function takes what it gets.
    pub(super) channels: Option<(Dim, &'static str)>,
    pub(super) eps: f64,
    /// The index among the slots that are params.
    pub(super) weight: Option<usize>,
    /// The index among the slots that are params.
    pub(super) bias: Option<usize>,
    pub(super) statistics: Statistics,
}

/// Which elements have a mean and a variance in common.
#[derive(Clone, Debug)]
pub(super) enum Sets {
    /// Those of a channel, in the whole batch.
    Batch,
    /// Those of this many groups of channels, in each item of the batch.
    Groups(Dim),
    /// Those of a channel, in each item of the batch.
    Instance,
}

/// Which axes an input may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Axes {
    /// `[N, C, ...]` with at least this many axes.
    AtLeast(usize),
    /// `[N, C, ...]` with one of these numbers of axes.
    Batched(&'static [usize]),
    /// This many behind the channels; the batch may be missing.
    Spatial(usize),
}

/// Where mean and variance come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Statistics {
    Input,
    /// In training from the input, of which the buffers keep a moving average with this momentum; else from the buffers.
    Tracked(f64),
    /// From the slots with these indices.
    Slots([usize; 2]),
}

/// An input as `[items, channels, elements of a channel]`.
struct Sizes {
    items: usize,
    channels: usize,
    elements: usize,
}

impl ChannelNorm {
    fn is_batched(&self, rank: usize) -> bool {
        !matches!(self.axes, Axes::Spatial(spatial) if rank == spatial + 1)
    }

    fn sizes(&self, shape: &[usize]) -> Sizes {
        let axis = usize::from(self.is_batched(shape.len()));
        let channels = shape.get(axis).copied().unwrap_or(1);
        let (items, elements) = (shape.iter().take(axis).product(), shape.iter().skip(axis + 1).product());
        Sizes { items, channels, elements }
    }

    fn layout(&self, shape: &[usize]) -> Layout {
        let Sizes { items, channels, elements, .. } = self.sizes(shape);
        let groups = |groups: &Dim| groups.as_const().and_then(|groups| usize::try_from(groups).ok()).unwrap_or(1);
        match &self.sets {
            Sets::Batch => Layout::batch(items, channels, elements),
            Sets::Groups(number) => Layout::groups(items, channels, elements, groups(number)),
            Sets::Instance => Layout::groups(items, channels, elements, channels),
        }
    }

    fn wants_axes(&self, input: &TensorType) -> Result<(), ShapeError> {
        let (rank, name) = (input.shape.rank(), self.def.name);
        let wanted = match self.axes {
            Axes::AtLeast(least) if rank < least => format!("at least {}", axes(least)),
            Axes::Batched([only]) if rank != *only => axes(*only),
            Axes::Batched(ranks) if !ranks.contains(&rank) => {
                ranks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ") + " axes"
            }
            Axes::Spatial(spatial) if rank != spatial + 1 && rank != spatial + 2 => {
                format!("{} or {} axes", spatial + 1, spatial + 2)
            }
            _ => return Ok(()),
        };
        let message = format!("`{name}` wants {wanted}, and gets {input}");
        let mut error =
            ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), format!("this has {}", axes(rank)));
        if let Some(family) = name.strip_suffix(['d']).map(|name| name.trim_end_matches(char::is_numeric))
            && (2..=5).contains(&rank)
        {
            error = error.help(format!("`{family}{}d` takes {}", rank.saturating_sub(2).max(1), axes(rank)));
        }
        Err(error)
    }

    /// Whether mean and variance are those of the input.
    fn computes(&self, mode: Mode) -> bool {
        match self.statistics {
            Statistics::Input => true,
            Statistics::Tracked(_) => mode == Mode::Train,
            Statistics::Slots(_) => false,
        }
    }

    /// One value has no variance.
    fn enough(&self, shape: &[usize], layout: &Layout) -> Result<(), DataError> {
        let Sizes { items, .. } = self.sizes(shape);
        let (count, what) = match self.sets {
            Sets::Batch => (layout.count(), "channel"),
            Sets::Groups(_) => (items * layout.count(), "group"),
            Sets::Instance => (layout.count(), "channel of an item"),
        };
        if count != 1 {
            return Ok(());
        }
        let shape = shape.iter().copied().collect::<Shape>();
        let when = if matches!(self.statistics, Statistics::Tracked(_)) { "in training, " } else { "" };
        let message = format!("{when}the variance of a {what} needs more than one value, and {shape} has one");
        Err(DataError { operand: 0, message })
    }

    /// Mean and variance from running statistics, repeated for each item.
    fn read<T: Real>(&self, running: [&[T]; 2], saved: &mut [ViewMut<'_, T>]) {
        let [means, scales] = saved else { return };
        let statistics = means.floats().iter_mut().zip(scales.floats());
        let [running_mean, running_var] = running;
        for ((mean, scale), (&running_mean, &running_var)) in
            statistics.zip(running_mean.iter().zip(running_var).cycle())
        {
            *mean = running_mean;
            *scale = T::from_f64(1.0 / (running_var.to_f64() + self.eps).sqrt());
        }
    }
}

/// Moves the running statistics towards mean and variance. A channel that has several sets takes their mean.
fn track<T: Real>(layout: &Layout, momentum: f64, saved: [&[T]; 2], buffers: &mut [ViewMut<'_, T>]) {
    let count = layout.count() as f64;
    for ((buffer, found), factor) in buffers.iter_mut().zip(saved).zip([1.0, count / (count - 1.0)]) {
        let buffer = buffer.floats();
        let (channels, sets) = (buffer.len(), found.len());
        for (channel, running) in buffer.iter_mut().enumerate() {
            let sum: f64 = found.iter().skip(channel).step_by(channels).map(|found| found.to_f64()).sum();
            let found = sum * channels as f64 / sets as f64 * factor;
            *running = T::from_f64((1.0 - momentum) * running.to_f64() + momentum * found);
        }
    }
}

impl Op for ChannelNorm {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let Some((channels, _)) = &self.channels else { return Vec::new() };
        let slot = |name: &'static str, init: Init, kind: SlotKind| SlotSpec {
            name: name.into(),
            shape: [channels.clone()].into(),
            init,
            kind,
            scaled: false,
        };
        let weight = self.weight.map(|_| slot("weight", Init::ONES, SlotKind::Param));
        let bias = self.bias.map(|_| slot("bias", Init::ZEROS, SlotKind::Param));
        let mut slots: Vec<_> = weight.into_iter().chain(bias).collect();
        if let Statistics::Tracked(_) = self.statistics {
            slots.push(slot("running_mean", Init::ZEROS, SlotKind::Buffer));
            slots.push(slot("running_var", Init::ONES, SlotKind::Buffer));
        }
        slots
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (input, name) = (float_input(self.def, inputs)?, self.def.name);
        self.wants_axes(input)?;
        let axis = usize::from(self.is_batched(input.shape.rank()));
        let found = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        if let Some((wanted, attribute)) = &self.channels
            && !facts.equal(wanted, &found)
        {
            let message = format!("`{name}` wants {wanted} channels, and gets {found}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {found}", input.shape))
                .cause(Cause::Attribute(attribute), format!("it wants {wanted}")));
        }
        if let Sets::Groups(groups) = &self.sets
            && !facts.divides(groups, &found)
        {
            let message = format!("`{name}` wants groups of one size, and {groups} doesn't divide {found} channels");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Attribute("num_groups"), format!("there are {groups} groups"))
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {found}", input.shape)));
        }
        if self.channels.is_none() {
            let given = if let Statistics::Slots(slots) = self.statistics { slots.map(Some) } else { [None; 2] };
            let names = ["running_mean", "running_var", "weight", "bias"];
            for (name, index) in names.into_iter().zip([given[0], given[1], self.weight, self.bias]) {
                let slot = Slot { name, operand: index.map(|index| index + 1) };
                let cause = (Cause::Axis { operand: 0, axis }, format!("there are {found} channels"));
                slot_shape(facts, self.def, inputs, slot, std::slice::from_ref(&found), cause)?;
            }
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        functional::keeps(1, self.weight)
    }

    /// Of each set the mean, and 1 / √(variance + eps).
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        let axis = usize::from(self.is_batched(input.shape.rank()));
        let items = input.shape.iter().take(axis).cloned();
        let channels = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let shape: Shape = match &self.sets {
            Sets::Batch => [channels].into(),
            Sets::Groups(groups) => items.chain([groups.clone()]).collect(),
            Sets::Instance => items.chain([channels]).collect(),
        };
        vec![TensorType::float(shape.clone()), TensorType::float(shape)]
    }

    fn writes(&self) -> Grads {
        Grads::input(0)
    }

    /// Of each set two sums.
    fn scratch(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        self.saved(inputs, outputs)
    }

    /// A sum for the mean; difference, square and sum for the variance; difference and product; weight and bias.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let statistics = if matches!(self.statistics, Statistics::Slots(_)) { 0 } else { 4 };
        let each = 2 + statistics + i64::from(self.weight.is_some()) + i64::from(self.bias.is_some());
        numel(inputs.get(..1).unwrap_or(&[])).mul(&Dim::from(each))
    }
}

impl<T: Real> Kernel<T> for ChannelNorm {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let cx = functional::forward(self.def, cx, 1);
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let layout = self.layout(x.shape);
        let x_data = x.floats();
        if x_data.is_empty() {
            cx.saved.iter_mut().for_each(|saved| saved.floats().fill(T::zero()));
            return Ok(());
        }
        if self.computes(cx.mode) {
            self.enough(x.shape, &layout)?;
            let [means, scales] = cx.saved else { return Ok(()) };
            let (means, scales) = (means.floats(), scales.floats());
            layout.moments(x_data, means, scales);
            if let Statistics::Tracked(momentum) = self.statistics {
                track(&layout, momentum, [means, scales], cx.buffers);
            }
            scales.iter_mut().for_each(|scale| *scale = T::from_f64(1.0 / (scale.to_f64() + self.eps).sqrt()));
        } else if let Statistics::Slots(slots) = self.statistics {
            self.read(slots.map(|index| slot(cx.slots, Some(index)).unwrap_or(&[])), cx.saved);
        } else if let [mean, var] = cx.buffers {
            self.read([mean.floats(), var.floats()], cx.saved);
        }
        let [means, scales] = cx.saved else { return Ok(()) };
        let params = [self.weight, self.bias].map(|index| slot(cx.slots, index));
        layout.apply(x_data, [means.floats(), scales.floats()], params, y.floats());
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let cx = functional::backward(self.def, cx, 1);
        let is_fresh = cx.fresh.has_input(0);
        let Backward { grad_inputs, grad_slots, scratch, .. } = cx;
        let ([x], [grad], [means, scales]) = (cx.inputs, cx.grad_outputs, cx.saved) else { return };
        if grad.floats().is_empty() {
            return;
        }
        let layout = self.layout(x.shape);
        let sums = Sums {
            layout: &layout,
            x: x.floats(),
            grad: grad.floats(),
            means: means.floats(),
            scales: scales.floats(),
            weight: slot(cx.slots, self.weight),
        };
        let mut known = false;
        if let [Some(out)] = grad_inputs {
            match scratch {
                [first, second] if self.computes(cx.mode) => {
                    known = sums.grad_input([first.floats(), second.floats()], out, is_fresh);
                }
                _ => sums.grad_input_alone(out, is_fresh),
            }
        }
        let [weight, bias] = functional::grad_slots(grad_slots, [self.weight, self.bias]);
        let known = match scratch {
            [first, second] if known => Some([&*first.floats(), &*second.floats()]),
            _ => None,
        };
        sums.grad_params(weight, bias, known);
        if let Statistics::Slots([mean, var]) = self.statistics {
            if let Some(out) = functional::grad_slot(grad_slots, Some(mean)) {
                sums.grad_mean(out);
            }
            if let Some(out) = functional::grad_slot(grad_slots, Some(var)) {
                sums.grad_var(out);
            }
        }
    }
}
