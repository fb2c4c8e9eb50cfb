//! `scaled_dot_product_attention`: each query takes a mean of values, weighted by how well their keys fit,
//! <https://arxiv.org/abs/1706.03762>.

use super::heads::Heads;
use super::rule::{check_mask, equal_axes, leading, split};
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Grads, HangsOn, Keeps, Kernel, Literal, Mode, Op, Parameter, Type,
};
use crate::ops::shape_rules::{axes, operand_of, probability};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::attention::{BLOCK, Dropout, Dropped, Gradients, Kept, PIECES, Rows, RowsMut, blocks, piece};
use crate::tensor::{Real, threads};
use std::sync::{Arc, Mutex};

pub(super) static DEF: Def = Def {
    name: "scaled_dot_product_attention",
    form: Form::Function,
    summary: "Gives each query the mean of the values, weighted by how well their keys fit.",
    formula: "y = softmax(scale q kᵀ + mask) v, scale = 1 / √E unless it is given; a query that sees no key gets zeros",
    parameters: &[
        Parameter::operand("query", "`[..., L, E]`"),
        Parameter::operand("key", "`[..., S, E]`"),
        Parameter::operand("value", "`[..., S, Ev]`"),
        Parameter::optional_operand(
            "attn_mask",
            "What broadcasts to `[..., L, S]`: a bool tensor that is true where a key takes part, or floats that are added.",
        ),
        Parameter::attribute(
            "dropout_p",
            Type::Float,
            Literal::Float(0.0),
            "The probability that a weight becomes 0 during training, the others being scaled up; else none does.",
        ),
        Parameter::attribute(
            "is_causal",
            Type::Bool,
            Literal::Bool(false),
            "Whether the query i sees only the keys 0 to i.",
        ),
        Parameter::attribute("scale", Type::Float, Literal::None, "What scores are multiplied by; `none` is 1 / √E."),
        Parameter::attribute(
            "enable_gqa",
            Type::Bool,
            Literal::Bool(false),
            "Whether several heads of queries, on the axis -3, share one of keys and values.",
        ),
    ],
    torch: "torch.nn.functional.scaled_dot_product_attention",
    onnx: "Attention",
    examples: &[
        "input q: [2, 3, 4]  input k: [2, 5, 4]  input v: [2, 5, 3]  output scaled_dot_product_attention(q, k, v)",
        "input q: [3, 4]  input k: [3, 4]  input v: [3, 2]  output scaled_dot_product_attention(q, k, v, is_causal=true)",
        "input q: [2, 2, 3, 4]  input k: [2, 1, 5, 4]  input v: [5, 2]  input m: [3, 5]  output scaled_dot_product_attention(q, k, v, m, scale=0.3)",
        "input q: [2, 3, 4]  input k: [2, 5, 4]  input v: [2, 5, 3]  input m: bool[2, 1, 5]  output scaled_dot_product_attention(q, k, v, attn_mask=m)",
        "input q: [4, 3, 2]  input k: [2, 5, 2]  input v: [2, 5, 2]  input m: [4, 1, 5]  output scaled_dot_product_attention(q, k, v, m, enable_gqa=true)",
        "input q: [1, 1]  input k: [1, 1]  input v: [1, 1]  output scaled_dot_product_attention(q, k, v, dropout_p=0.1)",
    ],
    build: |attributes| Attention::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Attention {
    dropout: f64,
    is_causal: bool,
    scale: Option<f64>,
    is_grouped: bool,
}

impl Attention {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let is_causal = attributes.bool("is_causal")?;
        if is_causal && attributes.operand("attn_mask").is_some() {
            let message = "`is_causal` makes a mask, and `attn_mask` is another";
            let mut error = AttributeError::new("is_causal", message);
            error.help = Some("give one of them; a bool mask can be false above the diagonal too".to_owned());
            return Err(error);
        }
        Ok(Self {
            dropout: probability(attributes, "dropout_p")?,
            is_causal,
            scale: attributes.optional_float("scale")?,
            is_grouped: attributes.bool("enable_gqa")?,
        })
    }
}

