//! The losses of a run as curves over its epochs: drawn with characters for a terminal, and as an SVG picture.

use super::super::render::human::Charset;
use crate::run::number;
use serde_json::Value as Json;
use std::fmt::Write;

/// The losses of all epochs that have one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// The curves of a log; one without points is left out.
pub(super) fn curves(log: &[String]) -> Vec<Curve> {
    let lines: Vec<Json> = log.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let curve = |name, key: &str| {
        let point = |line: &Json| Some((line.get("epoch")?.as_f64()?, line.get(key)?.as_f64()?));
        Curve { name, points: lines.iter().filter_map(point).collect() }
    };
    let mut curves = vec![curve("training", "loss"), curve("validation", "val_loss")];
    curves.retain(|curve| !curve.points.is_empty());
    curves
}

/// What is shown of epochs and losses.
struct Frame {
    first: f64,
    last: f64,
    low: f64,
    high: f64,
}

impl Frame {
    /// `None` if there are no two epochs.
    fn new(curves: &[Curve]) -> Option<Self> {
        let points = || curves.iter().flat_map(|curve| &curve.points);
        let least = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (first, last, low, high) = (least(|p| p.0), most(|p| p.0), least(|p| p.1), most(|p| p.1));
        let room = if high > low { 0.0 } else { 0.5 * high.abs().max(1.0) };
        (last > first).then_some(Self { first, last, low: low - room, high: high + room })
    }

    /// From the left, 0 to 1.
    fn x(&self, epoch: f64) -> f64 {
        (epoch - self.first) / (self.last - self.first)
    }

    /// From above, 0 to 1.
    fn y(&self, loss: f64) -> f64 {
        (self.high - loss) / (self.high - self.low)
    }
}

const COLUMNS: usize = 60;
const ROWS: usize = 12;

/// Lines for a terminal; nothing where there are no two epochs.
pub(super) fn drawn(curves: &[Curve], charset: Charset) -> String {
    let Some(frame) = Frame::new(curves) else { return String::new() };
    let (marks, wall, tick, floor, corner) = match charset {
        Charset::Unicode => (['●', '○'], '│', '┤', '─', '└'),
        Charset::Ascii => (['*', 'o'], '|', '+', '-', '+'),
    };
    let mut cells = vec![vec![' '; COLUMNS]; ROWS];
    for (curve, mark) in curves.iter().zip(marks) {
        for column in 0..COLUMNS {
            let Some(loss) = at(curve, &frame, column) else { continue };
            let row = (frame.y(loss) * (ROWS - 1) as f64).round() as usize;
            if let Some(cell) = cells.get_mut(row).and_then(|row| row.get_mut(column)) {
                *cell = mark;
            }
        }
    }
    let labels =
        [(0, frame.high), (ROWS / 2, frame.high - (frame.high - frame.low) * 6.0 / 11.0), (ROWS - 1, frame.low)];
    let labels = labels.map(|(row, value)| (row, number(value)));
    let width = labels.iter().map(|(_, label)| label.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (row, cells) in cells.iter().enumerate() {
        let label = labels.iter().find(|(at, _)| *at == row).map(|(_, label)| label.as_str());
        let cells: String = cells.iter().collect();
        let line = format!("{:>width$} {}{cells}", label.unwrap_or(""), if label.is_some() { tick } else { wall });
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let floor: String = std::iter::repeat_n(floor, COLUMNS).collect();
    let last = frame.last.to_string();
    let _ = writeln!(text, "{:width$} {corner}{floor}", "");
    let _ = writeln!(text, "{:width$}  {:<rest$}{last}", "", frame.first, rest = COLUMNS - last.len());
    let names: Vec<String> = curves.iter().zip(marks).map(|(curve, mark)| format!("{mark} {}", curve.name)).collect();
    let _ = writeln!(text, "{:width$}  loss by epoch  {}", "", names.join("  "));
    text
}

/// The loss in a column: the mean of the epochs that fall into it, or a value between the two beside it.
fn at(curve: &Curve, frame: &Frame, column: usize) -> Option<f64> {
    let column_of = |epoch: f64| frame.x(epoch) * (COLUMNS - 1) as f64;
    let here = curve.points.iter().filter(|(epoch, _)| column_of(*epoch).round() as usize == column);
    let (count, sum) = here.fold((0, 0.0), |(count, sum), (_, loss)| (count + 1, sum + loss));
    if count > 0 {
        return Some(sum / f64::from(count));
    }
    let place = column as f64;
    curve.points.windows(2).find_map(|pair| {
        let [(e, a), (f, b)] = pair else { return None };
        let (from, to) = (column_of(*e), column_of(*f));
        (from < place && place < to).then(|| a + (b - a) * (place - from) / (to - from))
    })
}

/// A picture in SVG.
pub(super) fn svg(curves: &[Curve]) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 360.0;
    const LEFT: f64 = 72.0;
    const RIGHT: f64 = 16.0;
    const TOP: f64 = 40.0;
    const BOTTOM: f64 = 48.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#333\">\n<title>loss by epoch</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         fill=\"#fff\"/>\n"
    );
    // A single epoch has the picture to itself.
    let frame = Frame::new(curves).or_else(|| {
        let (epoch, loss) = curves.first()?.points.first()?;
        let around = |x: f64| (x - 0.5 * x.abs().max(1.0), x + 0.5 * x.abs().max(1.0));
        let (low, high) = around(*loss);
        Some(Frame { first: epoch - 1.0, last: epoch + 1.0, low, high })
    });
    let Some(frame) = frame else { return text + "</svg>\n" };
    let x = |epoch: f64| LEFT + frame.x(epoch) * (WIDTH - LEFT - RIGHT);
    let y = |loss: f64| TOP + frame.y(loss) * (HEIGHT - TOP - BOTTOM);
    for loss in ticks(frame.low, frame.high, 6.0) {
        let at = y(loss);
        let _ = writeln!(
            text,
            "<path d=\"M{LEFT} {at:.1}H{}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0,
            short(loss)
        );
    }
    for epoch in ticks(frame.first, frame.last, 8.0).filter(|epoch| epoch.fract() == 0.0) {
        let at = x(epoch);
        let _ = writeln!(
            text,
            "<path d=\"M{at:.1} {}v4\" stroke=\"#333\"/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{epoch}</text>",
            HEIGHT - BOTTOM,
            HEIGHT - BOTTOM + 18.0
        );
    }
    let _ = writeln!(
        text,
        "<path d=\"M{LEFT} {TOP}V{}H{}\" fill=\"none\" stroke=\"#333\"/>",
        HEIGHT - BOTTOM,
        WIDTH - RIGHT
    );
    let _ = writeln!(
        text,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">epoch</text>",
        x(f64::midpoint(frame.first, frame.last)),
        HEIGHT - 10.0
    );
    let _ = writeln!(text, "<text x=\"{}\" y=\"24\" text-anchor=\"end\">loss</text>", LEFT - 8.0);
    let styles = ["stroke=\"#1f5fa8\"", "stroke=\"#c8501e\" stroke-dasharray=\"6 3\""];
    for ((curve, style), left) in curves.iter().zip(styles).zip([LEFT, LEFT + 110.0]) {
        let points: Vec<String> =
            curve.points.iter().map(|(epoch, loss)| format!("{:.1},{:.1}", x(*epoch), y(*loss))).collect();
        let line =
            format!("fill=\"none\" {style} stroke-width=\"2\" stroke-linejoin=\"round\" stroke-linecap=\"round\"");
        // A point alone is a line from itself to itself.
        let end = if points.len() == 1 { format!(" {}", points.join(" ")) } else { String::new() };
        let _ = writeln!(text, "<polyline points=\"{}{end}\" {line}/>", points.join(" "));
        let _ = writeln!(
            text,
            "<path d=\"M{left} 20h24\" {line}/><text x=\"{}\" y=\"24\">{}</text>",
            left + 30.0,
            curve.name
        );
    }
    text + "</svg>\n"
}

