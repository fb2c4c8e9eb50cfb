//! The safetensors format, <https://github.com/huggingface/safetensors#format>.

use super::elements::{Stored, blocks};
use super::{Array, Contents, Elements, FileError, bytes};
use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value as Json, json};
use std::io::{self, Write};
use std::path::Path;

pub(super) fn read(path: &Path) -> Result<Contents, FileError> {
    let bytes = bytes(path)?;
    let wrong =
        |message: String| FileError::Format { path: path.display().to_string(), format: "a safetensors file", message };
    let file = SafeTensors::deserialize(&bytes).map_err(|error| wrong(error.to_string()))?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| wrong(error.to_string()))?;
    let mut contents = Contents::default();
    if let Some(metadata) = header.metadata() {
        contents.metadata.extend(metadata.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    // The reader's own order is that of a hash table.
    let mut tensors = file.tensors();
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, tensor) in tensors {
        let element =
            |found: String| FileError::Element { path: path.display().to_string(), name: name.clone(), found };
        let Some(stored) = stored(tensor.dtype()) else {
            return Err(element(format!("elements of the type {:?}", tensor.dtype())));
        };
        let elements = stored.read(tensor.data(), false).map_err(element)?;
        contents.arrays.insert(name, Array { shape: tensor.shape().to_vec(), elements });
    }
    Ok(contents)
}

fn stored(dtype: Dtype) -> Option<Stored> {
    Some(match dtype {
        Dtype::F64 => Stored::F64,
        Dtype::F32 => Stored::F32,
        Dtype::F16 => Stored::F16,
        Dtype::BF16 => Stored::Bf16,
        Dtype::I8 => Stored::Signed(1),
        Dtype::I16 => Stored::Signed(2),
        Dtype::I32 => Stored::Signed(4),
        Dtype::I64 => Stored::Signed(8),
        Dtype::U8 => Stored::Unsigned(1),
        Dtype::U16 => Stored::Unsigned(2),
        Dtype::U32 => Stored::Unsigned(4),
        Dtype::U64 => Stored::Unsigned(8),
        Dtype::BOOL => Stored::Bool,
        _ => return None,
    })
}

/// Wide elements come first, so that all are aligned; then by name.
pub(super) fn write(out: &mut impl Write, arrays: &[(&str, &Array)], metadata: &[(&str, &str)]) -> io::Result<()> {
    let size = |array: &Array| match array.elements {
        Elements::F64(_) | Elements::I64(_) => 8,
        Elements::F32(_) => 4,
        Elements::Bool(_) => 1,
    };
    let mut arrays = arrays.to_vec();
    arrays.sort_by(|(a, left), (b, right)| size(right).cmp(&size(left)).then(a.cmp(b)));
    let mut header = Map::new();
    if !metadata.is_empty() {
        let texts: Map<String, Json> = metadata.iter().map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
        header.insert("__metadata__".to_owned(), Json::Object(texts));
    }
    let mut end = 0;
    for (name, array) in &arrays {
        let dtype = match array.elements {
            Elements::F64(_) => "F64",
            Elements::I64(_) => "I64",
            Elements::F32(_) => "F32",
            Elements::Bool(_) => "BOOL",
        };
        let start = end;
        end += array.elements.len() * size(array);
        header.insert((*name).to_owned(), json!({"dtype": dtype, "shape": array.shape, "data_offsets": [start, end]}));
    }
    let mut header = Json::Object(header).to_string();
    header.extend(std::iter::repeat_n(' ', (8 - header.len() % 8) % 8));
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    for (_, array) in &arrays {
        blocks(&array.elements, |bytes| out.write_all(bytes))?;
    }
    Ok(())
}
