//! One difference between what came and what was promised.

/// How what came differs from what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// It was promised, and did not come.
    Removed,
    /// It came, and was not promised.
    Added,
    /// It is of another type, such as a number for a string.
    Type,
    /// It has the type that was promised, and another value.
    Value,
    /// Its place among its neighbours differs.
    Order,
    /// It cannot be read as what was promised.
    Unreadable,
}

impl FindingKind {
    /// The name for programs.
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

/// One place with what was promised there and what came.
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

/// All that was found in one answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Promises that the answer breaks.
    pub drifts: Vec<Finding>,
    /// What is worth knowing and breaks no promise.
    pub notes: Vec<Finding>,
}

/// The most of each that are reported.
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

    /// Adds another value: a drift if the value is written in the file, a note if a template makes it.
    pub(super) fn value(&mut self, at: String, promised: String, actual: String, from_template: bool) {
        let what = if from_template {
            "another value, of those that a template makes"
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

    /// Something that was not promised: one more of a list breaks the promise, anything else does not.
    pub(super) fn added(&mut self, at: String, actual: String, to_list: bool) {
        let what = if to_list { "one more than promised" } else { "added" };
        let finding =
            Finding { at, kind: FindingKind::Added, what: what.to_owned(), promised: None, actual: Some(actual) };
        if to_list { self.drift(finding) } else { self.note(finding) }
    }
}
