//! Which columns of a table go to which input.

use crate::data::fit::{self, Element, Roles, Wanted, is_label_name};
use crate::data::{Column, DataError, Request};
use crate::diag::nearest;

/// The columns of an input, and what becomes of it.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) column: Column,
    /// The numbers of the table's columns.
    pub(super) from: Vec<usize>,
}

/// What each input takes of a table with these columns, in the order of the inputs, and the columns that none takes.
/// `header` holds their names if the table has any.
pub(super) fn assign(
    header: Option<&[String]>,
    count: usize,
    request: &Request<'_>,
) -> Result<(Vec<Taken>, Vec<String>), DataError> {
    let mut taken: Vec<Option<Vec<usize>>> = vec![None; request.wanted.len()];
    if let Some(names) = header {
        for (input, taken) in request.wanted.iter().zip(&mut taken) {
            if names.iter().filter(|name| **name == input.name).count() > 1 {
                let message = format!("several columns are named `{}`", input.name);
                return Err(DataError::Columns { message, help: None });
            }
            *taken = by_name(names, input);
        }
    }
    let used = |taken: &[Option<Vec<usize>>], column: usize| taken.iter().flatten().any(|from| from.contains(&column));
    let open: Vec<usize> = (0..taken.len()).filter(|index| taken.get(*index).is_some_and(Option::is_none)).collect();
    let free: Vec<usize> = (0..count).filter(|column| !used(&taken, *column)).collect();
    if !open.is_empty() {
        for (index, columns) in rest(header, &free, &open, request)? {
            if let Some(taken) = taken.get_mut(index) {
                *taken = Some(columns);
            }
        }
    }
    let unused = (0..count).filter(|column| !used(&taken, *column));
    let unused = unused.filter_map(|column| header?.get(column).cloned()).collect();
    let mut found = Vec::new();
    for (input, from) in request.wanted.iter().zip(taken) {
        let Some(from) = from else { continue };
        if !input.batched {
            let message = format!("`{}` has no batch axis, and a table has a row for each example", input.name);
            return Err(DataError::Columns {
                message,
                help: Some("arrays of any shape stand in `.npz` files".to_owned()),
            });
        }
        let shape = input.shape_of(from.len()).ok_or_else(|| DataError::Shape {
            name: input.name.clone(),
            found: columns(from.len()),
            wanted: input.describe(),
            help: header.map(|_| "columns go to the input whose name they have".to_owned()),
        })?;
        let column = Column { name: input.name.clone(), element: input.element, batched: true, shape };
        found.push(Taken { column, from });
    }
    Ok((found, unused))
}

fn columns(count: usize) -> String {
    if count == 1 { "one column".to_owned() } else { format!("{count} columns") }
}

/// The column with the name of the input, or those with its name and a number: `x0`, `x_1`, `x.2`, counted from 0 or 1.
fn by_name(names: &[String], input: &Wanted) -> Option<Vec<usize>> {
    if let Some(column) = names.iter().position(|name| *name == input.name) {
        return Some(vec![column]);
    }
    let number = |name: &String| {
        let digits = name.strip_prefix(&input.name)?;
        let digits = digits.strip_prefix(['.', '_']).unwrap_or(digits);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<usize>().ok()).flatten()
    };
    let mut numbered: Vec<(usize, usize)> =
        names.iter().enumerate().filter_map(|(column, name)| Some((number(name)?, column))).collect();
    numbered.sort_unstable();
    let first = numbered.first()?.0;
    let whole = first <= 1 && numbered.iter().enumerate().all(|(index, (number, _))| *number == first + index);
    whole.then(|| numbered.into_iter().map(|(_, column)| column).collect())
}

/// The columns without a name that says whose they are: one for the label, the others for what is given.
fn rest(
    header: Option<&[String]>,
    free: &[usize],
    open: &[usize],
    request: &Request<'_>,
) -> Result<Vec<(usize, Vec<usize>)>, DataError> {
    let input = |index: usize| request.wanted.get(index);
    if free.is_empty() {
        let missing = open.iter().filter_map(|index| input(*index)).find(|input| !input.optional);
        return missing.map_or_else(|| Ok(Vec::new()), |input| Err(absent(header, input)));
    }
    let Roles { given, label } = fit::roles(request.wanted, open, "a table")?;
    let name = |column: &usize| header.and_then(|names| names.get(*column));
    let named: Vec<usize> =
        free.iter().filter(|column| name(column).is_some_and(|name| is_label_name(name))).copied().collect();
    // One input that has the size of all columns takes all.
    let alone = label.is_none() && input(given).is_some_and(|input| input.shape_of(free.len()).is_some());
    let fixed = label.is_none() && input(given).is_some_and(|input| input.shape.iter().all(Option::is_some));
    if alone && (fixed || named.is_empty()) {
        return Ok(vec![(given, free.to_vec())]);
    }
    // Data to predict from has no label.
    let size = input(given).and_then(|input| input.shape.iter().copied().collect::<Option<Vec<usize>>>());
    let all = size.is_some_and(|shape| shape.iter().product::<usize>() == free.len());
    if all && named.is_empty() && label.and_then(input).is_some_and(|label| label.optional) {
        return Ok(vec![(given, free.to_vec())]);
    }
    let last = label.and_then(|_| free.last().copied());
    let column = match (named.as_slice(), last) {
        ([one], _) => Some(*one),
        ([], last) => last,
        (several, _) => {
            let names: Vec<String> = several.iter().filter_map(name).map(|name| format!("`{name}`")).collect();
            let message = format!("which of the columns {} is the label can't be told", names.join(", "));
            let help = label.and_then(input).map(|input| format!("name the one that is meant `{}`", input.name));
            return Err(DataError::Columns { message, help });
        }
    };
    let others: Vec<usize> = free.iter().filter(|other| Some(**other) != column).copied().collect();
    let mut found = Vec::new();
    if let (Some(label), Some(column)) = (label, column) {
        found.push((label, vec![column]));
    }
    match input(given) {
        Some(input) if others.is_empty() && !input.optional => return Err(absent(header, input)),
        Some(_) if others.is_empty() => {}
        _ => found.push((given, others)),
    }
    Ok(found)
}

fn absent(header: Option<&[String]>, input: &Wanted) -> DataError {
    let near = header.and_then(|names| nearest(&input.name, names.iter().map(String::as_str)));
    let help = near.map_or_else(
        || "columns go to the input whose name they have, and the others to the one that is left".to_owned(),
        |near| format!("the column `{near}` is near to it"),
    );
    input.missing(Some(help))
}

impl Taken {
    /// A single column of an int input may hold the names of classes.
    pub(super) fn may_be_classes(&self) -> bool {
        self.column.element == Element::Int && self.from.len() == 1
    }
}
