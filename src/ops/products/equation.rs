//! The equation of `einsum`, `bij,bjk->bik`: letters for the axes of the operands and of the result.

use super::contraction::Letters;

/// An axis that stands for itself, or the axes that `...` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Letter(u32),
    Ellipsis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Equation {
    terms: Vec<Vec<Label>>,
    /// What the result has, if it is written.
    result: Option<Vec<Label>>,
}

/// The axes that `...` stands for have numbers instead of letters, counted from the end so that they broadcast.
const ELLIPSIS: u32 = 1 << 24;

impl Equation {
    /// What is wrong with it otherwise, as the rest of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (terms, result) = match text.split_once("->") {
            Some((terms, result)) => (terms, Some(result)),
            None => (text, None),
        };
        let terms: Vec<Vec<Label>> = terms.split(',').map(labels).collect::<Result<_, _>>()?;
        let result = result.map(labels).transpose()?;
        for (index, label) in result.iter().flatten().enumerate() {
            let Label::Letter(letter) = label else { continue };
            let name = char::from_u32(*letter).unwrap_or('?');
            if result.iter().flatten().take(index).any(|other| other == label) {
                return Err(format!("names `{name}` twice in the result"));
            }
            if !terms.iter().flatten().any(|other| other == label) {
                return Err(format!("names `{name}` in the result, and no operand has it"));
            }
        }
        Ok(Self { terms, result })
    }

    pub(super) fn n_terms(&self) -> usize {
        self.terms.len()
    }

    /// How many axes a term has beside those that `...` stands for, and whether there is one.
    pub(super) fn axes(&self, term: usize) -> (usize, bool) {
        let labels = self.terms.get(term).map_or(&[][..], Vec::as_slice);
        let ellipsis = labels.contains(&Label::Ellipsis);
        (labels.len() - usize::from(ellipsis), ellipsis)
    }

    /// The letters of an operand with so many axes.
    pub(super) fn operand(&self, term: usize, rank: usize) -> Letters {
        let (named, _) = self.axes(term);
        let labels = self.terms.get(term).map_or(&[][..], Vec::as_slice);
        spread(labels, rank.saturating_sub(named))
    }

    /// The letters of the result, given those of the operands. Without an arrow they are those that occur once, in
    /// alphabetical order, after what `...` stands for.
    pub(super) fn result(&self, operands: &[Letters]) -> Letters {
        let all = || operands.iter().flatten().copied();
        let longest = all().filter(|letter| *letter >= ELLIPSIS).map(|letter| (letter - ELLIPSIS) as usize + 1).max();
        let longest = longest.unwrap_or(0);
        if let Some(result) = &self.result {
            return spread(result, longest);
        }
        let mut once: Letters =
            all().filter(|letter| *letter < ELLIPSIS && all().filter(|other| other == letter).count() == 1).collect();
        once.sort_unstable();
        spread(&[Label::Ellipsis], longest).into_iter().chain(once).collect()
    }
}

/// As in a sentence: a letter, or which of the axes of `...`.
pub(super) fn name(letter: u32) -> String {
    match char::from_u32(letter) {
        Some(letter) if letter.is_ascii() => format!("`{letter}`"),
        _ => format!("axis -{} of `...`", letter.saturating_sub(ELLIPSIS) + 1),
    }
}

fn labels(term: &str) -> Result<Vec<Label>, String> {
    let mut labels = Vec::new();
    let mut rest = term.trim();
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_alphabetic() {
            labels.push(Label::Letter(u32::from(first)));
            rest = rest.get(1..).unwrap_or("");
        } else if let Some(after) = rest.strip_prefix("...") {
            if labels.contains(&Label::Ellipsis) {
                return Err("has two `...` in one term".to_owned());
            }
            labels.push(Label::Ellipsis);
            rest = after;
        } else {
            return Err(format!("holds `{first}`: it is made of letters, `...`, commas and one `->`"));
        }
        rest = rest.trim_start();
    }
    Ok(labels)
}

/// The letters, with so many axes for `...`.
fn spread(labels: &[Label], count: usize) -> Letters {
    let mut letters = Letters::new();
    for label in labels {
        match label {
            Label::Letter(letter) => letters.push(*letter),
            Label::Ellipsis => letters.extend((0..count as u32).rev().map(|back| ELLIPSIS + back)),
        }
    }
    letters
}
