//! Convolutions over one to three axes, as layers and as functions: attributes and slots. The shape rule and the kernels
//! stand in the files beside this one.

use crate::ops::contract::{Def, Grads, Keeps, Literal, Op, Parameter, SlotKind, SlotSpec, Type};
use crate::ops::shape_rules::{must_divide, numel, size};
use crate::ops::windows::{Window, each};
use crate::ops::{AttributeError, Attributes, Init, ShapeError, Value};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::border::Border;
use crate::tensor::convolution::{SHARES, VECTOR, arranged_taps, is_arranged};
use smallvec::SmallVec;
use std::sync::Arc;

const IN_CHANNELS: Parameter = Parameter::required("in_channels", Type::Size, "The number of channels of the input.");
const OUT_CHANNELS: Parameter =
    Parameter::required("out_channels", Type::Size, "The number of channels of the output.");
pub(in crate::ops) const KERNEL_SIZE: Parameter =
    Parameter::required("kernel_size", Type::Sizes, "The size of the kernel, the same for all axes or one for each.");
const STRIDE: Parameter =
    Parameter::attribute("stride", Type::Sizes, Literal::Int(1), "How far the kernel moves from place to place.");
const PADDING: Parameter = Parameter::attribute(
    "padding",
    Type::OneOf(&[Type::Sizes, Type::Word(&["same", "valid"])]),
    Literal::Int(0),
    "What is added at both ends of each axis; \"same\" adds what keeps the sizes, \"valid\" nothing.",
);
const DILATION: Parameter =
    Parameter::attribute("dilation", Type::Sizes, Literal::Int(1), "The distance between neighbouring taps.");
const GROUPS: Parameter = Parameter::attribute(
    "groups",
    Type::Size,
    Literal::Int(1),
    "Into how many groups the channels are divided; a group of outputs sees one group of inputs.",
);
const BIAS: Parameter = Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether a bias is added.");
const PADDING_MODE: Parameter = Parameter::attribute(
    "padding_mode",
    Type::Word(&["zeros", "reflect", "replicate", "circular"]),
    Literal::Str("zeros"),
    "What is added: zeros, the mirrored input, its last elements repeated, or the input from its other end.",
);
const REMOVED: Parameter = Parameter::attribute(
    "padding",
    Type::Sizes,
    Literal::Int(0),
    "What is taken away from both ends of each axis of the output.",
);
const OUTPUT_PADDING: Parameter = Parameter::attribute(
    "output_padding",
    Type::Sizes,
    Literal::Int(0),
    "What is added to the end of each axis of the output; of all sizes with the same input, this chooses one.",
);

/// The parameters of `Conv1d` and its like.
pub(super) const LAYER: &[Parameter] =
    &[IN_CHANNELS, OUT_CHANNELS, KERNEL_SIZE, STRIDE, PADDING, DILATION, GROUPS, BIAS, PADDING_MODE];
/// The parameters of `ConvTranspose1d` and its like.
pub(super) const TRANSPOSED_LAYER: &[Parameter] =
    &[IN_CHANNELS, OUT_CHANNELS, KERNEL_SIZE, STRIDE, REMOVED, OUTPUT_PADDING, GROUPS, BIAS, DILATION];

/// The parameters of a call of `ConvTranspose1d` and its like, with what is said of the input.
pub(super) const fn transposed_call(input: &'static str) -> [Parameter; 2] {
    let size = "The sizes of the output, or its whole shape, instead of what `output_padding` makes of them.";
    [Parameter::operand("input", input), Parameter::attribute("output_size", Type::Sizes, Literal::None, size)]
}

const fn operands(input: &'static str, weight: &'static str) -> [Parameter; 3] {
    let bias = Parameter::optional_operand("bias", "One number for each channel of the output, `[out]`");
    [Parameter::operand("input", input), Parameter::operand("weight", weight), bias]
}

/// The parameters of `conv1d` and its like, with what is said of input and weight.
pub(super) const fn function(input: &'static str, weight: &'static str) -> [Parameter; 7] {
    let [input, weight, bias] = operands(input, weight);
    [input, weight, bias, STRIDE, PADDING, DILATION, GROUPS]
}

