//! The algebra against plain integers, and the words of requirements.

use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn symbol(id: u32, kind: SymbolKind) -> Symbol {
    let name: Arc<str> = ["a", "b", "c", "d"].get(id as usize).copied().unwrap_or("z").into();
    Symbol { id, kind, name }
}

fn dim(id: u32) -> Dim {
    Dim::symbol(symbol(id, SymbolKind::Argument))
}

#[derive(Clone, Debug)]
enum Tree {
    Const(i64),
    Symbol(u32),
    Binary(char, Box<(Tree, Tree)>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![(-6i64..7).prop_map(Tree::Const), (0u32..3).prop_map(Tree::Symbol)];
    leaf.prop_recursive(4, 24, 2, |inner| {
        (prop::sample::select(vec!['+', '-', '*', '/', '%']), inner.clone(), inner)
            .prop_map(|(operator, left, right)| Tree::Binary(operator, Box::new((left, right))))
    })
}

fn build(tree: &Tree) -> Dim {
    match tree {
        Tree::Const(value) => Dim::from(*value),
        Tree::Symbol(id) => dim(*id),
        Tree::Binary(operator, pair) => {
            let (left, right) = (build(&pair.0), build(&pair.1));
            match operator {
                '+' => left.add(&right),
                '-' => left.sub(&right),
                '*' => left.mul(&right),
                '/' => left.floor_div(&right),
                _ => left.modulo(&right),
            }
        }
    }
}

fn value(tree: &Tree, at: &[i64]) -> Option<i64> {
    match tree {
        Tree::Const(value) => Some(*value),
        Tree::Symbol(id) => at.get(*id as usize).copied(),
        Tree::Binary(operator, pair) => {
            let (left, right) = (value(&pair.0, at)?, value(&pair.1, at)?);
            let floor = || Some(left.checked_div_euclid(right)?).map(|_| (left as f64 / right as f64).floor() as i64);
            match operator {
                '+' => left.checked_add(right),
                '-' => left.checked_sub(right),
                '*' => left.checked_mul(right).filter(|value| value.abs() < 1 << 40),
                '/' => floor(),
                _ => Some(left - right * floor()?),
            }
        }
    }
}

proptest! {
    #[test]
    fn arithmetic_agrees_with_integers(tree in tree(), at in prop::collection::vec(1i64..9, 3)) {
        let built = build(&tree);
        prop_assume!(!built.is_invalid());
        if let Some(expected) = value(&tree, &at) {
            let found = built.substitute(&|symbol| at.get(symbol.id as usize).copied().map(Dim::from));
            prop_assert_eq!(found.as_const(), Some(expected), "{}", built);
            let bounds = built.bounds();
            prop_assert!(bounds.least.is_none_or(|least| least <= i128::from(expected)), "{}", built);
            prop_assert!(bounds.greatest.is_none_or(|greatest| greatest >= i128::from(expected)), "{}", built);
        }
    }

    #[test]
    fn what_can_never_hold_never_does(left in tree(), right in tree(), at in prop::collection::vec(1i64..9, 3)) {
        let (a, b) = (build(&left), build(&right));
        prop_assume!(!a.is_invalid() && !b.is_invalid());
        if let (Some(x), Some(y)) = (value(&left, &at), value(&right, &at)) {
            prop_assert!(x != y || Facts::new().equal(&a, &b), "{} == {}", a, b);
            prop_assert!(x > y || Facts::new().at_most(&a, &b), "{} <= {}", a, b);
            if let Some((divisor, dividend)) = a.sub(&b).as_remainder() {
                let at = |dim: &Dim| dim.substitute(&|symbol| at.get(symbol.id as usize).copied().map(Dim::from));
                let is_zero = at(&dividend.modulo(&divisor)).as_const() == Some(0);
                prop_assert_eq!(x == y, is_zero, "{} == {}", a, b);
            }
            let mut facts = Facts::new();
            if facts.at_most(&a, &b) {
                let holds = |requirement: &Requirement| {
                    let at = |dim: &Dim| dim.substitute(&|symbol| at.get(symbol.id as usize).copied().map(Dim::from));
                    at(&requirement.left).as_const() <= at(&requirement.right).as_const()
                };
                prop_assert_eq!(x <= y, facts.take_required().iter().all(holds), "{} <= {}", a, b);
            }
            if Facts::new().is_equal(&a, &b) {
                prop_assert_eq!(x, y);
            }
        }
    }

    #[test]
    fn a_requirement_holds_exactly_where_what_it_stands_for_does(
        left in tree(), right in tree(), at in prop::collection::vec(1i64..9, 3)
    ) {
        let (a, b) = (build(&left), build(&right));
        prop_assume!(!a.is_invalid() && !b.is_invalid());
        let put = |dim: &Dim| dim.substitute(&|symbol| at.get(symbol.id as usize).copied().map(Dim::from)).as_const();
        if let (Some(x), Some(y)) = (value(&left, &at), value(&right, &at)) {
            let mut facts = Facts::new();
            facts.equal(&a, &b);
            for required in facts.take_required() {
                prop_assert_eq!(put(&required.left) == put(&required.right), x == y, "{}", required);
            }
            let mut facts = Facts::new();
            facts.at_most(&a, &b);
            for required in facts.take_required() {
                prop_assert_eq!(put(&required.left) <= put(&required.right), x <= y, "{}", required);
            }
            let mut facts = Facts::new();
            facts.divides(&a, &b);
            for required in facts.take_required() {
                let (Some(l), Some(r)) = (put(&required.left), put(&required.right)) else { continue };
                prop_assert!(x == 0 || l == 0 || (r % l == 0) == (y % x == 0), "{}", required);
            }
        }
    }

    #[test]
    fn exact_division_multiplies_back(left in tree(), right in tree()) {
        let (a, b) = (build(&left), build(&right));
        prop_assume!(!a.is_invalid() && !b.is_invalid());
        if let Some(quotient) = a.exact_div(&b) {
            prop_assert_eq!(quotient.mul(&b), a);
        }
    }
}

#[test]
fn products_divide_out() {
    let product = dim(0).mul(&dim(1)).mul(&Dim::from(6i64));
    assert_eq!(product.exact_div(&dim(1)).unwrap().to_string(), "6*a");
    assert_eq!(product.exact_div(&Dim::from(4i64)), None);
    let sum = dim(0).add(&Dim::ONE);
    assert_eq!(sum.mul(&dim(1).add(&dim(0))).exact_div(&sum), Some(dim(0).add(&dim(1))));
}

#[test]
fn written_as_in_a_file() {
    let d = dim(3);
    let text = d.mul(&d).mul(&Dim::from(12i64)).add(&d.mul(&Dim::from(13i64))).sub(&Dim::ONE).to_string();
    assert_eq!(text, "12*d**2 + 13*d - 1");
    assert_eq!(Dim::ONE.sub(&d).to_string(), "1 - d");
    assert_eq!(d.add(&Dim::ONE).floor_div(&Dim::from(2i64)).to_string(), "((d + 1) // 2)");
    assert_eq!(d.floor_div(&dim(0)).modulo(&dim(1)).to_string(), "((d // a) % b)");
    assert_eq!(Dim::from(i64::MAX).add(&Dim::ONE).to_string(), "?");
}

#[test]
fn a_power_is_had_at_once_or_not_at_all() {
    let a = dim(0);
    assert_eq!(a.pow(3), a.mul(&a).mul(&a));
    assert_eq!((a.pow(0), Dim::from(3i64).pow(4)), (Dim::ONE, Dim::from(81i64)));
    assert_eq!(a.pow(1_000_000_000).to_string(), "a**1000000000");
    assert!(a.add(&Dim::ONE).pow(u32::MAX).is_invalid() && Dim::from(2i64).pow(64).is_invalid());
    assert_eq!(Dim::from(-1i64).pow(u32::MAX), Dim::from(-1i64));
}

#[test]
fn two_divisions_by_numbers_are_one() {
    let half = dim(0).add(&Dim::ONE).floor_div(&Dim::from(2i64));
    assert_eq!(half.floor_div(&Dim::from(3i64)).to_string(), "((a + 1) // 6)");
    assert_eq!(half.floor_div(&Dim::from(-3i64)).to_string(), "(((a + 1) // 2) // -3)");
}

#[test]
fn a_remainder_of_zero_is_a_division() {
    let mut facts = Facts::new();
    let a = dim(0).mul(&dim(2)).add(&Dim::ONE);
    assert!(facts.equal(&a, &dim(1).mul(&a.floor_div(&dim(1)))));
    let half = dim(2).floor_div(&Dim::from(2i64));
    assert!(facts.equal(&Dim::from(4i64).mul(&half.floor_div(&Dim::from(4i64))), &half));
    let texts: Vec<String> = facts.take_required().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["b divides a*c + 1", "4 divides (c // 2)"]);
}