impl Op for Attention {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let name = DEF.name;
        for operand in 0..3 {
            let input = operand_of(&DEF, inputs, operand, Element::Float)?;
            if input.shape.rank() < 2 {
                let message = format!("`{name}` wants at least 2 axes, and gets {input}");
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(input.shape.rank()))));
            }
        }
        equal_axes(facts, inputs, [0, 1], 1, &format!("`{name}` wants queries and keys of one width"))?;
        equal_axes(facts, inputs, [1, 2], 2, &format!("`{name}` wants as many keys as values"))?;
        let mut shape = leading(facts, &DEF, inputs, self.is_grouped)?;
        let [Some((_, [queries, _])), Some((_, [_, width]))] =
            [0, 2].map(|operand| inputs.get(operand).and_then(|input| split(&input.shape)))
        else {
            return Ok(Vec::new());
        };
        shape.push(queries.clone());
        if let (Some(_), Some((_, [keys, _]))) = (inputs.get(3), inputs.get(1).and_then(|input| split(&input.shape))) {
            let mut scores = shape.clone();
            scores.push(keys.clone());
            check_mask(facts, &DEF, inputs, 3, &scores)?;
        }
        shape.push(width.clone());
        Ok(vec![TensorType::float(shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn hangs_on(&self) -> HangsOn {
        if self.dropout > 0.0 { HangsOn::Random } else { HangsOn::Operands }
    }

    /// The greatest score of each query, and the sum that its weights were divided by; which weights stay, if some don't;
    /// and blocks of weights to work in.
    fn saved(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let keys = n_keys(inputs);
        let queries = n_queries(outputs);
        let stays = if self.dropout > 0.0 { queries.mul(&keys) } else { Dim::ZERO };
        vec![
            TensorType::float([queries.clone()]),
            TensorType::float([queries]),
            TensorType::new(Element::Bool, [stays]),
            TensorType::float([Dim::from(PIECES * BLOCK).mul(&keys)]),
        ]
    }

    fn n_working(&self) -> usize {
        1
    }

    /// Two blocks of weights for each piece of the heads.
    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        vec![TensorType::float([Dim::from(2 * PIECES * BLOCK).mul(&n_keys(inputs))])]
    }

    /// Two products, and a difference, an exponential, a sum and a quotient for each weight.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let last = |index: usize| inputs.get(index).and_then(|input| input.shape.last()).cloned().unwrap_or(Dim::ONE);
        let two = Dim::from(2usize);
        let each = last(1).add(&last(2)).add(&two).mul(&two);
        n_queries(outputs).mul(&n_keys(inputs)).mul(&each)
    }
}

fn n_keys(inputs: &[TensorType]) -> Dim {
    let shape = inputs.get(1).and_then(|key| split(&key.shape));
    shape.map_or(Dim::ZERO, |(_, [keys, _])| keys.clone())
}

/// The queries of all heads.
fn n_queries(outputs: &[TensorType]) -> Dim {
    let queries = outputs.first().and_then(|output| output.shape.split_last());
    queries.map_or(Dim::ZERO, |(_, leading)| Shape::from(leading).numel())
}

impl Attention {
    fn draws(&self, mode: Mode) -> bool {
        mode == Mode::Train && self.dropout > 0.0
    }

    fn scale(&self, width: usize) -> f64 {
        self.scale.unwrap_or(1.0 / f64::sqrt(width.max(1) as f64))
    }