/// The parameters of `conv_transpose1d` and its like.
pub(super) const fn transposed_function(input: &'static str, weight: &'static str) -> [Parameter; 8] {
    let [input, weight, bias] = operands(input, weight);
    [input, weight, bias, STRIDE, REMOVED, OUTPUT_PADDING, GROUPS, DILATION]
}

/// A convolution, or one transposed.
#[derive(Clone, Debug)]
pub(super) struct Convolution {
    pub(super) def: &'static Def,
    pub(super) axes: usize,
    pub(super) weight: Weight,
    stride: Vec<Dim>,
    dilation: Vec<Dim>,
    padding: Padding,
    pub(super) groups: Dim,
    pub(super) border: Border,
    /// Which of all sizes with the same input a transposed convolution makes; `None` for another convolution.
    pub(super) choice: Option<Choice>,
}

/// How the size of the output of a transposed convolution is chosen.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    /// So much more than the least, along each axis.
    Padding(Vec<Dim>),
    /// This, the axes of batch and channels perhaps included.
    Size(Vec<Dim>),
}

/// Where the weight comes from.
#[derive(Clone, Debug)]
pub(super) enum Weight {
    /// It is a slot.
    Slot { in_channels: Dim, out_channels: Dim, kernel: Vec<Dim>, bias: bool },
    /// It is the second operand, and perhaps there is a bias.
    Operand { bias: Option<usize> },
}

#[derive(Clone, Debug)]
enum Padding {
    Same,
    Sizes(Vec<Dim>),
}

/// The sizes of a weight: the channels of the input and of the output, and the kernel.
pub(super) struct Sizes {
    pub(super) inputs: Dim,
    pub(super) outputs: Dim,
    pub(super) kernel: Vec<Dim>,
}

impl Convolution {
    /// `Conv1d` and its like.
    pub(super) fn layer(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let border = match attributes.word("padding_mode")? {
            "reflect" => Border::Reflect,
            "replicate" => Border::Replicate,
            "circular" => Border::Circular,
            _ => Border::Constant,
        };
        let weight = Weight::slot(axes, attributes)?;
        Self { border, ..Self::new(def, axes, weight, attributes)? }.checked()
    }

    /// `conv1d` and its like.
    pub(super) fn function(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        Self::new(def, axes, Weight::Operand { bias: attributes.operand("bias") }, attributes)?.checked()
    }

    /// `ConvTranspose1d` and its like.
    pub(super) fn transposed_layer(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let weight = Weight::slot(axes, attributes)?;
        Self::new(def, axes, weight, attributes)?.transposed(attributes)?.checked()
    }

    /// `conv_transpose1d` and its like.
    pub(super) fn transposed_function(def: &'static Def, axes: usize, attributes: &Attributes) -> Built {
        let weight = Weight::Operand { bias: attributes.operand("bias") };
        Self::new(def, axes, weight, attributes)?.transposed(attributes)?.checked()
    }

    fn new(def: &'static Def, axes: usize, weight: Weight, attributes: &Attributes) -> Result<Self, AttributeError> {
        let stride = each(attributes, "stride", axes, 1)?;
        let padding = match attributes.get("padding") {
            Some(Value::Str(word)) if &**word == "valid" => Padding::Sizes(vec![Dim::ZERO; axes]),
            Some(Value::Str(_)) => {
                if let Some(stride) = stride.iter().find(|stride| **stride != Dim::ONE) {
                    let message = format!("`padding=\"same\"` wants a stride of 1, and `stride` is {stride}");
                    return Err(AttributeError::new("padding", message));
                }
                Padding::Same
            }
            _ => Padding::Sizes(each(attributes, "padding", axes, 0)?),
        };
        let groups = size(attributes, "groups")?;
        if groups == Dim::ZERO {
            return Err(AttributeError::new("groups", "`groups` must be at least 1, and is 0"));
        }
        let dilation = each(attributes, "dilation", axes, 1)?;
        let (border, choice) = (Border::Constant, None);
        Ok(Self { def, axes, weight, stride, dilation, padding, groups, border, choice })
    }

