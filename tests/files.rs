//! Data, weights and results in files, through the program: which keys and types are read and written, what is refused
//! and by which name, and that the same run writes the same bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{Folder, Ran, examples, run_flags, wnetc};
use std::path::Path;
use wnet::weights::{self, Array, Contents, Elements};

fn f32s(shape: &[usize], values: &[f32]) -> Array {
    Array { shape: shape.to_vec(), elements: Elements::F32(values.to_vec()) }
}

fn zeros(shape: &[usize]) -> Array {
    f32s(shape, &vec![0.0; shape.iter().product()])
}

fn ints(shape: &[usize], values: &[i64]) -> Array {
    Array { shape: shape.to_vec(), elements: Elements::I64(values.to_vec()) }
}

fn write(folder: &Folder, name: &str, arrays: &[(&str, Array)]) -> String {
    let path = folder.path(name);
    weights::write(Path::new(&path), arrays.iter().map(|(name, array)| (*name, array)), &[]).unwrap();
    path
}

fn read(folder: &Folder, name: &str) -> Contents {
    weights::read(Path::new(&folder.path(name))).unwrap()
}

fn keys(contents: &Contents) -> Vec<&str> {
    contents.arrays.keys().map(String::as_str).collect()
}

fn floats(array: &Array) -> &[f32] {
    match &array.elements {
        Elements::F32(values) => values,
        other => panic!("{other:?}"),
    }
}

fn fine(command: &str) -> Ran {
    let ran = wnetc(command);
    assert_eq!(ran.status, Some(0), "{command}: {}", ran.all());
    ran
}

/// One model with a param in two slots, one of them transposed, a frozen layer and an int input that only the loss needs.
const MODEL: &str = "\
model M {
  input x: [batch, 3]
  input ids: int[batch]
  param table: [3, 3] = normal(std=0.5)
  layer a = Linear(3, 3) weight=@table
  layer b = Linear(3, 3, bias=false) weight=@table.T
  frozen layer c = Linear(3, 2)
  h = x -> a -> tanh -> b
  y = h -> c
  output y, h
  loss cross_entropy(y, ids)
}
";

fn data() -> Vec<(&'static str, Array)> {
    vec![("x", f32s(&[2, 3], &[0.5, -1.0, 2.0, 0.0, 1.5, -0.25])), ("ids", ints(&[2], &[1, 0]))]
}

fn weights_of() -> Vec<(&'static str, Array)> {
    vec![
        ("table", f32s(&[3, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])),
        ("a.bias", f32s(&[3], &[0.1, 0.2, 0.3])),
        ("c.weight", f32s(&[2, 3], &[1.0, 0.0, -1.0, 0.5, 0.5, 0.5])),
        ("c.bias", f32s(&[2], &[0.0, 1.0])),
    ]
}

#[test]
fn results_are_keyed_by_their_names() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    let data = write(&folder, "data.npz", &data());
    let ran = fine(&format!(
        "run {model} --data {data} --backward --outputs {} --grads {} --save-weights {}",
        folder.path("out.npz"),
        folder.path("grads.npz"),
        folder.path("w.safetensors")
    ));
    assert_eq!(ran.err, "");
    let outputs = read(&folder, "out.npz");
    assert_eq!(keys(&outputs), ["y", "h"]);
    assert_eq!((&outputs.arrays["y"].shape, &outputs.arrays["h"].shape), (&vec![2, 2], &vec![2, 3]));
    // Every trained storage once, and the float input; nothing of the frozen layer.
    assert_eq!(keys(&read(&folder, "grads.npz")), ["table", "a.bias", "input.x"]);
    let saved = read(&folder, "w.safetensors");
    assert_eq!(keys(&saved), ["a.bias", "c.bias", "c.weight", "table"], "owners only");
    let aliases: serde_json::Value = serde_json::from_str(&saved.metadata["wnet.aliases"]).unwrap();
    let wanted = serde_json::json!({
        "a.weight": {"owner": "table", "view": "whole"},
        "b.weight": {"owner": "table", "view": ".T"},
    });
    assert_eq!(aliases, wanted);
    assert_eq!(folder.names(), ["data.npz", "grads.npz", "m.wnet", "out.npz", "w.safetensors"]);
}

