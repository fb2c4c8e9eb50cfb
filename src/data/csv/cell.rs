//! The text of a field → a number or a bool, or what is wrong with it.

use std::borrow::Cow;

/// A finite number.
pub(super) fn float(field: &[u8]) -> Result<f64, String> {
    let wanted = "a number is wanted";
    let number = std::str::from_utf8(field).ok().and_then(|text| text.parse::<f64>().ok());
    match number {
        Some(number) if number.is_finite() => Ok(number),
        _ => Err(found(field, wanted)),
    }
}

/// An integer; `3.0` is one too, as files have it whose other rows had none.
pub(super) fn int(field: &[u8]) -> Result<i64, String> {
    let text = std::str::from_utf8(field).ok();
    let whole = text.and_then(|text| text.parse::<i64>().ok());
    let float = || text?.parse::<f64>().ok().filter(|x| x.fract() == 0.0 && x.abs() < 2f64.powi(53));
    whole.or_else(|| float().map(|x| x as i64)).ok_or_else(|| found(field, "an integer is wanted"))
}

/// `true` and `false`, `1` and `0`.
pub(super) fn bool(field: &[u8]) -> Result<bool, String> {
    let is = |texts: [&str; 2]| texts.iter().any(|text| field.eq_ignore_ascii_case(text.as_bytes()));
    match (is(["true", "1"]), is(["false", "0"])) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(found(field, "`true` or `false` is wanted")),
    }
}

fn found(field: &[u8], wanted: &str) -> String {
    if field.is_empty() {
        format!("there is nothing, and {wanted}")
    } else {
        format!("found `{}`, and {wanted}", shown(field))
    }
}

/// A field as text, as much of it as someone reads.
pub(super) fn shown(field: &[u8]) -> Cow<'_, str> {
    let most = 60;
    let text = String::from_utf8_lossy(field);
    if text.chars().count() <= most {
        return text;
    }
    Cow::Owned(text.chars().take(most).chain(['…']).collect())
}
