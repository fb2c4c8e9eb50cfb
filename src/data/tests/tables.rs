//! Tables: which column goes where, and what is said of one that can't be read.

use super::*;

fn inputs() -> [Wanted; 2] {
    [floats("x", &[Some(2)]), ints("kind", &[])]
}

/// What the table gives to `x` and `kind`, and the columns that nobody takes.
fn given(text: &str) -> (Vec<f32>, Vec<i64>, Vec<String>) {
    let folder = folder();
    let path = file(&folder, "data.csv", text);
    let inputs = inputs();
    let mut data = Dataset::open::<f32>(&path, &request(&inputs)).unwrap_or_else(|error| panic!("{text}{error}"));
    let rows: Vec<usize> = (0..data.n_examples()).collect();
    let found = (fetched(&mut data, 0, &rows), fetched_ints(&mut data, 1, &rows), data.unused().to_vec());
    // In parts it is the same.
    let request = Request { memory: 16 * rows.len() as u64, ..request(&inputs) };
    let mut parts = Dataset::open::<f32>(&path, &request).unwrap();
    assert!(parts.is_streamed());
    let again = (fetched(&mut parts, 0, &rows), fetched_ints(&mut parts, 1, &rows), parts.unused().to_vec());
    assert_eq!(found, again, "{text}");
    assert_eq!(data.vocabularies(), parts.vocabularies());
    found
}

