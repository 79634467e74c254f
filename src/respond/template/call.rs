//! A helper and one call of it.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::model::{Json, Number};

use super::super::charge;
use super::super::fault::quoted;
use super::super::templating::Rendering;
use super::failure::{Failure, wrong};
use super::resolved_path::ResolvedPath;
use super::value::{Evaluated, TemplateValue};

/// Checks a literal when a template is compiled.
type Check = fn(&str) -> Result<(), String>;

type Run = for<'c> fn(&Call<'c>) -> Evaluated<'c>;

/// A helper: its arguments and its function.
#[derive(Debug)]
pub(super) struct HelperSpec {
    pub(super) name: &'static str,
    /// The fewest values that it takes.
    pub(super) least: usize,
    /// The most values that it takes.
    pub(super) most: usize,
    /// Its named options.
    pub(super) options: &'static [&'static str],
    /// Whether it returns a boolean, and so can be a block.
    pub(super) truth: bool,
    /// Whether it reads the contents of lists and objects, so that these must be parsed completely.
    pub(super) looks_inside: bool,
    /// Checks its second value, if that is a literal pattern.
    pub(super) pattern: Option<Check>,
    pub(super) run: Run,
}

impl HelperSpec {
    pub(super) const fn new(name: &'static str, least: usize, most: usize, run: Run) -> HelperSpec {
        HelperSpec { name, least, most, options: &[], truth: false, looks_inside: false, pattern: None, run }
    }

    pub(super) const fn with(self, options: &'static [&'static str]) -> HelperSpec {
        HelperSpec { options, ..self }
    }

    pub(super) const fn truth(self) -> HelperSpec {
        HelperSpec { truth: true, ..self }
    }

    pub(super) const fn looks_inside(self) -> HelperSpec {
        HelperSpec { looks_inside: true, ..self }
    }

    pub(super) const fn pattern(self, check: Check) -> HelperSpec {
        HelperSpec { pattern: Some(check), ..self }
    }

    /// Describes how many values it takes.
    pub(super) fn arity(&self) -> String {
        let values = |count: usize| {
            if count == 1 { "1 value".to_owned() } else { format!("{count} values") }
        };
        match (self.least, self.most) {
            (least, most) if least == most => format!("`{}` takes {}", self.name, values(least)),
            (least, usize::MAX) => format!("`{}` takes at least {}", self.name, values(least)),
            (least, most) => format!("`{}` takes from {least} to {}", self.name, values(most)),
        }
    }
}

/// An argument of a helper; its value is `None` if it is absent.
pub(super) struct GivenArgument<'c> {
    pub(super) value: Option<TemplateValue<'c>>,
    /// The path of the value, if the argument is a path.
    pub(super) path: Option<&'c ResolvedPath>,
}

/// One call of a helper.
pub(super) struct Call<'c> {
    pub(super) spec: &'static HelperSpec,
    pub(super) values: SmallVec<[GivenArgument<'c>; 3]>,
    /// Its named options. Absent ones are left out.
    pub(super) options: Vec<(&'static str, TemplateValue<'c>)>,
    /// The answer that is being rendered.
    pub(super) rendering: &'c Rendering<'c>,
}

/// The steps of calling any helper.
const CALL: usize = 8;

const NULL: &TemplateValue<'static> = &TemplateValue::Json(Cow::Borrowed(&Json::Null));

impl<'c> Call<'c> {
    /// Runs the helper.
    pub(super) fn outcome(&self) -> Evaluated<'c> {
        charge::steps(CALL)?;
        for given in self.values.iter().filter_map(|given| given.value.as_ref()) {
            if let TemplateValue::Text(text) = given {
                charge::reading(text)?;
            }
        }
        (self.spec.run)(self)
    }

    /// Returns the number of values.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// Returns a value; null if it is absent.
    pub(super) fn value(&self, place: usize) -> &TemplateValue<'c> {
        self.values.get(place).and_then(|given| given.value.as_ref()).unwrap_or(NULL)
    }

    /// Returns a required value.
    pub(super) fn present(&self, place: usize) -> Result<&TemplateValue<'c>, Failure> {
        let absent = || Failure::missing(format!("the value {} of {}", place + 1, self.spec.name));
        match self.values.get(place) {
            Some(GivenArgument { value: Some(value), .. }) => Ok(value),
            Some(GivenArgument { path, .. }) => Err(path.map_or_else(absent, ResolvedPath::missing)),
            None => Err(wrong(format!("`{}` needs more values", self.spec.name))),
        }
    }

    /// Returns a value as text: numbers and booleans as in JSON.
    pub(super) fn text(&self, place: usize) -> Result<Cow<'_, str>, Failure> {
        self.present(place)?.text().ok_or_else(|| self.not_a(place, "text"))
    }

    /// Returns a value as a number. Text is parsed.
    pub(super) fn number(&self, place: usize) -> Result<Number, Failure> {
        let value = self.present(place)?;
        let number = value.number().ok_or_else(|| self.not_a(place, "a number"))?;
        match value {
            TemplateValue::Text(text) if matches!(number, Number::Float(_)) && is_whole(text) => Err(wrong(format!(
                "the whole number {} has more digits than `{}` can keep",
                quoted(text),
                self.spec.name
            ))),
            _ => Ok(number),
        }
    }

    /// Returns a value as a whole number.
    pub(super) fn integer(&self, place: usize) -> Result<i64, Failure> {
        whole(self.number(place)?).ok_or_else(|| self.not_a(place, "a whole number of 64 bits"))
    }

    /// Returns an option as text.
    pub(super) fn option(&self, name: &str) -> Result<Option<Cow<'_, str>>, Failure> {
        let Some((_, option)) = self.options.iter().find(|(known, _)| *known == name) else {
            return Ok(None);
        };
        let not_text = || wrong(format!("the option `{name}` of `{}` is not text", self.spec.name));
        option.text().map(Some).ok_or_else(not_text)
    }

    /// Returns an option that is `true` or `false`; `false` if it is not given.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.option(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(wrong(format!(
                "the option `{name}` of `{}` must be true or false, found {}",
                self.spec.name,
                quoted(other)
            ))),
        }
    }

    /// Returns an option as a whole number that is not negative.
    pub(super) fn size_option(&self, name: &str) -> Result<Option<usize>, Failure> {
        let Some(text) = self.option(name)? else {
            return Ok(None);
        };
        let not_a_size = || {
            wrong(format!(
                "the option `{name}` of `{}` must be a whole number, found {}",
                self.spec.name,
                quoted(&text)
            ))
        };
        text.trim().parse().map(Some).map_err(|_| not_a_size())
    }

    /// Whether a value is the object of all headers, whose names are in lower case.
    pub(super) fn are_headers(&self, place: usize) -> bool {
        self.values.get(place).and_then(|given| given.path).is_some_and(|path| path.headers)
    }

    /// Returns the failure that a value has the wrong type.
    pub(super) fn not_a(&self, place: usize, what: &str) -> Failure {
        let value = self.value(place).described();
        wrong(format!("`{}` needs {what}, and its value {} is {value}", self.spec.name, place + 1))
    }
}

/// Whether the text of a number is written as a whole number.
fn is_whole(text: &str) -> bool {
    text.trim().trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns a whole number of 64 bits.
pub(super) fn whole(number: Number) -> Option<i64> {
    match number {
        Number::Integer(integer) => i64::try_from(integer).ok(),
        Number::Float(float) if float.fract() == 0.0 && float.abs() < 9.0e15 => Some(float as i64),
        Number::Float(_) => None,
    }
}
