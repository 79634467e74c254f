//! A scenario: the stubs and examples of one file, with the file's defaults already in each stub.

use std::hash::Hash;
use std::sync::Arc;

use once_cell::sync::Lazy;

use super::{Example, Expect, RequestPattern, StubAnswer};

/// One scenario file.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file's stem, unless it names itself; unique in a set.
    pub name: String,
    /// The file as it was named on loading, for people.
    pub file: String,
    /// Prose.
    pub description: Option<String>,
    /// Which document this reproduces.
    pub source: Option<String>,
    /// How documents are negotiated and written.
    pub representation: Arc<Representation>,
    /// The state in which the scenario's own machine starts.
    pub initial_state: String,
    /// In the order of the file.
    pub stubs: Vec<Arc<Stub>>,
    /// In the order of the file.
    pub examples: Vec<Example>,
}

/// A request pattern and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Stub {
    /// Unique in its file, where it has one.
    pub name: Option<String>,
    /// Lower goes first; 5 where it is not said.
    pub priority: i64,
    /// The state that its machine must be in.
    pub when_state: Option<String>,
    /// The state that its machine goes to when it answers.
    pub then_state: Option<String>,
    /// The machine that both speak of.
    pub state_machine: String,
    /// Whether it answers only when asked for by name.
    pub on_demand: bool,
    /// How often it must be called.
    pub expect: Option<Expect>,
    /// What it asks of a request.
    pub request: RequestPattern,
    /// What it answers.
    pub answer: StubAnswer,
    /// Where it was written.
    pub place: Place,
}

impl Stub {
    /// The priority of a stub that does not say.
    pub const DEFAULT_PRIORITY: i64 = 5;

    /// Its name, or its number in its file, counted from 1: `stub 3`.
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("stub {}", self.place.index + 1))
    }

    /// All that it says, but not where.
    pub(crate) fn definition(&self) -> impl PartialEq + Hash {
        let Stub {
            name,
            priority,
            when_state,
            then_state,
            state_machine,
            on_demand,
            expect,
            request,
            answer,
            place: _,
        } = self;
        (name, priority, when_state, then_state, state_machine, on_demand, expect, request, answer)
    }

    /// Whether both say the same, wherever they are written.
    pub fn has_same_definition(&self, other: &Stub) -> bool {
        self.definition() == other.definition()
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// As it was named on loading.
    pub file: Arc<str>,
    /// Counted from 1; 0 where there is none.
    pub line: usize,
    /// The stub's place among those of its file, counted from 0: the way to it is `stub[index]`.
    pub index: usize,
}

/// How documents are negotiated and written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub struct Representation {
    /// The query parameter that overrides Accept.
    #[doc(hidden)]
    pub parameter: Option<String>,
    /// How a document is written as XML; without it documents are JSON only.
    #[doc(hidden)]
    pub xml: Option<XmlForm>,
}

impl Representation {
    /// What stands where nothing is said: documents are JSON only. Shared by all who say nothing.
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
    /// For each named element, its members in the given order. Members that are not named follow in the order of the document.
    Given(Vec<(String, Vec<String>)>),
}
