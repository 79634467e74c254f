//! What is wrong with an expression, and where.

use std::ops::Range;

use crate::model::{Fault, KeyPath};

/// Why a text is not an XPath that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::matching) struct XPathFault {
    pub(in crate::matching) message: String,
    help: Option<String>,
    /// The bytes of the text that are wrong; `None` for the whole text.
    at: Option<Range<usize>>,
    pub(in crate::matching) is_undeclared_prefix: bool,
}

impl XPathFault {
    #[cfg(feature = "xpath")]
    pub(super) fn new(message: impl Into<String>, at: Range<usize>) -> XPathFault {
        XPathFault { message: message.into(), help: None, at: Some(at), is_undeclared_prefix: false }
    }

    #[cfg(not(feature = "xpath"))]
    pub(super) fn without_feature() -> XPathFault {
        let message = "an XPath needs the feature `xpath` of the crate cannery".to_owned();
        XPathFault { message, help: None, at: None, is_undeclared_prefix: false }
    }

    #[cfg(feature = "xpath")]
    pub(super) fn undeclared(prefix: &str, at: Range<usize>) -> XPathFault {
        let message = format!("the prefix `{prefix}` of this XPath is not declared");
        let help = format!("Declare it: `xml_namespaces.{prefix} = \"...\"`.");
        XPathFault { message, help: Some(help), at: Some(at), is_undeclared_prefix: true }
    }

    #[cfg(feature = "xpath")]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> XPathFault {
        self.help = Some(help.into());
        self
    }

    /// Returns it as a fault of the last key of a path of a scenario.
    pub(in crate::matching) fn into_key_fault(self, at: &KeyPath) -> Fault {
        let range = self.at.clone();
        let fault = self.fault(Fault::key(at, ""));
        range.map_or(fault.clone(), |range| fault.within_key(range.start, range.end))
    }

    /// Returns it as a fault of a value of a scenario.
    pub(in crate::matching) fn into_value_fault(self, at: &KeyPath) -> Fault {
        let range = self.at.clone();
        let fault = self.fault(Fault::value(at, ""));
        range.map_or(fault.clone(), |range| fault.within(range.start, range.end))
    }

    fn fault(self, at: Fault) -> Fault {
        Fault { message: self.message, help: self.help, ..at }
    }
}