    fn transposed(self, attributes: &Attributes) -> Result<Self, AttributeError> {
        let output_padding = each(attributes, "output_padding", self.axes, 0)?;
        for ((padding, stride), dilation) in output_padding.iter().zip(&self.stride).zip(&self.dilation) {
            if let (Some(padding), Some(stride), Some(dilation)) =
                (padding.as_const(), stride.as_const(), dilation.as_const())
                && padding >= stride.max(dilation)
            {
                let message = format!(
                    "`output_padding` must be below the stride, {stride}, or the dilation, {dilation}, and is {padding}"
                );
                return Err(AttributeError::new("output_padding", message));
            }
        }
        Ok(Self { choice: Some(Choice::Padding(output_padding)), ..self })
    }

    fn checked(self) -> Built {
        if let (Weight::Slot { in_channels, out_channels, .. }, Some(groups)) = (&self.weight, self.groups.as_const()) {
            let channels = [("in_channels", in_channels), ("out_channels", out_channels)];
            let known = channels.iter().filter_map(|(name, channels)| Some((*name, channels.as_const()?)));
            must_divide(("groups", groups), &known.collect::<Vec<_>>())?;
        }
        Ok(Arc::new(self))
    }

    pub(super) fn is_transposed(&self) -> bool {
        self.choice.is_some()
    }

    /// What the kernel does along each axis.
    pub(super) fn windows(&self, kernel: &[Dim]) -> SmallVec<[Window; 3]> {
        let one = |axis: usize| {
            let (kernel, dilation) = (kernel.get(axis)?.clone(), self.dilation.get(axis)?.clone());
            let (before, after) = match &self.padding {
                Padding::Sizes(sizes) => (sizes.get(axis)?.clone(), sizes.get(axis)?.clone()),
                Padding::Same => {
                    let total = kernel.sub(&Dim::ONE).mul(&dilation);
                    let before = total.floor_div(&Dim::from(2i64));
                    (before.clone(), total.sub(&before))
                }
            };
            Some(Window { kernel, stride: self.stride.get(axis)?.clone(), dilation, before, after })
        };
        (0..self.axes).filter_map(one).collect()
    }

    /// The channels of a group.
    fn in_group(&self, channels: &Dim) -> Dim {
        channels.exact_div(&self.groups).unwrap_or_else(|| channels.floor_div(&self.groups))
    }

    /// The shape of the weight of a call.
    fn weight_of(&self, inputs: &[TensorType]) -> Shape {
        match (&self.weight, inputs.get(1)) {
            (Weight::Operand { .. }, Some(weight)) => weight.shape.clone(),
            _ => self.slots().into_iter().next().map_or_else(Shape::scalar, |slot| slot.shape),
        }
    }

    /// Whether forward may arrange the weight anew: the kernel moves by single steps, and what is known of the weight is large
    /// enough.
    fn arranges(&self) -> bool {
        let is_large = match &self.weight {
            Weight::Operand { .. } => true,
            Weight::Slot { out_channels, .. } => {
                let size = |dim: &Dim| usize::try_from(dim.as_const()?).ok().filter(|size| *size > 0);
                let numel = self.slots().first().and_then(|weight| size(&weight.shape.numel()));
                match (size(out_channels), size(&self.groups), numel) {
                    (Some(channels), Some(groups), Some(numel)) => {
                        is_arranged(channels / groups, numel / channels, self.is_transposed())
                    }
                    _ => true,
                }
            }
        };
        is_large && self.border == Border::Constant && self.stride.iter().all(|stride| *stride == Dim::ONE)
    }

    /// How many elements the arranged weight has, with whole vectors of channels; `None` if forward doesn't arrange it.
    fn arranged(&self, inputs: &[TensorType]) -> Option<Dim> {
        if !self.arranges() {
            return None;
        }
        let shape = self.weight_of(inputs);
        let [first, second, kernel @ ..] = &*shape else { return None };
        // The first axis has the channels of all groups.
        let in_group = first.exact_div(&self.groups).unwrap_or_else(|| first.floor_div(&self.groups));
        let vector = Dim::from(VECTOR);
        let whole = |channels: &Dim| channels.add(&vector).sub(&Dim::ONE).floor_div(&vector).mul(&vector);
        let sizes: Option<Vec<usize>> = kernel.iter().map(|size| usize::try_from(size.as_const()?).ok()).collect();
        let taps = match sizes {
            Some(kernel) => Dim::from(arranged_taps(&kernel)),
            None => kernel.iter().fold(Dim::ONE, |taps, size| taps.mul(size)),
        };
        Some(whole(&in_group).mul(&whole(second)).mul(&self.groups).mul(&taps))
    }

