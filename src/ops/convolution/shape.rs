//! The shape rule of convolutions, and the words of what doesn't fit.

use super::conv::{Choice, Convolution, Sizes, Weight};
use crate::ops::shape_rules::{axes, operand_of};
use crate::ops::windows::{Taps, Window, fits, has_border, leading};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};

impl Convolution {
    /// The type of the result.
    pub(super) fn output(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<TensorType, ShapeError> {
        let input = operand_of(self.def, inputs, 0, Element::Float)?;
        let sizes = self.sizes(facts, inputs)?;
        let leading = leading(self.def, input, self.axes, &sizes.inputs.to_string())?;
        if !input.shape.get(leading - 1).is_some_and(|found| facts.equal(&sizes.inputs, found)) {
            return Err(self.channel_error(facts, input, &sizes.inputs));
        }
        let kernel = match (&self.weight, inputs.get(1)) {
            (Weight::Operand { .. }, Some(weight)) => Taps::Operand(1, weight.shape.clone()),
            _ => Taps::Attribute,
        };
        let outputs = self.swept(facts, input, &self.windows(&sizes.kernel), &kernel)?;
        let batch = input.shape.iter().take(leading - 1).cloned();
        Ok(TensorType::float(batch.chain([sizes.outputs]).chain(outputs).collect::<Shape>()))
    }

    /// The sizes of the weight, which fits the groups.
    fn sizes(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Sizes, ShapeError> {
        let sizes = match &self.weight {
            Weight::Slot { in_channels, out_channels, kernel, .. } => {
                Sizes { inputs: in_channels.clone(), outputs: out_channels.clone(), kernel: kernel.clone() }
            }
            Weight::Operand { bias } => self.operand_sizes(facts, inputs, *bias)?,
        };
        for channels in [&sizes.inputs, &sizes.outputs] {
            if !facts.divides(&self.groups, channels) {
                let (name, groups) = (self.def.name, &self.groups);
                let message = format!("`{name}` can't divide {channels} channels into {groups} groups");
                let cause = match self.weight {
                    Weight::Operand { .. } => Cause::Axis { operand: 1, axis: 0 },
                    Weight::Slot { .. } if *channels == sizes.inputs => Cause::Attribute("in_channels"),
                    Weight::Slot { .. } => Cause::Attribute("out_channels"),
                };
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Attribute("groups"), format!("it is {groups}"))
                    .cause(cause, format!("there are {channels} channels")));
            }
        }
        Ok(sizes)
    }

