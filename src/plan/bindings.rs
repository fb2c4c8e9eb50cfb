//! The sizes of a model's symbols: set by the user, or told by the shapes of data.

use super::errors::PlanError;
use super::layout::Axes;
use crate::diag::primary;
use crate::infer::{Required, Typed};
use crate::ir::Places;
use crate::shape::{Dim, Relation, Shape, Symbol, SymbolKind};
use std::collections::BTreeMap;

/// A size for each symbol that is known.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    sizes: BTreeMap<Symbol, i64>,
}

impl Bindings {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn set(&mut self, symbol: &Symbol, size: i64) {
        self.sizes.insert(symbol.clone(), size);
    }

    /// The number that a dimension is; `None` if a symbol of it isn't known, or the number leaves 64 bits.
    #[must_use]
    pub fn size(&self, dim: &Dim) -> Option<i64> {
        if dim.as_const().is_some() {
            return dim.as_const();
        }
        self.substitute(dim).as_const()
    }

    /// The dimension with every known symbol replaced.
    #[must_use]
    pub fn substitute(&self, dim: &Dim) -> Dim {
        dim.substitute(&|symbol| self.sizes.get(symbol).map(|size| Dim::from(*size)))
    }

    /// Learns the symbols in the shapes of inputs from those of data, given by the inputs' indices. Every shape must
    /// then fit.
    pub fn learn(
        &mut self,
        typed: &Typed<'_>,
        places: &Places,
        data: &BTreeMap<usize, Vec<usize>>,
    ) -> Result<(), PlanError> {
        let inputs =
            || data.iter().filter_map(|(index, found)| Some((*index, typed.graph().inputs.get(*index)?, found)));
        // Each round binds a symbol or is the last.
        loop {
            let known = self.sizes.len();
            for (_, input, found) in inputs() {
                for (dim, size) in typed.types().reduce(&input.ty.shape).iter().zip(found) {
                    self.solve(dim, *size as i64);
                }
            }
            if self.sizes.len() == known {
                break;
            }
        }
        for (index, input, found) in inputs() {
            let fits = input.ty.shape.rank() == found.len()
                && input.ty.shape.iter().zip(found).all(|(dim, size)| {
                    let declared = self.substitute(&typed.types().dim(dim));
                    declared.as_const().is_none_or(|declared| declared == *size as i64)
                });
            if !fits {
                let place = places.inputs.get(index).map_or(places.model, |place| place.ty);
                let bound = self.describe(&input.ty.shape);
                return Err(PlanError::InputShape {
                    name: input.name.clone(),
                    found: format!("{found:?}"),
                    declared: input.ty.to_string(),
                    labels: vec![primary(place, bound)],
                });
            }
        }
        Ok(())
    }

    /// `here batch is 4`
    fn describe(&self, shape: &Shape) -> String {
        let mut known: Vec<String> = Vec::new();
        for symbol in shape.iter().flat_map(Dim::symbols) {
            if let Some(size) = self.sizes.get(&symbol) {
                let text = format!("{} is {size}", symbol.name);
                if !known.contains(&text) {
                    known.push(text);
                }
            }
        }
        if known.is_empty() { "declared here".to_owned() } else { format!("where {}", known.join(", ")) }
    }

    /// Binds the only unknown symbol of a dimension, if it follows from its size.
    fn solve(&mut self, dim: &Dim, size: i64) {
        let dim = self.substitute(dim);
        let mut unknown = dim.symbols();
        unknown.dedup();
        let [symbol] = unknown.as_slice() else { return };
        if !dim.is_linear_in(symbol) {
            return;
        }
        let at = |value: i64| dim.substitute(&|_| Some(Dim::from(value))).as_const();
        let (Some(constant), Some(sum)) = (at(0), at(1)) else { return };
        let factor = sum - constant;
        if factor != 0 && (size - constant) % factor == 0 {
            self.sizes.insert(symbol.clone(), (size - constant) / factor);
        }
    }

    /// The shape in numbers.
    pub(super) fn shape(&self, shape: &Shape, typed: &Typed<'_>, places: &Places) -> Result<Axes, PlanError> {
        shape.iter().map(|dim| self.dim(dim, typed, places)).collect()
    }

    fn dim(&self, dim: &Dim, typed: &Typed<'_>, places: &Places) -> Result<usize, PlanError> {
        if let Some(size) = dim.as_const().and_then(|size| usize::try_from(size).ok()) {
            return Ok(size);
        }
        let known = self.substitute(&typed.types().dim(dim));
        match known.symbols().first() {
            Some(symbol) => Err(unknown_size(symbol, places)),
            None => known
                .as_const()
                .and_then(|size| usize::try_from(size).ok())
                .ok_or_else(|| bad_size(dim.to_string(), &known, places)),
        }
    }

    /// Checks what inference left open.
    pub(super) fn check(&self, typed: &Typed<'_>) -> Result<(), PlanError> {
        typed.types().required.iter().try_for_each(|required| self.holds(required).unwrap_or(Ok(())))
    }

    /// Takes away the requirements that hold with these sizes. Those that don't are returned; the others stay.
    pub fn settle(&self, required: &mut Vec<Required>) -> Vec<PlanError> {
        let mut failed = Vec::new();
        required.retain(|required| match self.holds(required) {
            None => true,
            Some(Ok(())) => false,
            Some(Err(error)) => {
                failed.push(error);
                true
            }
        });
        failed
    }

    /// `None` if it can't be told.
    fn holds(&self, Required { requirement, at }: &Required) -> Option<Result<(), PlanError>> {
        // A symbol that occurs only here hangs on an input that isn't there.
        let left = self.substitute(&requirement.left).as_const()?;
        let right = self.substitute(&requirement.right).as_const()?;
        let holds = match requirement.relation {
            Relation::Equal => left == right,
            Relation::AtMost => left <= right,
            Relation::Divides => left != 0 && right % left == 0,
        };
        let error = || PlanError::Requirement {
            text: requirement.to_string(),
            left,
            right,
            labels: vec![primary(*at, "needed here")],
        };
        Some(if holds { Ok(()) } else { Err(error()) })
    }
}

/// The error for a size that no tensor can have.
pub(super) fn bad_size(dim: String, value: &Dim, places: &Places) -> PlanError {
    let found = match value.as_const() {
        Some(size) => format!("{size}, and a size is 0 or more"),
        None => "no number of 64 bits".to_owned(),
    };
    PlanError::Size { dim, found, labels: vec![primary(places.model, "with the sizes that are given")] }
}

/// The error that names a size which isn't known.
#[must_use]
pub fn unknown_size(symbol: &Symbol, places: &Places) -> PlanError {
    let place = places.symbols.get(symbol.id as usize).copied().unwrap_or(places.model);
    let (text, help) = match symbol.kind {
        SymbolKind::Local => ("this size".to_owned(), "give the size a name, so that it can be set".to_owned()),
        SymbolKind::Argument => {
            (format!("`{}` has no value", symbol.name), format!("set it: `--set {}=…`", symbol.name))
        }
        SymbolKind::Input => (
            format!("`{}` comes with the data", symbol.name),
            format!("give data, or set it: `--set {}=…`", symbol.name),
        ),
    };
    PlanError::UnknownSize { name: symbol.name.to_string(), labels: vec![primary(place, text)], help }
}
