//! `MultiheadAttention`: attention in several heads between projections, <https://arxiv.org/abs/1706.03762>.

use super::multihead_attention_kernel::Sizes;
use super::multihead_attention_rule::check_mask;
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Grads, HangsOn, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec,
    Type,
};
use crate::ops::init::Law;
use crate::ops::shape_rules::{must_divide, operand_of, probability, size};
use crate::ops::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::attention::{BLOCK, PIECES};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "MultiheadAttention",
    form: Form::Layer {
        call: &[
            Parameter::operand(
                "query",
                "`[L, N, embed_dim]`, `[N, L, embed_dim]` if `batch_first`, or `[L, embed_dim]`",
            ),
            Parameter::operand("key", "`[S, N, kdim]`, `[N, S, kdim]` if `batch_first`, or `[S, kdim]`"),
            Parameter::operand("value", "`[S, N, vdim]`, `[N, S, vdim]` if `batch_first`, or `[S, vdim]`"),
            Parameter::optional_operand(
                "key_padding_mask",
                "`[N, S]`, or `[S]` without a batch: a bool tensor that is true where a key takes no part, or floats that are added to the scores.",
            ),
            Parameter::attribute(
                "need_weights",
                Type::Bool,
                Literal::Bool(true),
                "Whether the weights are the second result; else there is only one.",
            ),
            Parameter::optional_operand(
                "attn_mask",
                "`[L, S]`, or `[N * num_heads, L, S]`: a bool tensor that is true where a key takes no part, or floats that are added to the scores.",
            ),
            Parameter::attribute(
                "average_attn_weights",
                Type::Bool,
                Literal::Bool(true),
                "Whether the weights are the means over the heads, `[N, L, S]`; else they are `[N, num_heads, L, S]`.",
            ),
            Parameter::attribute(
                "is_causal",
                Type::Bool,
                Literal::Bool(false),
                "Whether the query i sees only the keys 0 to i, with or without a mask that says so.",
            ),
        ],
    },
    summary: "Gives each query means of the values, weighted in each head by how well its part of the keys fits.",
    formula: "y = concat(head₁, …) W_oᵀ + b_o, headᵢ = softmax(qᵢ kᵢᵀ / √(embed_dim / num_heads) + mask) vᵢ, where q = query W_qᵀ + b_q, k and v likewise, and i takes as many of their columns as a head is wide; in_proj_weight [3 * embed_dim, embed_dim] holds W_q, W_k and W_v, or q_proj_weight, k_proj_weight [embed_dim, kdim] and v_proj_weight [embed_dim, vdim] do",
    parameters: &[
        Parameter::required("embed_dim", Type::Size, "The width of queries and results."),
        Parameter::required("num_heads", Type::Size, "How many heads there are; it divides `embed_dim`."),
        Parameter::attribute(
            "dropout",
            Type::Float,
            Literal::Float(0.0),
            "The probability that a weight becomes 0, in training.",
        ),
        Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether the projections have biases."),
        Parameter::attribute("add_bias_kv", Type::Bool, Literal::Bool(false), "Only `false` is supported."),
        Parameter::attribute("add_zero_attn", Type::Bool, Literal::Bool(false), "Only `false` is supported."),
        Parameter::attribute("kdim", Type::Size, Literal::None, "The width of keys; `none` is `embed_dim`."),
        Parameter::attribute("vdim", Type::Size, Literal::None, "The width of values; `none` is `embed_dim`."),
        Parameter::attribute(
            "batch_first",
            Type::Bool,
            Literal::Bool(false),
            "Whether the batch is the first axis of query, key, value and result.",
        ),
    ],
    torch: "torch.nn.MultiheadAttention",
    onnx: "",
    examples: &[
        "input x: [3, 2, 4]  layer f = MultiheadAttention(4, 2)  y, w = f(x, x, x)  output y, w",
        "input q: [2, 3, 4]  input k: [2, 5, 4]  layer f = MultiheadAttention(4, 2, batch_first=true)  output f(q, k, k, need_weights=false)",
        "input q: [3, 2, 4]  input k: [5, 2, 3]  input v: [5, 2, 2]  layer f = MultiheadAttention(4, 4, kdim=3, vdim=2, bias=false)  y, w = f(q, k, v, average_attn_weights=false)  output y, w",
        "input x: [3, 2, 4]  input p: [2, 3]  input m: [4, 3, 3]  layer f = MultiheadAttention(4, 2)  y, w = f(x, x, x, p, attn_mask=m)  output y, w",
        "input x: [3, 4]  input m: [3, 3]  layer f = MultiheadAttention(4, 1, dropout=0.5)  y, w = f(x, x, x, attn_mask=m, is_causal=true)  output y, w",
        "input q: [1, 1, 2]  input k: [2, 1, 2]  layer f = MultiheadAttention(2, 2)  y, _ = f(q, k, k)  output y",
    ],
    build: |attributes| MultiheadAttention::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Clone, Debug)]
