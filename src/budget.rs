//! Limits on the work of one request: the steps that it takes and the bytes that it renders.
//!
//! A budget applies to the current thread while [`within`] runs. Loops whose length a request or a stub decides call
//! [`spend`]; code that builds an answer calls [`render`]. Once a limit is exceeded both keep returning `false`, so the
//! work ends soon, and its result has no meaning: [`within`] discards it and returns the limit instead. For this reason
//! code below [`within`] may return any value after a refusal, and matchers can stay functions that return `bool`.
//!
//! Outside of [`within`] nothing is limited: a test that queries its own server decides itself how long that takes.

use std::cell::Cell;
use std::fmt;

/// The limits of one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// The number of steps. A step is the work of a few nanoseconds: one comparison, one node visited.
    pub(crate) steps: u64,
    /// The number of bytes that an answer may have before it is sent.
    pub(crate) rendered: u64,
}

impl Budget {
    /// Limits steps alone.
    pub(crate) const fn of_steps(steps: u64) -> Budget {
        Budget { steps, rendered: u64::MAX }
    }
}

/// The limit that ended a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// More than this many steps.
    Steps(u64),
    /// More than this many bytes rendered.
    Rendered(u64),
    /// A JSONPath visits more than this many places of a document.
    JsonPathVisits(u64),
    /// A form has more than this many fields.
    FormFields(u64),
    /// A JSON Schema evaluates more than this many subschemas on a document.
    SchemaEvaluations(u64),
}

impl std::error::Error for Exceeded {}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exceeded::Steps(limit) => write!(f, "it takes more than {limit} steps, the limit for one request"),
            Exceeded::Rendered(limit) => {
                write!(f, "it renders more than the {limit} bytes that `--max-rendered` allows for one answer")
            }
            Exceeded::JsonPathVisits(limit) => {
                write!(f, "the JSONPath visits more than {limit} places of this document")
            }
            Exceeded::FormFields(limit) => write!(f, "the form has more than {limit} fields"),
            Exceeded::SchemaEvaluations(limit) => {
                write!(f, "the JSON Schema evaluates more than {limit} subschemas on this document")
            }
        }
    }
}

/// The budget that applies to a thread. Once a limit is exceeded nothing is left of either kind.
struct State {
    limits: Cell<Budget>,
    steps_left: Cell<u64>,
    rendered_left: Cell<u64>,
    exceeded: Cell<Option<Exceeded>>,
}

/// No limit at all.
pub(crate) const UNLIMITED: Budget = Budget { steps: u64::MAX, rendered: u64::MAX };

thread_local! {
    static STATE: State = const {
        State {
            limits: Cell::new(UNLIMITED),
            steps_left: Cell::new(u64::MAX),
            rendered_left: Cell::new(u64::MAX),
            exceeded: Cell::new(None),
        }
    };
}

/// Restores the budget that applied before, less the steps that were taken meanwhile, also when the work panics.
struct Restore {
    limits: Budget,
    left: Budget,
    exceeded: Option<Exceeded>,
}

impl Restore {
    fn replace(budget: Budget) -> Restore {
        STATE.with(|state| Restore {
            limits: state.limits.replace(budget),
            left: Budget {
                steps: state.steps_left.replace(budget.steps),
                rendered: state.rendered_left.replace(budget.rendered),
            },
            exceeded: state.exceeded.take(),
        })
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        STATE.with(|state| {
            let taken = state.limits.replace(self.limits).steps - state.steps_left.get();
            state.steps_left.set(self.left.steps.saturating_sub(taken));
            state.rendered_left.set(self.left.rendered);
            state.exceeded.set(self.exceeded);
        });
    }
}

/// Runs `work` within a budget of its own. Its steps are also taken from the budget that applies around it, which is
/// refused the next step if they were more than it had left.
///
/// # Errors
/// Returns the limit that was exceeded; what `work` returned is discarded then.
pub(crate) fn within<T>(budget: Budget, work: impl FnOnce() -> T) -> Result<T, Exceeded> {
    let _restore = Restore::replace(budget);
    let done = work();
    match exceeded() {
        None => Ok(done),
        Some(limit) => Err(limit),
    }
}

/// Takes steps from the budget. Returns whether the work may go on.
pub(crate) fn spend(steps: usize) -> bool {
    STATE.with(|state| match state.steps_left.get().checked_sub(steps as u64) {
        Some(left) => {
            state.steps_left.set(left);
            true
        }
        None => {
            exceed(Exceeded::Steps(state.limits.get().steps));
            false
        }
    })
}

/// Takes rendered bytes from the budget. Returns whether the work may go on.
pub(crate) fn render(bytes: usize) -> bool {
    STATE.with(|state| match state.rendered_left.get().checked_sub(bytes as u64) {
        Some(left) => {
            state.rendered_left.set(left);
            true
        }
        None => {
            exceed(Exceeded::Rendered(state.limits.get().rendered));
            false
        }
    })
}

/// Ends the work because a limit other than that of the budget is exceeded. The first exceeded limit is reported. Outside
/// of a budget this does nothing, because the rest of the budget would not be restored. There the caller returns an error
/// itself.
pub(crate) fn exceed(limit: Exceeded) {
    STATE.with(|state| {
        if state.limits.get() == UNLIMITED {
            return;
        }
        state.exceeded.set(state.exceeded.get().or(Some(limit)));
        state.steps_left.set(0);
        state.rendered_left.set(0);
    });
}

/// Returns the limit that was exceeded in the budget that applies, if any.
pub(crate) fn exceeded() -> Option<Exceeded> {
    STATE.with(|state| state.exceeded.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Budget = Budget { steps: 10, rendered: 100 };

    #[test]
    fn work_goes_on_until_its_steps_are_spent() {
        assert_eq!(within(SMALL, || (spend(9), spend(1))), Ok((true, true)));
        assert_eq!(within(SMALL, || spend(11)), Err(Exceeded::Steps(10)));
    }

    #[test]
    fn a_refusal_lasts_and_names_the_first_limit() {
        let refused = within(SMALL, || {
            assert!(!render(101));
            assert!(!spend(1));
            assert!(!render(1));
        });

        assert_eq!(refused, Err(Exceeded::Rendered(100)));
    }

    #[test]
    fn a_budget_ends_with_its_work_even_if_that_panics() {
        let panicked = std::panic::catch_unwind(|| within(SMALL, || panic!("within")));
        assert!(panicked.is_err());
        assert!(spend(1_000_000));

        let outer = within(SMALL, || {
            assert_eq!(within(Budget { steps: 1, ..SMALL }, || spend(2)), Err(Exceeded::Steps(1)));
            assert_eq!(within(SMALL, || spend(4)), Ok(true));
            [spend(5), spend(1)]
        });
        assert_eq!(outer, Err(Exceeded::Steps(10)), "1, 4 and 5 are taken, which leaves none");
    }

    #[test]
    fn nothing_is_limited_outside() {
        assert!(spend(usize::MAX / 4) && render(usize::MAX / 4));
        assert_eq!(exceeded(), None);
        exceed(Exceeded::JsonPathVisits(1));
        assert!(spend(1) && render(1));
        assert_eq!(exceeded(), None);
    }
}
