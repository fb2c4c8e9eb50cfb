//! Text in windows of characters or bytes.

use super::*;

fn inputs(length: Option<usize>) -> [Wanted; 2] {
    [ints("tokens", &[length]), ints("target", &[length])]
}

#[test]
fn windows_lie_side_by_side_and_targets_follow() {
    let folder = folder();
    let path = file(&folder, "book.txt", "bananas é");
    let inputs = inputs(None);
    for memory in [1 << 20, 30] {
        let request = Request { memory, window: Some(4), ..request(&inputs) };
        let mut data = Dataset::open::<f32>(&path, &request).unwrap();
        assert_eq!((data.n_examples(), data.is_streamed()), (2, memory == 30));
        assert_eq!(data.vocabularies()[0].names, [" ", "a", "b", "n", "s", "é"]);
        assert_eq!(fetched_ints(&mut data, 0, &[1, 0]), [3, 1, 4, 0, 2, 1, 3, 1]);
        assert_eq!(fetched_ints(&mut data, 1, &[1, 0]), [1, 4, 0, 5, 1, 3, 1, 3]);
        let bytes = Request { tokens: Tokens::Bytes, ..request.clone() };
        let mut data = Dataset::open::<f32>(&path, &bytes).unwrap();
        assert_eq!((data.n_examples(), data.is_streamed(), data.vocabularies()), (2, memory == 30, &[][..]));
        assert_eq!(fetched_ints(&mut data, 1, &[1]), [97, 115, 32, 0xc3]);
    }
    let request = Request { window: Some(4), ..request(&inputs) };
    let packed = file(&folder, "book.txt.gz", gzipped("bananas é".as_bytes()));
    assert_eq!(said(&packed, &request), "opened, 2 examples");
    assert!(said(&packed, &Request { memory: 20, ..request }).ends_with("; unpacked, it would be read in parts"));
}

#[test]
fn one_character_may_follow_or_none() {
    let folder = folder();
    let path = file(&folder, "book.txt", "abcdefg");
    let next = [ints("x", &[Some(3)]), ints("y", &[])];
    for memory in [1 << 20, 27] {
        let mut data = Dataset::open::<f32>(&path, &Request { memory, ..request(&next) }).unwrap();
        assert_eq!(data.n_examples(), 2);
        assert_eq!(
            (fetched_ints(&mut data, 0, &[1]), fetched_ints(&mut data, 1, &[0, 1])),
            (vec![3, 4, 5], vec![3, 6])
        );
    }
    let alone = [ints("x", &[Some(7)])];
    assert_eq!(said(&path, &request(&alone)), "opened, 1 examples");
}

#[test]
fn other_text_has_the_numbers_of_the_text_for_training() {
    let folder = folder();
    let path = file(&folder, "val.txt", "cab");
    let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let known = [Vocabulary { input: "x".to_owned(), names }];
    let inputs = [ints("x", &[Some(3)])];
    let request = Request { vocabularies: Some(&known), ..request(&inputs) };
    let mut data = Dataset::open::<f32>(&path, &request).unwrap();
    assert_eq!((fetched_ints(&mut data, 0, &[0]), data.vocabularies()), (vec![2, 0, 1], &known[..]));
    let path = file(&folder, "val.txt", "cébé");
    assert_eq!(
        said(&path, &request),
        "`val.txt` at byte 1: the character 'é' isn't in the text that the model is trained on"
    );
}

#[test]
fn what_is_wrong_with_a_text_is_said() {
    let folder = folder();
    let inputs = inputs(Some(4));
    let text = |bytes: &[u8], wanted: &[Wanted]| said(&file(&folder, "book.txt", bytes), &request(wanted));
    assert_eq!(text(b"", &inputs), "`book.txt`: it has 0 characters, and a window takes 5");
    assert_eq!(text(b"abcd", &inputs), "`book.txt`: it has 4 characters, and a window takes 5");
    let utf8 = "it isn't UTF-8 | a text of characters is UTF-8; any file can be read as bytes";
    assert_eq!(text(b"abc\xffdefgh", &inputs), format!("`book.txt` at byte 3: {utf8}"));
    assert_eq!(text(b"abcdefgh\xc3", &inputs), format!("`book.txt` at byte 8: {utf8}"));
    let open = super::texts::inputs(None);
    assert_eq!(
        text(b"abcdefgh", &open),
        "how long the windows of the text for `tokens` are isn't known | say it, `--window 64`, or declare it, `input tokens: int[batch, 64]`"
    );
    let floating = [floats("x", &[Some(4)])];
    assert_eq!(
        text(b"abcdefgh", &floating),
        "`x` holds the numbers of characters, and float is wanted | declare it as `input x: int[batch, 4]`"
    );
    let deep = [ints("x", &[Some(2), Some(4)]), ints("y", &[])];
    assert!(text(b"abcdefgh", &deep).starts_with("how long the windows of the text for `x` are isn't known"));
    let unequal = [ints("x", &[Some(4)]), ints("target", &[Some(3)])];
    assert_eq!(text(b"abcdefgh", &unequal), "`target` is [batch, 4], and [batch, 3] is wanted");
}

/// Characters of several bytes lie across the blocks in which a file is read.
#[test]
fn long_texts_are_read_in_blocks() {
    let folder = folder();
    let text: String = (0..100_000u64).map(|index| ['a', 'é', '→', '𝄞'][(index * index % 7 % 4) as usize]).collect();
    let path = file(&folder, "book.txt", &text);
    let inputs = inputs(Some(1000));
    let wanted: Vec<i64> =
        text.chars().map(|c| ['a', 'é', '→', '𝄞'].iter().position(|known| *known == c).unwrap() as i64).collect();
    for memory in [1 << 20, 1000] {
        let request = Request { memory, ..request(&inputs) };
        let mut data = Dataset::open::<f32>(&path, &request).unwrap();
        assert_eq!((data.n_examples(), data.is_streamed()), (99, memory == 1000));
        for row in [0, 41, 98] {
            assert_eq!(fetched_ints(&mut data, 0, &[row]), wanted[row * 1000..][..1000]);
            assert_eq!(fetched_ints(&mut data, 1, &[row]), wanted[row * 1000 + 1..][..1000]);
        }
    }
}