pub(super) struct MultiheadAttention {
    pub(super) embed: Dim,
    heads: Dim,
    dropout: f64,
    bias: bool,
    /// The widths of keys and values where they are others.
    pub(super) kdim: Option<Dim>,
    pub(super) vdim: Option<Dim>,
    pub(super) batch_first: bool,
    call: Call,
}

/// What stands in the parentheses of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// The indices of masks among the operands.
    pub(super) padding: Option<usize>,
    pub(super) mask: Option<usize>,
    pub(super) weights: Weights,
    pub(super) is_causal: bool,
}

/// Which weights are a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weights {
    None,
    Mean,
    EachHead,
}

impl MultiheadAttention {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        for name in ["add_bias_kv", "add_zero_attn"] {
            if attributes.bool(name)? {
                let mut error = AttributeError::new(name, format!("`{name}=true` isn't supported"));
                error.help = Some("`cat` adds a row to keys and values before the call".to_owned());
                return Err(error);
            }
        }
        let (embed, heads) = (size(attributes, "embed_dim")?, size(attributes, "num_heads")?);
        if let (Some(width), Some(count)) = (embed.as_const(), heads.as_const()) {
            must_divide(("num_heads", count), &[("embed_dim", width)])?;
        }
        let wide = |name: &'static str| attributes.optional_size(name).map(|size| size.filter(|size| *size != embed));
        let (kdim, vdim) = (wide("kdim")?, wide("vdim")?);
        Ok(Self {
            kdim,
            vdim,
            embed,
            heads,
            dropout: probability(attributes, "dropout")?,
            bias: attributes.bool("bias")?,
            batch_first: attributes.bool("batch_first")?,
            call: Call { padding: None, mask: None, weights: Weights::Mean, is_causal: false },
        })
    }

    /// So many rows of one head.
    fn head_rows(&self, count: &Dim) -> Dim {
        count.mul(&self.embed.floor_div(&self.heads))
    }

    fn kernel(&self, query: &[usize], key: &[usize]) -> Option<Sizes> {
        let size = |dim: &Dim| dim.as_const().and_then(|size| usize::try_from(size).ok());
        let (batch, sequence) = self.places(query.len());
        Some(Sizes {
            n_queries: *query.get(sequence)?,
            n_keys: *key.get(sequence)?,
            batch: batch.map_or(Some(1), |axis| query.get(axis).copied())?,
            embed: size(&self.embed)?,
            heads: size(&self.heads)?,
            widths: [size(self.width(0).1)?, size(self.width(1).1)?, size(self.width(2).1)?],
            batch_first: self.batch_first,
            bias: self.bias,
            dropout: self.dropout,
            call: self.call,
        })
    }
}

