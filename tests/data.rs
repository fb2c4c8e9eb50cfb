//! Data for training as its page describes it: the programs of the page, and the digits of the examples.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

use std::fs;
use std::path::Path;
use wnet::data::{Dataset, Element, Request, Tokens, Wanted};
use wnet::span::SourceMap;
use wnet::tensor::SliceMut;
use wnet::{Settings, check};

#[test]
fn programs_of_the_pages_check() {
    let mut count = 0;
    for page in ["docs/data.md", "docs/optimizers.md"] {
        let text = fs::read_to_string(page).unwrap();
        for block in text.split("```wnet\n").skip(1) {
            let mut map = SourceMap::new();
            map.add(page, block.split("```").next().unwrap()).unwrap();
            let found = check(&map.files()[0], &Settings::default()).diagnostics;
            assert!(found.is_empty(), "{page}: {found:#?}");
            count += 1;
        }
    }
    assert_eq!(count, 2);
}

fn wanted(name: &str, element: Element, shape: &[Option<usize>]) -> Wanted {
    Wanted { name: name.to_owned(), element, batched: true, shape: shape.to_vec(), optional: false }
}

/// The same examples as arrays and as a table have the same elements.
#[test]
fn digits_are_the_same_in_every_format() {
    let digits = Path::new("examples/data/digits.npz");
    let inputs = [wanted("image", Element::Float, &[Some(64)]), wanted("label", Element::Int, &[])];
    let request =
        Request { wanted: &inputs, memory: 1 << 30, window: None, tokens: Tokens::Characters, vocabularies: None };
    let mut arrays = Dataset::open::<f32>(digits, &request).unwrap();
    let rows: Vec<usize> = (0..arrays.n_examples()).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    let fetch = |data: &mut Dataset| {
        let (mut images, mut labels) = (vec![0.0f32; 64 * rows.len()], vec![0; rows.len()]);
        data.fetch(0, &rows, SliceMut::Float(&mut images)).unwrap();
        data.fetch::<f32>(1, &rows, SliceMut::Int(&mut labels)).unwrap();
        (images, labels)
    };
    let (images, labels) = fetch(&mut arrays);
    assert!(labels.iter().all(|label| (0..10).contains(label)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digits.csv");
    let line = |(image, label): (&[f32], &i64)| {
        let fields: Vec<String> = image.iter().map(ToString::to_string).collect();
        format!("{},{label}\n", fields.join(","))
    };
    fs::write(&path, images.chunks(64).zip(&labels).map(line).collect::<String>()).unwrap();
    for memory in [1 << 30, 1 << 16] {
        let mut table = Dataset::open::<f32>(&path, &Request { memory, ..request.clone() }).unwrap();
        assert_eq!((table.n_examples(), table.is_streamed()), (rows.len(), memory == 1 << 16));
        assert!(fetch(&mut table) == (images.clone(), labels.clone()));
    }
}

/// Batches can be fetched by another thread than the one that trains.
#[test]
fn data_can_be_given_to_a_thread() {
    fn takes(_: impl Send + 'static) {}
    let inputs = [wanted("image", Element::Float, &[Some(64)]), wanted("label", Element::Int, &[])];
    let request =
        Request { wanted: &inputs, memory: 1 << 30, window: None, tokens: Tokens::Characters, vocabularies: None };
    takes(Dataset::open::<f32>(Path::new("examples/data/digits.npz"), &request).unwrap());
}
