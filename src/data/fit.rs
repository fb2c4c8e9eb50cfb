//! What inputs want of data, which of them is the label, and which format a path stands for.

use super::DataError;
use std::path::{Path, PathBuf};

/// What the elements of an input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Float,
    Int,
    Bool,
}

impl Element {
    /// As in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Int => "int",
            Self::Bool => "bool",
        }
    }
}

/// An input of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub name: String,
    pub element: Element,
    /// Its first axis counts examples.
    pub batched: bool,
    /// The other axes, or all; `None` where the data decides.
    pub shape: Vec<Option<usize>>,
    /// The model can do without.
    pub optional: bool,
}

impl Wanted {
    /// One number an example.
    pub(super) fn is_single(&self) -> bool {
        self.batched && self.shape.iter().all(|size| *size == Some(1))
    }

    pub(super) fn missing(&self, help: Option<String>) -> DataError {
        DataError::Missing { name: self.name.clone(), help }
    }

    /// The shape that it wants, as in a file: `[batch, 3, _]`.
    pub(super) fn describe(&self) -> String {
        let first = self.batched.then(|| "batch".to_owned());
        let sizes = self.shape.iter().map(|size| size.map_or_else(|| "_".to_owned(), |size| size.to_string()));
        format!("[{}]", first.into_iter().chain(sizes).collect::<Vec<_>>().join(", "))
    }

    /// The shape of an example that has so many elements, if there is one: at most one size is left open.
    pub(super) fn shape_of(&self, elements: usize) -> Option<Vec<usize>> {
        let known = self.shape.iter().flatten().try_fold(1usize, |product, size| product.checked_mul(*size))?;
        let open = self.shape.iter().filter(|size| size.is_none()).count();
        let rest = if open == 0 || known == 0 { 1 } else { elements / known };
        let shape: Vec<usize> = self.shape.iter().map(|size| size.unwrap_or(rest)).collect();
        (open <= 1 && known.checked_mul(rest) == Some(elements)).then_some(shape)
    }
}

/// Whether a name is that of what is to be predicted.
pub(super) fn is_label_name(name: &str) -> bool {
    let names = ["label", "labels", "target", "targets", "class", "y"];
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The two inputs that unnamed data has: what is given, and what is to be predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Roles {
    pub(super) given: usize,
    pub(super) label: Option<usize>,
}

/// Which of these inputs is which. With two of them the label is the one that is a single number an example, or is an int
/// where both are, or has a label's name.
pub(super) fn roles(wanted: &[Wanted], open: &[usize], what: &str) -> Result<Roles, DataError> {
    let at = |index: &usize| wanted.get(*index);
    match open {
        [given] => Ok(Roles { given: *given, label: None }),
        [first, second] => {
            let both = |test: &dyn Fn(&Wanted) -> bool| [first, second].map(|index| at(index).is_some_and(test));
            for test in [
                &Wanted::is_single as &dyn Fn(&Wanted) -> bool,
                &|input: &Wanted| input.element == Element::Int,
                &|input: &Wanted| is_label_name(&input.name),
            ] {
                match both(test) {
                    [true, false] => return Ok(Roles { given: *second, label: Some(*first) }),
                    [false, true] => return Ok(Roles { given: *first, label: Some(*second) }),
                    _ => {}
                }
            }
            let names = [first, second].map(|index| at(index).map_or("", |input| input.name.as_str()));
            Err(DataError::Columns {
                message: format!("which of `{}` and `{}` is the label of {what} can't be told", names[0], names[1]),
                help: Some("call it `label` or `target`".to_owned()),
            })
        }
        _ => {
            let names: Vec<String> = open.iter().filter_map(at).map(|input| format!("`{}`", input.name)).collect();
            let message = format!("{what} goes to one input and its label, and there are {}", names.join(", "));
            Err(DataError::Columns { message, help: Some("arrays by name stand in `.npz` files".to_owned()) })
        }
    }
}

pub(super) enum Format {
    Arrays,
    Folder,
    Table,
    Images { images: PathBuf, labels: PathBuf },
    Text,
}

/// The format of what is at a path, by its name.
pub(super) fn format(path: &Path) -> Result<Format, DataError> {
    let unknown = || DataError::Extension { path: path.display().to_string() };
    if super::source::is_folder(path) {
        return super::idx::in_folder(path);
    }
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(unknown)?;
    let plain = name.strip_suffix(".gz").unwrap_or(name);
    match plain.rsplit_once('.').map(|(_, extension)| extension) {
        Some("npz" | "npy") if plain == name => Ok(Format::Arrays),
        Some("csv" | "tsv") => Ok(Format::Table),
        Some("txt") => Ok(Format::Text),
        _ => super::idx::pair(path, name).ok_or_else(unknown),
    }
}