/// Without zeros at its end.
fn short(value: f64) -> String {
    let text = number(value);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Round numbers between two others, about so many.
fn ticks(low: f64, high: f64, count: f64) -> impl Iterator<Item = f64> {
    let rough = (high - low) / count;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power);
    let first = (low / step).ceil();
    (0..20).map(move |index| (first + f64::from(index)) * step).take_while(move |tick| *tick <= high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(losses: &[(f64, Option<f64>)]) -> Vec<String> {
        let line = |(index, (loss, val_loss)): (usize, &(f64, Option<f64>))| {
            serde_json::json!({"epoch": index + 1, "loss": loss, "val_loss": val_loss}).to_string()
        };
        losses.iter().enumerate().map(line).collect()
    }

    fn fall() -> Vec<Curve> {
        let losses: Vec<_> = (0..8).map(|at| 2.0 / f64::from(at + 1)).map(|loss| (loss, Some(loss + 0.3))).collect();
        curves(&log(&losses))
    }

    #[test]
    fn two_curves_on_a_terminal() {
        insta::assert_snapshot!("curve_unicode", drawn(&fall(), Charset::Unicode));
        insta::assert_snapshot!("curve_ascii", drawn(&fall(), Charset::Ascii));
    }

    #[test]
    fn two_curves_in_a_picture() {
        insta::assert_snapshot!("curve_svg", svg(&fall()));
    }

    /// Many epochs share a column, one has no curve, and a loss that isn't finite is no point.
    #[test]
    fn any_number_of_epochs() {
        let many: Vec<_> = (0..1000).map(|at| (f64::from(1000 - at), None)).collect();
        let text = drawn(&curves(&log(&many)), Charset::Ascii);
        assert_eq!(text.lines().count(), ROWS + 3);
        assert!(text.contains("1000.00 +**"), "{text}");
        assert_eq!(drawn(&curves(&log(&[(1.0, None)])), Charset::Ascii), "");
        assert!(svg(&curves(&log(&[(1.0, None)]))).contains("<polyline"));
        assert_eq!(curves(&log(&[(f64::NAN, Some(f64::INFINITY))])), []);
        assert!(svg(&[]).ends_with("</svg>\n"));
        let flat = curves(&log(&[(0.5, None), (0.5, None)]));
        assert_eq!(drawn(&flat, Charset::Ascii).matches('*').count(), COLUMNS + 1);
    }
}
