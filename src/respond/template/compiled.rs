//! A template that speaks only of what can exist, ready to be rendered.

use crate::model::Json;

use super::call::Spec;
use super::failure::Failure;
use super::path::Path;

#[derive(Debug)]
pub(super) enum Element {
    Text(String),
    Shown {
        argument: Argument,
        escaped: bool,
    },
    /// The first branch that is taken is rendered.
    Block(Vec<Branch>),
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) head: Head,
    pub(super) body: Vec<Element>,
}

/// When a branch is taken, and what is inside.
#[derive(Debug)]
pub(super) enum Head {
    Always,
    When {
        argument: Argument,
        /// What it must count as.
        truth: bool,
        /// Whether 0 counts as true.
        include_zero: bool,
    },
    Each(Argument),
    With(Argument),
}

/// What is shown, asked about, or given to a helper.
#[derive(Debug)]
pub(super) enum Argument {
    Literal(Json),
    Path(Path),
    Helper(Helper),
}

#[derive(Debug)]
pub(super) struct Helper {
    pub(super) spec: &'static Spec,
    pub(super) arguments: Vec<Argument>,
    pub(super) options: Vec<(&'static str, Argument)>,
}

impl Argument {
    pub(super) fn as_path(&self) -> Option<&Path> {
        match self {
            Argument::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The complaint that it is absent.
    pub(super) fn missing(&self) -> Failure {
        match self {
            Argument::Path(path) => path.missing(),
            Argument::Helper(helper) => Failure::missing(format!("({} ...)", helper.spec.name)),
            Argument::Literal(literal) => Failure::missing(literal.to_string()),
        }
    }
}
