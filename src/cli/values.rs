//! Values on the command line, `--set name=value`.

use crate::ops::Value;
use serde_json::Value as Json;

/// `name=value`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: Value,
}

/// For clap; the error is shown behind the flag.
pub(super) fn setting(text: &str) -> Result<Setting, String> {
    let (name, value) = text.split_once('=').ok_or("want NAME=VALUE, such as `batch=4`")?;
    let name = name.trim();
    if name.is_empty() {
        return Err("want a name in front of `=`".to_owned());
    }
    Ok(Setting { name: name.to_owned(), value: parse(value.trim())? })
}

/// A number, `true`, `false`, `none`, a list of such, or else a string.
fn parse(text: &str) -> Result<Value, String> {
    if text == "none" {
        return Ok(Value::None);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.is_empty() {
        let value = text.parse::<i64>().map_err(|_| format!("{text} leaves 64 bits"))?;
        return Ok(Value::Int(value.into()));
    }
    match serde_json::from_str::<Json>(text) {
        Ok(json) => convert(&json),
        Err(_) if text.starts_with(['[', '"', '{']) => Err(format!("`{text}` is no value")),
        Err(_) => match text.parse::<f64>() {
            Ok(value) if value.is_finite() && text.contains(|c: char| c.is_ascii_digit()) => Ok(Value::Float(value)),
            _ => Ok(Value::Str(text.into())),
        },
    }
}

fn convert(json: &Json) -> Result<Value, String> {
    match json {
        Json::Null => Ok(Value::None),
        Json::Bool(value) => Ok(Value::Bool(*value)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Ok(Value::Int(value.into())),
            (None, Some(value)) if number.is_f64() => Ok(Value::Float(value)),
            _ => Err(format!("{number} leaves 64 bits")),
        },
        Json::String(text) => Ok(Value::Str(text.as_str().into())),
        Json::Array(items) => items.iter().map(convert).collect::<Result<_, _>>().map(Value::List),
        Json::Object(_) => Err("an object is no value".to_owned()),
    }
}

/// A number above 0.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    not_negative(text).ok().filter(|value| *value > 0.0).ok_or_else(|| "want a number above 0".to_owned())
}

/// A number between 0 and 1.
pub(super) fn part(text: &str) -> Result<f64, String> {
    not_negative(text)
        .ok()
        .filter(|value| 0.0 < *value && *value < 1.0)
        .ok_or_else(|| "want a number between 0 and 1, such as `0.2`".to_owned())
}

/// A number that is 0 or above.
pub(super) fn not_negative(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
    value.ok_or_else(|| "want a number, 0 or above".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_in_a_file() {
        let value = |text: &str| setting(text).map(|setting| setting.value);
        assert_eq!(value("a=3"), Ok(Value::Int(3i64.into())));
        assert_eq!(value("a=-1e-5"), Ok(Value::Float(-1e-5)));
        assert_eq!(value("a=.5"), Ok(Value::Float(0.5)));
        assert_eq!(value("a=true"), Ok(Value::Bool(true)));
        assert_eq!(value("a=none"), Ok(Value::None));
        assert_eq!(value("a=mean"), Ok(Value::Str("mean".into())));
        assert_eq!(value("a=\"3\""), Ok(Value::Str("3".into())));
        assert_eq!(value("a=[1, 2]"), Ok(Value::List(vec![Value::Int(1i64.into()), Value::Int(2i64.into())])));
        assert_eq!(value("a=nan"), Ok(Value::Str("nan".into())));
        for wrong in ["a", "=3", "a=[1", "a={}", "a=99999999999999999999"] {
            assert!(setting(wrong).is_err(), "{wrong}");
        }
    }
}
