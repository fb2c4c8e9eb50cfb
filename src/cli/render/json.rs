//! Diagnostics → the `diagnostics` array of `wnetc check --format json`. Text is passed on as it is: `serde` escapes
//! what JSON can't hold, and scripts get the characters that stand in the file.

use serde::Serialize;

use super::places::{At, Places};
use crate::diag::{Diagnostic, Label};
use crate::span::SourceMap;

/// One finding; the first label is the place where it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonDiagnostic {
    pub code: String,
    pub severity: &'static str,
    pub message: String,
    pub labels: Vec<JsonLabel>,
    pub help: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonLabel {
    pub text: String,
    pub at: At,
}

/// The array, in the order of the list. The first file of the map is the one that was checked.
pub fn diagnostics(map: &SourceMap, list: &[Diagnostic]) -> Vec<JsonDiagnostic> {
    let mut places = Places::new(map);
    list.iter().map(|one| diagnostic(&mut places, one)).collect()
}

/// One element of it.
pub fn diagnostic(places: &mut Places<'_>, diagnostic: &Diagnostic) -> JsonDiagnostic {
    let label = |label: &Label| JsonLabel { text: label.text.clone(), at: places.at(label.span) };
    JsonDiagnostic {
        code: diagnostic.code.clone(),
        severity: diagnostic.severity.name(),
        message: diagnostic.message.clone(),
        labels: diagnostic.labels.iter().map(label).collect(),
        help: diagnostic.help.clone(),
    }
}
