//! The stubs of a set of scenarios, compiled and in order of precedence.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::journal::StubRef;
use crate::matching::{CompiledPattern, PathIndex, Predicate};
use crate::message::Request;
use crate::model::{Fault, KeyPath, Representation, Scenario, Stub};
use crate::respond::{CompiledAnswer, Responder};

use super::Freshness;

/// A stub that is being served: what was written, and what runs.
#[derive(Debug)]
pub struct LiveStub {
    /// What was written.
    pub stub: Stub,
    /// Identity, name and place, as the journal refers to them.
    pub reference: Arc<StubRef>,
    /// Whether it was added while running, and as which; files' stubs have none.
    pub added: Option<u64>,
    pub(super) pattern: CompiledPattern,
    pub(super) answer: CompiledAnswer,
    pub(super) representation: Arc<Representation>,
    pub(super) code: Code,
}

/// What of a stub no file can say.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// Closures that must take the request too.
    pub matching: Vec<Predicate>,
    /// The closure that answers, instead of what the stub says.
    pub respond: Option<Responder>,
}

/// A stub to be added while running.
#[derive(Debug, Clone)]
pub struct NewStub {
    /// What it says, and where it was written.
    pub stub: Stub,
    /// How its documents are negotiated and written.
    pub representation: Arc<Representation>,
    /// What of it is code.
    pub code: Code,
}

impl From<Stub> for NewStub {
    fn from(stub: Stub) -> NewStub {
        NewStub { stub, representation: Arc::default(), code: Code::default() }
    }
}

/// All that is wrong with the contents of a set: the scenario's place in it, and the fault.
pub type SetFaults = Vec<(usize, Fault)>;

/// Stubs in order of precedence: lower priority first; then those added while running, newest first; then those of
/// files, by path and from top to bottom.
#[derive(Debug, Default)]
pub struct StubSet {
    stubs: Vec<Arc<LiveStub>>,
    index: PathIndex,
    /// Numbers of on-demand stubs by what they can be asked for.
    on_demand: HashMap<String, Vec<usize>>,
    /// Initial states by machine.
    machines: HashMap<String, String>,
    freshness: Option<Arc<Freshness>>,
    has_code: bool,
}

/// The state of a machine that no scenario of its name gives another.
const FIRST_STATE: &str = "Started";

impl StubSet {
    /// Compiles scenarios, which come in the order of their files.
    ///
    /// # Errors
    /// All that is wrong, at paths such as `stub[0].request.headers.Accept`.
    pub fn compile(scenarios: &[Scenario]) -> Result<StubSet, SetFaults> {
        let (mut stubs, mut all_faults) = (Vec::new(), SetFaults::new());
        for (place, scenario) in scenarios.iter().enumerate() {
            let mut faults = Vec::new();
            for stub in &scenario.stubs {
                let at = KeyPath::top().key("stub").index(stub.place.index);
                let name = stub.name.clone().unwrap_or_else(|| format!("stub {}", stub.place.index + 1));
                let reference = reference(&scenario.name, name, stub);
                let live = LiveStub::compile(
                    stub,
                    Code::default(),
                    reference,
                    &scenario.representation,
                    None,
                    &at,
                    &mut faults,
                );
                stubs.push(Arc::new(live));
            }
            all_faults.extend(faults.into_iter().map(|fault| (place, fault)));
        }
        if !all_faults.is_empty() {
            return Err(all_faults);
        }
        let machines = scenarios.iter().map(|s| (s.name.clone(), s.initial_state.clone())).collect();
        Ok(StubSet::order(stubs, machines))
    }

    /// The same set with other stubs added while running, in the order in which they were added.
    #[must_use]
    pub fn with_added(&self, added: Vec<Arc<LiveStub>>) -> StubSet {
        let files = self.stubs.iter().filter(|live| live.added.is_none()).cloned();
        let ordered = StubSet::order(added.into_iter().rev().chain(files).collect(), self.machines.clone());
        StubSet { freshness: self.freshness.clone(), ..ordered }
    }

    /// The same set, known to stand so to its files.
    #[must_use]
    pub(super) fn with_freshness(&self, freshness: Freshness) -> StubSet {
        let ordered = StubSet::order(self.stubs.clone(), self.machines.clone());
        StubSet { freshness: Some(Arc::new(freshness)), ..ordered }
    }

