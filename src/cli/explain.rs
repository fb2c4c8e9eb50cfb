//! `wnetc explain`: the pages of the error index.

use super::args::{Explain, TextFormat};
use super::output::{Done, Failure, Output, Status};
use crate::explain;
use serde_json::json;
use std::io::Write;

pub(super) fn main(args: &Explain, output: &mut Output) -> Done {
    let out = output.out();
    let Some(code) = &args.code else {
        for code in explain::codes() {
            match args.format {
                TextFormat::Text => writeln!(out, "{code}: {}", explain::summary(code))?,
                TextFormat::Json => {
                    let summary = explain::summary(code);
                    writeln!(out, "{}", json!({"code": code, "summary": summary, "page": explain::page(code)}))?;
                }
            }
        }
        return Ok(Status::Fine);
    };
    let Some(page) = explain::page(code) else {
        let near = explain::nearest(code).map_or_else(
            || "; `wnetc explain --all` lists them".to_owned(),
            |near| format!("; `{near}` is near to it"),
        );
        return Err(Failure::Usage(format!("there is no code `{code}`{near}")));
    };
    match args.format {
        TextFormat::Text => write!(out, "{page}")?,
        TextFormat::Json => {
            writeln!(out, "{}", json!({"code": code, "summary": explain::summary(code), "page": page}))?;
        }
    }
    Ok(Status::Fine)
}
