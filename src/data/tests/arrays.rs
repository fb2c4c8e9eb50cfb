//! npz, npy and folders of npy.

use super::*;
use crate::weights::{self, Array, Elements};

fn array(shape: &[usize], elements: Elements) -> Array {
    Array { shape: shape.to_vec(), elements }
}

fn counted(shape: &[usize]) -> Array {
    let count: usize = shape.iter().product();
    array(shape, Elements::F32((0..count).map(|index| index as f32).collect()))
}

fn npz(folder: &tempfile::TempDir, arrays: &[(&str, Array)]) -> PathBuf {
    let path = folder.path().join("data.npz");
    weights::write(&path, arrays.iter().map(|(name, array)| (*name, array)), &[]).unwrap();
    path
}

/// The npy file inside of an npz file that holds one array, stored.
fn npy(array: &Array) -> Vec<u8> {
    let folder = folder();
    let bytes = fs::read(npz(&folder, &[("a", array.clone())])).unwrap();
    let start = bytes.windows(6).position(|window| window == b"\x93NUMPY").unwrap();
    let end = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[start..end].to_vec()
}

fn inputs() -> Vec<Wanted> {
    let scale = Wanted { batched: false, ..floats("scale", &[Some(2)]) };
    vec![floats("x", &[None, Some(2)]), ints("label", &[]), scale, wanted("mask", Element::Bool, &[])]
}

fn arrays() -> Vec<(&'static str, Array)> {
    vec![
        ("mask", array(&[4], Elements::Bool(vec![true, false, false, true]))),
        ("label", array(&[4], Elements::I64(vec![3, 1, 4, 1]))),
        ("x", counted(&[4, 3, 2])),
        ("scale", array(&[2], Elements::F32(vec![0.5, 2.0]))),
    ]
}

