//! A helper and one call of it.

use std::borrow::Cow;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, JsonValue, Output, PathAndJson, RenderContext,
    RenderError, RenderErrorReason, Renderable, ScopedJson,
};

use crate::model::{Json, Number};

use super::LONGEST;
use super::model::State;

/// What a helper yields; `None` is an absent value, as of a list that has no such place.
pub(super) type Outcome = Result<Option<JsonValue>, RenderErrorReason>;

/// Looks at a literal when a template is compiled.
type Check = fn(&str) -> Result<(), String>;

/// A helper: what it may be given, and what it does.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// The fewest values that it takes.
    pub(super) least: usize,
    /// The most values that it takes.
    pub(super) most: usize,
    /// What may be given by name.
    pub(super) options: &'static [&'static str],
    /// Whether it yields a truth, and so can be a block.
    pub(super) truth: bool,
    /// Whether it needs to know about the answer being made: its time, its random numbers, its request.
    pub(super) stateful: bool,
    /// What its second value must be, where that is a pattern.
    pub(super) pattern: Option<Check>,
    /// What it does, where it makes one text of one and nothing else.
    pub(super) on_text: Option<fn(&str) -> String>,
    pub(super) run: fn(&Call<'_, '_>) -> Outcome,
}

impl Spec {
    pub(super) const fn new(name: &'static str, least: usize, most: usize, run: fn(&Call<'_, '_>) -> Outcome) -> Spec {
        Spec { name, least, most, options: &[], truth: false, stateful: false, pattern: None, on_text: None, run }
    }

    pub(super) const fn with(self, options: &'static [&'static str]) -> Spec {
        Spec { options, ..self }
    }

    pub(super) const fn truth(self) -> Spec {
        Spec { truth: true, ..self }
    }

    pub(super) const fn stateful(self) -> Spec {
        Spec { stateful: true, ..self }
    }

    pub(super) const fn pattern(self, check: Check) -> Spec {
        Spec { pattern: Some(check), ..self }
    }

    pub(super) const fn on_text(self, change: fn(&str) -> String) -> Spec {
        Spec { on_text: Some(change), ..self }
    }

    /// How many values it takes, in words.
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

/// One call of a helper.
pub(super) struct Call<'c, 'rc> {
    helper: &'c Helper<'rc>,
    state: Option<&'c State>,
}

impl<'c> Call<'c, '_> {
    /// How many values were given.
    pub(super) fn count(&self) -> usize {
        self.helper.params().len()
    }

    /// A value; null where it is absent.
    pub(super) fn value(&self, place: usize) -> &'c JsonValue {
        self.helper.param(place).map_or(&JsonValue::Null, PathAndJson::value)
    }

    /// A value that must be there.
    pub(super) fn present(&self, place: usize) -> Result<&'c JsonValue, RenderErrorReason> {
        match self.helper.param(place) {
            Some(param) if !param.is_value_missing() => Ok(param.value()),
            Some(param) => Err(RenderErrorReason::MissingVariable(Some(self.called(param, place)))),
            None => Err(wrong(format!("`{}` needs more values", self.helper.name()))),
        }
    }

    /// What a value is called in the template.
    fn called(&self, param: &PathAndJson<'_>, place: usize) -> String {
        param.relative_path().cloned().unwrap_or_else(|| format!("the value {} of {}", place + 1, self.helper.name()))
    }

    /// A value as text; numbers and booleans as JSON writes them.
    pub(super) fn text(&self, place: usize) -> Result<Cow<'c, str>, RenderErrorReason> {
        text_of(self.present(place)?).ok_or_else(|| self.not_a(place, "text"))
    }

    /// A value as a number; text that reads as one is one.
    pub(super) fn number(&self, place: usize) -> Result<Number, RenderErrorReason> {
        number_of(self.present(place)?).ok_or_else(|| self.not_a(place, "a number"))
    }

    /// A value as a whole number.
    pub(super) fn integer(&self, place: usize) -> Result<i64, RenderErrorReason> {
        whole(self.number(place)?).ok_or_else(|| self.not_a(place, "a whole number"))
    }

    /// An option as text.
    pub(super) fn option(&self, name: &str) -> Result<Option<Cow<'c, str>>, RenderErrorReason> {
        let Some(option) = self.helper.hash_get(name).filter(|option| !option.is_value_missing()) else {
            return Ok(None);
        };
        let not_text = || wrong(format!("the option `{name}` of `{}` is not text", self.helper.name()));
        text_of(option.value()).map(Some).ok_or_else(not_text)
    }

    /// An option as a whole number that is not negative.
    pub(super) fn size_option(&self, name: &str) -> Result<Option<usize>, RenderErrorReason> {
        let Some(text) = self.option(name)? else {
            return Ok(None);
        };
        let not_a_size =
            || wrong(format!("the option `{name}` of `{}` is no whole number: `{text}`", self.helper.name()));
        text.trim().parse().map(Some).map_err(|_| not_a_size())
    }

    /// Where in the model a value stands, if it was taken from there as it is.
    pub(super) fn source(&self, place: usize) -> Option<&'c [String]> {
        self.helper.param(place)?.context_path().map(Vec::as_slice)
    }

    /// The answer being made; only helpers that are declared stateful ask.
    pub(super) fn state(&self) -> &'c State {
        self.state.expect("a stateful helper is registered with its state")
    }

    /// The complaint that a value is of the wrong kind.
    pub(super) fn not_a(&self, place: usize, what: &str) -> RenderErrorReason {
        let value = match self.value(place) {
            JsonValue::Array(_) => "a list".to_owned(),
            JsonValue::Object(_) => "an object".to_owned(),
            other => format!("`{}`", text_of(other).unwrap_or_default()),
        };
        wrong(format!("`{}` needs {what}, and its value {} is {value}", self.helper.name(), place + 1))
    }
}