impl Op for MultiheadAttention {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let embed = &self.embed;
        let slot = |name: &'static str, shape: Shape, init: Init| SlotSpec {
            name: name.into(),
            shape,
            init,
            kind: SlotKind::Param,
            scaled: false,
        };
        let xavier = Init::Xavier { law: Law::Uniform, gain: 1.0 };
        let three = Dim::from(3usize).mul(embed);
        let mut slots = Vec::new();
        if self.kdim.is_none() && self.vdim.is_none() {
            slots.push(slot("in_proj_weight", [three.clone(), embed.clone()].into(), xavier));
        } else {
            for (operand, name) in ["q_proj_weight", "k_proj_weight", "v_proj_weight"].into_iter().enumerate() {
                slots.push(slot(name, [embed.clone(), self.width(operand).1.clone()].into(), xavier.clone()));
            }
        }
        if self.bias {
            slots.push(slot("in_proj_bias", [three].into(), Init::ZEROS));
        }
        slots.push(slot("out_proj.weight", [embed.clone(), embed.clone()].into(), Init::Inputs(embed.clone())));
        if self.bias {
            slots.push(slot("out_proj.bias", [embed.clone()].into(), Init::ZEROS));
        }
        slots
    }

    fn n_results(&self) -> usize {
        if self.call.weights == Weights::None { 1 } else { 2 }
    }

    fn at_call(&self, call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        let weights = match (call.bool("need_weights")?, call.bool("average_attn_weights")?) {
            (false, _) => Weights::None,
            (true, true) => Weights::Mean,
            (true, false) => Weights::EachHead,
        };
        let call = Call {
            padding: call.operand("key_padding_mask"),
            mask: call.operand("attn_mask"),
            weights,
            is_causal: call.bool("is_causal")?,
        };
        Ok(Some(Arc::new(Self { call, ..self.clone() })))
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        self.check_operands(facts, inputs)?;
        let (embed, heads) = (&self.embed, &self.heads);
        if !facts.divides(heads, embed) {
            let message = format!("`num_heads` must divide `embed_dim`, {embed}, and is {heads}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Attribute("num_heads"), format!("this is {heads}")));
        }
        let [queries, batch, keys] = self.sizes(inputs);
        let query = operand_of(&DEF, inputs, 0, Element::Float)?;
        let is_batched = query.shape.rank() == 3;
        let with_batch = |dims: Vec<Dim>| -> Shape {
            if is_batched { std::iter::once(batch.clone()).chain(dims).collect() } else { dims.into_iter().collect() }
        };
        let padding = with_batch(vec![keys.clone()]);
        check_mask(facts, &DEF, inputs, self.call.padding, "a key_padding_mask", &[padding])?;
        let of_all = [batch.mul(heads), queries.clone(), keys.clone()];
        let masks = [[queries.clone(), keys.clone()].into(), of_all.into()];
        check_mask(facts, &DEF, inputs, self.call.mask, "an attn_mask", &masks)?;
        let mut results = vec![query.clone()];
        match self.call.weights {
            Weights::None => {}
            Weights::Mean => results.push(TensorType::float(with_batch(vec![queries, keys]))),
            Weights::EachHead => results.push(TensorType::float(with_batch(vec![heads.clone(), queries, keys]))),
        }
        Ok(results)
    }

    fn writes(&self) -> Grads {
        Grads::ALL
    }

    fn hangs_on(&self) -> HangsOn {
        if self.dropout > 0.0 { HangsOn::Random } else { HangsOn::Operands }
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// Queries, keys and values of all heads; what the heads give; the greatest score of each query, and the sum that its
    /// weights were divided by; which weights stay, if some don't; memory for each piece of the heads.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let [queries, batch, keys] = self.sizes(inputs);
        let rows = |count: &Dim| count.mul(&batch).mul(&self.embed);
        let scores = queries.mul(&batch).mul(&self.heads);
        let stays = if self.dropout > 0.0 { scores.mul(&keys) } else { Dim::ZERO };
        let floats = [rows(&queries), rows(&keys), rows(&keys), rows(&queries), scores.clone(), scores];
        let mut saved: Vec<TensorType> = floats.into_iter().map(|size| TensorType::float([size])).collect();
        saved.push(TensorType::new(Element::Bool, [stays]));
        // What a head gives, and a block of its weights.
        let piece = self.head_rows(&queries).add(&Dim::from(BLOCK).mul(&keys));
        saved.push(TensorType::float([Dim::from(PIECES).mul(&piece)]));
        saved
    }

    fn n_working(&self) -> usize {
        1
    }

    /// The gradients of queries, keys and values of all heads, and of what the heads give; for each piece of the heads
    /// those of one, and two blocks of weights.
    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let [queries, batch, keys] = self.sizes(inputs);
        let rows = |count: &Dim| count.mul(&batch).mul(&self.embed);
        let piece = self.head_rows(&queries.add(&keys).add(&keys)).add(&Dim::from(2 * BLOCK).mul(&keys));
        let pieces = Dim::from(PIECES).mul(&piece);
        let sizes = [rows(&queries), rows(&keys), rows(&keys), rows(&queries), pieces];
        sizes.into_iter().map(|size| TensorType::float([size])).collect()
    }

    /// Four projections, two products in each head, and four operations for each weight.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let [queries, batch, keys] = self.sizes(inputs);
        let two = Dim::from(2usize);
        let widths = |operand: usize| self.width(operand).1;
        let projected = queries.mul(&widths(0).add(&self.embed)).add(&keys.mul(&widths(1).add(widths(2))));
        let products = two.mul(&self.embed).add(&two.mul(&self.heads)).mul(&queries).mul(&keys);
        batch.mul(&two).mul(&projected.mul(&self.embed).add(&products))
    }
}

impl<T: Real> Kernel<T> for MultiheadAttention {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let [query, key, ..] = cx.inputs
            && let Some(sizes) = self.kernel(query.shape, key.shape)
        {
            sizes.forward(cx);
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if let [query, key, ..] = cx.inputs
            && let Some(sizes) = self.kernel(query.shape, key.shape)
        {
            sizes.backward(cx);
        }
    }
}