    /// How it stands to its files; nothing where nobody watches them.
    pub fn freshness(&self) -> Option<&Freshness> {
        self.freshness.as_deref()
    }

    fn order(mut stubs: Vec<Arc<LiveStub>>, machines: HashMap<String, String>) -> StubSet {
        // Stable: within a priority the order given stays.
        stubs.sort_by_key(|live| live.stub.priority);
        let mut index = PathIndex::default();
        let mut on_demand: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, live) in stubs.iter().enumerate() {
            index.insert(live.pattern.template(), number);
            if live.stub.on_demand {
                for asked in [live.reference.name.clone(), live.full_name()] {
                    on_demand.entry(asked).or_default().push(number);
                }
            }
        }
        let has_code = stubs.iter().any(|live| live.has_code());
        StubSet { stubs, index, on_demand, machines, freshness: None, has_code }
    }

    /// Whether any of the stubs is code, which may take as long as it likes.
    pub fn has_code(&self) -> bool {
        self.has_code
    }

    /// All stubs in order of precedence.
    pub fn stubs(&self) -> &[Arc<LiveStub>] {
        &self.stubs
    }

    /// Those whose path may be that of the request, in order of precedence.
    pub(super) fn candidates(&self, request: &Request) -> impl Iterator<Item = &Arc<LiveStub>> {
        self.index.candidates(request).into_iter().map(|number| &self.stubs[number])
    }

    /// The on-demand stubs that a name asks for: a stub's name, or `scenario/name`.
    pub(super) fn asked_for(&self, name: &str) -> Option<impl Iterator<Item = &Arc<LiveStub>>> {
        self.on_demand.get(name).map(|numbers| numbers.iter().map(|number| &self.stubs[*number]))
    }

    /// Whether an on-demand stub can be asked for by a name: its own, or `scenario/name`.
    pub fn is_on_demand(&self, name: &str) -> bool {
        self.on_demand.contains_key(name)
    }

    /// The names of all on-demand stubs, sorted.
    pub fn on_demand_names(&self) -> Vec<String> {
        let names = self.stubs.iter().filter(|live| live.stub.on_demand).map(|live| live.reference.name.clone());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The state in which a machine starts.
    pub fn first_state(&self, machine: &str) -> &str {
        self.machines.get(machine).map_or(FIRST_STATE, String::as_str)
    }
}

impl LiveStub {
    /// Compiles one stub, reporting faults below `at`.
    pub(super) fn compile(
        stub: &Stub,
        code: Code,
        reference: StubRef,
        representation: &Arc<Representation>,
        added: Option<u64>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> LiveStub {
        let answer = match &code.respond {
            Some(responder) => CompiledAnswer::by_code(responder.clone(), representation),
            None => CompiledAnswer::compile(&stub.answer, representation, &path_param_names(stub), at, faults),
        };
        let request = at.key("request");
        let pattern = CompiledPattern::compile(&stub.request, answer.batch_items(), representation, &request, faults);
        let pattern = pattern.with_code(code.matching.iter().cloned());
        let representation = representation.clone();
        LiveStub { stub: stub.clone(), reference: Arc::new(reference), added, pattern, answer, representation, code }
    }

    /// `scenario/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.reference.scenario, self.reference.name)
    }

    /// What of it is code.
    pub fn code(&self) -> &Code {
        &self.code
    }

    fn has_code(&self) -> bool {
        self.code.respond.is_some() || !self.code.matching.is_empty()
    }

    /// What it asks of a request, compiled.
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

/// The reference of a file's stub; its identity is file and name, or file and content where it has no name.
fn reference(scenario: &str, name: String, stub: &Stub) -> StubRef {
    let content = match &stub.name {
        Some(name) => name.clone(),
        None => {
            let without_place = Stub { place: Default::default(), ..stub.clone() };
            format!("{without_place:?}")
        }
    };
    let id = identifier(&[&stub.place.file, &content]);
    StubRef { id, name, scenario: scenario.to_owned(), place: stub.place.clone() }
}

/// The UUID (version 8, RFC 9562) of a stub added while running: its number.
pub(super) fn numbered(number: u64) -> String {
    format!("00000000-0000-8000-a000-{number:012x}")
}

/// A UUID (version 8, RFC 9562) made of an identity.
fn identifier(identity: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in identity {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let hash = hasher.finalize();
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
