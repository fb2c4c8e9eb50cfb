//! `EmbeddingBag` and `embedding_bag`: rows of a table, looked up by their numbers and reduced bag by bag.

use super::embedding::{padding_fits, padding_row, table, table_operand, table_slot};
use super::embedding_bag_kernel::{Bags, Mode};
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotSpec, Type,
};
use crate::ops::shape_rules::{axes, numel, operand_of};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, View};
use std::sync::Arc;

const SUMMARY: &str = "Looks up rows of a table and takes the sum, mean or maximum of those of each bag.";
const FORMULA: &str = "y[b, :] = Σₖ pₖ weight[xₖ, :] over the k of bag b, or their mean, or their maximum; 0 for an empty bag; weight [num_embeddings, embedding_dim]";
const INPUT: Parameter = Parameter::operand("input", "Indices, `int[B, L]` for bags of one length, or `int[n]`");
const OFFSETS: Parameter =
    Parameter::optional_operand("offsets", "Where each bag begins in `int[n]`, from 0 upwards, `int[B]`");
const WEIGHTS: Parameter = Parameter::optional_operand(
    "per_sample_weights",
    "A factor for each index, of the shape of `input`; only with mode=\"sum\".",
);
const MODE: Parameter = Parameter::attribute(
    "mode",
    Type::Word(&["sum", "mean", "max"]),
    Literal::Str("mean"),
    "What is made of the rows of a bag.",
);
const LAST: Parameter = Parameter::attribute(
    "include_last_offset",
    Type::Bool,
    Literal::Bool(false),
    "Whether the last offset is the end of the last bag, so there is one more than bags.",
);
const PADDING: Parameter = Parameter::attribute(
    "padding_idx",
    Type::Int,
    Literal::None,
    "A row that is left out of its bags; a negative number counts from the end.",
);

