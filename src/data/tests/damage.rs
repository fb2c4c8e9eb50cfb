//! Damaged files of every format: cut after every byte, changed at random. Whatever comes of it, it comes back, and every
//! example that is promised can be fetched or is refused.

use super::*;
use crate::tensor::random::Stream;

/// A file of each format, with the inputs that it has.
fn formats() -> Vec<(&'static str, Vec<u8>, Vec<Wanted>)> {
    let folder = folder();
    let array = |shape: &[usize], elements| crate::weights::Array { shape: shape.to_vec(), elements };
    let arrays = [
        ("x", array(&[3, 2], crate::weights::Elements::F32(vec![0.5; 6]))),
        ("label", array(&[3], crate::weights::Elements::I64(vec![1; 3]))),
    ];
    let path = folder.path().join("a.npz");
    crate::weights::write(&path, arrays.iter().map(|(name, array)| (*name, array)), &[]).unwrap();
    let pair = vec![floats("x", &[Some(2)]), ints("label", &[])];
    let table = b"a,b,label\n0.5,1,cat\n\"2\",3,\"d\"\"g\"\n4,5,cat\n";
    let pixels = images::idx(&[3, 2], &[1, 2, 3, 4, 5, 6]);
    vec![
        ("a.npz", fs::read(path).unwrap(), pair.clone()),
        ("a.csv", table.to_vec(), pair.clone()),
        ("a.csv.gz", gzipped(table), pair.clone()),
        ("a-images", pixels.clone(), pair.clone()),
        ("a-images.gz", gzipped(&pixels), pair),
        ("a.txt", "a→bcé defgh".as_bytes().to_vec(), vec![ints("x", &[Some(3)]), ints("target", &[Some(3)])]),
    ]
}

/// Opens it with room for it and without, and fetches every example.
fn survives(path: &Path, inputs: &[Wanted]) -> usize {
    let mut opened = 0;
    for memory in [1 << 20, 60] {
        let Ok(mut data) = Dataset::open::<f32>(path, &Request { memory, ..request(inputs) }) else { continue };
        opened += 1;
        assert!(data.n_examples() <= 1000, "{}", data.n_examples());
        let rows: Vec<usize> = (0..data.n_examples()).collect();
        for column in 0..data.columns().len() {
            let length = data.columns()[column].len() * rows.len();
            let _ = data.fetch::<f32>(column, &rows, SliceMut::Int(&mut vec![0; length]));
            let _ = data.fetch(column, &rows, SliceMut::Float(&mut vec![0.0f32; length]));
        }
    }
    opened
}

#[test]
fn no_damage_makes_it_panic() {
    let mut stream = Stream::new(1, "damage");
    for (name, good, inputs) in formats() {
        let folder = folder();
        file(&folder, "a-labels", images::idx(&[3], &[0, 1, 2]));
        file(&folder, "a-labels.gz", gzipped(&images::idx(&[3], &[0, 1, 2])));
        assert!(survives(&file(&folder, name, &good), &inputs) >= 1, "{name}");
        for length in 0..good.len() {
            survives(&file(&folder, name, &good[..length]), &inputs);
        }
        for _ in 0..200 {
            let mut bytes = good.clone();
            for _ in 0..=stream.below(3) {
                let at = stream.below(bytes.len() as u64) as usize;
                match stream.below(3) {
                    0 => bytes[at] ^= 1 << stream.below(8),
                    1 => bytes[at] = stream.below(256) as u8,
                    _ => bytes.insert(at, b"\",\n;0\0"[stream.below(6) as usize]),
                }
            }
            survives(&file(&folder, name, &bytes), &inputs);
        }
    }
}

/// A file that ends early isn't taken for a shorter one, unless it is one.
#[test]
fn what_ends_early_is_refused() {
    for (name, good, inputs) in formats().into_iter().filter(|(name, ..)| !matches!(*name, "a.csv" | "a.txt")) {
        let folder = folder();
        file(&folder, "a-labels", images::idx(&[3], &[0, 1, 2]));
        file(&folder, "a-labels.gz", gzipped(&images::idx(&[3], &[0, 1, 2])));
        for length in 0..good.len() {
            let path = file(&folder, name, &good[..length]);
            assert!(Dataset::open::<f32>(&path, &request(&inputs)).is_err(), "{name} of {length} bytes");
        }
    }
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_opened() {
    let folder = folder();
    let inputs = [ints("x", &[Some(2)]), ints("label", &[])];
    for name in ["data.csv", "data.txt", "a-images", "data.npz"] {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert_eq!(said(&path, &request(&inputs)), format!("can't read `{name}`: it isn't a regular file"));
    }
    let path = folder.path().join("none.csv");
    assert!(said(&path, &request(&inputs)).starts_with("can't read `none.csv`: "));
    let path = file(&folder, "data.parquet", b"PAR1");
    assert!(said(&path, &request(&inputs)).starts_with("the format of the data in `data.parquet` isn't known | "));
}
