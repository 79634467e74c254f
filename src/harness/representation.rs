//! Functions that set the fields of a representation: how documents are negotiated and written as XML.

use crate::model::{ElementOrder, Representation, XmlForm};

/// Functions that set the fields of a representation. By default, documents are JSON only.
impl Representation {
    /// Sets the query parameter that overrides Accept.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>) -> Representation {
        self.parameter = Some(name.into());
        self
    }

    /// Allows documents to be XML too, in this form.
    #[must_use]
    pub fn xml(mut self, form: XmlForm) -> Representation {
        self.xml = Some(form);
        self
    }
}

/// Functions that set the fields of an XML form.
///
/// ```
/// use cannery::{ElementOrder, XmlForm};
///
/// XmlForm::new("Order")
///     .namespace("http://example.com/orders")
///     .prefix("i", "http://www.w3.org/2001/XMLSchema-instance")
///     .list("Lines", "Line")
///     .order(ElementOrder::Ordinal);
/// ```
impl XmlForm {
    /// Creates a form whose responses have a root element of this name.
    pub fn new(root: impl Into<String>) -> XmlForm {
        XmlForm { root: root.into(), ..XmlForm::default() }
    }

    /// Sets the default namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> XmlForm {
        self.namespace = Some(namespace.into());
        self
    }

    /// Declares a prefix at the root, with its namespace.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>, namespace: impl Into<String>) -> XmlForm {
        self.prefixes.push((prefix.into(), namespace.into()));
        self
    }

    /// Declares an element to be a list. Each of its items is an element of the second name.
    #[must_use]
    pub fn list(mut self, element: impl Into<String>, item: impl Into<String>) -> XmlForm {
        self.lists.push((element.into(), item.into()));
        self
    }

    /// Sets the order in which elements are written.
    #[must_use]
    pub fn order(mut self, order: ElementOrder) -> XmlForm {
        self.order = order;
        self
    }
}