pub(super) static DEF: Def = Def {
    name: "EmbeddingBag",
    form: Form::Layer { call: &[INPUT, OFFSETS, WEIGHTS] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[
        Parameter::required("num_embeddings", Type::Size, "The number of rows."),
        Parameter::required("embedding_dim", Type::Size, "The size of a row, and of the last axis of the output."),
        MODE,
        LAST,
        PADDING,
    ],
    torch: "torch.nn.EmbeddingBag",
    onnx: "",
    examples: &[
        "input x: int[2, 3]  layer bag = EmbeddingBag(5, 4)  output bag(x)",
        "input x: int[2, 3]  layer bag = EmbeddingBag(5, 4, mode=\"max\", padding_idx=1)  output bag(x)",
        "input x: int[4]  layer bag = EmbeddingBag(5, 4, mode=\"sum\")  output bag(x, arange(0, 4, 2))",
        "input x: int[2, 3]  input p: [2, 3]  layer bag = EmbeddingBag(5, 4, mode=\"sum\")  output bag(x, none, p)",
    ],
    build: |attributes| {
        let ([rows, width], padding_idx) = table(attributes)?;
        let mode = mode(attributes)?;
        let include_last = attributes.bool("include_last_offset")?;
        Ok(Arc::new(EmbeddingBag {
            sizes: Some([rows, width]),
            mode,
            include_last,
            padding_idx,
            offsets: None,
            weights: None,
        }))
    },
};

pub(super) static FUNCTION: Def = Def {
    name: "embedding_bag",
    form: Form::Function,
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[
        INPUT,
        Parameter::operand("weight", "`[num_embeddings, embedding_dim]`"),
        OFFSETS,
        MODE,
        WEIGHTS,
        LAST,
        PADDING,
    ],
    torch: "torch.nn.functional.embedding_bag",
    onnx: "",
    examples: &[
        "input x: int[2, 3]  input w: [5, 4]  output embedding_bag(x, w)",
        "input x: int[4]  input w: [5, 4]  input p: [4]  output embedding_bag(x, w, arange(0, 6, 2), \"sum\", p, true)",
    ],
    build: |attributes| {
        let (weights, mode) = (attributes.operand("per_sample_weights"), mode(attributes)?);
        weights_fit(mode, weights)?;
        Ok(Arc::new(EmbeddingBag {
            sizes: None,
            mode,
            include_last: attributes.bool("include_last_offset")?,
            padding_idx: attributes.optional_int("padding_idx")?,
            offsets: attributes.operand("offsets"),
            weights,
        }))
    },
};

#[derive(Clone, Debug)]
struct EmbeddingBag {
    /// Rows and width of the table; a function takes what it gets.
    sizes: Option<[Dim; 2]>,
    mode: Mode,
    include_last: bool,
    padding_idx: Option<i64>,
    /// Which operand they are.
    offsets: Option<usize>,
    /// Which operand the factors are.
    weights: Option<usize>,
}

fn mode(attributes: &Attributes) -> Result<Mode, AttributeError> {
    Ok(match attributes.word("mode")? {
        "sum" => Mode::Sum,
        "max" => Mode::Max,
        _ => Mode::Mean,
    })
}

fn weights_fit(mode: Mode, weights: Option<usize>) -> Result<(), AttributeError> {
    match weights {
        Some(_) if mode != Mode::Sum => {
            Err(AttributeError::new("mode", "`per_sample_weights` are factors of a sum, and `mode` is not \"sum\""))
        }
        _ => Ok(()),
    }
}

impl EmbeddingBag {
    /// The number of bags.
    fn bags(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Dim, ShapeError> {
        let (def, name) = (self.def(), self.def().name);
        let input = operand_of(def, inputs, 0, Element::Int)?;
        match (&*input.shape, self.offsets) {
            ([bags, _], None) => Ok(bags.clone()),
            ([_], Some(operand)) => {
                let offsets = operand_of(def, inputs, operand, Element::Int)?;
                let ([size], least) = (&*offsets.shape, Dim::from(i64::from(self.include_last))) else {
                    let message = format!("`{name}` wants offsets int[B], and gets {offsets}");
                    return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                        .cause(Cause::Operand(operand), format!("this has {}", axes(offsets.shape.rank()))));
                };
                if !facts.at_most(&least, size) {
                    let message = format!("`{name}` wants the end of the last bag among the offsets, and gets none");
                    return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                        .cause(Cause::Operand(operand), format!("this is {offsets}"))
                        .cause(Cause::Attribute("include_last_offset"), "it asks for the end"));
                }
                Ok(size.sub(&least))
            }
            ([_], None) => {
                let message = format!("`{name}` wants offsets beside {input}, and gets none");
                Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), "nothing says where its bags begin")
                    .help("int[B, L] is B bags of L indices each; for int[n], `offsets` says where each begins"))
            }
            (_, Some(operand)) => {
                let message = format!("`{name}` wants int[n] beside offsets, and gets {input}");
                Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank())))
                    .cause(Cause::Operand(operand), "these are the offsets"))
            }
            _ => {
                let message = format!("`{name}` wants int[B, L], or int[n] with offsets, and gets {input}");
                Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))))
            }
        }
    }

    fn weights_match(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<(), ShapeError> {
        let (Some(operand), Some(input)) = (self.weights, inputs.first()) else { return Ok(()) };
        let weights = operand_of(self.def(), inputs, operand, Element::Float)?;
        let (wanted, found) = (&input.shape, &weights.shape);
        if wanted.rank() == found.rank() && wanted.iter().zip(found.iter()).all(|(x, y)| facts.equal(x, y)) {
            return Ok(());
        }
        let message = format!("`{}` wants a weight for each index, {wanted}, and gets {found}", self.def().name);
        Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Operand(operand), format!("this is {found}"))
            .cause(Cause::Operand(0), format!("this is {input}")))
    }

    fn work<'a, T: Real>(&self, inputs: &[View<'a, T>], slots: &[View<'a, T>]) -> Option<Bags<'a, T>> {
        let table = if self.sizes.is_some() { slots.first() } else { inputs.get(1) }?;
        let [rows, width] = *table.shape else { return None };
        let operand = |index: Option<usize>| inputs.get(index?);
        Some(Bags {
            input: *inputs.first()?,
            offsets: operand(self.offsets).copied(),
            include_last: self.include_last,
            offsets_operand: self.offsets.unwrap_or(0),
            weights: operand(self.weights).map(View::floats),
            table: table.floats(),
            rows,
            width,
            padding: padding_row(self.padding_idx, rows),
            mode: self.mode,
        })
    }
}

