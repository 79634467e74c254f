//! Where an expression is evaluated, and over which document.

use crate::message::{NodeId, XmlDocument};

/// The node at which an expression is evaluated, and its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) node: NodeId,
    /// Counted from 1.
    pub(super) position: usize,
    pub(super) size: usize,
}

/// One evaluation over a document.
pub(super) struct Evaluation<'d> {
    pub(super) document: &'d XmlDocument,
}
