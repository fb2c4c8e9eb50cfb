//! Shape rules that several operators have in common.

use super::contract::Def;
use super::value::number;
use super::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};

/// The shape that two shapes broadcast to, as in NumPy: they are aligned at the end, and a literal 1 is repeated. Else
/// the first axes, counted from the end, that never agree.
pub(super) fn broadcast(facts: &mut Facts, a: &[Dim], b: &[Dim]) -> Result<Shape, usize> {
    let rank = a.len().max(b.len());
    let mut dims = Vec::with_capacity(rank);
    for back in 1..=rank {
        let at = |shape: &[Dim]| shape.len().checked_sub(back).and_then(|axis| shape.get(axis).cloned());
        let dim = match (at(a), at(b)) {
            (Some(x), Some(y)) => broadcast_dim(facts, &x, &y).ok_or(back)?,
            (x, y) => x.or(y).unwrap_or(Dim::ONE),
        };
        dims.push(dim);
    }
    Ok(dims.into_iter().rev().collect())
}

/// The size that two sizes broadcast to, if they do.
pub(super) fn broadcast_dim(facts: &mut Facts, a: &Dim, b: &Dim) -> Option<Dim> {
    if facts.reduce(a) == Dim::ONE {
        return Some(b.clone());
    }
    if facts.reduce(b) == Dim::ONE || facts.equal(a, b) {
        let known = a.as_const().is_none() && b.as_const().is_some_and(|size| size != 1);
        return Some(if known { b.clone() } else { a.clone() });
    }
    None
}

/// Whether the shapes surely broadcast, without taking anything for granted.
fn broadcasts(facts: &Facts, a: &[Dim], b: &[Dim]) -> bool {
    a.iter().rev().zip(b.iter().rev()).all(|(x, y)| {
        let one = |dim: &Dim| facts.reduce(dim) == Dim::ONE;
        one(x) || one(y) || facts.is_equal(x, y)
    })
}

/// Two operands that don't broadcast, on the axes that are the `back`-th from the end.
pub(super) fn broadcast_error(facts: &Facts, def: &Def, inputs: [&TensorType; 2], back: usize) -> ShapeError {
    let name = def.name;
    let [a, b] = inputs.map(|input| &input.shape);
    let axis = |shape: &Shape| shape.rank().saturating_sub(back);
    let dim = |shape: &Shape| shape.get(axis(shape)).cloned().unwrap_or(Dim::ONE);
    let (x, y) = (dim(a), dim(b));
    let message = format!("`{name}` can't broadcast {a} with {b}: {} are {x} and {y}", axes_from_the_end(back));
    let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Axis { operand: 1, axis: axis(b) }, format!("axis {} of {b} is {y}", axis(b)))
        .cause(Cause::Axis { operand: 0, axis: axis(a) }, format!("axis {} of {a} is {x}", axis(a)));
    error.help = broadcast_remedy(facts, a, b);
    error
}

/// Axes of 1 at the end of the operand that has fewer, or an exchange of the last two axes.
fn broadcast_remedy(facts: &Facts, a: &Shape, b: &Shape) -> Option<String> {
    let (longer, shorter, which) = if a.rank() < b.rank() { (b, a, "first") } else { (a, b, "second") };
    let mut padded = shorter.clone();
    (shorter.rank()..longer.rank()).for_each(|_| padded.push(Dim::ONE));
    if longer.rank() > shorter.rank() && broadcasts(facts, longer, &padded) {
        return Some(format!("shapes are aligned at the end: as {padded} the {which} operand fits"));
    }
    let swapped = swap_last(b)?;
    broadcasts(facts, a, &swapped).then(|| format!("transposed, as {swapped}, the second operand fits"))
}

/// The shape with its last two axes exchanged.
pub(super) fn swap_last(shape: &Shape) -> Option<Shape> {
    let mut swapped = shape.clone();
    let rank = swapped.rank();
    (rank >= 2).then(|| swapped.swap(rank - 2, rank - 1))?;
    Some(swapped)
}

pub(super) fn axes_from_the_end(back: usize) -> String {
    if back == 1 { "their last axes".to_owned() } else { format!("their axes -{back}") }
}

/// Prediction and target of a loss, or whatever else must have one shape.
pub(super) fn same_shape(facts: &mut Facts, def: &Def, [a, b]: [&Shape; 2]) -> Result<(), ShapeError> {
    one_shape(facts, def, [(0, a), (1, b)])
}