impl Op for EmbeddingBag {
    fn def(&self) -> &'static Def {
        if self.sizes.is_some() { &DEF } else { &FUNCTION }
    }

    fn slots(&self) -> Vec<SlotSpec> {
        self.sizes.iter().map(|[rows, width]| table_slot(rows, width, self.padding_idx)).collect()
    }

    fn at_call(&self, call: &Attributes) -> Result<Option<Arc<dyn Op>>, AttributeError> {
        let (offsets, weights) = (call.operand("offsets"), call.operand("per_sample_weights"));
        weights_fit(self.mode, weights)?;
        Ok(Some(Arc::new(Self { offsets, weights, ..self.clone() })))
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let bags = self.bags(facts, inputs)?;
        self.weights_match(facts, inputs)?;
        let [rows, width] = match &self.sizes {
            Some([rows, width]) => [rows, width],
            None => table_operand(&FUNCTION, inputs)?,
        };
        padding_fits(facts, rows, self.padding_idx)?;
        Ok(vec![TensorType::float([bags, width.clone()])])
    }

    fn keeps(&self) -> Keeps {
        if self.mode == Mode::Max {
            return Keeps::NOTHING;
        }
        let bit = |operand: Option<usize>| operand.map_or(0, |operand| 1 << operand);
        // The table is read only for the gradient of the factors.
        let table = u64::from(self.sizes.is_none() && self.weights.is_some()) << 1;
        Keeps { inputs: 1 | table | bit(self.offsets) | bit(self.weights), outputs: false }
    }

    /// Which row each element of a maximum comes from, or -1.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let rows = |output: &TensorType| TensorType::new(Element::Int, output.shape.clone());
        outputs.iter().filter(|_| self.mode == Mode::Max).map(rows).collect()
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        match &self.sizes {
            _ if operand != 0 => None,
            Some([rows, _]) => Some(rows.clone()),
            None => inputs.get(1)?.shape.first().cloned(),
        }
    }

    /// A sum, with factors a product too, for each element that is looked up.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let width = outputs.first().and_then(|output| output.shape.last()).cloned().unwrap_or(Dim::ONE);
        let each = if self.weights.is_some() { 2i64 } else { 1 };
        numel(inputs.get(..1).unwrap_or(&[])).mul(&width).mul(&Dim::from(each))
    }
}

impl<T: Real> Kernel<T> for EmbeddingBag {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let (Some(bags), [y]) = (self.work(cx.inputs, cx.slots), cx.outputs) else { return Ok(()) };
        bags.check()?;
        match cx.saved {
            [rows] => bags.maximum(y.floats(), rows.ints()),
            _ => bags.sum(y.floats()),
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let Backward { grad_inputs, grad_slots, .. } = cx;
        let (Some(bags), [grad]) = (self.work(cx.inputs, cx.slots), cx.grad_outputs) else { return };
        let grad = grad.floats();
        if let Some(operand) = self.weights
            && let Some(Some(out)) = grad_inputs.get_mut(operand)
        {
            bags.grad_weights(grad, out);
        }
        let table = if self.sizes.is_some() { grad_slots.first_mut() } else { grad_inputs.get_mut(1) };
        if let Some(Some(out)) = table {
            match cx.saved {
                [rows] => bags.grad_maximum(grad, rows.ints(), out),
                _ => bags.grad_table(grad, out),
            }
        }
    }
}