#[test]
fn columns_go_where_a_reader_expects() {
    let two = |unused: &[&str]| {
        (vec![0.5, 1.0, -2.0, 3e2], vec![1, 0], unused.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    };
    for (text, unused) in [
        // The last is the label, in a table with names and in one without.
        ("0.5,1,1\n-2,3e2,0\n", &[][..]),
        ("a,b,c\n0.5,1,1\n-2,3e2,0\n", &[]),
        // Names win over places.
        ("label,a,b\n1,0.5,1\n0,-2,3e2\n", &[]),
        ("a,Target,b\n0.5,1,1\n-2,0,3e2\n", &[]),
        ("a,kind,b\n0.5,1,1\n-2,0,3e2\n", &[]),
        ("x1,x0,kind\n1,0.5,1\n3e2,-2,0\n", &[]),
        ("kind,x_1,x_2\n1,0.5,1\n0,-2,3e2\n", &[]),
        ("kind,id,x.0,x.1\n1,77,0.5,1\n0,78,-2,3e2\n", &["id"]),
        // Numbers as names.
        ("0,1,label\n0.5,1,1\n-2,3e2,0\n", &[]),
        // Other ways to write the same.
        ("a;b;c\n0.5;1;1\n-2;3e2;0", &[]),
        ("\u{feff}a\tb\tc\r\n0.5\t1\t1\r\n-2\t3e2\t0\r\n\r\n", &[]),
        ("a,b,c\n\n\n\"0.5\", 1 ,1.0\n\n-2,3e2,\"0\"\n", &[]),
    ] {
        assert_eq!(given(text), two(unused), "{text}");
    }
}

#[test]
fn classes_have_the_numbers_of_their_names_in_order() {
    let (x, kind, _) = given("a,b,species\n1,2,virginica\n3,4,setosa\n5,6,virginica\n7,8,versicolor\n");
    assert_eq!((x.len(), kind), (8, vec![2, 0, 2, 1]));
    // As it is without a header.
    assert_eq!(given("1,2,no\n3,4,yes\n").1, [0, 1]);
    let folder = folder();
    let inputs = inputs();
    let path = file(&folder, "val.csv", "a,b,species\n1,2,virginica\n3,4,setosa\n");
    let names = ["setosa", "versicolor", "virginica"].map(str::to_owned).to_vec();
    let known = [Vocabulary { input: "kind".to_owned(), names }];
    let request = Request { vocabularies: Some(&known), ..request(&inputs) };
    let mut data = Dataset::open::<f32>(&path, &request).unwrap();
    assert_eq!(fetched_ints(&mut data, 1, &[0, 1]), [2, 0], "the numbers of the data for training");
    assert_eq!(data.vocabularies(), known);
    let path = file(&folder, "val.csv", "a,b,species\n1,2,virginica\n3,4,sentosa\n");
    assert_eq!(
        said(&path, &request),
        "`val.csv`, line 3, column `species`: the class `sentosa` isn't in the data that the model is trained on"
    );
    // Numbers for names, and names for numbers, are no slip that may pass.
    let path = file(&folder, "val.csv", "a,b,species\n1,2,0\n");
    assert!(said(&path, &request).ends_with("the class `0` isn't in the data that the model is trained on"));
    let path = file(&folder, "val.csv", "a,b,species\n1,2,setosa\n");
    let request = Request { vocabularies: Some(&[]), ..request };
    assert_eq!(said(&path, &request), "`val.csv`, line 2, column `species`: found `setosa`, and an integer is wanted");
    // Several inputs may have classes, each its own.
    let inputs = [ints("size", &[]), ints("kind", &[]), floats("x", &[])];
    let path = file(&folder, "two.csv", "x,kind,size\n1,b,small\n2,a,large\n3,b,mid\n");
    let mut data = Dataset::open::<f32>(&path, &super::request(&inputs)).unwrap();
    assert_eq!(
        (fetched_ints(&mut data, 0, &[0, 1, 2]), fetched_ints(&mut data, 1, &[0, 1, 2])),
        (vec![2, 0, 1], vec![1, 0, 1])
    );
    assert_eq!(data.vocabularies().iter().map(|one| one.input.as_str()).collect::<Vec<_>>(), ["size", "kind"]);
}

#[test]
fn other_inputs_take_what_they_name() {
    let folder = folder();
    let open = |text: &str, inputs: &[Wanted]| Dataset::open::<f64>(&file(&folder, "data.tsv", text), &request(inputs));
    // Regression: a float of the size of one number is the label.
    let inputs = [floats("features", &[None]), floats("price", &[Some(1)])];
    let data = open("a,b,c\n1,2,3\n", &inputs).unwrap();
    assert_eq!((&data.columns()[0].shape[..], &data.columns()[1].shape[..]), (&[2][..], &[1][..]));
    // All columns for the only input, and the label aside if there is one.
    assert_eq!(open("1,2,3\n", &[floats("x", &[Some(3)])]).unwrap().columns()[0].shape, [3]);
    assert_eq!(open("a,b,label\n1,2,3\n", &[floats("x", &[None])]).unwrap().columns()[0].shape, [2]);
    assert_eq!(open("1,2,3,4\n", &[floats("x", &[Some(2), Some(2)])]).unwrap().columns()[0].shape, [2, 2]);
    // A label that may be absent is, where all columns go to the other input.
    let inputs = [floats("x", &[Some(3)]), Wanted { optional: true, ..ints("t", &[]) }];
    assert_eq!(open("1,2,3\n", &inputs).unwrap().columns().len(), 1);
    assert_eq!(open("1,2,3,4\n", &inputs).unwrap().columns().len(), 2);
    // Three by name, one of them a bool.
    let inputs = [floats("u", &[]), wanted("on", Element::Bool, &[]), ints("v", &[])];
    let mut data = open("on,v,u\nTrue,3,0.5\n0,4,1.5\n", &inputs).unwrap();
    let mut on = [false; 2];
    data.fetch::<f64>(1, &[0, 1], SliceMut::Bool(&mut on)).unwrap();
    let mut u = [0.0f64; 2];
    data.fetch(0, &[1, 0], SliceMut::Float(&mut u)).unwrap();
    assert_eq!((on, u), ([true, false], [1.5, 0.5]));
}

#[test]
fn what_is_wrong_with_a_table_is_said() {
    let folder = folder();
    let inputs = inputs();
    for (text, message) in [
        ("", "there are no examples in `data.csv`"),
        ("a,b,c\n", "there are no examples in `data.csv`"),
        ("a,b,c\n1,2,3\n1,2\n", "`data.csv`, line 3: found 2 fields, and 3 are wanted"),
        ("a,b,c\n1,2,3\n1,2,3,4\n", "`data.csv`, line 3: found 4 fields, and 3 are wanted"),
        ("a,b,c\n1,2,3\n\n1,abc,3\n", "`data.csv`, line 4, column `b`: found `abc`, and a number is wanted"),
        (
            "a,b,c\n1,,3\n",
            "`data.csv`, line 2, column `b`: there is nothing, and a number is wanted | rows with missing values are filled \
             or left out before",
        ),
        (
            "a,b,c\n1,NA,3\n",
            "`data.csv`, line 2, column `b`: found `NA`, and a number is wanted | rows with missing values are filled or \
             left out before",
        ),
        ("a,b,c\n1,inf,3\n", "`data.csv`, line 2, column `b`: found `inf`, and a number is wanted"),
        ("1,2,3\n1,2,3.5\n", "`data.csv`, line 2, column `3`: found `3.5`, and an integer is wanted"),
        ("a,b,c\n1,2,3\n1,2,cat\n", "`data.csv`, line 3, column `c`: found `cat`, and an integer is wanted"),
        ("a,b,c\n\"1\n2\",2,3\n", "`data.csv`, line 2, column `a`: found `1\n2`, and a number is wanted"),
        ("a,b\n1,2\n", "`x` is one column, and [batch, 2] is wanted | columns go to the input whose name they have"),
        (
            "a,b,c,d\n1,2,3,4\n",
            "`x` is 3 columns, and [batch, 2] is wanted | columns go to the input whose name they have",
        ),
        (
            "label,a,target,b\n1,2,3,4\n",
            "which of the columns `label`, `target` is the label can't be told | name the one that is meant `kind`",
        ),
        ("kind,kind,a,b\n1,2,3,4\n", "several columns are named `kind`"),
        (
            "kind\n1\n",
            "the data has no array for the input `x` | columns go to the input whose name they have, and the others to the \
             one that is left",
        ),
    ] {
        assert_eq!(said(&file(&folder, "data.csv", text), &request(&inputs)), message, "{text}");
    }
    let path = file(&folder, "data.csv", "1,2\n");
    let both = [floats("a", &[]), floats("b", &[])];
    assert_eq!(
        said(&path, &request(&both)),
        "which of `a` and `b` is the label of a table can't be told | call it `label` or `target`"
    );
    let three = [floats("a", &[None]), floats("b", &[]), floats("c", &[])];
    assert_eq!(
        said(&path, &request(&three)),
        "a table goes to one input and its label, and there are `a`, `b`, `c` | arrays by name stand in `.npz` files"
    );
    let whole = [Wanted { batched: false, ..floats("x", &[None]) }];
    assert!(said(&path, &request(&whole)).starts_with("`x` has no batch axis, and a table has a row for each example"));
}

#[test]
fn long_records_end_before_memory_does() {
    let folder = folder();
    let inputs = inputs();
    let open_quote = format!("a,b,c\n1,\"2,3\n{}", "1,2,3\n".repeat(3_000_000));
    let path = file(&folder, "data.csv", open_quote);
    assert_eq!(
        said(&path, &request(&inputs)),
        "`data.csv`, line 2: a record of more than 16777216 bytes | a quote may have been left open"
    );
    let path = file(&folder, "data.csv", vec![b','; 5_000_000]);
    assert_eq!(
        said(&path, &request(&inputs)),
        "`data.csv`, line 1: a record of more than 1048576 fields | a quote may have been left open"
    );
}

#[test]
fn packed_tables_are_read_whole() {
    let folder = folder();
    let inputs = inputs();
    let text = format!("a,b,c\n{}", "1,2,3\n".repeat(1000));
    let path = file(&folder, "data.csv.gz", gzipped(text.as_bytes()));
    assert_eq!(said(&path, &request(&inputs)), "opened, 1000 examples");
    let request = Request { memory: 20_000, ..request(&inputs) };
    assert_eq!(
        said(&path, &request),
        "`data.csv.gz` is too large: it takes 40000 bytes of memory or more, and 20000 may be taken; unpacked, it would be \
         read in parts"
    );
    assert!(said(&path, &Request { memory: 1000, ..request.clone() }).contains("is too large"));
}

#[test]
fn a_table_that_changes_is_an_error_of_the_file() {
    let folder = folder();
    let inputs = inputs();
    let path = file(&folder, "data.csv", "a,b,c\n1,2,3\n4,5,6\n");
    let request = Request { memory: 40, ..request(&inputs) };
    let mut data = Dataset::open::<f32>(&path, &request).unwrap();
    assert!(data.is_streamed());
    for text in ["a,b,c\n1,2,3\n", "a,b,c\n1,2,3\n4,5\n", "a,b,c\n1,2,3\nx,5,6\n"] {
        fs::write(&path, text).unwrap();
        let mut out = [0.0f32; 2];
        assert!(data.fetch(0, &[0], SliceMut::Float(&mut out)).is_ok());
        let error = data.fetch(0, &[1], SliceMut::Float(&mut out)).unwrap_err().to_string();
        assert!(error.ends_with("line 3: the file has changed since it was opened"), "{error}");
    }
}
