//! Arrays by name: an npz file, an npy file, or a folder of npy files. Names are those of the inputs, types too, and the
//! first axes of those whose inputs have a batch axis agree.

use super::fit::{Element, Wanted};
use super::store::{Cells, Store};
use super::{Column, DataError, Dataset, Request, source};
use crate::diag::nearest;
use crate::tensor::Real;
use crate::weights::{self, Elements, FileError, Rows};
use indexmap::IndexMap;
use std::path::Path;

/// An array and where it is.
struct Found {
    shape: Vec<usize>,
    kind: Elements,
    cells: Cells,
}

pub(super) fn file<T: Real>(path: &Path, request: &Request<'_>) -> Result<Dataset, DataError> {
    gather::<T>(load(path, request.memory)?.into_iter().collect(), request)
}

pub(super) fn folder<T: Real>(path: &Path, request: &Request<'_>) -> Result<Dataset, DataError> {
    let mut arrays = IndexMap::new();
    let mut room = request.memory;
    for name in source::names(path)?.iter().filter(|name| source::is_npy(name)) {
        for (name, found) in load(&path.join(name), room)? {
            if let Cells::Memory(elements) = &found.cells {
                room = room.saturating_sub(u64::try_from(elements.bytes()).unwrap_or(u64::MAX));
            }
            arrays.insert(name, found);
        }
    }
    gather::<T>(arrays, request)
}

/// The arrays of a file: in memory if they fit there, else where they lie if they can be read there.
fn load(path: &Path, memory: u64) -> Result<Vec<(String, Found)>, DataError> {
    let too_large = match weights::read_within(path, memory) {
        Ok(contents) => {
            let found = contents.arrays.into_iter().map(|(name, array)| {
                let kind = empty(&array.elements);
                (name, Found { shape: array.shape, kind, cells: Cells::Memory(array.elements) })
            });
            return Ok(found.collect());
        }
        Err(FileError::TooLarge { path, message }) => FileError::TooLarge {
            path,
            message: format!("{message}; written without compression and row by row, it would be read in parts"),
        },
        Err(error) => return Err(error.into()),
    };
    let Some(rows) = weights::rows(path)? else { return Err(too_large.into()) };
    let found = |rows: Rows| {
        let (name, shape, kind) = (rows.name.clone(), rows.shape.clone(), rows.kind());
        (name, Found { shape, kind, cells: Cells::File(Box::new(rows)) })
    };
    Ok(rows.into_iter().map(found).collect())
}

fn empty(elements: &Elements) -> Elements {
    match elements {
        Elements::F32(_) => Elements::F32(Vec::new()),
        Elements::F64(_) => Elements::F64(Vec::new()),
        Elements::I64(_) => Elements::I64(Vec::new()),
        Elements::Bool(_) => Elements::Bool(Vec::new()),
    }
}

/// The arrays as the inputs want them.
fn gather<T: Real>(mut arrays: IndexMap<String, Found>, request: &Request<'_>) -> Result<Dataset, DataError> {
    let names: Vec<&str> = request.wanted.iter().map(|input| input.name.as_str()).collect();
    if let Some(name) = arrays.keys().find(|name| !names.contains(&name.as_str())) {
        let near = nearest(name, names.iter().copied());
        let help = near.map(|near| format!("`{near}` is near to it"));
        return Err(DataError::Surplus { name: name.clone(), help });
    }
    let (mut columns, mut cells) = (Vec::new(), Vec::new());
    let mut counted: Option<(String, usize)> = None;
    for input in request.wanted {
        let Some(found) = arrays.shift_remove(&input.name) else {
            if input.optional {
                continue;
            }
            return Err(input.missing(Some("arrays have the names of the inputs".to_owned())));
        };
        let shape = shape(input, &found.shape)?;
        element::<T>(input, &found.kind)?;
        if input.batched {
            let count = found.shape.first().copied().unwrap_or(0);
            match &counted {
                Some((first, first_count)) if *first_count != count => {
                    return Err(DataError::Count {
                        first: first.clone(),
                        first_count: *first_count,
                        second: input.name.clone(),
                        second_count: count,
                    });
                }
                _ => counted = Some((input.name.clone(), count)),
            }
        }
        columns.push(Column { name: input.name.clone(), element: input.element, batched: input.batched, shape });
        cells.push(whole(found, input)?);
    }
    Ok(Dataset {
        count: counted.map_or(0, |(_, count)| count),
        columns,
        vocabularies: Vec::new(),
        unused: Vec::new(),
        store: Store::Columns(cells),
    })
}

/// What is the same for all examples isn't read in parts.
fn whole(found: Found, input: &Wanted) -> Result<Cells, DataError> {
    match found.cells {
        Cells::File(rows) if !input.batched => {
            let bytes = rows.bytes();
            let message = format!("`{}` has no batch axis, so its {bytes} bytes must fit into memory", input.name);
            Err(DataError::Columns { message, help: None })
        }
        cells => Ok(cells),
    }
}

/// The shape of an example, or of the whole.
fn shape(input: &Wanted, found: &[usize]) -> Result<Vec<usize>, DataError> {
    let rest = if input.batched { found.split_first().map(|(_, rest)| rest) } else { Some(found) };
    let fits = rest.filter(|rest| {
        rest.len() == input.shape.len()
            && rest.iter().zip(&input.shape).all(|(found, wanted)| wanted.is_none_or(|wanted| wanted == *found))
    });
    fits.map(<[usize]>::to_vec).ok_or_else(|| DataError::Shape {
        name: input.name.clone(),
        found: format!("{found:?}"),
        wanted: input.describe(),
        help: None,
    })
}

fn element<T: Real>(input: &Wanted, found: &Elements) -> Result<(), DataError> {
    let wanted = if input.element == Element::Float { T::NAME } else { input.element.name() };
    if found.name() == wanted {
        return Ok(());
    }
    let floats = matches!(found, Elements::F32(_) | Elements::F64(_)) && input.element == Element::Float;
    let help = floats.then(|| format!("run in the type of the data: `--dtype {}`", found.name()));
    let (found, wanted) = (found.name().to_owned(), wanted.to_owned());
    Err(DataError::Element { name: input.name.clone(), found, wanted, help })
}
