//! A scenario: the stubs and examples of one file. The file's defaults are merged into each stub.

use std::hash::Hash;
use std::sync::Arc;

use once_cell::sync::Lazy;

use super::{Example, Expect, Json, RequestPattern, StubAnswer};

/// One scenario file.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The name, which is unique in a set. The default is the stem of the file.
    pub name: String,
    /// The file as it was named on loading.
    pub file: String,
    /// A description for people.
    pub description: Option<String>,
    /// The document that the scenario reproduces, for people.
    pub source: Option<String>,
    /// How documents are negotiated and written.
    pub representation: Arc<Representation>,
    /// The initial state of the scenario's own state machine.
    pub initial_state: String,
    /// The stubs in the order of the file.
    pub stubs: Vec<Arc<Stub>>,
    /// The examples in the order of the file.
    pub examples: Vec<Example>,
}

/// A request pattern and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Stub {
    /// The name, if it has one; unique in its file.
    pub name: Option<String>,
    /// The priority; a lower one is tried first.
    pub priority: i64,
    /// The required state of its state machine.
    pub when_state: Option<String>,
    /// The state of its state machine after it has answered.
    pub then_state: Option<String>,
    /// The name of its state machine.
    pub state_machine: String,
    /// Whether it answers only if it is armed, or requested by name.
    pub on_demand: bool,
    /// How often it must be called.
    pub expect: Option<Expect>,
    /// Values that all templates of an answer share, in the order in which they are evaluated.
    pub vars: Vec<(String, Json)>,
    /// The requests that it matches.
    pub request: RequestPattern,
    /// Its answer.
    pub answer: StubAnswer,
    /// Its position in a file.
    pub place: Place,
}

impl Stub {
    /// The priority of a stub that specifies none.
    pub const DEFAULT_PRIORITY: i64 = 5;

    /// Returns its name, or its number in its file, counted from 1: `stub 3`.
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("stub {}", self.place.index + 1))
    }

    /// Returns everything but its place.
    pub(crate) fn definition(&self) -> impl PartialEq + Hash {
        let Stub {
            name,
            priority,
            when_state,
            then_state,
            state_machine,
            on_demand,
            expect,
            vars,
            request,
            answer,
            place: _,
        } = self;
        (name, priority, when_state, then_state, state_machine, on_demand, expect, vars, request, answer)
    }

    /// Returns whether two stubs are equal but for their places.
    pub fn has_same_definition(&self, other: &Stub) -> bool {
        self.definition() == other.definition()
    }
}

/// The position of a stub.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file as it was named on loading.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 if it is not from a file.
    pub line: usize,
    /// The index among the stubs of its file, counted from 0. Its key path is `stub[index]`.
    pub index: usize,
}

/// How documents are negotiated and written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub struct Representation {
    /// The query parameter that overrides the header Accept.
    #[doc(hidden)]
    pub parameter: Option<String>,
    /// How a document is written as XML; `None` if documents are only sent as JSON.
    #[doc(hidden)]
    pub xml: Option<XmlForm>,
}

impl Representation {
    /// Returns the default, in which documents are only sent as JSON. All callers share it.
    #[doc(hidden)]
    pub fn plain() -> Arc<Representation> {
        static PLAIN: Lazy<Arc<Representation>> = Lazy::new(Arc::default);
        PLAIN.clone()
    }

    /// The elements of XML that are lists, with the name of their items' elements.
    #[doc(hidden)]
    pub fn xml_lists(&self) -> &[(String, String)] {
        self.xml.as_ref().map(|xml| xml.lists.as_slice()).unwrap_or_default()
    }
}

/// The shape of a document in XML.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub struct XmlForm {
    /// The name of a response's root element.
    #[doc(hidden)]
    pub root: String,
    /// The default namespace.
    #[doc(hidden)]
    pub namespace: Option<String>,
    /// Prefixes declared at the root, with their namespaces.
    #[doc(hidden)]
    pub prefixes: Vec<(String, String)>,
    /// Elements that are lists, with the name of their items' elements.
    #[doc(hidden)]
    pub lists: Vec<(String, String)>,
    /// The order of the elements.
    #[doc(hidden)]
    pub order: ElementOrder,
}

/// The order in which the members of an element are written as XML.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum ElementOrder {
    /// In the order of the document.
    #[default]
    AsWritten,
    /// Sorted by the bytes of their names.
    Ordinal,
    /// For each named element, its members in the given order. Members that are not named follow in the order of the
    /// document.
    Given(Vec<(String, Vec<String>)>),
}