#[test]
fn what_was_saved_is_loaded() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    let data = write(&folder, "data.npz", &data());
    for name in ["w.safetensors", "w.npz"] {
        let path = folder.path(name);
        fine(&format!("run {model} --data {data} --seed 7 --save-weights {path} --outputs {}", folder.path("a.npz")));
        fine(&format!("run {model} --data {data} --seed 8 --weights {path} --outputs {}", folder.path("b.npz")));
        assert_eq!(folder.read("a.npz"), folder.read("b.npz"));
        fine(&format!("run {model} --data {data} --seed 8 --outputs {}", folder.path("c.npz")));
        assert_ne!(folder.read("a.npz"), folder.read("c.npz"));
        // In place, over the file that was read.
        let before = folder.read(name);
        fine(&format!("run {model} --data {data} --weights {path} --save-weights {path}"));
        assert_eq!(folder.read(name), before);
    }
}

/// An owner's key or any member's, through its view; several if they agree.
#[test]
fn a_storage_is_found_under_any_of_its_names() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    let data = write(&folder, "data.npz", &data());
    let table = weights_of()[0].1.clone();
    let turned = f32s(&[3, 3], &[1.0, 4.0, 7.0, 2.0, 5.0, 8.0, 3.0, 6.0, 9.0]);
    let rest = || weights_of().into_iter().skip(1);
    let run = |arrays: Vec<(&'static str, Array)>| {
        let path = write(&folder, "w.safetensors", &arrays);
        wnetc(&format!("run {model} --data {data} --weights {path} --outputs {}", folder.path("out.npz")))
    };
    let mut results = Vec::new();
    for own in [
        vec![("table", table.clone())],
        vec![("a.weight", table.clone())],
        vec![("b.weight", turned.clone())],
        vec![("a.weight", table.clone()), ("b.weight", turned.clone()), ("table", table.clone())],
    ] {
        let ran = run(own.into_iter().chain(rest()).collect());
        assert_eq!(ran.status, Some(0), "{}", ran.all());
        results.push(folder.read("out.npz"));
    }
    assert!(results.iter().all(|result| *result == results[0]));
    let mut other = turned.clone();
    if let Elements::F32(values) = &mut other.elements {
        values[1] = 4.5;
        values[2] = 6.75;
    }
    let ran = run([("a.weight", table.clone()), ("b.weight", other)].into_iter().chain(rest()).collect());
    assert_eq!(ran.status, Some(1));
    let wanted =
        "error[weights-disagree]: `a.weight` and `b.weight` are one storage, and their elements differ by up to 0.5";
    assert!(ran.err.starts_with(wanted), "{}", ran.err);
    // PyTorch counts batches; no model of ours needs that.
    let counter = [("table", table), ("norm.num_batches_tracked", ints(&[], &[3]))];
    assert_eq!(run(counter.into_iter().chain(rest()).collect()).status, Some(0));
}

