//! Requirements of quotients as requirements of what is divided: where `k` divides `x`, `m` divides `x // k` exactly if
//! `k*m` divides `x`.

use super::dim::Dim;
use super::requirement::{Relation, Requirement};
use std::collections::HashMap;

/// How deep divisions of divisions are followed.
const MAX_ROUNDS: usize = 64;

/// For each requirement the one that stands in its place; `None` where it stays.
pub(super) fn joined(list: &[Requirement]) -> Vec<Option<Requirement>> {
    let mut joined = vec![None; list.len()];
    let mut divisors: HashMap<Dim, i64> = HashMap::new();
    let mut open: Vec<(usize, i64, Dim, i64)> = Vec::new();
    for (index, requirement) in list.iter().enumerate() {
        let Some(divisor) = divisor(requirement) else { continue };
        learn(&mut divisors, &requirement.right, divisor);
        if let Some((dividend, by)) = requirement.right.as_quotient()
            && let Some(by) = by.as_const().filter(|by| *by > 0)
        {
            open.push((index, divisor, dividend.clone(), by));
        }
    }
    for _ in 0..MAX_ROUNDS {
        let before = open.len();
        open.retain(|(index, divisor, dividend, by)| {
            let known = divisors.get(dividend).is_some_and(|known| known % by == 0);
            let Some(product) = divisor.checked_mul(*by).filter(|_| known) else { return true };
            learn(&mut divisors, dividend, product);
            if let Some(entry) = joined.get_mut(*index) {
                *entry = Some(Requirement::new(Relation::Divides, &Dim::from(product), dividend));
            }
            false
        });
        if open.len() == before {
            break;
        }
    }
    joined
}

/// The number that must divide, if it is one.
pub(super) fn divisor(requirement: &Requirement) -> Option<i64> {
    let divides = requirement.relation == Relation::Divides;
    requirement.left.as_const().filter(|divisor| divides && *divisor > 0)
}

fn learn(divisors: &mut HashMap<Dim, i64>, dim: &Dim, divisor: i64) {
    let known = divisors.entry(dim.clone()).or_insert(1);
    *known = multiple(*known, divisor).unwrap_or(*known);
}

/// The least number that both divide.
fn multiple(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b)
}
