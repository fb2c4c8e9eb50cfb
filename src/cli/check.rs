//! `wnetc check`: findings, then for each model what sizes must satisfy, how many parameters it has, and whether weights
//! are shared.

use super::args::{Check, CheckFormat};
use super::load::{Known, Loaded, checked, found, load};
use super::output::{Done, Failure, Output, Status, complain};
use super::render::places::Places;
use super::render::{github, json_lines, sarif};
use super::{footprint, report, sharing};
use crate::diag::Severity;
use crate::ir::answer;
use crate::ir::sharing::counts;
use crate::sanitize;
use crate::{Checked, CheckedModel};
use std::io::Write;

pub(super) fn main(args: &Check, output: &mut Output) -> Done {
    let mut files: Vec<(Loaded, Option<Checked>)> = Vec::new();
    let mut known = Known::default();
    let mut failed = None;
    for path in &args.files {
        let mut loaded = match load(path, &args.source) {
            Ok(loaded) => loaded,
            // The others are checked all the same.
            Err(Failure::Usage(message)) if args.files.len() > 1 => {
                complain(&message);
                failed = Some(Status::Usage);
                known.is_incomplete();
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let result = loaded.unreadable.is_none().then(|| checked(&mut loaded, &args.source));
        if let Some(result) = &result {
            known.add(result, &args.source);
        }
        files.push((loaded, result));
    }
    known.verify(&args.source)?;
    let mut status = failed.unwrap_or(Status::Fine);
    for (loaded, result) in &files {
        status = status.max(show(args, loaded, result.as_ref(), output)?);
    }
    if args.format == CheckFormat::Sarif {
        let log = sarif::log(files.iter().map(|(loaded, result)| (&loaded.map, found(loaded, result.as_ref()))));
        writeln!(output.out(), "{}", serde_json::to_string(&log).map_err(std::io::Error::from)?)?;
    }
    // The program ends here; to give back the memory of a large model part by part takes time for nothing.
    std::mem::forget(files);
    Ok(status)
}

fn show(args: &Check, loaded: &Loaded, checked: Option<&Checked>, output: &mut Output) -> Done {
    let found = found(loaded, checked);
    let models = checked.map_or(&[][..], |checked| &checked.models);
    match args.format {
        CheckFormat::Json => {
            let memory = args.memory.then_some(&args.source);
            report::check(output.out(), &loaded.name, &loaded.map, found, models, memory)?;
            writeln!(output.out())?;
        }
        CheckFormat::Short => output.short(&loaded.map, found)?,
        CheckFormat::JsonLines => json_lines::write(output.out(), &loaded.map, found)?,
        CheckFormat::Github => github::write(output.out(), &loaded.map, found)?,
        // One for all files, in the end.
        CheckFormat::Sarif => {}
        CheckFormat::Human => {
            output.report(&loaded.map, found, args.max_errors)?;
            for model in models.iter().filter(|model| model.sound) {
                // One model's sentence needs no name in front.
                let file =
                    if args.files.len() > 1 { format!("{}: ", sanitize::line(&loaded.name)) } else { String::new() };
                let name = if models.len() > 1 { format!("{}: ", model.graph.name) } else { String::new() };
                summary(model, loaded, &format!("{file}{name}"), output)?;
                if args.memory {
                    memory(model, args, loaded, output)?;
                }
                if args.sharing {
                    sharing::table(model, &loaded.map, output.out())?;
                }
            }
        }
    }
    let failed = found.iter().any(|found| found.severity == Severity::Error);
    Ok(if failed { Status::Found } else { Status::Fine })
}

fn summary(model: &CheckedModel, loaded: &Loaded, title: &str, output: &mut Output) -> Result<(), Failure> {
    let mut places = Places::new(&loaded.map);
    let name = sanitize::line(&loaded.name).into_owned();
    let out = output.out();
    for required in &model.types.required {
        let at = places.at(required.at);
        let file = at.file.as_deref().map_or(name.clone(), |file| sanitize::line(file).into_owned());
        writeln!(out, "{title}requires {} ({file}:{}:{})", required.requirement, at.line, at.col)?;
    }
    writeln!(out, "{title}{}", parameters(model))?;
    writeln!(out, "{title}{}", sanitize::line(&answer(&model.graph).sentence))?;
    Ok(())
}

fn memory(model: &CheckedModel, args: &Check, loaded: &Loaded, output: &mut Output) -> Result<(), Failure> {
    match footprint::of(model, &args.source) {
        Ok(footprints) => {
            for footprint in footprints {
                writeln!(output.out(), "memory: {}", footprint::line(&footprint))?;
            }
        }
        Err(found) => output.report(&loaded.map, &found, args.max_errors)?,
    }
    Ok(())
}

/// `525 parameters, 945 untied.` Counts that say nothing new are left out.
fn parameters(model: &CheckedModel) -> String {
    let counts = counts(&model.graph).map(|dim| model.types.dim(dim));
    if counts.unique.is_invalid() {
        return "More parameters than can be counted.".to_owned();
    }
    let unit = if counts.unique.as_const() == Some(1) { "parameter" } else { "parameters" };
    let mut parts = vec![format!("{} {unit}", counts.unique)];
    for (shown, count, what) in [
        (counts.naive != counts.unique, &counts.naive, "with storage for every slot"),
        (counts.untied != counts.naive, &counts.untied, "untied"),
        (counts.trainable != counts.unique, &counts.trainable, "trainable"),
        (counts.buffers.as_const() != Some(0), &counts.buffers, "in buffers"),
    ] {
        if shown {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ") + "."
}