    /// `[out, in / groups, kernel...]`, or `[in, out / groups, kernel...]` if transposed.
    fn weight_shape(&self, sizes: &Sizes) -> Shape {
        let (first, second) =
            if self.is_transposed() { (&sizes.inputs, &sizes.outputs) } else { (&sizes.outputs, &sizes.inputs) };
        [first.clone(), self.in_group(second)].into_iter().chain(sizes.kernel.iter().cloned()).collect()
    }
}

type Built = Result<Arc<dyn Op>, AttributeError>;

impl Weight {
    fn slot(axes: usize, attributes: &Attributes) -> Result<Self, AttributeError> {
        Ok(Self::Slot {
            in_channels: size(attributes, "in_channels")?,
            out_channels: size(attributes, "out_channels")?,
            kernel: each(attributes, "kernel_size", axes, 1)?,
            bias: attributes.bool("bias")?,
        })
    }
}

impl Op for Convolution {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn writes(&self) -> Grads {
        Grads::ALL
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let Weight::Slot { in_channels, out_channels, kernel, bias } = &self.weight else { return Vec::new() };
        let sizes = Sizes { inputs: in_channels.clone(), outputs: out_channels.clone(), kernel: kernel.clone() };
        let shape = self.weight_shape(&sizes);
        let fan_in = shape.iter().skip(1).fold(Dim::ONE, |product, size| product.mul(size));
        let slot = |name: &'static str, shape: Shape| SlotSpec {
            name: name.into(),
            shape,
            init: Init::Inputs(fan_in.clone()),
            kind: SlotKind::Param,
            scaled: true,
        };
        let bias = bias.then(|| slot("bias", [out_channels.clone()].into()));
        [slot("weight", shape)].into_iter().chain(bias).collect()
    }

    fn at_call(&self, call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        if !self.is_transposed() || call.get("output_size").is_none_or(|size| *size == Value::None) {
            return Ok(None);
        }
        let sizes = match call.sizes("output_size")?.as_slice() {
            [size] => vec![size.clone(); self.axes],
            sizes => sizes.to_vec(),
        };
        if !(self.axes..=self.axes + 2).contains(&sizes.len()) {
            let message =
                format!("`output_size` must hold {} values, or the whole shape, and holds {}", self.axes, sizes.len());
            return Err(AttributeError::new("output_size", message));
        }
        Ok(Some(Arc::new(Self { choice: Some(Choice::Size(sizes)), ..self.clone() })))
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(vec![self.output(facts, inputs)?])
    }

    fn keeps(&self) -> Keeps {
        match self.weight {
            Weight::Slot { .. } => Keeps::INPUTS,
            Weight::Operand { .. } => Keeps { inputs: 0b11, outputs: false },
        }
    }

    fn finishes(&self) -> bool {
        true
    }

    fn n_working(&self) -> usize {
        usize::from(self.arranges())
    }

    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        self.arranged(inputs).map(|size| TensorType::float([size])).into_iter().collect()
    }

    /// The weight arranged anew, then its gradients of the shares of a batch.
    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let size = self.arranged(inputs).unwrap_or_else(|| self.weight_of(inputs).numel());
        vec![TensorType::float([Dim::from(SHARES), size])]
    }

    /// A product and a sum for each element of the output, or of the input if transposed, and each weight that it meets.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let shape = self.weight_of(inputs);
        let met = shape.iter().skip(1).fold(Dim::from(2i64), |product, size| product.mul(size));
        let swept = if self.is_transposed() { inputs.get(..1).unwrap_or_default() } else { outputs };
        let has_bias = match self.weight {
            Weight::Slot { bias, .. } => bias,
            Weight::Operand { bias } => bias.is_some(),
        };
        let bias = if has_bias { numel(outputs) } else { Dim::ZERO };
        numel(swept).mul(&met).add(&bias)
    }
}