#[test]
fn every_wrong_array_is_named() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    let count = std::cell::Cell::new(0);
    let next = |name: &str| {
        count.set(count.get() + 1);
        format!("{}{name}", count.get())
    };
    let data_with = |name: &'static str, array: Option<Array>| {
        let mut arrays: Vec<(&str, Array)> = data().into_iter().filter(|(other, _)| *other != name).collect();
        arrays.extend(array.map(|array| (name, array)));
        format!("--data {}", write(&folder, &next("data.npz"), &arrays))
    };
    let weights_with = |name: &'static str, array: Option<Array>| {
        let mut arrays: Vec<(&str, Array)> = weights_of().into_iter().filter(|(other, _)| *other != name).collect();
        arrays.extend(array.map(|array| (name, array)));
        format!("--set batch=1 --weights {}", write(&folder, &next("w.safetensors"), &arrays))
    };
    let doubles =
        |shape: &[usize]| Array { shape: shape.to_vec(), elements: Elements::F64(vec![0.0; shape.iter().product()]) };
    let seeds = |name: &'static str, array: Array| {
        format!("--set batch=2 --backward --grad-outputs {}", write(&folder, &next("g.npz"), &[(name, array)]))
    };
    for (flags, wanted) in [
        (data_with("x", None), "error[missing-input]: the output `y` needs the input `x`, which the data hasn't got"),
        (data_with("xx", Some(zeros(&[2, 3]))), "error[surplus-array]: `xx` in the data is no input of the model"),
        (
            data_with("x", Some(zeros(&[2, 4]))),
            "error[input-shape]: the data for `x` is [2, 4], and the input is [batch, 3]",
        ),
        (data_with("x", Some(zeros(&[6]))), "error[input-shape]: the data for `x` is [6], and the input is [batch, 3]"),
        (
            data_with("x", Some(zeros(&[3, 3]))),
            "error[input-shape]: the data for `ids` is [2], and the input is int[batch]",
        ),
        (data_with("x", Some(doubles(&[2, 3]))), "error[array-element]: `x` holds f64, and f32 is wanted"),
        (data_with("x", Some(ints(&[2, 3], &[0; 6]))), "error[array-element]: `x` holds int, and f32 is wanted"),
        (data_with("ids", Some(zeros(&[2]))), "error[array-element]: `ids` holds f32, and int is wanted"),
        (
            data_with("ids", Some(ints(&[2], &[0, 2]))),
            "error[data-value]: class 2 at [1] is not below 2, the number of classes\n",
        ),
        (weights_with("c.bias", None), "error[missing-weight]: the weights have no array for `c.bias`"),
        (weights_with("table", None), "error[missing-weight]: the weights have no array for `table`"),
        (
            weights_with("d", Some(zeros(&[1]))),
            "error[surplus-array]: `d` in the weights is no param, buffer or slot of the model",
        ),
        (weights_with("c.bias", Some(zeros(&[3]))), "error[array-shape]: `c.bias` is [3], and [2] is wanted"),
        (
            weights_with("c.bias", Some(ints(&[2], &[0; 2]))),
            "error[array-element]: `c.bias` holds int, and f32 is wanted",
        ),
        (seeds("z", zeros(&[2, 2])), "error[surplus-array]: `z` in the gradients of outputs is no output of the model"),
        (seeds("y", zeros(&[3, 2])), "error[array-shape]: `y` is [3, 2], and [2, 2] is wanted"),
        (seeds("y", doubles(&[2, 2])), "error[array-element]: `y` holds f64, and f32 is wanted"),
    ] {
        let ran = wnetc(&format!("run {model} {flags} --outputs {}", folder.path("out.npz")));
        assert_eq!(ran.status, Some(1), "{wanted}: {}", ran.all());
        assert!(ran.err.starts_with(wanted), "{wanted}: {}", ran.err);
        assert!(!folder.names().contains(&"out.npz".to_owned()), "{wanted}: nothing is written");
        let json = wnetc(&format!("run {model} {flags} --format json")).json().remove(0);
        assert_eq!(json["diagnostics"][0]["severity"], "error", "{json}");
    }
}

#[test]
fn an_input_that_only_the_loss_needs_may_be_absent() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    let data = write(&folder, "data.npz", &data()[..1]);
    let ran = fine(&format!("run {model} --data {data} --backward --grads {}", folder.path("g.npz")));
    assert!(ran.out.contains("  not computed: the data lacks an input of it\n"), "{}", ran.out);
    let sums = read(&folder, "g.npz");
    // Then gradients start from the sum of the outputs: the same as from ones.
    let ones = |columns: usize| f32s(&[2, columns], &vec![1.0; 2 * columns]);
    let seeds = write(&folder, "s.npz", &[("y", ones(2)), ("h", ones(3))]);
    fine(&format!("run {model} --data {data} --backward --grad-outputs {seeds} --grads {}", folder.path("g.npz")));
    assert_eq!(read(&folder, "g.npz"), sums);
    // An output without an array starts from zeros.
    let seeds = write(&folder, "s.npz", &[("y", f32s(&[2, 2], &[0.0; 4]))]);
    fine(&format!("run {model} --data {data} --backward --grad-outputs {seeds} --grads {}", folder.path("g.npz")));
    assert!(read(&folder, "g.npz").arrays.values().all(|array| floats(array).iter().all(|g| *g == 0.0)));
}