#[test]
fn a_bound_of_a_quotient_is_one_of_what_is_divided() {
    let half = dim(0).floor_div(&Dim::from(2i64));
    let mut facts = Facts::new();
    assert!(facts.at_most(&Dim::from(2i64), &dim(0)));
    assert!(facts.at_most(&Dim::ONE, &half));
    assert!(facts.at_most(&Dim::from(5i64), &half.mul(&Dim::from(2i64))));
    let texts: Vec<String> = facts.take_required().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["2 <= a", "6 <= a"]);
}

#[test]
fn what_is_divided_is_the_product_with_the_quotient() {
    let product = dim(1).mul(&dim(0).floor_div(&dim(1)));
    let mut facts = Facts::new();
    assert!(facts.divides(&dim(1), &dim(0)));
    assert!(facts.equal(&product, &dim(0)) && facts.equal(&dim(0), &product));
    let texts: Vec<String> = facts.take_required().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["b divides a"]);
}

#[test]
fn an_equation_becomes_one_requirement() {
    let mut facts = Facts::new();
    assert!(facts.equal(&dim(0), &dim(1)));
    assert!(facts.equal(&dim(1), &dim(0)));
    assert!(facts.equal(&dim(0).mul(&dim(2)), &dim(1).mul(&dim(2))));
    let texts: Vec<String> = facts.take_required().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["a == b"]);
    assert!(!facts.equal(&dim(0).add(&Dim::ONE), &dim(1)), "a == b and a + 1 == b");
}

