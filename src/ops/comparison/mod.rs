//! Relations, logic, what can be told of an element, and the choice between two.

mod compare;
mod predicate;

ops! {
    equal + FUNCTION
    not_equal + FUNCTION
    less + FUNCTION
    less_equal + FUNCTION
    greater + FUNCTION
    greater_equal + FUNCTION
    logical_and + FUNCTION
    logical_or + FUNCTION
    logical_xor
    not + FUNCTION
    isnan
    isinf
    isfinite
    r#where
}
