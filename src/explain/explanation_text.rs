//! Renders explanations as text, for the 404, the log, the admin API and the terminal.

use std::fmt::Write as _;

use crate::message::{Redaction, redacted_target, visible, visible_lines};

use super::condition_report::ConditionReport;
use super::explanation::{Explanation, MAX_NEAREST};
use super::near_stub::NearStub;

/// How a text is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// With colours, for a terminal.
    pub colour: bool,
    /// Without secrets, for texts that are kept.
    pub redact: bool,
}

impl Explanation {
    /// Returns one line that says what happened.
    pub fn summary(&self, style: Style) -> String {
        let target = if style.redact {
            redacted_target(&self.target)
        } else {
            (&*self.target).into()
        };
        let (method, target) = (visible(&self.method), visible(&target));
        match &self.unknown_stub {
            Some((name, _)) => format!("no on-demand stub is named `{}`", visible(name)),
            None if self.undecided.is_some() => format!("{method} {target} cannot be decided"),
            None if self.stubs == 0 => format!("no stub answers {method} {target}: there are no stubs"),
            None if self.is_nothing_similar() => match self.stubs {
                1 => format!("no stub answers {method} {target}, and the only stub is not similar"),
                stubs => format!("no stub answers {method} {target}, and none of the {stubs} stubs is similar"),
            },
            None => format!("no stub answers {method} {target}"),
        }
    }

    /// Whether the stubs were compared and none of them shares anything with the request.
    fn is_nothing_similar(&self) -> bool {
        self.nearest.is_empty() && self.unfinished.is_none() && self.on_demand.is_empty()
    }

    /// Returns several lines for people.
    pub fn text(&self, style: Style) -> String {
        let mut text = format!("{}\n", self.summary(style));
        if let Some(problem) = &self.stale {
            text.push_str("\nThe stubs are older than the scenario files, which do not load:\n");
            visible_lines(problem).lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        if let Some(reason) = &self.undecided {
            let _ = writeln!(text, "\nThe answer is a 500: {reason}");
        }
        if let Some(reason) = &self.unfinished {
            let _ = writeln!(text, "\nThe nearest stubs are not known: {reason}");
        }
        if let Some((_, names)) = &self.unknown_stub {
            match names.as_slice() {
                [] => text.push_str("\nThere are no on-demand stubs.\n"),
                names => {
                    text.push_str("\nThere are:\n");
                    names.iter().for_each(|name| text.push_str(&format!("  {}\n", visible(name))));
                }
            }
        }
        let redaction = self.secrets.redaction();
        for (place, near) in self.nearest.iter().enumerate() {
            text.push('\n');
            near.lines(["nearest", "second", "third"][place.min(MAX_NEAREST - 1)], style, &redaction, &mut text);
        }
        if !self.on_demand.is_empty() {
            on_demand_line(&self.on_demand, MAX_NEAREST, &mut text);
        }
        text
    }
}

impl NearStub {
    /// Writes the name of the stub, and every condition with its verdict.
    pub(super) fn lines(&self, which: &str, style: Style, of_request: &Redaction, text: &mut String) {
        let _ = writeln!(text, "{which}: {}  ({})", visible(&self.name), visible(&self.location()));
        self.conditions.iter().for_each(|condition| report_line(condition, style, of_request, text));
    }
}

/// Writes the names of on-demand stubs that would answer, at most `most` of them.
pub(super) fn on_demand_line(names: &[String], most: usize, text: &mut String) {
    let mut shown = names[..names.len().min(most)].join(", ");
    if names.len() > most {
        let _ = write!(shown, " and {} more", names.len() - most);
    }
    let _ = writeln!(
        text,
        "\nWith the header `Prefer: stub=...`, these on-demand stubs would answer: {}.",
        visible(&shown)
    );
}

/// Writes a condition with its verdict, and the actual value if it does not hold.
///
/// A redacted text shows neither the secrets of the request nor those in the condition itself.
pub(crate) fn report_line(condition: &ConditionReport, style: Style, of_request: &Redaction, text: &mut String) {
    let of_condition = condition.secrets.redaction();
    let shown = |value: &str| match style.redact {
        true => visible(&of_condition.redact(&of_request.redact(value))).into_owned(),
        false => visible(value).into_owned(),
    };
    let (mark, colour) = if condition.holds { ("ok", "\x1b[32m") } else { ("no", "\x1b[31m") };
    let mark = if style.colour { format!("{colour}{mark}\x1b[0m") } else { mark.to_owned() };
    let _ = writeln!(text, "  {mark}  {}: {}", visible(&condition.subject), shown(&condition.expected));
    if condition.holds {
        return;
    }
    let hidden = style.redact && condition.secret && condition.actual != "missing";
    let actual = if hidden { "(redacted)".to_owned() } else { shown(&condition.actual) };
    let _ = writeln!(text, "      is: {actual}");
    if let Some(remedy) = &condition.remedy {
        let _ = writeln!(text, "      {}", shown(remedy));
    }
}
