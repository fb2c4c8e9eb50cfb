//! Round trips, damaged files, and files that lie about their size.

use super::*;
use crate::tensor::random::Stream;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn arrays() -> Vec<(&'static str, Array)> {
    vec![
        (
            "layer.weight",
            Array { shape: vec![2, 3], elements: Elements::F32(vec![1.5, -0.0, f32::NAN, 3e-42, 5.0, 6.0]) },
        ),
        ("table", Array { shape: vec![2, 1, 2], elements: Elements::F64(vec![1e300, -2.0, f64::INFINITY, 4.0]) }),
        ("ids", Array { shape: vec![3], elements: Elements::I64(vec![i64::MIN, 0, i64::MAX]) }),
        ("mask", Array { shape: vec![2], elements: Elements::Bool(vec![true, false]) }),
        ("scalar", Array { shape: vec![], elements: Elements::F32(vec![7.0]) }),
        ("none", Array { shape: vec![0, 4], elements: Elements::F32(vec![]) }),
    ]
}

fn write_all(path: &Path) -> Vec<u8> {
    let arrays = arrays();
    write(path, arrays.iter().map(|(name, array)| (*name, array)), &[("wnet.aliases", "{\"a\": 1}")]).unwrap();
    fs::read(path).unwrap()
}

/// Equal bit for bit, so that NaN equals itself.
fn same(a: &Array, b: &Array) -> bool {
    let bits = |array: &Array| match &array.elements {
        Elements::F32(elements) => elements.iter().map(|x| u64::from(x.to_bits())).collect::<Vec<_>>(),
        Elements::F64(elements) => elements.iter().map(|x| x.to_bits()).collect(),
        Elements::I64(elements) => elements.iter().map(|x| *x as u64).collect(),
        Elements::Bool(elements) => elements.iter().map(|x| u64::from(*x)).collect(),
    };
    a.shape == b.shape && a.elements.name() == b.elements.name() && bits(a) == bits(b)
}

#[test]
fn what_is_written_is_read() {
    let folder = folder();
    for name in ["a.npz", "a.safetensors"] {
        let path = folder.path().join(name);
        let first = write_all(&path);
        let contents = read(&path).unwrap();
        assert_eq!(contents.arrays.len(), arrays().len());
        for (name, array) in arrays() {
            assert!(same(&contents.arrays[name], &array), "{name}");
        }
        assert_eq!(write_all(&path), first, "the same arrays, the same bytes");
        assert_eq!(
            fs::read_dir(folder.path())
                .unwrap()
                .filter(|entry| entry.as_ref().unwrap().path().extension().unwrap() == "tmp")
                .count(),
            0
        );
    }
    let contents = read(&folder.path().join("a.safetensors")).unwrap();
    assert_eq!(contents.metadata["wnet.aliases"], "{\"a\": 1}");
}

fn npy(folder: &Path, header: &str, data: &[u8]) -> PathBuf {
    let path = folder.join("x.npy");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn numpys_variants_are_read() {
    let folder = folder();
    let read = |header: &str, data: &[u8]| {
        read(&npy(folder.path(), header, data))
            .map(|contents| contents.arrays["x"].clone())
            .map_err(|error| error.to_string())
    };
    let ints =
        |shape: &[usize], values: &[i64]| Ok(Array { shape: shape.to_vec(), elements: Elements::I64(values.to_vec()) });
    assert_eq!(
        read("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }\n", &[1, 0, 0, 0, 255, 255, 255, 255]),
        ints(&[2], &[1, -1])
    );
    assert_eq!(read("{'descr': '>i2', 'fortran_order': False, 'shape': (), }\n", &[1, 0]), ints(&[], &[256]));
    assert_eq!(
        read("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", &[0, 3, 1, 4, 2, 5]),
        ints(&[2, 3], &[0, 1, 2, 3, 4, 5])
    );
    for (header, data) in [
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n", &[0; 8][..]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }\n", &[]),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n", &[]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 18446744073709551615), }\n", &[1]),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", &[]),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", &[0; 8]),
        ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }\n", &[0; 8]),
        ("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }\n", &[0; 12]),
        ("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }\n", &[255; 8]),
        ("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }\n", &[7]),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }\n", &[0; 4]),
        ("{'descr': '<f4', 'shape': (1,), }\n", &[0; 4]),
        ("{'descr': '<f4', 'fortran_order': 3, 'shape': (1,), }\n", &[0; 4]),
        ("nonsense", &[]),
        ("", &[]),
    ] {
        assert!(read(header, data).is_err(), "{header}");
    }
}

