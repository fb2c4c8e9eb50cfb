//! Assertions about sharing, and the declarations that connect two slots or show where they part.

use super::Inference;
use super::asserts::{Failure, Truth};
use crate::ir::{AssertPlace, Path, SlotId, StorageId, Target, View, sharing};
use crate::shape::Dim;
use crate::span::Span;

/// What a path of an assertion stands for: one of its slots, or itself.
struct Part {
    /// The name of the slot in its layer; empty unless the path names a layer.
    name: String,
    path: Path,
    storage: StorageId,
    view: View,
}

impl Inference<'_> {
    /// Whether every pair has an element in common.
    pub(super) fn shared(&self, paths: &[Path], place: &AssertPlace) -> Truth {
        self.pairs(paths, place, |left, right| {
            let unmatched = left.iter().find(|part| !right.iter().any(|other| comparable(part, other)));
            if let Some(part) = unmatched.or_else(|| right.iter().find(|b| !left.iter().any(|a| comparable(a, b)))) {
                return Some((part.path.clone(), part.path.clone()));
            }
            let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
            pairs
                .filter(|(a, b)| comparable(a, b))
                .find(|(a, b)| !self.meet(a, b))
                .map(|(a, b)| (a.path.clone(), b.path.clone()))
        })
    }

    /// Whether no pair has an element in common.
    pub(super) fn not_shared(&self, paths: &[Path], place: &AssertPlace) -> Truth {
        let truth = self.pairs(paths, place, |left, right| {
            let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
            pairs
                .filter(|(a, b)| comparable(a, b))
                .find(|(a, b)| self.meet(a, b))
                .map(|(a, b)| (a.path.clone(), b.path.clone()))
        });
        match truth {
            Truth::Fails(failure) => {
                let message = failure.message.replacen("share no element", "are one storage", 1);
                Truth::Fails(Failure { message, found: "they must share no element".to_owned(), ..failure })
            }
            other => other,
        }
    }

    /// Looks at every pair of paths; `culprit` names the two slots that speak against the assertion.
    fn pairs(
        &self,
        paths: &[Path],
        place: &AssertPlace,
        culprit: impl Fn(&[Part], &[Part]) -> Option<(Path, Path)>,
    ) -> Truth {
        let Some(parts) = paths.iter().map(|path| self.parts(path)).collect::<Option<Vec<_>>>() else {
            return Truth::Silent;
        };
        let named: Vec<_> = paths.iter().zip(&parts).collect();
        for (index, (path, left)) in named.iter().enumerate() {
            for (other, right) in named.iter().skip(index + 1) {
                let Some((a, b)) = culprit(left, right) else { continue };
                return Truth::Fails(self.difference(&a, place.path(path), &b, place.path(other)));
            }
        }
        Truth::Holds
    }

    fn difference(&self, a: &Path, at_a: Span, b: &Path, at_b: Span) -> Failure {
        if a == b {
            return Failure {
                message: format!("`{a}` has no counterpart to be shared with"),
                found: "layers are compared slot by slot".to_owned(),
                sides: None,
                chain: self.links(a, at_a),
                help: None,
            };
        }
        let mut chain = self.links(a, at_a);
        for link in self.links(b, at_b) {
            if !chain.contains(&link) {
                chain.push(link);
            }
        }
        let same = |slot: Option<Target>| match slot {
            Some(Target::Slot(slot)) => self.graph.slots[slot].tie.is_none(),
            _ => false,
        };
        let find = |path: &Path| self.graph.find(path.as_str());
        let help = same(find(b)).then(|| {
            let name = b.as_str().rsplit('.').next().unwrap_or_default();
            format!("tie it: `{name}=@{a}`")
        });
        Failure {
            message: format!("`{a}` and `{b}` share no element"),
            found: "they must be one storage".to_owned(),
            sides: None,
            chain,
            help,
        }
    }

    /// What a path stands for; `None` if it leads nowhere, which is reported.
    fn parts(&self, path: &Path) -> Option<Vec<Part>> {
        let graph = self.graph;
        let part = |slot: SlotId, name: &str| {
            let slot = &graph.slots[slot];
            let (path, view) = (slot.path.clone(), slot.view.clone());
            Part { name: name.to_owned(), path, storage: slot.storage, view }
        };
        Some(match graph.find(path.as_str())? {
            Target::Storage(storage) => {
                vec![Part { name: String::new(), path: path.clone(), storage, view: View::default() }]
            }
            Target::Slot(slot) => vec![part(slot, "")],
            Target::Layer(layer) => {
                let names = graph.layers[layer].slots.iter();
                let prefix = path.as_str().len() + 1;
                names.map(|slot| part(*slot, graph.slots[*slot].path.as_str().get(prefix..).unwrap_or(""))).collect()
            }
            target @ Target::Scope(_) => {
                let inside = |path: &Path, whole: &Path| {
                    let rest = path.as_str().get(whole.as_str().len()..).unwrap_or("");
                    rest.strip_prefix('.').unwrap_or(rest).to_owned()
                };
                let reached = sharing::storages_of(graph, target).into_iter();
                reached
                    .map(|(storage, slot)| match slot {
                        Some(slot) => part(slot, &inside(&graph.slots[slot].path, path)),
                        None => {
                            let own = graph.storages[storage].path.clone();
                            Part { name: inside(&own, path), path: own, storage, view: View::default() }
                        }
                    })
                    .collect()
            }
        })
    }

    fn meet(&self, a: &Part, b: &Part) -> bool {
        a.storage == b.storage && sharing::meet(&self.facts, &self.graph.storages[a.storage], &a.view, &b.view)
    }

    pub(super) fn target(&mut self, path: &Path) -> Option<Target> {
        self.graph.find(path.as_str())
    }

    pub(super) fn shape_of(&mut self, path: &Path) -> Option<Vec<Dim>> {
        match self.target(path)? {
            Target::Storage(storage) => Some(self.graph.storages[storage].ty.shape.to_vec()),
            Target::Slot(slot) => Some(self.graph.slots[slot].shape.to_vec()),
            Target::Layer(_) | Target::Scope(_) => None,
        }
    }
}

/// Slots of two layers are compared by name; anything is compared with a param or a slot.
fn comparable(a: &Part, b: &Part) -> bool {
    a.name == b.name || a.name.is_empty() || b.name.is_empty()
}