/// A file in NumPy's own layout.
fn npy(descr: &str, fortran: bool, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

#[test]
fn ints_of_any_width_and_either_order_are_read() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", "model M {\n  input i: int[2]\n  input m: bool[2]\n  output i\n  output m\n}\n");
    for (descr, bytes) in [
        ("<i8", &[1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255][..]),
        ("<i4", &[1, 0, 0, 0, 255, 255, 255, 255]),
        (">i4", &[0, 0, 0, 1, 255, 255, 255, 255]),
        ("<i2", &[1, 0, 255, 255]),
        ("|i1", &[1, 255]),
    ] {
        let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.path("d.npz")).unwrap());
        for (name, array) in
            [("i.npy", npy(descr, false, "(2,)", bytes)), ("m.npy", npy("|b1", false, "(2,)", &[1, 0]))]
        {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut archive, &array).unwrap();
        }
        archive.finish().unwrap();
        let ran = fine(&format!("run {model} --data {}", folder.path("d.npz")));
        assert_eq!(ran.out, "output  i  [2]  1 -1\noutput  m  [2]  true false\n", "{descr}");
    }
}

#[test]
fn weights_of_the_other_float_type_are_converted_with_a_note() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    let path = write(&folder, "w.safetensors", &weights_of());
    let ran =
        fine(&format!("run {model} --set batch=2 --dtype f64 --weights {path} --outputs {}", folder.path("o.npz")));
    assert_eq!(
        ran.err,
        "note[converted]: `a.bias` and 3 more arrays were read as f32 and converted to f64\n\n\
         FOLDER/m.wnet: 1 note\n"
            .replace("FOLDER/m.wnet", &model)
    );
    assert_eq!(read(&folder, "o.npz").arrays["y"].elements.name(), "f64");
    let ran = fine(&format!("run {model} --set batch=2 --weights {path}"));
    assert_eq!(ran.err, "");
}

#[test]
fn damaged_and_hostile_files_are_refused() {
    let folder = Folder::new();
    let model = folder.write("m.wnet", MODEL);
    write(&folder, "data.npz", &data());
    write(&folder, "w.safetensors", &weights_of());
    for (name, flag) in [("data.npz", "--data"), ("w.safetensors", "--weights")] {
        let good = folder.read(name);
        let cut = name.replace('.', "-cut.");
        for end in [0, 1, 7, 8, 20, good.len() / 2, good.len() - 1] {
            let path = folder.write(&cut, &good[..end]);
            let ran = wnetc(&format!("run {model} --set batch=2 {flag} {path}"));
            assert_eq!(ran.status, Some(1), "{name} of {end} bytes: {}", ran.all());
            assert!(ran.err.starts_with(&format!("error[file-format]: `{path}` isn't ")), "{}", ran.err);
        }
        let ran = wnetc(&format!("run {model} --set batch=2 {flag} {model}"));
        assert_eq!(ran.status, Some(2), "a format that isn't known");
    }
    // A claim of 2^42 bytes in a header of a few hundred.
    let header = br#"{"table":{"dtype":"F32","shape":[1048576,1048576],"data_offsets":[0,4398046511104]}}"#;
    let mut lie = (header.len() as u64).to_le_bytes().to_vec();
    lie.extend(header);
    let path = folder.write("lie.safetensors", lie);
    let ran = wnetc(&format!("run {model} --set batch=2 --weights {path}"));
    assert!(ran.err.contains("wants 4398046511104 bytes of elements, and there are 0"), "{}", ran.err);
    // 64 MB of zeros in 64 KB.
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.path("bomb.npz")).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("x.npy", options).unwrap();
    let zeros = npy("<f4", false, "(16777216,)", &vec![0; 64 << 20]);
    std::io::Write::write_all(&mut archive, &zeros).unwrap();
    archive.finish().unwrap();
    let ran = wnetc(&format!("run {model} --data {} --max-memory 1MB", folder.path("bomb.npz")));
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("take 67108864 bytes of memory or more, and 1000000 may be taken"), "{}", ran.err);
}

