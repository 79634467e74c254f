//! A stub that is being served: its definition, and its compiled form.

use std::sync::Arc;

use crate::journal::StubRef;
use crate::matching::{CompiledPattern, Predicate, SharedConditions};
use crate::model::{Fault, KeyPath, Representation, Stub};
use crate::respond::{CompiledAnswer, Responder};

use super::count::Count;

/// A stub that is being served: its definition, and its compiled form.
#[derive(Debug)]
pub struct MountedStub {
    /// Its definition.
    pub stub: Arc<Stub>,
    /// Identity, name and place, as the journal refers to them.
    pub reference: Arc<StubRef>,
    /// Its number among the stubs that were added while running; `None` for a stub of a file.
    pub added: Option<u64>,
    /// Its place among all stubs of the files, counted from 0.
    pub(super) place: usize,
    /// How often it has answered, if it was added while running.
    pub(super) count: Option<Count>,
    pub(super) pattern: CompiledPattern,
    pub(super) answer: CompiledAnswer,
    pub(super) representation: Arc<Representation>,
    pub(super) code: Code,
}

/// The closures of a stub, which no file can contain.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// Closures that must match the request too.
    pub matching: Vec<Predicate>,
    /// The closure that answers, instead of the answer in the definition.
    pub respond: Option<Responder>,
}

/// A stub to be added while running.
#[derive(Debug, Clone)]
pub struct NewStub {
    /// Its definition, with its place in the source.
    pub stub: Arc<Stub>,
    /// How its documents are negotiated and written.
    pub representation: Arc<Representation>,
    /// Its closures.
    pub code: Code,
}

impl From<Stub> for NewStub {
    fn from(stub: Stub) -> NewStub {
        NewStub { stub: Arc::new(stub), representation: Representation::plain(), code: Code::default() }
    }
}

impl MountedStub {
    /// Compiles one stub, reporting faults below `at`.
    pub(super) fn compile<'m>(
        stub: &'m Arc<Stub>,
        code: Code,
        reference: StubRef,
        added: Option<u64>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
        shared: &mut SharedConditions<'m>,
    ) -> MountedStub {
        let representation = shared.representation();
        let answer = match &code.respond {
            Some(responder) => CompiledAnswer::by_code(responder.clone(), representation),
            None => {
                let placeholders = path_param_names(stub);
                CompiledAnswer::compile(&stub.answer, &stub.vars, representation, &placeholders, at, faults)
            }
        };
        let request = at.key("request");
        let items = answer.batch_items();
        let pattern = CompiledPattern::compile_sharing(&stub.request, items, &request, faults, shared);
        let pattern = pattern.with_projection_of(answer.json_projection().as_ref()).with_code(&code.matching);
        let (stub, representation) = (stub.clone(), representation.clone());
        let reference = Arc::new(reference);
        let count = added.map(|_| Count::default());
        MountedStub { stub, reference, added, place: 0, count, pattern, answer, representation, code }
    }

    /// Returns its place in the order of precedence, lowest first. Stubs are ordered by priority. Within a priority those added while
    /// running come first, newest first, and those of files follow in their order.
    pub(crate) fn rank(&self) -> (i64, bool, u64) {
        match self.added {
            Some(number) => (self.stub.priority, false, u64::MAX - number),
            None => (self.stub.priority, true, self.place as u64),
        }
    }

    /// Returns `scenario/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.reference.scenario, self.reference.name)
    }

    /// Returns its closures.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Returns how its documents are negotiated, read and written.
    #[cfg(feature = "admin")]
    pub(crate) fn representation(&self) -> &Arc<Representation> {
        &self.representation
    }

    pub(super) fn has_code(&self) -> bool {
        self.code.respond.is_some() || !self.code.matching.is_empty()
    }

    /// Returns its compiled request pattern.
    pub fn pattern(&self) -> &CompiledPattern {
        &self.pattern
    }
}

fn path_param_names(stub: &Stub) -> Vec<String> {
    use crate::matching::PathTemplate;
    use crate::model::PathPattern;
    match &stub.request.path {
        Some(PathPattern::Template { template, ignore_case }) if template.contains('{') => {
            PathTemplate::parse(template, *ignore_case)
                .map(|template| template.names().into_iter().map(str::to_owned).collect())
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