#[test]
fn examples_are_rows_in_memory_and_in_the_file() {
    let folder = folder();
    let path = npz(&folder, &arrays());
    let inputs = inputs();
    for memory in [1 << 20, 130] {
        let request = Request { memory, ..request(&inputs) };
        // What isn't batched is always in memory, so a file with such an array isn't read in parts.
        if memory == 130 {
            assert!(said(&path, &request).contains("`scale` has no batch axis"), "{}", said(&path, &request));
            continue;
        }
        let mut data = Dataset::open::<f32>(&path, &request).unwrap();
        assert_eq!((data.n_examples(), data.is_streamed()), (4, false));
        let names: Vec<&str> = data.columns().iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["x", "label", "scale", "mask"], "in the order of the inputs");
        assert_eq!(data.columns()[0].shape, [3, 2]);
        assert_eq!(fetched(&mut data, 0, &[3, 0]), [18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(fetched_ints(&mut data, 1, &[2, 2, 1]), [4, 4, 1]);
        assert_eq!(fetched(&mut data, 2, &[]), [0.5, 2.0]);
        let mut mask = [true; 2];
        data.fetch::<f32>(3, &[1, 3], SliceMut::Bool(&mut mask)).unwrap();
        assert_eq!(mask, [false, true]);
    }
}

#[test]
fn what_is_larger_than_memory_is_read_in_parts() {
    let folder = folder();
    let inputs = [floats("x", &[None, Some(2)]), ints("label", &[])];
    let arrays = &arrays()[1..3];
    let path = npz(&folder, arrays);
    let pieces = folder.path().join("pieces");
    fs::create_dir(&pieces).unwrap();
    for (name, array) in arrays {
        fs::write(pieces.join(format!("{name}.npy")), npy(array)).unwrap();
    }
    for path in [path, pieces] {
        let request = Request { memory: 20, ..request(&inputs) };
        let mut data = Dataset::open::<f32>(&path, &request).unwrap();
        assert_eq!((data.n_examples(), data.is_streamed()), (4, true));
        assert_eq!(fetched(&mut data, 0, &[3, 1])[..7], [18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 6.0]);
        assert_eq!(fetched_ints(&mut data, 1, &[2, 2, 1]), [4, 4, 1]);
        let whole = Request { memory: 1 << 20, ..request.clone() };
        let mut whole = Dataset::open::<f32>(&path, &whole).unwrap();
        assert!(!whole.is_streamed());
        for column in 0..2 {
            let rows = [1, 3, 0, 2];
            if column == 0 {
                assert_eq!(fetched(&mut whole, 0, &rows), fetched(&mut data, 0, &rows));
            } else {
                assert_eq!(fetched_ints(&mut whole, 1, &rows), fetched_ints(&mut data, 1, &rows));
            }
        }
    }
}

#[test]
fn a_single_array_has_the_name_of_its_file() {
    let folder = folder();
    let path = file(&folder, "x.npy", npy(&counted(&[3, 2])));
    let inputs = [floats("x", &[Some(2)]), Wanted { optional: true, ..ints("label", &[]) }];
    let mut data = Dataset::open::<f32>(&path, &request(&inputs)).unwrap();
    assert_eq!((data.n_examples(), data.columns().len()), (3, 1));
    assert_eq!(fetched(&mut data, 0, &[2]), [4.0, 5.0]);
}

type Change<'a> = &'a dyn Fn(&mut Vec<(&'static str, Array)>);

#[test]
fn what_does_not_go_with_the_inputs_is_said() {
    let folder = folder();
    let with = |change: Change<'_>| {
        let mut arrays = arrays();
        change(&mut arrays);
        said(&npz(&folder, &arrays), &request(&inputs()))
    };
    assert_eq!(with(&|_| {}), "opened, 4 examples");
    let cases: [(Change<'_>, &str); 7] = [
        (&|all| all[1].0 = "lable", "`lable` in the data is no input of the model | `label` is near to it"),
        (
            &|all| {
                all.remove(1);
            },
            "the data has no array for the input `label` | arrays have the names of the inputs",
        ),
        (
            &|all| all[1].1 = array(&[3], Elements::I64(vec![1; 3])),
            "`x` has 4 examples, and `label` has 3 | every example has its row in each array",
        ),
        (&|all| all[2].1 = counted(&[4, 3, 3]), "`x` is [4, 3, 3], and [batch, _, 2] is wanted"),
        (&|all| all[2].1 = counted(&[]), "`x` is [], and [batch, _, 2] is wanted"),
        (&|all| all[1].1 = counted(&[4]), "`label` holds f32, and int is wanted"),
        (
            &|all| all[3].1 = array(&[2], Elements::F64(vec![1.0; 2])),
            "`scale` holds f64, and f32 is wanted | run in the type of the data: `--dtype f64`",
        ),
    ];
    for (change, message) in cases {
        assert_eq!(with(change), message);
    }
    let none = npz(&folder, &[("x", counted(&[0, 2]))]);
    assert_eq!(said(&none, &request(&[floats("x", &[Some(2)])])), "there are no examples in `data.npz`");
}

#[test]
fn what_can_only_be_read_whole_is_said_to_be_too_large() {
    let folder = folder();
    let inputs = [floats("x", &[Some(100)])];
    let request = Request { memory: 100, ..request(&inputs) };
    let path = folder.path().join("packed.npz");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("x.npy", options).unwrap();
    std::io::Write::write_all(&mut archive, &npy(&counted(&[3, 100]))).unwrap();
    archive.finish().unwrap();
    let message = "is too large: its arrays take 1200 bytes of memory or more, and 100 may be taken; written without \
                   compression and row by row, it would be read in parts";
    assert_eq!(said(&path, &request), format!("`packed.npz` {message}"));
    let mut columns = npy(&counted(&[3, 100]));
    let at = columns.windows(5).position(|window| window == b"False").unwrap();
    columns[at..at + 5].copy_from_slice(b"True ");
    let path = file(&folder, "x.npy", columns);
    assert_eq!(said(&path, &request), format!("`x.npy` {message}"));
}

#[test]
fn a_file_that_shrinks_is_an_error_of_the_file() {
    let folder = folder();
    let inputs = [floats("x", &[Some(100)])];
    let path = file(&folder, "x.npy", npy(&counted(&[3, 100])));
    let mut data = Dataset::open::<f32>(&path, &Request { memory: 100, ..request(&inputs) }).unwrap();
    fs::write(&path, npy(&counted(&[1, 100]))).unwrap();
    let mut out = [0.0; 100];
    assert!(data.fetch(0, &[0], SliceMut::Float(&mut out)).is_ok());
    let error = data.fetch(0, &[2], SliceMut::Float(&mut out)).unwrap_err().to_string();
    assert!(
        error.ends_with("isn't an npy file: row 2 of the array `x` can't be read: failed to fill whole buffer"),
        "{error}"
    );
    assert!(data.fetch(0, &[3], SliceMut::Float(&mut out)).is_err(), "there is no row 3");
}
