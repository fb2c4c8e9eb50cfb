//! IDX files of images and labels.

use super::*;

/// A file of bytes with these sizes.
pub(super) fn idx(sizes: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn images() -> Vec<u8> {
    idx(&[3, 2, 2], &[0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8])
}

fn labels() -> Vec<u8> {
    idx(&[3], &[7, 0, 9])
}

fn inputs() -> [Wanted; 2] {
    [ints("digit", &[]), floats("image", &[Some(1), Some(2), Some(2)])]
}

#[test]
fn images_and_labels_are_found_from_either_and_from_the_folder() {
    let folder = folder();
    let images = file(&folder, "train-images-idx3-ubyte.gz", gzipped(&images()));
    let labels = file(&folder, "train-labels-idx1-ubyte.gz", gzipped(&labels()));
    let inputs = inputs();
    for path in [images, labels, folder.path().to_owned()] {
        let mut data = Dataset::open::<f32>(&path, &request(&inputs)).unwrap();
        assert_eq!((data.n_examples(), data.columns()[1].shape.as_slice()), (3, &[1, 2, 2][..]));
        assert_eq!(fetched_ints(&mut data, 0, &[2, 0]), [9, 7]);
        assert_eq!(fetched(&mut data, 1, &[0]), [0.0, 0.2, 0.4, 1.0]);
        // Ints are the bytes themselves.
        let whole = [ints("image", &[None]), ints("label", &[])];
        let mut data = Dataset::open::<f32>(&path, &request(&whole)).unwrap();
        assert_eq!(fetched_ints(&mut data, 0, &[0]), [0, 51, 102, 255]);
    }
}

#[test]
fn a_folder_gives_the_pair_for_training() {
    let folder = folder();
    let request_inputs = inputs();
    let request = request(&request_inputs);
    for (name, count) in [("t10k", 1u32), ("train", 3)] {
        let pixels: Vec<u8> = vec![0; 4 * count as usize];
        file(&folder, &format!("{name}-images-idx3-ubyte"), idx(&[count, 2, 2], &pixels));
        file(&folder, &format!("{name}-labels-idx1-ubyte"), idx(&[count], &pixels[..count as usize]));
    }
    assert_eq!(said(folder.path(), &request), "opened, 3 examples");
    assert_eq!(said(&folder.path().join("t10k-images-idx3-ubyte"), &request), "opened, 1 examples");
    for name in ["images-idx3", "labels-idx1"] {
        let from = folder.path().join(format!("train-{name}-ubyte"));
        fs::rename(from, folder.path().join(format!("all-{name}-ubyte"))).unwrap();
    }
    let message = said(folder.path(), &request);
    assert!(
        message.ends_with(
            "holds several files of images: `all-images-idx3-ubyte`, `t10k-images-idx3-ubyte` | name the one that is meant"
        ),
        "{message}"
    );
    let empty = super::folder();
    assert!(said(empty.path(), &request).starts_with("the format of the data in"), "{}", said(empty.path(), &request));
}

#[test]
fn what_is_wrong_with_images_is_said() {
    let folder = folder();
    let inputs = inputs();
    let request = request(&inputs);
    let cases: [(Vec<u8>, Vec<u8>, &str); 9] = [
        (images(), labels(), "opened, 3 examples"),
        (
            images(),
            idx(&[2], &[1, 2]),
            "`image` has 3 examples, and `digit` has 2 | every example has its row in each array",
        ),
        (
            idx(&[3, 2, 3], &[0; 18]),
            labels(),
            "`image` is [3, 2, 3] in `a-images.idx3-ubyte`, and [batch, 1, 2, 2] is wanted",
        ),
        (
            idx(&[u32::MAX, 2, 2], &[0; 12]),
            labels(),
            "`a-images.idx3-ubyte` isn't an IDX file: its sizes, [4294967295, 2, 2], want 17179869180 bytes, and there are 12",
        ),
        (
            idx(&[u32::MAX, u32::MAX, u32::MAX], &[0; 12]),
            labels(),
            "`a-images.idx3-ubyte` isn't an IDX file: its sizes, [4294967295, 4294967295, 4294967295], can't be",
        ),
        (images()[..9].to_vec(), labels(), "`a-images.idx3-ubyte` isn't an IDX file: it ends within its header"),
        (b"\x89PNG and so on".to_vec(), labels(), "`a-images.idx3-ubyte` isn't an IDX file: it doesn't begin as one"),
        (
            [&[0, 0, 0x0d, 1, 0, 0, 0, 1][..], &[0; 4]].concat(),
            labels(),
            "`a-images.idx3-ubyte` isn't an IDX file: its elements aren't bytes, which alone can be read",
        ),
        (
            [images(), vec![1]].concat(),
            labels(),
            "`a-images.idx3-ubyte` isn't an IDX file: its sizes, [3, 2, 2], want 12 bytes, and there are 13",
        ),
    ];
    for (images, labels, message) in cases {
        let path = file(&folder, "a-images.idx3-ubyte", images);
        file(&folder, "a-labels.idx1-ubyte", labels);
        assert_eq!(said(&path, &request), message);
    }
    let path = file(&folder, "a-images.idx3-ubyte", gzipped(&[images(), vec![1]].concat()));
    assert!(said(&path, &request).ends_with("want 12 bytes, and there are more"));
    fs::remove_file(folder.path().join("a-labels.idx1-ubyte")).unwrap();
    assert!(
        said(&file(&folder, "a-images.idx3-ubyte", images()), &request).starts_with("can't read `a-labels.idx1-ubyte`")
    );
}

/// A packed file may claim what it likes; nothing is taken for what isn't there, and nothing past the memory allowed.
#[test]
fn a_packed_file_takes_no_more_than_it_may() {
    let folder = folder();
    let inputs = [floats("image", &[None]), ints("label", &[])];
    let claims = idx(&[1 << 19, 1], &[]);
    let path = file(&folder, "a-images.gz", gzipped(&claims));
    file(&folder, "a-labels.gz", gzipped(&idx(&[1], &[0])));
    assert!(said(&path, &request(&inputs)).ends_with("want 524288 bytes, and there are 0"));
    let bomb = file(&folder, "a-images.gz", gzipped(&idx(&[1 << 22, 1], &vec![0; 1 << 22])));
    assert!(fs::metadata(&bomb).unwrap().len() < 10_000);
    assert_eq!(
        said(&bomb, &request(&inputs)),
        "`a-images.gz` is too large: it takes 4194304 bytes of memory or more, and 1048576 may be taken; unpacked, it would be read in parts"
    );
}
