//! Compares a request with single stubs, and with the states that they require.

use crate::budget::{self, Budget};
use crate::engine::{MountedStub, Snapshot, StubSet};
use crate::matching::caught;
use crate::message::{Request, Secrets, visible_lines};
use crate::model::Timestamp;

use super::condition_report::{ConditionReport, report_conditions};
use super::near_miss::{Distance, distance, is_near};
use super::near_stub::NearStub;

/// The steps that one explanation may take: about a tenth of a second.
pub(super) const EXPLAIN_STEPS: u64 = 10_000_000;

/// Compares a request with stubs within a number of steps.
///
/// # Errors
/// Returns why the comparison was ended, for people: the steps were not enough, or the code of Cannery panicked.
pub(super) fn compare_within<T>(steps: u64, compare: impl FnOnce() -> T) -> Result<T, String> {
    match caught(|| budget::within(Budget::of_steps(steps), compare)) {
        Ok(compared) => compared.map_err(|limit| limit.to_string()),
        Err(panicked) => Err(format!("an internal error in Cannery: {}", visible_lines(&panicked.to_string()))),
    }
}

/// A request, and the stubs and states that it is compared with.
#[derive(Clone, Copy)]
pub(super) struct Comparison<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
}

impl<'a> Comparison<'a> {
    pub(super) fn set(self) -> &'a StubSet {
        &self.snapshot.set
    }

    /// Returns whether a stub would answer if no other stub came before it.
    pub(super) fn would_answer(self, mounted: &MountedStub) -> bool {
        mounted.pattern().matches(self.request, self.now).is_some() && self.is_in_state(mounted)
    }

    /// Returns the distance of the request from a stub. A different state counts as one more condition.
    pub(super) fn distance(self, mounted: &MountedStub) -> Distance {
        let distance = distance(mounted.pattern(), self.request, self.now);
        if self.is_in_state(mounted) { distance } else { distance.plus_one_condition() }
    }

    /// Returns whether the request may have been meant for a stub.
    pub(super) fn is_near(self, mounted: &MountedStub) -> bool {
        is_near(mounted.pattern(), self.request, self.now)
    }

    /// Reports on each condition of a stub. The state that it requires comes last.
    pub(super) fn near_stub(self, mounted: &MountedStub) -> NearStub {
        let mut conditions = report_conditions(mounted.pattern(), self.request, self.now);
        conditions.extend(mounted.stub.when_state.as_ref().map(|required| self.state_report(mounted, required)));
        NearStub { conditions, ..NearStub::bare(mounted) }
    }

    fn is_in_state(self, mounted: &MountedStub) -> bool {
        mounted.stub.when_state.as_ref().is_none_or(|required| self.snapshot.state_of(mounted) == required)
    }

    fn state_report(self, mounted: &MountedStub, required: &str) -> ConditionReport {
        let actual = self.snapshot.state_of(mounted);
        let holds = actual == required;
        ConditionReport {
            subject: format!("state of {}", mounted.stub.state_machine),
            expected: required.to_owned(),
            actual: if holds { String::new() } else { actual.to_owned() },
            holds,
            remedy: (!holds).then(|| self.way_to_state(&mounted.stub.state_machine, required)),
            secret: false,
            secrets: Secrets::default(),
        }
    }

    /// Names a stub that puts a machine into a state.
    fn way_to_state(self, machine: &str, state: &str) -> String {
        match self.set().leading_to(machine, state) {
            Some(mounted) => format!("`{}` puts it into this state.", mounted.reference.name),
            None => "No stub puts it into this state.".to_owned(),
        }
    }
}
