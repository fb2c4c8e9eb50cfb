//! How a model is trained: the `train` blocks of a file and the flags of the command line → settings, the nearer ones
//! first. Nothing is trained here.

mod errors;

pub use errors::RecipeError;

use crate::diag::{Diagnostic, Diagnostics, label, primary};
use crate::lower::{Field, FieldValue, Training, training};
use crate::ops::{Type, Value};
use crate::optim::{self, Argument, Optimizer, Schedule, SetupError, SetupErrorKind};
use crate::program::{NoFiles, collect};
use crate::span::{SourceMap, Span};
use crate::syntax::ast::Name;
use std::fmt;

/// A field of a `train` block.
pub struct Setting {
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Optimizer,
    Schedule,
    Positive,
    Count,
    Bool,
}

/// Every field.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "optimizer", doc: "What steps the weights: `AdamW(lr=3e-4)`.", kind: Kind::Optimizer },
    Setting {
        name: "schedule",
        doc: "How the learning rate changes, batch by batch: `cosine(warmup=100)`.",
        kind: Kind::Schedule,
    },
    Setting { name: "clip_norm", doc: "The largest norm of all gradients together.", kind: Kind::Positive },
    Setting {
        name: "clip_value",
        doc: "The largest absolute value of an element of a gradient.",
        kind: Kind::Positive,
    },
    Setting {
        name: "batch",
        doc: "How many examples a step sees; the last step of an epoch may see fewer.",
        kind: Kind::Count,
    },
    Setting { name: "epochs", doc: "How often the data are gone through.", kind: Kind::Count },
    Setting {
        name: "shuffle",
        doc: "Whether each epoch goes through the data in an order of its own.",
        kind: Kind::Bool,
    },
];

/// What is set. What isn't is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub optimizer: Option<Method>,
    pub schedule: Option<Method>,
    pub clip_norm: Option<f64>,
    pub clip_value: Option<f64>,
    pub batch: Option<u64>,
    pub epochs: Option<u64>,
    pub shuffle: Option<bool>,
}

/// The name and the arguments of an optimizer or a schedule, known to fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    pub name: String,
    arguments: Vec<(Option<String>, Value)>,
}

impl Method {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), arguments: Vec::new() }
    }

    fn arguments(&self) -> Vec<Argument<'_>> {
        self.arguments.iter().map(|(name, value)| (name.as_deref(), value.clone())).collect()
    }

    pub fn optimizer(&self) -> Result<Box<dyn Optimizer>, SetupError> {
        optim::optimizer(&self.name, &self.arguments())
    }

    pub fn schedule(&self) -> Result<Box<dyn Schedule>, SetupError> {
        optim::schedule(&self.name, &self.arguments())
    }
}

/// As it is written: `AdamW(lr=3e-4)`.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let argument = |(name, value): &(Option<String>, Value)| match name {
            Some(name) => format!("{name}={value}"),
            None => value.to_string(),
        };
        let arguments: Vec<String> = self.arguments.iter().map(argument).collect();
        f.write_str(&self.name)?;
        if arguments.is_empty() { Ok(()) } else { write!(f, "({})", arguments.join(", ")) }
    }
}

/// The settings of one `train` block.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// The model that it is for; `None` for all.
    pub model: Option<String>,
    pub settings: Settings,
}

impl Settings {
    /// These, and where something isn't set, the others.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        Self {
            optimizer: self.optimizer.or_else(|| others.optimizer.clone()),
            schedule: self.schedule.or_else(|| others.schedule.clone()),
            clip_norm: self.clip_norm.or(others.clip_norm),
            clip_value: self.clip_value.or(others.clip_value),
            batch: self.batch.or(others.batch),
            epochs: self.epochs.or(others.epochs),
            shuffle: self.shuffle.or(others.shuffle),
        }
    }

    /// What a model's own block says, and where that says nothing, the one for all.
    #[must_use]
    pub fn of(recipes: &[Recipe], model: &str) -> Self {
        let find = |wanted: Option<&str>| recipes.iter().find(|recipe| recipe.model.as_deref() == wanted);
        let own = find(Some(model)).map(|recipe| recipe.settings.clone()).unwrap_or_default();
        find(None).map_or_else(|| own.clone(), |all| own.clone().or(&all.settings))
    }
}

/// Reads the only file of a map, which has one `train` block for all models and nothing else.
pub fn read_text(map: &mut SourceMap) -> Result<Settings, Vec<Diagnostic>> {
    let mut diagnostics = Diagnostics::new();
    let program = collect(map, &mut NoFiles, &mut diagnostics);
    let blocks = training(&program, &mut diagnostics);
    let recipes = read(&blocks, &[], &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics.sorted());
    }
    Ok(recipes.into_iter().next().map(|recipe| recipe.settings).unwrap_or_default())
}

/// Reads `train` blocks, in a file with these models. What is wrong is reported and left out.
pub fn read(blocks: &[Training], models: &[&str], diagnostics: &mut Diagnostics) -> Vec<Recipe> {
    let mut recipes: Vec<(Recipe, Span)> = Vec::new();
    for block in blocks {
        let model = block.model.as_ref().map(|name| name.text.clone());
        // The word, not the whole block.
        let word = Span { end: block.span.end.min(block.span.start + 5), ..block.span };
        let place = block.model.as_ref().map_or(word, |name| name.span);
        if let Some(name) = block.model.as_ref().filter(|name| !models.contains(&name.text.as_str())) {
            let help =
                diagnostics.nearest(&name.text, models.iter().copied()).map(|near| format!("`{near}` is near to it"));
            let labels = vec![primary(name.span, "no model of this file")];
            diagnostics.push(RecipeError::UnknownModel { name: name.text.clone(), labels, help });
        }
        if let Some((_, first)) = recipes.iter().find(|(recipe, _)| recipe.model == model) {
            let name = model.as_ref().map_or_else(|| "train".to_owned(), |name| format!("train {name}"));
            let labels = vec![primary(place, "again"), label(*first, "first here")];
            diagnostics.push(RecipeError::Twice { name, labels });
            continue;
        }
        recipes.push((Recipe { model, settings: settings(&block.fields, diagnostics) }, place));
    }
    recipes.into_iter().map(|(recipe, _)| recipe).collect()
}

