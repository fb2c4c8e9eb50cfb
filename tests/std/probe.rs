//! A model that holds nothing but a block, with all of its arguments left as they are: what the compiler says of the
//! block for all sizes.

use crate::block::Block;
use std::fmt::Write;
use wnet::ir::sharing::counts;
use wnet::span::SourceMap;
use wnet::{Checked, Settings, check};

/// What stands for `...`.
const LEADING: &str = "leading";

/// The model `Probe`, which asserts that results have the types that the shape line gives them.
fn text(file: &str, block: &Block) -> String {
    let (inputs, outputs) = block.types();
    let plain = |ty: &str| ty.replace("...", LEADING);
    let declared: Vec<&str> = block.arguments.iter().map(|(_, declaration)| &**declaration).collect();
    let given: Vec<String> = block.arguments.iter().map(|(name, _)| format!("{name}={name}")).collect();
    let operands: Vec<String> = (0..inputs.len()).map(|index| format!("input_{index}")).collect();
    let results: Vec<String> = (0..outputs.len()).map(|index| format!("output_{index}")).collect();
    let mut text = format!("use \"std/{file}\" as std\nmodel Probe({}) {{\n", declared.join(", "));
    for (name, ty) in operands.iter().zip(&inputs) {
        let _ = writeln!(text, "  input {name}: {}", plain(ty));
    }
    let _ = writeln!(text, "  layer f = std.{}({})", block.name, given.join(", "));
    let _ = writeln!(text, "  {} = f({})", results.join(", "), operands.join(", "));
    let _ = writeln!(text, "  output {}", results.join(", "));
    for (name, ty) in results.iter().zip(&outputs) {
        let _ = writeln!(text, "  assert shape({name}) == {}", plain(ty));
    }
    text + "}\n"
}

pub struct Probe {
    pub text: String,
    pub checked: Checked,
    /// What sizes must satisfy, and the line that needed it, or 0 if it stands in the library.
    pub requires: Vec<(String, u32)>,
}

pub fn probe(file: &str, block: &Block) -> Probe {
    let text = text(file, block);
    let mut map = SourceMap::new();
    map.add("probe", &*text).unwrap();
    let checked = check(&map.files()[0], &Settings::default());
    let required = checked.models.iter().flat_map(|model| &model.types.required);
    let own = |at: u32| if at < map.files()[0].span().end { map.position(at).line } else { 0 };
    let requires = required.map(|required| (required.requirement.to_string(), own(required.at.start))).collect();
    Probe { text, checked, requires }
}

impl Probe {
    /// How many parameters the block has, by its arguments.
    pub fn parameters(&self) -> String {
        let model = &self.checked.models[0];
        model.types.dim(&counts(&model.graph).unique).to_string()
    }
}
