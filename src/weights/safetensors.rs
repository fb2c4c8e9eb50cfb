//! The safetensors format, <https://github.com/huggingface/safetensors#format>.

use super::elements::{Stored, Unreadable, blocks};
use super::{Array, Contents, Elements, FileError, Room};
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};

/// The longest header, as in the format's own reader.
const MAX_HEADER: u64 = 100_000_000;
const FORMAT: &str = "a safetensors file";

pub(super) fn read(file: File, file_size: u64, room: &mut Room<'_>) -> Result<Contents, FileError> {
    let mut source = BufReader::new(file);
    let header = header(&mut source, file_size).map_err(|message| room.wrong(FORMAT, message))?;
    let metadata = serde_json::from_slice(&header);
    let metadata: Metadata = metadata.map_err(|error| room.wrong(FORMAT, format!("its header: {error}")))?;
    if let Ok(Names { repeated: Some(name) }) = serde_json::from_slice(&header) {
        return Err(room.duplicate(&name));
    }
    let (wanted, held) = (metadata.data_len() as u64, file_size - 8 - header.len() as u64);
    if wanted != held {
        return Err(room.wrong(FORMAT, format!("it wants {wanted} bytes of elements, and there are {held}")));
    }
    let mut contents = Contents::default();
    if let Some(texts) = metadata.metadata() {
        contents.metadata.extend(texts.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    // They follow one another without gaps; that was checked with the header.
    for name in metadata.offset_keys() {
        let Some(info) = metadata.info(&name) else { continue };
        let Some(stored) = stored(info.dtype) else {
            return Err(room.element(&name, format!("elements of the type {:?}", info.dtype)));
        };
        let count = info.shape.iter().product();
        room.take(count, stored)?;
        let elements = stored.read(&mut source, count, false).map_err(|error| match error {
            Unreadable::Source(error) => room.wrong(FORMAT, error.to_string()),
            Unreadable::Value(found) => room.element(&name, found),
            Unreadable::Memory => room.refused(),
        })?;
        contents.arrays.insert(name, Array { shape: info.shape.clone(), elements });
    }
    contents.arrays.sort_keys();
    Ok(contents)
}

/// The JSON in front of the elements. `Err` says why it can't be.
fn header(source: &mut impl Read, file_size: u64) -> Result<Vec<u8>, String> {
    let mut field = [0; 8];
    source.read_exact(&mut field).map_err(|_| "it has no header".to_owned())?;
    let length = u64::from_le_bytes(field);
    if length > file_size.saturating_sub(8) {
        return Err(format!("its header would have {length} bytes, and it ends before"));
    }
    if length > MAX_HEADER {
        return Err(format!("its header has {length} bytes, and {MAX_HEADER} are the most"));
    }
    let mut bytes = vec![0; length as usize];
    source.read_exact(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The keys of a header, of which a JSON reader keeps the last of each.
struct Names {
    repeated: Option<String>,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Names;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut seen = HashSet::new();
                let mut repeated = None;
                while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
                    if let Some(key) = seen.replace(key) {
                        repeated.get_or_insert(key);
                    }
                }
                Ok(Names { repeated })
            }
        }
        deserializer.deserialize_map(Keys)
    }
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