#[test]
fn a_requirement_is_written_in_its_simplest_form() {
    let (a, b, c) = (dim(0), dim(1), dim(2));
    let number = |value: i64| Dim::from(value);
    let shown = |take: &dyn Fn(&mut Facts) -> bool| {
        let mut facts = Facts::new();
        assert!(take(&mut facts));
        let texts: Vec<String> = facts.take_required().iter().map(ToString::to_string).collect();
        texts.join(", ")
    };
    for (left, right, text) in [
        (number(8), a.clone(), "a == 8"),
        (a.clone(), b.clone(), "a == b"),
        (number(2).mul(&a), b.clone(), "b == 2*a"),
        (number(4).mul(&a).mul(&c), number(6).mul(&b).mul(&c), "2*a == 3*b"),
        (a.add(&b).add(&number(3)), b.add(&c), "c == a + 3"),
        (a.sub(&number(2)), number(8), "a == 10"),
    ] {
        assert_eq!(shown(&|facts| facts.equal(&left, &right)), text);
    }
    assert_eq!(shown(&|facts| facts.at_most(&number(2).mul(&a), &number(4).mul(&b))), "a <= 2*b");
    assert_eq!(shown(&|facts| facts.at_most(&number(3), &a.sub(&b))), "b + 3 <= a");
    assert_eq!(shown(&|facts| facts.divides(&number(2).mul(&a), &a.mul(&b).mul(&c))), "2 divides b*c");
    // With `a == b`, `c == 2` says less of the symbols than `a*c == 2*b`.
    assert_eq!(shown(&|facts| facts.equal(&a, &b) && facts.equal(&a.mul(&c), &b.mul(&number(2)))), "a == b, c == 2");
}

#[test]
fn what_follows_from_other_requirements_is_left_out() {
    let (a, b, c) = (dim(0), dim(1), dim(2));
    let number = |value: i64| Dim::from(value);
    let mut facts = Facts::new();
    assert!(facts.at_most(&a, &number(8)) && facts.at_most(&a, &number(4)) && facts.at_most(&a, &number(6)));
    assert!(facts.divides(&number(2), &c) && facts.divides(&number(4), &c) && facts.divides(&number(2), &b));
    assert!(facts.equal(&a.mul(&a), &b.mul(&b)) && facts.equal(&a, &b) && facts.equal(&b, &number(4)));
    let list = facts.take_required();
    let kept = facts.independent(&list.iter().collect::<Vec<_>>());
    let texts: Vec<String> = kept.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(texts, ["4 divides c", "a == b", "b == 4"]);
}

#[test]
fn divisions_of_quotients_are_one_of_what_is_divided() {
    let (a, b) = (dim(0), dim(1));
    let number = |value: i64| Dim::from(value);
    let shown = |facts: &mut Facts| {
        let list = facts.take_required();
        let kept = facts.independent(&list.iter().collect::<Vec<_>>());
        kept.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let mut facts = Facts::new();
    assert!(facts.at_most(&number(8), &a));
    for by in [4, 2] {
        assert!(facts.divides(&number(2), &a.floor_div(&number(by))));
    }
    // 9 // 2 is even, and 9 is not divided by 4.
    assert_eq!(shown(&mut facts.clone()), "8 <= a, 2 divides (a // 4), 2 divides (a // 2)");
    assert!(facts.divides(&number(2), &a));
    assert_eq!(shown(&mut facts), "8 divides a");
    let mut facts = Facts::new();
    assert!(facts.at_most(&number(9), &a) && facts.divides(&number(8), &a) && facts.at_most(&number(4), &b));
    assert_eq!(shown(&mut facts), "9 <= a, 8 divides a, 4 <= b");
}

#[test]
fn what_has_no_solution_is_refused() {
    let mut facts = Facts::new();
    assert!(!facts.equal(&Dim::from(10i64), &Dim::from(20i64)));
    assert!(!facts.equal(&dim(0).mul(&Dim::from(2i64)), &Dim::from(3i64)));
    assert!(!facts.equal(&dim(0), &Dim::ZERO));
    assert!(!facts.at_most(&dim(0).add(&Dim::from(4i64)), &dim(0)));
    assert!(!facts.divides(&Dim::from(3i64), &Dim::from(10i64)));
    assert!(facts.take_required().is_empty());
}

#[test]
fn a_local_symbol_is_bound_silently() {
    let local = Dim::symbol(symbol(3, SymbolKind::Local));
    let mut facts = Facts::new();
    assert!(facts.equal(&local, &dim(0)));
    assert!(facts.equal(&local, &dim(1)));
    let texts: Vec<String> = facts.take_required().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["a == b"]);
}
