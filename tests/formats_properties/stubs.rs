//! Generators of stubs.

use cannery::model::{Expect, Place, Stub};
use proptest::option;
use proptest::prelude::{Strategy, any};

use super::requests::request;
use super::responses::answer;
use super::values::{json, members, word};

fn expect() -> impl Strategy<Value = Expect> {
    (any::<u32>(), option::of(any::<u32>())).prop_map(|(one, other)| {
        let (min, max) = (other.map_or(one, |other| one.min(other)), other.map(|other| one.max(other)));
        let mut expect = Expect::exactly(min.into());
        expect.max = max.map(u64::from);
        expect
    })
}

pub fn stub() -> impl Strategy<Value = Stub> {
    let called = (any::<bool>(), option::of(expect()));
    let vars = members(json());
    (option::of(word()), any::<i64>(), option::of(word()), word(), called, vars, request(), answer()).prop_map(
        |(name, priority, state, state_machine, (on_demand, expect), vars, request, answer)| Stub {
            on_demand: on_demand && name.is_some(),
            expect,
            name,
            priority,
            when_state: state.clone(),
            then_state: state,
            state_machine,
            vars,
            request,
            answer,
            place: Place::default(),
        },
    )
}
