//! `docs/std.md`, made of the comments in the library's files and of what the compiler says of its blocks.

use crate::block::{Block, File};
use crate::probe::probe;
use std::fmt::Write;

const HEAD: &str = "\
# The standard library

Blocks that are built in and written in wnet, in the files of [std](../std). `use \"std/mlp.wnet\" (MLP)` imports one, and
`use \"std/mlp.wnet\" as mlp` all of a file. A block is a layer like any other: its slots can be tied, from outside too.

```wnet
use \"std/mlp.wnet\" (ResidualMLP)
use \"std/transformer.wnet\" as transformer

model M(d = 16, n = 3) {
    input x: [batch, seq, d]
    layer encoder = transformer.TransformerEncoder(d, 4, n, dim_feedforward=32)
    layer mlp     = ResidualMLP(d)
    layer again   = ResidualMLP(d) mlp=@mlp.mlp
    output x -> encoder -> mlp -> again
}
```

A block can't take a layer as an argument. What wraps a layer is therefore written out where the layer is known, as in
`x + (x -> norm -> f)`, or takes the layer's result as its second input, as `PostNorm` does.

Each block is shown with its arguments and the types of its inputs and results; `...` stands for any leading axes. Below
are what sizes must satisfy, if anything, and the number of its parameters, both for the defaults. Outputs and gradients of
all blocks are compared with PyTorch's.

This page is made of the comments in the files: `UPDATE_DOCS=1 cargo test --test std` writes it anew.
";

pub fn page(files: &[File]) -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n| file | blocks |\n|---|---|\n");
    for file in files {
        let names: Vec<String> = file.blocks.iter().map(|block| link(&block.name)).collect();
        let _ = writeln!(text, "| [{0}](#{1}) | {2} |", file.name, anchor(file.name), names.join(", "));
    }
    text.push_str("\n| block | gives | is |\n|---|---|---|\n");
    for block in files.iter().flat_map(|file| &file.blocks) {
        let _ =
            writeln!(text, "| {} | `{}` | {} |", link(&block.name), block.shape, sentence(block).replace('|', "\\|"));
    }
    for file in files {
        let _ = write!(text, "\n## {}\n\n{}\n", file.name, file.comment.join("\n"));
        for block in &file.blocks {
            entry(&mut text, file, block);
        }
    }
    text
}

fn entry(text: &mut String, file: &File, block: &Block) {
    let _ = write!(text, "\n### {}\n\n", block.name);
    for line in block.signature.lines().chain([&*block.shape]) {
        let _ = writeln!(text, "    {line}");
    }
    let _ = write!(text, "\n{}\n\n", block.comment.join("\n"));
    let probe = probe(file.name, block);
    for (requirement, _) in &probe.requires {
        let _ = writeln!(text, "- requires `{requirement}`");
    }
    let _ = writeln!(text, "- parameters: `{}`", probe.parameters());
}

/// The first sentence of a block's comment, without the papers in it.
fn sentence(block: &Block) -> String {
    let text = block.comment.join(" ");
    let text = text.find(". ").map_or(&*text, |end| &text[..=end]);
    let mut words = String::new();
    for part in text.split_inclusive(')') {
        match part.find(" (http") {
            Some(start) => words.push_str(&part[..start]),
            None => words.push_str(part),
        }
    }
    words
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", anchor(name))
}

/// How a heading is named in a link.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace('.', "")
}
