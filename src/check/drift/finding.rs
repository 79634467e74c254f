//! One difference between a promised answer and the answer that a service sent.

/// The way in which the received answer differs from the promised one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// It was promised, and was not received.
    Removed,
    /// It was received, and was not promised.
    Added,
    /// It is of another type, such as a number for a string.
    Type,
    /// It has the promised type, and another value.
    Value,
    /// Its position among its siblings differs.
    Order,
    /// It cannot be parsed in the promised format.
    Unreadable,
}

impl FindingKind {
    /// Returns the name in JSON output.
    pub fn name(self) -> &'static str {
        match self {
            FindingKind::Removed => "removed",
            FindingKind::Added => "added",
            FindingKind::Type => "type",
            FindingKind::Value => "value",
            FindingKind::Order => "order",
            FindingKind::Unreadable => "unreadable",
        }
    }
}

/// One part of an answer with its promised and its received value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `status`, `header NAME`, or `body` with a JSONPath, a path of elements or a line.
    pub at: String,
    /// How the two differ.
    pub kind: FindingKind,
    /// The difference in words, such as `a number for a string`.
    pub what: String,
    /// The promised value; `None` if it is absent.
    pub promised: Option<String>,
    /// The actual value; `None` if it is absent.
    pub actual: Option<String>,
}

/// All findings in one answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Differences that break a promise.
    pub drifts: Vec<Finding>,
    /// Differences that break no promise.
    pub notes: Vec<Finding>,
}

/// The maximum number of drifts, and of notes, that are reported.
const MAX_FINDINGS: usize = 50;

impl Findings {
    pub(super) fn drift(&mut self, finding: Finding) {
        if self.drifts.len() < MAX_FINDINGS {
            self.drifts.push(finding);
        }
    }

    pub(super) fn note(&mut self, finding: Finding) {
        if self.notes.len() < MAX_FINDINGS {
            self.notes.push(finding);
        }
    }

    /// Adds a value that differs: a drift if the promised value is written in the file, a note if a template renders it.
    pub(super) fn value(&mut self, at: String, promised: String, actual: String, from_template: bool) {
        let what = if from_template {
            "another value than the template renders"
        } else {
            "another value"
        };
        let finding = Finding {
            at,
            kind: FindingKind::Value,
            what: what.to_owned(),
            promised: Some(promised),
            actual: Some(actual),
        };
        if from_template { self.note(finding) } else { self.drift(finding) }
    }

    pub(super) fn removed(&mut self, at: String, promised: String) {
        let what = "removed".to_owned();
        self.drift(Finding { at, kind: FindingKind::Removed, what, promised: Some(promised), actual: None });
    }

    /// Adds a value that was not promised: a drift if it is a further item of a list, else a note.
    pub(super) fn added(&mut self, at: String, actual: String, to_list: bool) {
        let what = if to_list { "one more than promised" } else { "added" };
        let finding =
            Finding { at, kind: FindingKind::Added, what: what.to_owned(), promised: None, actual: Some(actual) };
        if to_list { self.drift(finding) } else { self.note(finding) }
    }
}
