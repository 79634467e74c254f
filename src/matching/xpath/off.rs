//! Replaces XPath in a build without the feature `xpath`: no expression compiles.

use crate::message::{NodeId, XmlDocument};
use crate::model::Json;

use super::fault::XPathFault;

#[derive(Debug)]
pub(super) enum Compiled {}

pub(super) fn compile(_text: &str, _namespaces: &[(String, String)]) -> Result<Compiled, XPathFault> {
    Err(XPathFault::without_feature())
}

pub(super) fn select(compiled: &Compiled, _document: &XmlDocument) -> Vec<Json> {
    match *compiled {}
}

pub(super) fn locate(compiled: &Compiled, _document: &XmlDocument) -> Vec<NodeId> {
    match *compiled {}
}

#[cfg(feature = "check")]
pub(super) fn always(compiled: &Compiled) -> Option<&'static str> {
    match *compiled {}
}
