//! What can be written in place of a tie between a whole layer and a single slot.

use super::body::Lowering;
use super::scope::Unit;
use super::ties::is_inside;
use crate::ir::{Path, Reference};
use crate::shape::Shape;

/// How many slots a remedy lists.
const MAX_LISTED: usize = 6;

/// A slot, param or buffer of a layer or block.
struct Inner {
    /// Its path from the layer on, such as `q.weight`.
    name: String,
    path: Path,
    shape: Shape,
}

impl Lowering<'_> {
    /// For `f=@a.weight`, which ties the layer `f`: the tie of its slot that has the shape, or of all of `f`. `written` is
    /// the layer's name in the tie.
    pub(super) fn instead_of_whole(&self, part: &Unit, written: &str, target: &Reference) -> String {
        let inner = self.inner(part);
        let reached = format!("@{}{}", self.seen_here(&target.path), target.view);
        let last = last_name(&target.path);
        let Some(fit) = self.shape_of(target).and_then(|shape| fitting(&inner, &shape, last)) else {
            return listed(inner.iter().map(|slot| format!("{written}.{}", slot.name)).collect());
        };
        let single = format!("`{written}.{}={reached}`", fit.name);
        let other = target.path.as_str().strip_suffix(last).and_then(|path| path.strip_suffix('.'));
        let alike = other.filter(|path| target.view.0.is_empty() && self.is_alike(part, path));
        match alike {
            Some(path) => {
                format!("write {single} for this slot, or `{written}=@{}` for the whole layer", self.seen_here(path))
            }
            None => format!("write {single}"),
        }
    }

    /// For `weight=@a`, where `a` is a layer: the tie to its slot that has the shape.
    pub(super) fn instead_of_slot(&self, slot: &Reference, written: &str, target: &Unit) -> String {
        let inner = self.inner(target);
        let path = self.unit_path(target);
        let here = self.seen_here(&path).to_owned();
        match self.shape_of(slot).and_then(|shape| fitting(&inner, &shape, last_name(&slot.path))) {
            Some(fit) => format!("write `{written}=@{here}.{}`", fit.name),
            None => listed(inner.iter().map(|slot| format!("{here}.{}", slot.name)).collect()),
        }
    }

    /// A path as it is written in the body that is being read.
    pub(super) fn seen_here<'p>(&self, path: &'p (impl AsRef<str> + ?Sized)) -> &'p str {
        let path = path.as_ref();
        let own = self.scope.fixed.path.as_str();
        path.strip_prefix(own).and_then(|rest| rest.strip_prefix('.')).filter(|_| !own.is_empty()).unwrap_or(path)
    }

    /// Everything in a layer or block that has storage, in the order of its declaration.
    fn inner(&self, unit: &Unit) -> Vec<Inner> {
        let root = self.unit_path(unit);
        let name = |path: &Path| {
            let rest = path.as_str().get(root.as_str().len()..).unwrap_or_default();
            rest.strip_prefix('.').unwrap_or(rest).to_owned()
        };
        let within = |path: &Path| *path == root || is_inside(path, &root);
        let storages = self.model.storages.iter().filter(|storage| within(&storage.path)).map(|storage| Inner {
            name: name(&storage.path),
            path: storage.path.clone(),
            shape: storage.ty.shape.clone(),
        });
        let layers = self.model.layers.iter().filter(|layer| within(&layer.path));
        let slots = layers.flat_map(|layer| {
            layer.operator.op.slots().into_iter().map(|slot| {
                let path = layer.path.join(&slot.name);
                Inner { name: name(&path), path, shape: slot.shape }
            })
        });
        storages.chain(slots).collect()
    }

    /// Whether a layer is of the same kind and has the same slots as the one with a path.
    fn is_alike(&self, part: &Unit, path: &str) -> bool {
        let (Unit::Layer(a), Some(b)) = (part, self.layer_index.get(path)) else { return false };
        let (Some(a), Some(b)) = (self.model.layers.get(*a), self.model.layers.get(*b)) else { return false };
        let (left, right) = (a.operator.op.slots(), b.operator.op.slots());
        a.operator.op.def() == b.operator.op.def()
            && left.len() == right.len()
            && left.iter().zip(&right).all(|(a, b)| a.name == b.name && a.shape == b.shape)
    }
}

/// The slot with a shape; if there are several, the first with a name.
fn fitting<'i>(inner: &'i [Inner], shape: &Shape, name: &str) -> Option<&'i Inner> {
    let mut fits = inner.iter().filter(|slot| slot.shape == *shape);
    let first = fits.next()?;
    std::iter::once(first).chain(fits).find(|slot| last_name(&slot.path) == name).or(Some(first))
}

fn last_name(path: &Path) -> &str {
    path.as_str().rsplit('.').next().unwrap_or_default()
}

fn listed(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MAX_LISTED);
    names.truncate(MAX_LISTED);
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    if names.is_empty() { "it has no slots".to_owned() } else { format!("name one: {}{rest}", names.join(", ")) }
}