    fn operand_sizes(
        &self,
        facts: &mut Facts,
        inputs: &[TensorType],
        bias: Option<usize>,
    ) -> Result<Sizes, ShapeError> {
        let (name, weight) = (self.def.name, operand_of(self.def, inputs, 1, Element::Float)?);
        let [first, second, kernel @ ..] = &*weight.shape else { return Err(self.weight_rank(weight)) };
        if kernel.len() != self.axes {
            return Err(self.weight_rank(weight));
        }
        let group = second.mul(&self.groups);
        let (inputs_of, outputs) = if self.is_transposed() { (first.clone(), group) } else { (group, first.clone()) };
        if let Some(operand) = bias {
            let bias = operand_of(self.def, inputs, operand, Element::Float)?;
            if bias.shape.rank() != 1 || !bias.shape.iter().all(|found| facts.equal(&outputs, found)) {
                let message = format!("`{name}` wants a bias [{outputs}], and gets {bias}");
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Operand(operand), format!("this is {bias}"))
                    .cause(Cause::Operand(1), format!("this has {outputs} output channels")));
            }
        }
        Ok(Sizes { inputs: inputs_of, outputs, kernel: kernel.to_vec() })
    }

    fn weight_rank(&self, weight: &TensorType) -> ShapeError {
        let channels = if self.is_transposed() { "in, out / groups" } else { "out, in / groups" };
        let kernel = ["kD", "kH", "kW"].get(3 - self.axes..).filter(|_| self.axes > 1).unwrap_or(&["k"]).join(", ");
        let message = format!("`{}` wants a weight [{channels}, {kernel}], and gets {weight}", self.def.name);
        ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(1), format!("this has {}", axes(weight.shape.rank())))
    }

    /// Channels that aren't those of the weight.
    fn channel_error(&self, facts: &Facts, input: &TensorType, wanted: &Dim) -> ShapeError {
        let shape = &input.shape;
        let axis = shape.rank().saturating_sub(self.axes + 1);
        let found = shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let channels = if *wanted == Dim::ONE { "channel" } else { "channels" };
        let message = format!("`{}` wants {wanted} {channels}, and gets {found}", self.def.name);
        let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {shape} is {found}"));
        error = match &self.weight {
            Weight::Slot { .. } => error.cause(Cause::Attribute("in_channels"), format!("it wants {wanted}")),
            Weight::Operand { .. } => {
                let axis = usize::from(!self.is_transposed());
                error.cause(Cause::Axis { operand: 1, axis }, format!("the weight wants {wanted}"))
            }
        };
        let last = shape.rank().saturating_sub(1);
        if shape.last().is_some_and(|size| facts.is_equal(size, wanted)) {
            let order: Vec<usize> = (0..axis).chain([last]).chain(axis..last).collect();
            let permuted: Shape = order.iter().filter_map(|axis| shape.get(*axis).cloned()).collect();
            error =
                error.help(format!("channels stand before the sizes: permuted by {order:?}, to {permuted}, it fits"));
        } else if axis == 0 && *wanted == Dim::ONE {
            let mut apart = Shape::scalar();
            shape.iter().take(1).chain([&Dim::ONE]).chain(shape.iter().skip(1)).for_each(|dim| apart.push(dim.clone()));
            error = error.help(format!("without an axis for channels, the first is taken for it: as {apart} it fits"));
        } else {
            error.help = self.other_attribute(wanted, &found);
        }
        error
    }

    /// The attribute with which these channels fit.
    fn other_attribute(&self, wanted: &Dim, found: &Dim) -> Option<String> {
        match self.weight {
            Weight::Slot { .. } => Some(format!("`in_channels={found}` takes them")),
            Weight::Operand { .. } if self.is_transposed() => None,
            Weight::Operand { .. } => {
                let groups = found.exact_div(&wanted.exact_div(&self.groups)?)?;
                groups.as_const().filter(|groups| *groups > 0).map(|groups| format!("`groups={groups}` takes them"))
            }
        }
    }

    /// The sizes of the output along the axes of the kernel.
    fn swept(
        &self,
        facts: &mut Facts,
        input: &TensorType,
        windows: &[Window],
        kernel: &Taps,
    ) -> Result<Vec<Dim>, ShapeError> {
        let first = input.shape.rank().saturating_sub(self.axes);
        let mut sizes = Vec::new();
        for (index, (size, window)) in input.shape.iter().skip(first).zip(windows).enumerate() {
            let axis = first + index;
            if let Some(choice) = &self.choice {
                sizes.push(self.put_down(facts, (input, axis), window, choice)?);
                continue;
            }
            fits(facts, self.def, (input, axis), window, &Dim::ZERO, kernel)?;
            let added = [&window.before, &window.after];
            has_border(facts, self.def, (input, axis), added, self.border, ("padding", Some("padding_mode")))?;
            sizes.push(window.places(size));
        }
        Ok(sizes)
    }

    /// The size of an axis on which a kernel is put down for every element of the input.
    fn put_down(
        &self,
        facts: &mut Facts,
        (input, axis): (&TensorType, usize),
        window: &Window,
        choice: &Choice,
    ) -> Result<Dim, ShapeError> {
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let (reach, removed) = (size.sub(&Dim::ONE).mul(&window.stride).add(&window.extent()), window.padding());
        match choice {
            Choice::Padding(padding) => {
                let index = (axis + self.axes).saturating_sub(input.shape.rank());
                let reach = reach.add(padding.get(index).unwrap_or(&Dim::ZERO));
                if !facts.at_most(&removed.add(&Dim::ONE), &reach) {
                    return Err(self.nothing_left(input, axis, &reach, &removed));
                }
                Ok(reach.sub(&removed))
            }
            Choice::Size(sizes) => {
                let name = self.def.name;
                // Given for these axes alone, or for all.
                let first = input.shape.rank() - self.axes;
                let index = if sizes.len() == self.axes { axis.saturating_sub(first) } else { axis };
                if sizes.len() != self.axes && sizes.len() != input.shape.rank() {
                    let message = format!("`{name}` wants {} sizes of its output, and gets {}", self.axes, sizes.len());
                    return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                        .cause(Cause::Attribute("output_size"), format!("it holds {}", sizes.len()))
                        .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))));
                }
                let wanted = sizes.get(index).cloned().unwrap_or(Dim::ONE);
                let least = reach.sub(&removed);
                let most = least.add(&window.stride).sub(&Dim::ONE);
                if facts.at_most(&Dim::ONE, &wanted) && facts.at_most(&least, &wanted) && facts.at_most(&wanted, &most)
                {
                    return Ok(wanted);
                }
                let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
                let message = format!("`{name}` makes {range} of {size} along axis {axis}, and {wanted} is wanted");
                Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape))
                    .cause(Cause::Attribute("output_size"), format!("it wants {wanted}")))
            }
        }
    }

    fn nothing_left(&self, input: &TensorType, axis: usize, reach: &Dim, removed: &Dim) -> ShapeError {
        let name = self.def.name;
        let message = format!("`{name}` makes {reach} of axis {axis}, and takes {removed} away: nothing is left");
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ZERO);
        ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape))
            .cause(Cause::Attribute("padding"), format!("it takes away {removed} in all"))
            .help(format!("{} can be taken away from each end", reach.sub(&Dim::ONE).floor_div(&Dim::from(2i64))))
    }
}
