//! IDX, the format of MNIST: images and their labels in two files, gzipped or not. Bytes that go to floats are divided by
//! 255.

use super::fit::{self, Element, Format, Roles, Wanted};
use super::source::{Source, is_npy, names, too_large, unreadable};
use super::store::{Cells, Lying, Store};
use super::{Column, DataError, Dataset, Request};
use crate::weights::FileError;
use std::io::Read;
use std::path::Path;

const FORMAT: &str = "an IDX file";

/// The data in a folder: npy files if there are any, else the one pair of IDX files, or the pair for training.
pub(super) fn in_folder(path: &Path) -> Result<Format, DataError> {
    let names = names(path)?;
    if names.iter().any(|name| is_npy(name)) {
        return Ok(Format::Folder);
    }
    let pairs: Vec<&String> = names.iter().filter(|name| pair(&path.join(name), name).is_some()).collect();
    let images: Vec<&String> = pairs.into_iter().filter(|name| name.contains("-images")).collect();
    let training: Vec<&String> = images.iter().filter(|name| name.starts_with("train")).copied().collect();
    let chosen = match (images.as_slice(), training.as_slice()) {
        ([one], _) | (_, [one]) => *one,
        ([], _) => return Err(DataError::Extension { path: path.display().to_string() }),
        _ => {
            let found: Vec<String> = images.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("`{}` holds several files of images: {}", path.display(), found.join(", "));
            return Err(DataError::Columns { message, help: Some("name the one that is meant".to_owned()) });
        }
    };
    pair(&path.join(chosen), chosen).ok_or_else(|| DataError::Extension { path: path.display().to_string() })
}

/// The two files of which one has this name, such as `train-images-idx3-ubyte.gz`.
pub(super) fn pair(path: &Path, name: &str) -> Option<Format> {
    let beside = |from: &str, to: &str| {
        let (before, after) = name.rsplit_once(from)?;
        let (axes, other_axes) = if to == "-labels" { ("idx3", "idx1") } else { ("idx1", "idx3") };
        Some(path.with_file_name(format!("{before}{to}{}", after.replacen(axes, other_axes, 1))))
    };
    if let Some(labels) = beside("-images", "-labels") {
        return Some(Format::Images { images: path.to_owned(), labels });
    }
    beside("-labels", "-images").map(|images| Format::Images { images, labels: path.to_owned() })
}

pub(super) fn open(images: &Path, labels: &Path, request: &Request<'_>) -> Result<Dataset, DataError> {
    let open: Vec<usize> = (0..request.wanted.len()).collect();
    let Roles { given, label } = fit::roles(request.wanted, &open, "a set of images")?;
    let mut memory = request.memory;
    let mut found: Vec<(usize, Column, Cells, usize)> = Vec::new();
    for (path, index) in [(images, Some(given)), (labels, label)] {
        let Some((index, input)) = index.and_then(|index| Some((index, request.wanted.get(index)?))) else { continue };
        if input.optional && !path.exists() {
            continue;
        }
        let (shape, cells) = read(path, memory)?;
        if let Cells::Bytes(bytes) = &cells {
            memory = memory.saturating_sub(bytes.len() as u64);
        }
        let [count, rest @ ..] = shape.as_slice() else { continue };
        let fitting = example(input, rest).filter(|_| input.batched && input.element != Element::Bool);
        let shape = fitting.ok_or_else(|| DataError::Shape {
            name: input.name.clone(),
            found: format!("{shape:?} in `{}`", path.display()),
            wanted: input.describe(),
            help: None,
        })?;
        let column = Column { name: input.name.clone(), element: input.element, batched: true, shape };
        found.push((index, column, cells, *count));
    }
    if let [(_, first, _, first_count), (_, second, _, second_count)] = found.as_slice()
        && first_count != second_count
    {
        return Err(DataError::Count {
            first: first.name.clone(),
            first_count: *first_count,
            second: second.name.clone(),
            second_count: *second_count,
        });
    }
    let count = found.first().map_or(0, |(.., count)| *count);
    found.sort_by_key(|(index, ..)| *index);
    let (columns, cells) = found.into_iter().map(|(_, column, cells, _)| (column, cells)).unzip();
    Ok(Dataset { count, columns, vocabularies: Vec::new(), unused: Vec::new(), store: Store::Columns(cells) })
}

/// The shape of an example: that of the file, or another with as many elements, such as `[1, 28, 28]` and `[784]`.
fn example(input: &Wanted, found: &[usize]) -> Option<Vec<usize>> {
    let same = input.shape.len() == found.len()
        && input.shape.iter().zip(found).all(|(wanted, found)| wanted.is_none_or(|wanted| wanted == *found));
    if same { Some(found.to_vec()) } else { input.shape_of(found.iter().product()) }
}

/// The sizes and the elements of a file, which are bytes: in memory if they fit there, else where they lie. Its header is
/// believed only as far as the file bears it out.
fn read(path: &Path, memory: u64) -> Result<(Vec<usize>, Cells), DataError> {
    let wrong = |message: String| {
        DataError::from(FileError::Format { path: path.display().to_string(), format: FORMAT, message })
    };
    let source = Source::open(path)?;
    let (gzipped, held) = (source.gzipped, source.size);
    let mut reader = source.reader();
    let mut start = Vec::new();
    let mut take = |reader: &mut dyn Read, length: usize| {
        start.clear();
        reader.take(length as u64).read_to_end(&mut start).map_err(|error| unreadable(path, &error))?;
        if start.len() == length { Ok(start.clone()) } else { Err(wrong("it ends within its header".to_owned())) }
    };
    let axes = match take(&mut reader, 4)?.as_slice() {
        [0, 0, 8, axes] if (1..=4).contains(axes) => usize::from(*axes),
        [0, 0, 0x09..=0x0e, _] => return Err(wrong("its elements aren't bytes, which alone can be read".to_owned())),
        _ => return Err(wrong("it doesn't begin as one".to_owned())),
    };
    let sizes = take(&mut reader, 4 * axes)?;
    let sizes = sizes.chunks_exact(4).map(|size| size.iter().fold(0usize, |all, byte| all << 8 | usize::from(*byte)));
    let shape: Vec<usize> = sizes.collect();
    let count = shape.iter().try_fold(1u64, |product, size| product.checked_mul(*size as u64));
    let count = count.ok_or_else(|| wrong(format!("its sizes, {shape:?}, can't be")))?;
    if !gzipped {
        let behind = held.saturating_sub(4 + 4 * axes as u64);
        if behind != count {
            return Err(wrong(format!("its sizes, {shape:?}, want {count} bytes, and there are {behind}")));
        }
    }
    if count > memory {
        if gzipped {
            return Err(too_large(path, count, memory, "; unpacked, it would be read in parts"));
        }
        let (file, start) = (Source::open(path)?.file(), 4 + 4 * axes as u64);
        return Ok((shape, Cells::Lying(Box::new(Lying { path: path.to_owned(), file, start, row: Vec::new() }))));
    }
    let mut bytes = Vec::new();
    // One byte more tells a file that goes on; what isn't there takes no memory.
    reader.take(count + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 == count {
        return Ok((shape, Cells::Bytes(bytes)));
    }
    let found = if bytes.len() as u64 > count { "more".to_owned() } else { bytes.len().to_string() };
    Err(wrong(format!("its sizes, {shape:?}, want {count} bytes, and there are {found}")))
}