/// A complaint in words.
pub(super) fn wrong(message: impl Into<String>) -> RenderErrorReason {
    RenderErrorReason::Other(message.into())
}

/// Text, but not of a list or an object; null is empty.
pub(super) fn text_of(value: &JsonValue) -> Option<Cow<'_, str>> {
    match value {
        JsonValue::String(text) => Some(Cow::Borrowed(text)),
        JsonValue::Null => Some(Cow::Borrowed("")),
        JsonValue::Bool(_) | JsonValue::Number(_) => Some(Cow::Owned(value.to_string())),
        JsonValue::Array(_) | JsonValue::Object(_) => None,
    }
}

/// A number, or text that reads as one.
pub(super) fn number_of(value: &JsonValue) -> Option<Number> {
    match value {
        JsonValue::String(text) => Number::parse(text),
        JsonValue::Number(_) => match Json::from_serde(value) {
            Json::Number(number) => Some(number),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number of 64 bits.
pub(super) fn whole(number: Number) -> Option<i64> {
    match number {
        Number::Integer(integer) => i64::try_from(integer).ok(),
        Number::Float(float) if float.fract() == 0.0 && float.abs() < 9.0e15 => Some(float as i64),
        Number::Float(_) => None,
    }
}

/// A helper as Handlebars calls it.
pub(super) struct Bound<'s> {
    pub(super) spec: &'static Spec,
    pub(super) state: Option<&'s State>,
}

impl Bound<'_> {
    fn outcome(&self, helper: &Helper<'_>) -> Outcome {
        let outcome = (self.spec.run)(&Call { helper, state: self.state })?;
        match &outcome {
            Some(JsonValue::String(text)) if text.len() > LONGEST => {
                Err(wrong(format!("`{}` yields more than 16 MiB", self.spec.name)))
            }
            _ => Ok(outcome),
        }
    }
}

impl HelperDef for Bound<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(self.outcome(helper)?.map_or(ScopedJson::Missing, ScopedJson::Derived))
    }

    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        data: &'rc Context,
        context: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let outcome = self.outcome(helper)?;
        if helper.is_block() {
            let holds = outcome.is_some_and(|value| value.is_truthy(false));
            let branch = if holds { helper.template() } else { helper.inverse() };
            return branch.map_or(Ok(()), |branch| branch.render(registry, data, context, out));
        }
        let absent = || RenderErrorReason::MissingVariable(Some(format!("({} ...)", self.spec.name)));
        let value = outcome.ok_or_else(absent)?;
        let text = text_of(&value).unwrap_or_else(|| Cow::Owned(value.to_string()));
        if context.is_disable_escape() {
            out.write(&text)?;
        } else {
            out.write(&registry.get_escape_fn()(&text))?;
        }
        Ok(())
    }
}
