//! Data that is larger than the memory it may take is read in parts, in every format: the memory of this process, in which
//! no other test runs, grows by less than what a single one of the files holds.

#![cfg(target_os = "linux")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use wnet::data::{Dataset, Element, Request, Tokens, Wanted};
use wnet::tensor::SliceMut;

const MIB: u64 = 1 << 20;
/// Of the examples, each of 256 numbers.
const ROWS: usize = 5 << 10;
const WIDTH: usize = 256;

/// The most memory that this process has had.
fn peak() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// An npy file of [ROWS, WIDTH] floats, each of which is the number of its row, behind whatever was written before.
fn npy(out: &mut impl Write) {
    let head = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({ROWS}, {WIDTH}), }}");
    out.write_all(b"\x93NUMPY\x01\x00\x76\x00").unwrap();
    writeln!(out, "{head:<117}").unwrap();
    for row in 0..ROWS {
        out.write_all(&(row as f32).to_le_bytes().repeat(WIDTH)).unwrap();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let create = |name: &str| (BufWriter::new(File::create(folder.join(name)).unwrap()), folder.join(name));
    let mut made = Vec::new();
    let (mut out, path) = create("x.npy");
    npy(&mut out);
    out.flush().unwrap();
    made.push(path);
    let (out, path) = create("x.npz");
    let mut zip = zip::ZipWriter::new(out);
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("x.npy", stored).unwrap();
    npy(&mut zip);
    zip.finish().unwrap();
    made.push(path);
    let (mut out, path) = create("x.csv");
    for row in 0..ROWS {
        let line = format!("{row},").repeat(WIDTH);
        writeln!(out, "{}", line.trim_end_matches(',')).unwrap();
    }
    out.flush().unwrap();
    made.push(path);
    let (mut out, path) = create("x-images-idx3-ubyte");
    out.write_all(&[0, 0, 8, 3]).unwrap();
    [4 * ROWS as u32, 16, 16].iter().for_each(|size| out.write_all(&size.to_be_bytes()).unwrap());
    (0..4 * ROWS).for_each(|row| out.write_all(&[row as u8; WIDTH]).unwrap());
    out.flush().unwrap();
    made.push(path);
    let (mut out, path) = create("x.txt");
    for row in 0..4 * ROWS {
        let letter = char::from(b'a' + (row % 26) as u8);
        out.write_all(letter.to_string().repeat(WIDTH).as_bytes()).unwrap();
    }
    out.flush().unwrap();
    made.push(path);
    made
}

#[test]
fn data_larger_than_memory_is_read_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let before = peak();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(fs::metadata(&path).unwrap().len() >= 5 * MIB, "{name} is small");
        let is_text = name.ends_with("txt");
        let element = if is_text { Element::Int } else { Element::Float };
        let input = Wanted { name: "x".to_owned(), element, batched: true, shape: vec![Some(WIDTH)], optional: false };
        let tokens = Tokens::Characters;
        let request = Request { wanted: &[input], memory: MIB, window: None, tokens, vocabularies: None };
        let mut data = Dataset::open::<f32>(&path, &request).unwrap();
        assert!(data.is_streamed(), "{name}");
        let (mut floats, mut ints) = (vec![0.0f32; 16 * WIDTH], vec![0i64; 16 * WIDTH]);
        for first in (0..data.n_examples()).step_by(16) {
            let rows: Vec<usize> = (first..first + 16).collect();
            let out = if is_text { SliceMut::Int(&mut ints) } else { SliceMut::Float(&mut floats) };
            data.fetch(0, &rows, out).unwrap();
            let last = first + 15;
            let (found, wanted) = match name.as_str() {
                "x.txt" => (ints[16 * WIDTH - 1] as f32, (last % 26) as f32),
                "x-images-idx3-ubyte" => ((255.0 * floats[16 * WIDTH - 1]).round(), (last % 256) as f32),
                _ => (floats[16 * WIDTH - 1], last as f32),
            };
            assert_eq!(found, wanted, "{name}");
        }
        let grown = peak() - before;
        assert!(grown < 4 * MIB, "{name}: {grown} bytes");
    }
}