#[test]
fn no_damage_makes_it_panic() {
    let folder = folder();
    let mut stream = Stream::new(1, "damage");
    for name in ["a.npz", "a.safetensors", "x.npy"] {
        let path = folder.path().join(name);
        let good = if name == "x.npy" {
            let path = npy(folder.path(), "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", &[0; 8]);
            fs::read(path).unwrap()
        } else {
            write_all(&path)
        };
        for _ in 0..1500 {
            let mut bytes = good.clone();
            for _ in 0..=stream.below(3) {
                let at = stream.below(bytes.len() as u64) as usize;
                match stream.below(3) {
                    0 => bytes[at] ^= 1 << stream.below(8),
                    1 => bytes[at] = stream.below(256) as u8,
                    _ => bytes.truncate(at.max(1)),
                }
            }
            fs::write(&path, &bytes).unwrap();
            // What is read may be right by chance; it must only come back.
            let _ = read(&path);
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_grows() {
    let folder = folder();
    let path = folder.path().join("bomb.npz");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("x.npy", options).unwrap();
    archive.write_all(&vec![0; 50 << 20]).unwrap();
    archive.finish().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    assert!(matches!(read(&path), Err(FileError::Format { .. })), "zeros are no npy file");
    // The central directory claims a terabyte.
    let at = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[at + 24..at + 28].copy_from_slice(&u32::MAX.to_le_bytes()[..4]);
    fs::write(&path, bytes).unwrap();
    assert!(read(&path).is_err());
}

/// An archive of entries by name, without compression.
fn zipped(path: &Path, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in entries {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    fs::read(path).unwrap()
}

const SCALAR: &[u8] = b"\x93NUMPY\x01\x00\x36\x00{'descr': '<f4', 'fortran_order': False, 'shape': ()}\n\0\0\x80\x3f";

#[test]
fn a_name_may_be_there_once() {
    let folder = folder();
    let path = folder.path().join("a.npz");
    // The writer refuses to repeat a name, so the second is changed behind its back, in both of its places.
    let mut bytes = zipped(&path, &[("x.npy", SCALAR), ("y.npy", SCALAR)]);
    assert_eq!(read(&path).unwrap().arrays.len(), 2);
    for at in (0..bytes.len() - 5).rev().filter(|at| &bytes[*at..at + 5] == b"y.npy").collect::<Vec<_>>() {
        bytes[at] = b'x';
    }
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(read(&path), Err(FileError::Duplicate { name, .. }) if name == "x"));
    // An archive may have something in front of it.
    bytes.splice(0..0, *b"#!/bin/sh\n");
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(read(&path), Err(FileError::Duplicate { name, .. }) if name == "x"));
    zipped(&path, &[("x.npy", SCALAR), ("x", SCALAR)]);
    assert!(matches!(read(&path), Err(FileError::Duplicate { name, .. }) if name == "x"));

    let path = folder.path().join("a.safetensors");
    for offsets in ["[4,8]", "[0,4]"] {
        let tensor = |offsets: &str| format!("\"a\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{offsets}}}");
        let header = format!("{{{},{}}}", tensor("[0,4]"), tensor(offsets));
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend([0; 4]);
        fs::write(&path, &bytes).unwrap();
        assert!(read(&path).is_err(), "{header}");
    }
}

#[test]
fn checksums_and_ends_are_looked_at() {
    let folder = folder();
    let path = folder.path().join("a.npz");
    let good = zipped(&path, &[("x.npy", SCALAR)]);
    assert_eq!(read(&path).unwrap().arrays["x"].elements, Elements::F32(vec![1.0]));
    let mut bytes = good.clone();
    let at = bytes.windows(4).position(|window| window == [0, 0, 0x80, 0x3f]).unwrap();
    bytes[at] = 1;
    fs::write(&path, &bytes).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("checksum"), "{}", read(&path).unwrap_err());
    let mut longer = SCALAR.to_vec();
    longer.push(0);
    zipped(&path, &[("x.npy", &longer)]);
    assert!(read(&path).unwrap_err().to_string().contains("wants 4 bytes of elements, and there are 5"));
    for end in 0..good.len() {
        fs::write(&path, &good[..end]).unwrap();
        assert!(read(&path).is_err(), "{end}");
    }
}

#[test]
fn a_file_that_takes_too_much_is_refused_by_what_it_says() {
    let folder = folder();
    for name in ["a.npz", "a.safetensors"] {
        let path = folder.path().join(name);
        write_all(&path);
        // 4·6 + 8·4 + 8·3 + 2 + 4 + 0 bytes.
        assert!(read_within(&path, 86).is_ok());
        let error = read_within(&path, 85).unwrap_err().to_string();
        assert!(error.contains("86 bytes of memory or more, and 85 may be taken"), "{error}");
    }
    // A narrow int takes eight times as much in memory.
    let path = npy(folder.path(), "{'descr': '|i1', 'fortran_order': False, 'shape': (9,), }\n", &[0; 9]);
    assert!(read_within(&path, 71).is_err() && read_within(&path, 72).is_ok());
}

#[test]
fn only_regular_files_are_read_and_replaced() {
    let folder = folder();
    for path in [Path::new("/dev/zero.npz"), folder.path(), Path::new("no/such/file.npz")] {
        let error = read(path).unwrap_err();
        assert!(error.is_path_problem(), "{error}");
    }
    let directory = folder.path().join("d.npz");
    fs::create_dir(&directory).unwrap();
    assert!(read(&directory).unwrap_err().to_string().contains("regular"));
    let array = Array { shape: vec![], elements: Elements::F32(vec![1.0]) };
    assert!(write(&directory, [("a", &array)], &[]).unwrap_err().is_path_problem());
    assert!(write(&folder.path().join("none/a.npz"), [("a", &array)], &[]).is_err());
}
