//! Every example is checked and run, and what is said of it is pinned; among them the cases that the language design
//! lists in its section 6.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{agree, changed, examples, piped, run_flags, wnetc};
use insta::comparator::Comparator;
use insta::{Snapshot, assert_snapshot};

fn pin(name: &str, text: &str) {
    insta::with_settings!({omit_expression => true}, { assert_snapshot!(name, text) });
}

/// Snapshots of runs agree line by line, with the numbers of any machine.
#[derive(Clone)]
struct Runs;

impl Comparator for Runs {
    fn matches(&self, reference: &Snapshot, test: &Snapshot) -> bool {
        let [wanted, found] = [reference, test].map(|snapshot| snapshot.as_text().unwrap().to_string());
        wanted.lines().count() == found.lines().count()
            && wanted.lines().zip(found.lines()).all(|(wanted, found)| agree(found, wanted))
    }

    fn dyn_clone(&self) -> Box<dyn Comparator> {
        Box::new(self.clone())
    }
}

#[test]
fn every_example_is_checked() {
    for path in examples() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let ran = wnetc(&format!("check --sharing examples/{name}.wnet"));
        assert_eq!(ran.status, Some(0), "{}", ran.all());
        pin(&format!("check_{name}"), &ran.all());
    }
}

#[test]
fn every_example_is_run() {
    for path in examples() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let ran = wnetc(&format!("run examples/{name}.wnet --backward {}", run_flags(name)));
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{}", ran.all());
        let runs = Box::new(Runs);
        insta::with_settings!({comparator => runs}, { pin(&format!("run_{name}"), &ran.all()) });
    }
}

/// The last line is the answer.
fn answer(text: &str) -> &str {
    text.lines().last().unwrap()
}

#[test]
fn layers_of_their_own_share_nothing() {
    let ran = wnetc("check examples/independent.wnet");
    assert_eq!(ran.out, "325 parameters.\nNo weights are shared.\n");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn a_param_in_one_slot_shares_nothing() {
    let ran = wnetc("check examples/shared_parameter.wnet");
    assert_eq!(ran.out, "305 parameters.\nNo weights are shared.\n");
    assert!(ran.err.contains("`shared_weight` is bound to one slot, so nothing is shared"), "{}", ran.err);
    assert!(ran.err.contains("have 5.5 times the scale of `Linear`'s"), "{}", ran.err);
    assert!(ran.err.ends_with("examples/shared_parameter.wnet: 2 warnings\n"), "{}", ran.err);
    assert_eq!(ran.status, Some(0));
}

#[test]
fn a_param_in_two_slots_must_fit_both() {
    let text = changed(
        "shared_parameter.wnet",
        "layer layer2 = Linear(20, 5)\n    output x -> layer1 -> relu -> layer2\n    assert params == 305\n",
        "layer layer2 = Linear(20, 5, bias=false) weight=@shared_weight\n    output x -> layer1 -> relu -> layer2\n",
    );
    let ran = piped("check - --stdin-filename shared_parameter.wnet", text.as_bytes());
    assert_eq!(ran.status, Some(1));
    pin("section_6_param_in_two_slots", &ran.all());
    let json = piped("check - --format json", text.as_bytes()).json().remove(0);
    let error = &json["diagnostics"].as_array().unwrap().iter().find(|found| found["severity"] == "error").unwrap();
    assert_eq!(error["message"], "`layer2.weight` wants [5, 20], and `@shared_weight` is [20, 10]");
    let places: Vec<_> = error["labels"].as_array().unwrap().iter().map(|label| &label["at"]["line"]).collect();
    assert_eq!(places, [7, 5, 7], "the tie, the param and the layer");
}

#[test]
fn a_layer_applied_to_its_own_output_must_be_square() {
    let ran = wnetc("check examples/repeated_call.wnet --set input_dim=10");
    assert_eq!(ran.status, Some(1));
    pin("section_6_not_square", &ran.all());
    let json = wnetc("check examples/repeated_call.wnet --set input_dim=10 --format json").json().remove(0);
    let error = &json["diagnostics"][0];
    assert_eq!(error["message"], "`Linear` wants 10 features, and gets 20");
    let label = |index: usize| {
        let at = &error["labels"][index]["at"];
        (at["line"].as_u64().unwrap(), at["col"].as_u64().unwrap())
    };
    assert_eq!([label(0), label(1), label(2)], [(7, 41), (7, 17), (5, 33)], "call 2, call 1 and the declaration");
    assert_eq!(error["labels"].as_array().unwrap().len(), 3);
    assert!(error["help"].as_str().unwrap().contains("must be square"));
}

#[test]
fn a_square_layer_called_twice_is_shared() {
    let ran = wnetc("check examples/repeated_call.wnet");
    assert_eq!(ran.out, "525 parameters, 945 untied.\nYes: shared_layer is used 2 times (weight, bias).\n");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn open_sizes_of_a_layer_called_twice_must_be_equal() {
    let text = changed(
        "repeated_call.wnet",
        "(input_dim = 20, hidden_dim = 20, output_dim = 5)",
        "(input_dim, hidden_dim, output_dim = 5)",
    );
    let ran = piped("check - --sharing --stdin-filename repeated_call.wnet", text.as_bytes());
    assert_eq!(ran.status, Some(0));
    assert!(ran.out.starts_with("requires input_dim == hidden_dim (repeated_call.wnet:7:41)\n"), "{}", ran.out);
    pin("section_6_open_sizes", &ran.all());
    let json = piped("check - --format json", text.as_bytes()).json().remove(0);
    let required = &json["models"][0]["requires"];
    assert_eq!(required.as_array().unwrap().len(), 1);
    assert_eq!((&required[0]["text"], &required[0]["kind"]), (&"input_dim == hidden_dim".into(), &"eq".into()));
}

/// What `check` says last, in all of its three forms.
#[test]
fn the_answer_is_one_sentence() {
    for (name, sentence) in [
        ("independent", "No weights are shared."),
        ("tied_head", "Yes: embed.weight and head.weight are one storage (table)."),
        ("tied_autoencoder", "Yes: enc.weight and dec.weight are one storage (enc.weight)."),
        ("repeated_call", "Yes: shared_layer is used 2 times (weight, bias)."),
        ("digits", "Yes: middle is used 3 times (weight, bias)."),
    ] {
        assert_eq!(answer(&wnetc(&format!("check examples/{name}.wnet")).out), sentence);
    }
    let text = "model M {\n input x: [2, 3]\n param p: [3, 3] = normal(std=0.5)\n layer a = Linear(3, 3) weight=@p\n\
                layer b = Linear(3, 3) weight=@p\n layer c = Linear(3, 3, bias=false) weight=@b.weight.T\n\
                layer d = Linear(3, 3)\n output x -> a -> b -> c -> (d -> tanh)^2 -> matmul(p)\n}";
    let ran = piped("check -", text.as_bytes());
    assert_eq!(
        answer(&ran.out),
        "Yes: a.weight, b.weight and c.weight are one storage (p); d is used 2 times (weight, bias)."
    );
}