#[test]
fn memory_is_refused_with_figures_before_it_is_taken() {
    let folder = Folder::new();
    let huge = folder.write(
        "huge.wnet",
        "model M {\n  input x: [batch, 1000000]\n  layer a = Linear(1000000, 1000000)\n  output a(x)\n}\n",
    );
    for (command, wanted) in [
        (format!("run {huge} --set batch=2"), "error[not-enough-memory]: the run needs 3.6 TiB of memory, and "),
        (
            "run examples/independent.wnet --set batch=1000 --max-memory 100KB".to_owned(),
            "error[not-enough-memory]: the run needs 140.5 KiB of memory, and 97.7 KiB may be taken\n  help: a smaller `batch`",
        ),
        (
            "run examples/independent.wnet --set batch=100000000000".to_owned(),
            "error[memory-limit]: a tensor [100000000000, 20] would have 2000000000000 elements, and 1099511627776 are the most",
        ),
        (
            "run examples/independent.wnet --set batch=9223372036854775807".to_owned(),
            "error[memory-limit]: a tensor [9223372036854775807, 10] would have 92233720368547758070 elements",
        ),
    ] {
        let ran = wnetc(&command);
        assert_eq!(ran.status, Some(1), "{}", ran.all());
        assert!(ran.err.starts_with(wanted), "{}", ran.err);
    }
    fine("run examples/independent.wnet --set batch=1000 --max-memory 1MB");
}

#[test]
fn sizes_of_nothing_are_sizes() {
    let folder = Folder::new();
    let ran = fine(&format!(
        "run examples/independent.wnet --set batch=0 --backward --outputs {} --grads {}",
        folder.path("o.npz"),
        folder.path("g.npz")
    ));
    assert!(!ran.out.contains("-0"), "{}", ran.out);
    assert_eq!(read(&folder, "o.npz").arrays["output"].shape, [0, 5]);
    assert!(read(&folder, "g.npz").arrays.values().all(|array| floats(array).iter().all(|g| *g == 0.0)));
    let data = write(&folder, "d.npz", &[("x", zeros(&[0, 10]))]);
    fine(&format!("run examples/independent.wnet --data {data}"));
}

/// What is written is whole or not there, and two results never meet in one file.
#[test]
fn a_failed_run_leaves_the_files_as_they_were() {
    let folder = Folder::new();
    let old = folder.write("o.npz", "old");
    for flags in [
        "--set batch=99999999999".to_owned(),
        "--data no.npz".to_owned(),
        format!("--set batch=1 --save-weights {}", folder.path("no/w.npz")),
        format!("--set batch=1 --save-weights {old}"),
        format!("--set batch=1 --save-weights {}", folder.path("w.npy")),
        format!("--set batch=1 --save-weights {}", folder.path("w")),
        format!("--set batch=1 --save-weights {}", folder.path(".")),
    ] {
        let ran = wnetc(&format!("run examples/independent.wnet {flags} --outputs {old}"));
        assert!(matches!(ran.status, Some(1 | 2)), "{flags}: {}", ran.all());
        assert_eq!((folder.read("o.npz"), folder.names()), (b"old".to_vec(), vec!["o.npz".to_owned()]), "{flags}");
    }
    let ran = wnetc(&format!("run examples/independent.wnet --set batch=1 --save-weights {old} --outputs {old}"));
    assert_eq!(folder.hide(&ran.err), "error: --outputs and --save-weights would both write `FOLDER/o.npz`\n");
    fine(&format!("run examples/independent.wnet --set batch=1 --outputs {old}"));
    assert_eq!(keys(&read(&folder, "o.npz")), ["output"]);
    assert_eq!(folder.names(), ["o.npz"]);
}

