//! A compiled template, in which every name is resolved.

use crate::model::Json;

use super::call::HelperSpec;
use super::failure::Failure;
use super::resolved_path::ResolvedPath;

#[derive(Debug)]
pub(super) enum IrNode {
    Text(String),
    Output {
        argument: Operand,
        escaped: bool,
    },
    /// A block: the first branch whose condition is true is rendered.
    Block(Vec<IrBranch>),
}

#[derive(Debug)]
pub(super) struct IrBranch {
    pub(super) head: BranchCondition,
    pub(super) body: Vec<IrNode>,
}

/// The condition of a branch, and its contents.
#[derive(Debug)]
pub(super) enum BranchCondition {
    Always,
    When {
        argument: Operand,
        /// The result that the test must have.
        truth: bool,
        /// Whether 0 counts as true.
        include_zero: bool,
    },
    Each(Operand),
    With(Operand),
}

/// A value to show, to test, or to pass to a helper.
#[derive(Debug)]
pub(super) enum Operand {
    Literal(Json),
    Path(ResolvedPath),
    Helper(HelperCall),
}

#[derive(Debug)]
pub(super) struct HelperCall {
    pub(super) spec: &'static HelperSpec,
    pub(super) arguments: Vec<Operand>,
    pub(super) options: Vec<(&'static str, Operand)>,
}

impl Operand {
    pub(super) fn as_path(&self) -> Option<&ResolvedPath> {
        match self {
            Operand::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Returns the failure that its value is missing.
    pub(super) fn missing(&self) -> Failure {
        match self {
            Operand::Path(path) => path.missing(),
            Operand::Helper(helper) => Failure::missing(format!("({} ...)", helper.spec.name)),
            Operand::Literal(literal) => Failure::missing(literal.to_string()),
        }
    }
}
