//! The syntax tree of a JSONPath: segments of selectors, and the tests of filters.

use crate::model::Json;

use super::iregexp::IRegexp;

/// A segment: what it selects from each node so far.
#[derive(Debug, Clone)]
pub(super) enum Segment {
    /// From the children of each node.
    Child(Vec<Selector>),
    /// From the children of each node and of all nodes below it.
    Descendant(Vec<Selector>),
}

#[derive(Debug, Clone)]
pub(super) enum Selector {
    Name(String),
    Every,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Test),
}

/// One step of a path that selects at most one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(i64),
}

/// A path inside a filter, from the root or from the node that is tested.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) from_root: bool,
    pub(super) segments: Vec<Segment>,
}

/// A test, which holds or not.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Compare(Operand, Comparison, Operand),
    Exists(Query),
    /// `match`, for which the whole text must match, or `search`.
    Matches {
        text: Operand,
        pattern: Pattern,
        whole: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An operand, which yields one value or none.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Literal(Json),
    Single { from_root: bool, steps: Vec<Step> },
    Length(Box<Operand>),
    Count(Query),
    Value(Query),
}

#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// Written in the path.
    Fixed(IRegexp),
    /// Known only when the path is evaluated.
    Found(Operand),
}

impl Segment {
    pub(super) fn from_step(step: &Step) -> Segment {
        Segment::Child(vec![match step {
            Step::Name(name) => Selector::Name(name.clone()),
            Step::Index(index) => Selector::Index(*index),
        }])
    }
}

/// Returns the steps of a path that selects at most one node; `None` for any other path.
pub(super) fn single_steps(segments: &[Segment]) -> Option<Vec<Step>> {
    let step = |segment: &Segment| match segment {
        Segment::Child(selectors) => match selectors.as_slice() {
            [Selector::Name(name)] => Some(Step::Name(name.clone())),
            [Selector::Index(index)] => Some(Step::Index(*index)),
            _ => None,
        },
        Segment::Descendant(_) => None,
    };
    segments.iter().map(step).collect()
}

/// Follows steps down to the one node that they select.
pub(super) fn follow<'a>(steps: &[Step], from: &'a Json) -> Option<&'a Json> {
    steps.iter().try_fold(from, |node, step| match (step, node) {
        (Step::Name(name), _) => node.get(name),
        (Step::Index(index), Json::Array(items)) => items.get(place_of(*index, items.len())?),
        _ => None,
    })
}

/// Returns the place in a list that an index means. A negative index counts from the end.
pub(super) fn place_of(index: i64, len: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(place) => Some(place),
        Err(_) => len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}