/// Ints are drawn below the bound that their consumer states, also through a change of shape.
#[test]
fn inputs_are_drawn_from_the_seed() {
    let folder = Folder::new();
    let model = folder.write(
        "m.wnet",
        "model M {\n  input a: int[40, 5]\n  input b: int[40]\n  input c: int[200]\n  input m: bool[100]\n  input x: [2]\n\
         layer e = Embedding(3, 2)\n  layer l = Linear(2, 7)\n  output a\n  output b\n  output c\n  output m\n  output x\n\
         h = e(reshape(a, [-1]))\n  loss cross_entropy(l(e(b)), b) + sum(h)\n}\n",
    );
    let drawn = |seed: u32| {
        fine(&format!("run {model} --seed {seed} --outputs {}", folder.path("o.npz")));
        read(&folder, "o.npz").arrays
    };
    let first = drawn(1);
    assert_eq!(drawn(1), first);
    assert_ne!(drawn(2), first);
    for (name, bound) in [("a", 3), ("b", 3), ("c", 10)] {
        let Elements::I64(values) = &first[name].elements else { panic!("{name} holds ints") };
        assert!(values.iter().all(|value| (0..bound).contains(value)), "{name}: {values:?}");
        assert!((0..bound).all(|value| values.contains(&value)), "{name} has every value: {values:?}");
    }
    let Elements::Bool(values) = &first["m"].elements else { panic!("bools") };
    assert!(values.contains(&true) && values.contains(&false));
}

/// A storage's draw hangs on its path and the seed only: more layers change nothing for the others.
#[test]
fn weights_are_drawn_by_path() {
    let folder = Folder::new();
    let saved = |body: &str| {
        let model = folder.write("m.wnet", format!("model M {{\n  input x: [2, 4]\n{body}}}\n"));
        fine(&format!("run {model} --save-weights {}", folder.path("w.npz")));
        read(&folder, "w.npz").arrays
    };
    let one = saved("  layer a = Linear(4, 4)\n  output a(x)\n");
    let two = saved("  layer b = Linear(4, 4)\n  layer a = Linear(4, 4)\n  output b(a(x))\n");
    assert_eq!(one["a.weight"], two["a.weight"]);
    assert_ne!(two["a.weight"], two["b.weight"]);
}

/// The same file, seed and data give the same bytes with any number of threads. That builds with and without optimization
/// agree, `.ci/run` shows.
#[test]
fn the_same_run_writes_the_same_bytes() {
    let folder = Folder::new();
    for path in examples() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        for dtype in ["f32", "f64"] {
            let sizes = match (name, dtype) {
                ("digits", "f32") => "--data examples/data/digits.npz",
                ("tied_head", _) => "--set batch=3 --set seq=7",
                ("digits" | "independent" | "repeated_call" | "shared_parameter" | "tied_autoencoder", _) => {
                    "--set batch=33"
                }
                _ => run_flags(name),
            };
            let mut first = None;
            for threads in [1, 2, 3, 8] {
                let ran = fine(&format!(
                    "run examples/{name}.wnet {sizes} --dtype {dtype} --mode train --seed 5 --backward --threads {threads} \
                     --format json --outputs {} --grads {} --save-weights {}",
                    folder.path("o.npz"),
                    folder.path("g.npz"),
                    folder.path("w.safetensors")
                ));
                let files = ["o.npz", "g.npz", "w.safetensors"].map(|name| folder.read(name));
                let bytes = (files, ran.out);
                assert_eq!(first.get_or_insert_with(|| bytes.clone()), &bytes, "{name} with {threads} threads");
            }
        }
    }
}

#[test]
fn a_label_that_is_no_class_is_named_with_its_row() {
    let folder = Folder::new();
    let model = folder.write(
        "m.wnet",
        "model M {\n    input x: [batch, 4]\n    input label: int[batch]\n    layer f = Linear(4, 3)\n    \
         loss cross_entropy(f(x), label)\n}\n",
    );
    let run = |labels: &[i64]| {
        let arrays = [("x", zeros(&[4, 4])), ("label", ints(&[4], labels))];
        wnetc(&format!("run {model} --data {}", write(&folder, "d.npz", &arrays)))
    };
    assert_eq!(run(&[0, 2, -100, 1]).status, Some(0), "-100 is ignored");
    let ran = run(&[0, 2, 3, 1]);
    insta::assert_snapshot!(folder.hide(&ran.all()), @r"
    error[data-value]: class 3 at [2] is not below 3, the number of classes
       ╭─[FOLDER/m.wnet:5:30]
     5 │     loss cross_entropy(f(x), label)
       ·                              ──┬──
       ·                                ╰── given to `cross_entropy`
       ╰────

    FOLDER/m.wnet: 1 error
    status 1
    ");
    assert!(run(&[0, -1, 2, 1]).err.starts_with("error[data-value]: class -1 at [1] is negative\n"));
}