fn settings(fields: &[Field], diagnostics: &mut Diagnostics) -> Settings {
    let mut settings = Settings::default();
    let mut seen: Vec<&Name> = Vec::new();
    for field in fields {
        let name = field.name.text.as_str();
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            let help = match diagnostics.nearest(name, names.iter().copied()) {
                Some(near) => format!("`{near}` is near to it"),
                None => format!("there are {}", names.join(", ")),
            };
            let labels = vec![primary(field.name.span, "nothing that can be set")];
            diagnostics.push(RecipeError::UnknownSetting { name: name.to_owned(), labels, help });
            continue;
        };
        if let Some(first) = seen.iter().find(|first| first.text == name) {
            let labels = vec![primary(field.name.span, "again"), label(first.span, "first here")];
            diagnostics.push(RecipeError::Twice { name: name.to_owned(), labels });
            continue;
        }
        seen.push(&field.name);
        set(&mut settings, setting, field, diagnostics);
    }
    settings
}

fn set(settings: &mut Settings, setting: &Setting, field: &Field, diagnostics: &mut Diagnostics) {
    let value = match &field.value {
        FieldValue::Method { name, arguments } if matches!(setting.kind, Kind::Optimizer | Kind::Schedule) => {
            let method = Method {
                name: name.text.clone(),
                arguments: arguments
                    .iter()
                    .map(|(name, value, _)| (name.as_ref().map(|name| name.text.clone()), value.clone()))
                    .collect(),
            };
            let is_optimizer = setting.kind == Kind::Optimizer;
            let built = if is_optimizer { method.optimizer().map(drop) } else { method.schedule().map(drop) };
            if let Err(error) = built {
                let places: Vec<Span> = arguments.iter().map(|(.., span)| *span).collect();
                diagnostics.push(located(error, name.span, &places));
                return;
            }
            if is_optimizer {
                settings.optimizer = Some(method);
            } else {
                settings.schedule = Some(method);
            }
            return;
        }
        FieldValue::Method { name, .. } => {
            diagnostics.push(wrong(setting, &format!("gets `{}`", name.text), field.span));
            return;
        }
        FieldValue::Value(value) => value,
    };
    let positive = || match value.cast(Type::Float) {
        Some(Value::Float(x)) if x > 0.0 && x.is_finite() => Some(x),
        _ => None,
    };
    let count = || value.as_int().and_then(|count| u64::try_from(count).ok()).filter(|count| *count > 0);
    let fits = match (setting.kind, setting.name) {
        (Kind::Positive, "clip_norm") => put(&mut settings.clip_norm, positive()),
        (Kind::Positive, _) => put(&mut settings.clip_value, positive()),
        (Kind::Count, "batch") => put(&mut settings.batch, count()),
        (Kind::Count, _) => put(&mut settings.epochs, count()),
        (Kind::Bool, _) => put(&mut settings.shuffle, if let Value::Bool(value) = value { Some(*value) } else { None }),
        (Kind::Optimizer | Kind::Schedule, _) => false,
    };
    if !fits {
        diagnostics.push(wrong(setting, &format!("gets {value}"), field.span));
    }
}

fn put<V>(place: &mut Option<V>, value: Option<V>) -> bool {
    *place = value;
    place.is_some()
}

fn wrong(setting: &Setting, found: &str, span: Span) -> RecipeError {
    let wanted = match setting.kind {
        Kind::Optimizer => "an optimizer, such as `AdamW(lr=3e-4)`",
        Kind::Schedule => "a schedule, such as `cosine(warmup=100)`",
        Kind::Positive => "a number above 0",
        Kind::Count => "a whole number, 1 or more",
        Kind::Bool => "`true` or `false`",
    };
    RecipeError::SettingValue {
        message: format!("`{}` wants {wanted}, and {found}", setting.name),
        labels: vec![primary(span, "this value")],
        help: setting.doc.to_owned(),
    }
}

/// What the optimizer and the schedule of several settings together can't do.
#[must_use]
pub fn clash(error: SetupError) -> RecipeError {
    RecipeError::ArgumentValue { message: error.message, labels: Vec::new(), help: error.help }
}

/// The error with its place among the arguments.
fn located(error: SetupError, name: Span, arguments: &[Span]) -> RecipeError {
    let SetupError { kind, message, help } = error;
    let at = |index: usize| arguments.get(index).copied().unwrap_or(name);
    let labels = |span| vec![primary(span, "this")];
    match kind {
        SetupErrorKind::UnknownName => RecipeError::UnknownMethod { message, labels: labels(name), help },
        SetupErrorKind::UnknownArgument(index) => {
            RecipeError::ArgumentUnknown { message, labels: labels(at(index)), help }
        }
        SetupErrorKind::ArgumentTwice(index) => RecipeError::ArgumentTwice { message, labels: labels(at(index)), help },
        SetupErrorKind::ArgumentType(index) => RecipeError::ArgumentType { message, labels: labels(at(index)), help },
        SetupErrorKind::ArgumentMissing => RecipeError::ArgumentMissing { message, labels: labels(name), help },
        SetupErrorKind::ArgumentValue(index) => {
            RecipeError::ArgumentValue { message, labels: labels(index.map_or(name, at)), help }
        }
    }
}