/// Two operands with these indices that must have one shape.
pub(super) fn same_shapes(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    [first, second]: [usize; 2],
) -> Result<(), ShapeError> {
    let (a, b) = (any_operand(def, inputs, first)?, any_operand(def, inputs, second)?);
    one_shape(facts, def, [(first, &a.shape), (second, &b.shape)])
}

fn one_shape(facts: &mut Facts, def: &Def, [(first, a), (second, b)]: [(usize, &Shape); 2]) -> Result<(), ShapeError> {
    let name = def.name;
    let found = format!("`{name}` wants operands of one shape, and gets {a} and {b}");
    if a.rank() != b.rank() {
        return Err(ShapeError::new(ShapeErrorKind::Rank, found)
            .cause(Cause::Operand(second), format!("this has {}", axes(b.rank())))
            .cause(Cause::Operand(first), format!("this has {}", axes(a.rank())))
            .help(missing_axis(facts, [(first, a), (second, b)])));
    }
    for (axis, (x, y)) in a.iter().zip(b.iter()).enumerate() {
        if !facts.equal(x, y) {
            let help = format!("losses don't broadcast: make axis {axis} of both the same");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, found)
                .cause(Cause::Axis { operand: second, axis }, format!("axis {axis} is {y}"))
                .cause(Cause::Axis { operand: first, axis }, format!("axis {axis} is {x}"))
                .help(help));
        }
    }
    Ok(())
}

/// Which axis of 1 one shape has and the other hasn't.
fn missing_axis(facts: &Facts, [(first, a), (second, b)]: [(usize, &Shape); 2]) -> String {
    let ordinal = |operand: usize| ["first", "second", "third"].get(operand).copied().unwrap_or("last");
    let [first, second] = [ordinal(first), ordinal(second)];
    let (longer, shorter, [has, wants]) =
        if a.rank() > b.rank() { (a, b, [first, second]) } else { (b, a, [second, first]) };
    if longer.rank() == shorter.rank() + 1 {
        for (axis, dim) in longer.iter().enumerate().rev() {
            let rest = longer.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, dim)| dim);
            if facts.reduce(dim) == Dim::ONE && rest.zip(shorter.iter()).all(|(x, y)| facts.is_equal(x, y)) {
                return format!(
                    "losses don't broadcast: axis {axis} of the {has} operand is a 1 that the {wants} lacks; reshape one to the other's shape"
                );
            }
        }
    }
    let axis = shorter.rank();
    format!("losses don't broadcast: the {wants} operand has no axis {axis}")
}

pub(super) fn axes(count: usize) -> String {
    match count {
        0 => "no axes".to_owned(),
        1 => "1 axis".to_owned(),
        _ => format!("{count} axes"),
    }
}

/// The only operand, which must be a float tensor.
pub(super) fn float_input<'a>(def: &Def, inputs: &'a [TensorType]) -> Result<&'a TensorType, ShapeError> {
    operand_of(def, inputs, 0, Element::Float)
}

/// The operand with this index, which must be of this type.
pub(super) fn operand_of<'a>(
    def: &Def,
    inputs: &'a [TensorType],
    operand: usize,
    wanted: Element,
) -> Result<&'a TensorType, ShapeError> {
    let input = any_operand(def, inputs, operand)?;
    if input.element == wanted {
        return Ok(input);
    }
    let message = format!("`{}` wants {} tensor, and gets {} tensor", def.name, named(wanted), named(input.element));
    Err(ShapeError::new(ShapeErrorKind::Element, message)
        .cause(Cause::Operand(operand), format!("this is {input}"))
        .help(match wanted {
            Element::Float => "`to(x, \"float\")` makes floats of `x`",
            Element::Int if input.element == Element::Float => {
                "indices and numbers of classes are declared as ints, `int[n]`"
            }
            Element::Int => "`to(x, \"int\")` makes ints of `x`",
            Element::Bool => "a comparison such as `x > 0` makes a bool tensor",
        }))
}

