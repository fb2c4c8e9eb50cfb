//! The shape rules of all operators over symbols: with numbers put in, they give the shapes that the numbers give.

use super::cases::{Case, all};
use super::harness::build;
use crate::shape::{Dim, Facts, Relation, Shape, Symbol, SymbolKind, TensorType};
use std::collections::{BTreeMap, BTreeSet};

/// The types with a symbol of its own for each axis, and the symbols' values. Only a literal 1 broadcasts, so ones stay; a
/// symbol is at least 1, so zeros stay.
fn over_symbols(inputs: &[TensorType]) -> (Vec<TensorType>, BTreeMap<Symbol, Dim>) {
    let mut values = BTreeMap::new();
    let mut symbol = |dim: &Dim| {
        if dim.as_const().is_some_and(|size| size < 2) {
            return dim.clone();
        }
        let id = values.len() as u32;
        let symbol = Symbol { id, kind: SymbolKind::Input, name: format!("s{id}").into() };
        values.insert(symbol.clone(), dim.clone());
        Dim::symbol(symbol)
    };
    let types = inputs.iter();
    let types =
        types.map(|input| TensorType::new(input.element, input.shape.iter().map(&mut symbol).collect::<Shape>()));
    (types.collect(), values)
}

/// What is wrong with the shapes of a case; `None` if the rule over symbols asks for something else than these numbers.
fn compare(case: &Case) -> Option<Result<(), String>> {
    let Case(def, given, inputs) = case;
    let op = build(def, given, inputs.len()).unwrap();
    let wanted = op.infer(&mut Facts::new(), inputs).unwrap();
    let (types, values) = over_symbols(inputs);
    let mut facts = Facts::new();
    let found = op.infer(&mut facts, &types).ok()?;
    let number = |dim: &Dim| dim.substitute(&|symbol| values.get(symbol).cloned());
    let shape = |ty: &TensorType| TensorType::new(ty.element, ty.shape.iter().map(number).collect::<Shape>());
    let numbers: Vec<TensorType> = found.iter().map(shape).collect();
    for requirement in facts.take_required() {
        let (left, right) = (number(&requirement.left), number(&requirement.right));
        let (a, b) = (left.as_const().unwrap(), right.as_const().unwrap());
        let holds = match requirement.relation {
            Relation::Equal => a == b,
            Relation::AtMost => a <= b,
            Relation::Divides => a != 0 && b % a == 0,
        };
        if !holds {
            return None;
        }
    }
    if numbers != wanted {
        return Some(Err(format!("{found:?} is {numbers:?}, and not {wanted:?}")));
    }
    Some(Ok(()))
}

#[test]
fn rules_over_symbols_give_the_shapes_of_numbers() {
    let (mut wrong, mut narrower, mut taken) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for case in all() {
        let Case(def, given, inputs) = &case;
        match compare(&case) {
            None => _ = narrower.insert(def.name),
            Some(Ok(())) => _ = taken.insert(def.name),
            Some(Err(message)) => wrong.push(format!("{} {given:?} of {inputs:?}: {message}", def.name)),
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
    // A factor that isn't whole, parts of unequal size, an axis to be found by its size, the shorter of two sides, an axis
    // that may be 1 or not: over symbols these are errors, or settled by a requirement.
    let settled = ["Upsample", "chunk", "cross", "diag", "diagonal", "interpolate", "squeeze"];
    assert_eq!(narrower.iter().copied().collect::<Vec<_>>(), settled);
    assert!(narrower.is_subset(&taken));
}
