//! What holds of every finding, whatever stands in a file, and of running what has none.

use wnet::Checked;
use wnet::diag::{Diagnostic, Diagnostics};
use wnet::run::{Request, planned, run};
use wnet::span::SourceMap;

/// What must hold of any finding in any file.
pub(crate) fn examine(map: &SourceMap, found: &[Diagnostic]) {
    for one in found {
        assert!(!one.code.is_empty() && !one.message.is_empty(), "{one:?}");
        let labelled = !one.labels.is_empty() || one.code == "no-model";
        assert!(labelled, "an error without a place: {one:?}");
        for label in &one.labels {
            let Some(file) = map.file_at(label.span.start) else { panic!("a place in no file: {one:?}") };
            let span = file.span();
            assert!(span.start <= label.span.start && label.span.start <= label.span.end, "{one:?}");
            assert!(label.span.end <= span.end, "{one:?}");
            let (start, end) = ((label.span.start - span.start) as usize, (label.span.end - span.start) as usize);
            assert!(file.text().is_char_boundary(start) && file.text().is_char_boundary(end), "{one:?}");
        }
    }
    assert!(found.windows(2).all(|pair| pair[0] != pair[1]), "twice: {found:#?}");
    assert!(found.is_sorted_by_key(|found| found.span().start), "{found:#?}");
}

/// Runs what is sound and small.
pub(crate) fn exercise(map: &SourceMap, result: &Checked) {
    for model in result.models.iter().filter(|model| model.sound) {
        let sizes = model.graph.symbols.iter().map(|symbol| (symbol.name.to_string(), 2)).collect();
        let request = Request { sizes, backward: true, memory: Some(1 << 16), ..Request::default() };
        let mut found = Diagnostics::new();
        if planned(model, &request, &mut found).is_some() {
            let _ = run::<f32>(model, &request, &mut found);
        }
        examine_run(map, &found.sorted());
    }
}

/// A finding of a run may be about data, and so without a place.
fn examine_run(map: &SourceMap, found: &[Diagnostic]) {
    let placed: Vec<Diagnostic> = found.iter().filter(|one| !one.labels.is_empty()).cloned().collect();
    examine(map, &placed);
}
