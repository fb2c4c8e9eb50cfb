//! Blocks that are declared in bodies. Such a block sees the names of its file and the blocks of the bodies around it, and
//! nothing else of them: not their arguments, params, layers and values.

use super::body::Lowering;
use super::errors::LowerError;
use super::files::Defined;
use super::outer;
use crate::diag::{label, primary};
use crate::ops;
use crate::span::Span;
use crate::syntax::ast::{self, Definition, Statement};
use foldhash::{HashMap, HashMapExt, HashSet};

/// The blocks of one body.
pub(super) struct Nest<'a> {
    definition: &'a Definition,
    /// `None` for what was declared by text that isn't valid, or perhaps isn't declared.
    blocks: HashMap<&'a str, Option<Defined<'a>>>,
    /// That of the body around it.
    outer: Option<usize>,
}

/// The name of a block, and the block if it is one.
type Found<'a> = (&'a ast::Name, Option<&'a Definition>);

impl<'a> Lowering<'a> {
    /// Makes the blocks that a body declares known in it. Its arguments are known: they decide which branches count.
    pub(super) fn nest(&mut self, definition: &'a Definition) {
        let mut found = Vec::new();
        self.chosen(&definition.body, &mut found);
        self.add_nest(definition, &found);
    }

    fn chosen(&self, body: &'a [Statement], found: &mut Vec<Found<'a>>) {
        for statement in body {
            match statement {
                Statement::If(item) => match self.branch(item) {
                    Some(branch) => self.chosen(branch, found),
                    None => every(std::slice::from_ref(statement), &mut |(name, _)| found.push((name, None))),
                },
                statement => every(std::slice::from_ref(statement), &mut |block| found.push(block)),
            }
        }
    }

    /// Makes the blocks of bodies that stand around a block known, so that it can be read by itself.
    pub(super) fn surround(&mut self, bodies: &[&'a Definition]) {
        for definition in bodies {
            let mut found = Vec::new();
            every(&definition.body, &mut |block| found.push(block));
            self.add_nest(definition, &found);
        }
        self.fixed().around = self.scope.fixed.nest;
    }

    fn add_nest(&mut self, definition: &'a Definition, found: &[Found<'a>]) {
        if found.is_empty() {
            return;
        }
        let (index, file) = (self.nests.len(), self.scope.fixed.file);
        let mut blocks = HashMap::new();
        for (name, definition) in found {
            let defined = definition.map(|definition| Defined { definition, file, is_model: false, nest: Some(index) });
            blocks.entry(name.text.as_str()).or_insert(defined);
        }
        self.nests.push(Nest { definition, blocks, outer: self.scope.fixed.nest });
        self.fixed().nest = Some(index);
    }

    /// The block of this name in the bodies around; `Some(None)` for one that was reported.
    pub(super) fn nested(&self, name: &str) -> Option<Option<Defined<'a>>> {
        let mut at = self.scope.fixed.nest;
        while let Some(nest) = at.and_then(|index| self.nests.get(index)) {
            if let Some(found) = nest.blocks.get(name) {
                return Some(*found);
            }
            at = nest.outer;
        }
        None
    }

    /// The block or model that a name stands for in the body that is being read.
    pub(super) fn defined(&self, name: &str) -> Option<Defined<'a>> {
        self.nested(name).unwrap_or_else(|| self.file().definitions.get(name).copied())
    }

    /// The names of the blocks of the bodies around.
    pub(super) fn nested_names(&self) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut at = self.scope.fixed.nest;
        while let Some(nest) = at.and_then(|index| self.nests.get(index)) {
            names.extend(nest.blocks.iter().filter(|(_, block)| block.is_some()).map(|(name, _)| *name));
            at = nest.outer;
        }
        names
    }
}

impl Lowering<'_> {
    /// A name that means nothing here, but something in a body around: says so, and how it is handed over.
    pub(super) fn beyond(&self, error: &mut LowerError) {
        let (LowerError::UnknownName { name, labels, help, .. }
        | LowerError::UnknownReference { path: name, labels, help }) = error
        else {
            return;
        };
        let mut at = self.scope.fixed.around;
        while let Some(nest) = at.and_then(|index| self.nests.get(index)) {
            if let Some((outer, place)) = outer::find(nest.definition, name) {
                labels.push(label(place, format!("{} of the body around", outer.describe())));
                *help = Some(format!(
                    "a block doesn't see the body around it: {}",
                    outer.handed(name, &self.scope.fixed.name)
                ));
                return;
            }
            at = nest.outer;
        }
    }
}

/// Hands over the blocks of a body, and what was to be one, in whatever branch.
fn every<'a>(body: &'a [Statement], visit: &mut impl FnMut(Found<'a>)) {
    for statement in body {
        match statement {
            Statement::Block(block) => visit((&block.name, Some(block))),
            Statement::Error(broken) => broken.declares.iter().for_each(|name| visit((name, None))),
            Statement::If(item) => {
                every(&item.then, visit);
                every(&item.otherwise, visit);
            }
            _ => {}
        }
    }
}

/// Hands over the blocks in the body of `definition` of which none of `used` is the name, each with the definitions around
/// it, the outermost first. Those inside one are looked at after it.
pub(super) fn unused<'a>(
    definition: &'a Definition,
    around: &mut Vec<&'a Definition>,
    used: &mut HashSet<Span>,
    read: &mut impl FnMut(&'a Definition, &[&'a Definition], &mut HashSet<Span>),
) {
    let mut inner = Vec::new();
    every(&definition.body, &mut |(_, block)| inner.extend(block));
    around.push(definition);
    for block in inner {
        if !used.contains(&block.name.span) {
            read(block, around, used);
        }
        unused(block, around, used, read);
    }
    around.pop();
}

/// The report that a block has the name of something built in.
pub(super) fn builtin_name(name: &ast::Name) -> Option<LowerError> {
    let def = ops::named(&name.text)?;
    Some(LowerError::BuiltinName {
        name: name.text.clone(),
        labels: vec![primary(name.span, "the name of something built in")],
        help: Some(format!("take another name: `{}` is built in. {}", def.name, def.summary)),
    })
}