/// Whether a number of parts, an attribute, divides each of what is cut into as many.
pub(super) fn must_divide(parts: (&'static str, i64), wholes: &[(&str, i64)]) -> Result<(), AttributeError> {
    let (name, count) = parts;
    let fits = |count: &i64| wholes.iter().all(|(_, whole)| whole % count == 0);
    let broken = wholes.iter().find(|(_, whole)| count < 1 || whole % count != 0);
    let Some((of, whole)) = broken else { return Ok(()) };
    let message = if count < 1 {
        format!("`{name}` must be at least 1, and is {count}")
    } else {
        format!("`{name}` must divide `{of}`, {whole}, and is {count}")
    };
    let mut error = AttributeError::new(name, message);
    // A divisor far away is no remedy.
    let below = (1..count).rev().take(1000).find(fits);
    let above = (count.max(0)..*whole).map(|count| count + 1).take(1000).find(fits);
    let fitting: Vec<String> = below.into_iter().chain(above).map(|count| count.to_string()).collect();
    if !fitting.is_empty() {
        let verb = if fitting.len() == 1 { "divides" } else { "divide" };
        let numbers: Vec<String> = wholes.iter().map(|(_, whole)| whole.to_string()).collect();
        error.help = Some(format!("{} {verb} {}", fitting.join(" and "), numbers.join(" and ")));
    }
    Err(error)
}

/// The operand with this index, of any type.
pub(super) fn any_operand<'a>(
    def: &Def,
    inputs: &'a [TensorType],
    operand: usize,
) -> Result<&'a TensorType, ShapeError> {
    let missing = || ShapeError::new(ShapeErrorKind::Rank, format!("`{}` wants more operands", def.name));
    inputs.get(operand).ok_or_else(missing)
}

/// The type of elements that come from all of these tensors: floats beside ints are floats, ints beside bools are ints.
pub(super) fn promoted(inputs: &[TensorType]) -> Element {
    let has = |element: Element| inputs.iter().any(|input| input.element == element);
    let found = [Element::Float, Element::Int].into_iter().find(|element| has(*element));
    found.unwrap_or(Element::Bool)
}

/// The first operand, which must be of floats or ints.
pub(super) fn number_input<'a>(def: &Def, inputs: &'a [TensorType]) -> Result<&'a TensorType, ShapeError> {
    let input = any_operand(def, inputs, 0)?;
    if input.element == Element::Bool {
        return operand_of(def, inputs, 0, Element::Float);
    }
    Ok(input)
}

/// The operand with this index, whose elements go where those of `input` are: it has their type, or is a scalar that
/// can be one of them.
pub(super) fn as_element<'a>(
    def: &Def,
    inputs: &'a [TensorType],
    operand: usize,
    input: &TensorType,
) -> Result<&'a TensorType, ShapeError> {
    let found = any_operand(def, inputs, operand)?;
    let converts = found.shape.rank() == 0 && (input.element == Element::Float || found.element == Element::Bool);
    if found.element == input.element || converts {
        return Ok(found);
    }
    operand_of(def, inputs, operand, input.element).map_err(|error| {
        let wanted = input.element.name();
        error.cause(Cause::Operand(0), format!("this is {input}")).help(format!("`to(x, \"{wanted}\")` converts"))
    })
}

/// As in a sentence.
pub(super) fn named(element: Element) -> &'static str {
    match element {
        Element::Float => "a float",
        Element::Int => "an int",
        Element::Bool => "a bool",
    }
}

/// A size that isn't negative, as far as it is known.
pub(super) fn size(attributes: &Attributes, name: &'static str) -> Result<Dim, AttributeError> {
    let size = attributes.size(name)?;
    match size.as_const() {
        Some(value) if value < 0 => {
            Err(AttributeError::new(name, format!("`{name}` can't be negative, and is {value}")))
        }
        _ => Ok(size),
    }
}

/// A number between 0 and 1.
pub(super) fn probability(attributes: &Attributes, name: &'static str) -> Result<f64, AttributeError> {
    let p = attributes.float(name)?;
    if (0.0..=1.0).contains(&p) {
        return Ok(p);
    }
    Err(AttributeError::new(name, format!("`{name}` must be between 0 and 1, and is {}", number(p))))
}

/// Sizes that aren't negative, as far as they are known.
pub(super) fn sizes(attributes: &Attributes, name: &'static str) -> Result<Vec<Dim>, AttributeError> {
    let sizes = attributes.sizes(name)?;
    match sizes.iter().filter_map(Dim::as_const).find(|size| *size < 0) {
        Some(size) => {
            Err(AttributeError::new(name, format!("`{name}` can't hold a negative number, and holds {size}")))
        }
        None => Ok(sizes),
    }
}

/// A finite number above 0.
pub(super) fn positive(attributes: &Attributes, name: &'static str) -> Result<f64, AttributeError> {
    let value = attributes.float(name)?;
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(AttributeError::new(name, format!("`{name}` must be above 0, and is {}", number(value))))
}

/// The number of elements of all tensors together.
pub(super) fn numel(types: &[TensorType]) -> Dim {
    types.iter().fold(Dim::ZERO, |sum, one| sum.add(&one.shape.numel()))
}
