//! Checks that requests came one after another.

use std::fmt::Write as _;

use crate::model::Timestamp;

use crate::matching::CompiledPattern;

use super::given::Given;
use super::received::{Received, ReceivedRequest, listed};
use super::shared::Shared;
use super::verify::{compiled, described, nearest};

/// Looks for each pattern after the first request that matched the pattern before it.
///
/// # Panics
/// Panics if a pattern is wrong, or if the journal evicted requests.
#[track_caller]
pub(super) fn check(shared: &Shared, given: &[Given]) -> Result<(), String> {
    let patterns: Vec<CompiledPattern> = given.iter().map(compiled).collect();
    let received = shared.received(|_| true);
    let mut rest: &[ReceivedRequest] = &received;
    let mut came: Vec<&ReceivedRequest> = Vec::new();
    for (place, pattern) in patterns.iter().enumerate() {
        let found = rest.iter().position(|request| is_of(pattern, request));
        match found {
            Some(at) => {
                came.push(&rest[at]);
                rest = &rest[at + 1..];
            }
            None => return Err(violated(&patterns, place, &came, rest, &received)),
        }
    }
    Ok(())
}

fn is_of(pattern: &CompiledPattern, request: &ReceivedRequest) -> bool {
    pattern.matches(request.request(), Timestamp::now()).is_some()
}

fn violated(
    patterns: &[CompiledPattern],
    place: usize,
    came: &[&ReceivedRequest],
    rest: &[ReceivedRequest],
    received: &Received,
) -> String {
    let mut text =
        format!("expected {} requests in this order, and the {} is missing:\n", patterns.len(), nth(place + 1));
    for (number, pattern) in patterns.iter().enumerate() {
        let mut lines = String::new();
        described(pattern, &mut lines);
        let _ = write!(text, "{:>3}.{}", number + 1, &lines[1..]);
        match came.get(number) {
            Some(request) => drop(writeln!(text, "      came: {}", request.summary())),
            None if number == place => text.push_str("      missing\n"),
            None => {}
        }
    }
    let earlier = &received[..received.len() - rest.len()];
    match (earlier.iter().find(|request| is_of(&patterns[place], request)), came.last()) {
        (Some(early), Some(last)) => {
            let _ =
                writeln!(text, "\nit came, but before: {}\n  and must come after: {}", early.summary(), last.summary());
        }
        _ => nearest(&patterns[place], rest, &mut text),
    }
    let _ = write!(text, "\nreceived {}{}\n", received.len(), listed(received));
    text
}

fn nth(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