    /// How many heads are done together; all, if they can't be divided.
    fn piece(heads: &Heads, divides: bool) -> usize {
        let each = heads.n_queries.saturating_mul(heads.n_keys).saturating_mul(heads.width + heads.value_width + 16);
        piece(heads.count, each, divides)
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for Attention {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([out], [greatest, sum, stays, work]) = (cx.outputs, cx.saved) else { return Ok(()) };
        let Some(heads) = Heads::new(cx.inputs, out.shape, self.is_grouped) else { return Ok(()) };
        let drops = self.draws(cx.mode);
        let (piece, blocks) = (Self::piece(&heads, !drops), blocks(work.floats()));
        // Random numbers are drawn in the order of the heads.
        let random = Mutex::new((cx.random.stream(), stays.bools()));
        let memory = [out.floats(), greatest.floats(), sum.floats()];
        threads::split_rows(heads.count, piece, memory, |part, [out, greatest, sum]| {
            let mut block = blocks.get(part.start / piece).and_then(|block| block.lock().ok());
            let work = block.as_deref_mut().map_or(&mut [][..], |block| block);
            let mut random = if drops { random.lock().ok() } else { None };
            out.fill(T::zero());
            heads.for_each(part.clone(), |at| {
                let head = heads.head(cx.inputs, at, self.scale(heads.width), self.is_causal);
                let here = Heads::here(at, part.start);
                let (queries, results) = (heads.queries(here), heads.results(here));
                let kept = Kept { greatest: &mut greatest[queries.clone()], sum: &mut sum[queries] };
                let dropout = random.as_mut().map(|random| {
                    let (random, stays) = &mut **random;
                    Dropout { p: self.dropout, random, stays: &mut stays[heads.weights(at)] }
                });
                let out = RowsMut { data: &mut out[results], stride: heads.value_width };
                head.forward(work, kept, dropout, None, out);
            });
        });
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], [greatest, sum, stays, _], [work]) = (cx.grad_outputs, cx.saved, cx.scratch) else { return };
        let Some(heads) = Heads::new(cx.inputs, grad.shape, self.is_grouped) else { return };
        let [query, key, value, mask @ ..] = &mut *cx.grad_inputs else { return };
        let (greatest, sum, stays, grad) = (greatest.floats(), sum.floats(), stays.bools(), grad.floats());
        let (mask, fresh) = (mask.first_mut().and_then(|mask| mask.as_deref_mut()), cx.fresh);
        let piece = Self::piece(&heads, mask.is_none() && heads.are_apart());
        let (blocks, mask) = (blocks(work.floats()), Mutex::new(mask));
        let grads = [query, key, value].map(|grad| grad.as_deref_mut().unwrap_or_default());
        threads::split_rows(heads.count, piece, grads, |part, [query, key, value]| {
            let mut block = blocks.get(part.start / piece).and_then(|block| block.lock().ok());
            let work = block.as_deref_mut().map_or(&mut [][..], |block| block);
            // Only an undivided piece adds to the mask's gradient.
            let mut mask = mask.lock().ok().and_then(|mut mask| mask.take());
            let outs = [&mut *query, key, value].into_iter().chain(mask.as_deref_mut()).enumerate();
            outs.filter(|(index, _)| fresh.has_input(*index)).for_each(|(_, out)| out.fill(T::zero()));
            heads.for_each(part.clone(), |at| {
                let head = heads.head(cx.inputs, at, self.scale(heads.width), self.is_causal);
                let (queries, weights) = (heads.queries(at), heads.weights(at));
                let kept = Kept { greatest: &greatest[queries.clone()], sum: &sum[queries] };
                let dropped = self.draws(cx.mode).then(|| Dropped { p: self.dropout, stays: &stays[weights] });
                let here = Heads::here(at, part.start);
                let (width, value_width) = (heads.width, heads.value_width);
                let mut gradients = Gradients {
                    queries: rows(query, here[0] * heads.n_queries * width, width),
                    keys: rows(key, here[1] * heads.n_keys * width, width),
                    values: rows(value, here[2] * heads.n_keys * value_width, value_width),
                    masks: [mask.as_deref_mut(), None],
                };
                let grad = Rows { data: &grad[heads.results(at)], stride: value_width };
                head.backward(work, kept, dropped, None, grad, &mut gradients);
            });
        });
    }
}

/// The rows of a gradient from this element on, if it is wanted.
fn rows<T>(grad: &mut [T], start: usize, stride: usize) -> Option<RowsMut<'_, T>> {
    grad.get_mut(start..).filter(|grad| !grad.is_empty()).map(|data| RowsMut { data, stride })
}
