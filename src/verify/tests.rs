//! Verdicts on requests that an engine handled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::*;
use crate::engine::{Engine, Settings, StubSet};
use crate::explain::Style;
use crate::formats::{NoFiles, Syntax, read_scenario, read_stub};
use crate::journal::{Entry, Limits};
use crate::matching::{CompiledPattern, Predicate};
use crate::message::{Head, Request};
use crate::model::{Expect, KeyPath, PathPattern, Representation, RequestPattern, Timestamp};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const PLAIN: Style = Style { colour: false, redact: false };

/// An engine with one stub, which expects two calls. Its journal keeps at most this many `entries`.
fn engine(entries: usize) -> Engine {
    let text = "[[stub]]\nname = 'order'\nexpect = 2\nrequest.path = '/orders/{id}'\nresponse.status = 201\n";
    let (scenario, _) = read_scenario(text, "shop.toml", &NoFiles).expect("a scenario");
    let set = StubSet::compile(&[scenario]).expect("a set");
    Engine::new(set.into(), Settings { journal: Limits { entries, ..Limits::default() }, ..Settings::default() })
}

fn send(engine: &Engine, targets: &[&str]) {
    for target in targets {
        engine.handle(&Request::new(Head::compose("GET", target, []), Bytes::new(), None, NOW), NOW, None);
    }
}

fn pattern(path: &str) -> CompiledPattern {
    let path = PathPattern::Template { template: path.to_owned(), ignore_case: false };
    let pattern = RequestPattern { path: Some(path), ..RequestPattern::default() };
    let mut faults = Vec::new();
    let compiled = CompiledPattern::compile(&pattern, None, &Representation::plain(), &KeyPath::top(), &mut faults);
    assert_eq!(faults, []);
    compiled
}

fn at_least(min: u64) -> Expect {
    Expect { min, max: None }
}

fn numbers(entries: &[&Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.number).collect()
}

#[test]
fn a_count_that_evictions_cannot_change_is_answered_and_others_are_unknown() {
    let engine = engine(3);
    send(&engine, &["/a", "/orders/1", "/orders/2", "/b", "/orders/3"]);

    let (journal, orders) = (engine.journal(), pattern("/orders/{id}"));
    let count = |expected| CountVerdict::new(&journal, &orders, expected, NOW);

    assert_eq!(numbers(&count(at_least(0)).matching), [3, 5]);
    assert_eq!(count(at_least(2)).verdict, Verdict::Met);
    assert_eq!(count(at_least(3)).verdict, Verdict::Unknown);
    assert_eq!(count(Expect::exactly(2)).verdict, Verdict::Unknown);
    assert_eq!(count(Expect::exactly(1)).verdict, Verdict::Unmet);
    let text = count(at_least(3)).text(PLAIN);
    let start = "expected at least 3 requests, and 2 of the requests that are left match, which does not decide it: ";
    assert_eq!(text, format!("{start}{}", eviction_text(&journal)));
}

#[test]
fn a_count_is_explained_by_what_came_and_by_what_came_nearest() {
    let engine = engine(100);
    send(&engine, &["/orders/1", "/a/b/c"]);

    let (journal, orders) = (engine.journal(), pattern("/orders/{id}"));
    let count = CountVerdict::new(&journal, &orders, Expect::exactly(2), NOW);

    assert_eq!((count.verdict, numbers(&count.matching)), (Verdict::Unmet, vec![1]));
    let text = "expected 2 requests, received 1:\n  /orders/{id}\n\nnearest of 1 other:\n  \
                2. GET /a/b/c  (404: no stub answered)\n    no  path: /orders/{id}\n        is: /a/b/c\n        \
                The path has 3 segments, the stub's has 2 segments.\n\nreceived:\n  1. GET /orders/1  (201 by `order`)\n";
    assert_eq!(count.text(PLAIN), text);
    let coloured = count.text(Style { colour: true, ..PLAIN });
    assert_eq!(coloured, text.replace("no  path", "\x1b[31mno\x1b[0m  path"), "the caller gives the style");
}

#[test]
fn an_order_may_have_others_in_between() {
    let engine = engine(100);
    send(&engine, &["/pay", "/orders/1", "/a", "/ship", "/pay"]);

    let journal = engine.journal();
    let found = |paths: &[&str]| {
        let patterns: Vec<_> = paths.iter().map(|path| pattern(path)).collect();
        let order = OrderVerdict::new(&journal, &patterns, NOW);
        assert_eq!(order.verdict == Verdict::Met, order.text(PLAIN).is_empty());
        (order.verdict, numbers(&order.found))
    };

    assert_eq!(found(&["/orders/{id}", "/ship"]), (Verdict::Met, vec![2, 4]));
    assert_eq!(found(&["/pay", "/pay"]), (Verdict::Met, vec![1, 5]), "each pattern has a request of its own");
    assert_eq!(found(&["/ship", "/orders/{id}"]), (Verdict::Unmet, vec![4]));
    assert_eq!(found(&["/pay", "/pay", "/pay"]), (Verdict::Unmet, vec![1, 5]));
    assert_eq!(found(&[]), (Verdict::Met, vec![]));
}

#[test]
fn an_order_that_is_violated_names_the_request_that_came_too_early() {
    let engine = engine(100);
    send(&engine, &["/pay", "/orders/1", "/ship"]);

    let (journal, patterns) = (engine.journal(), ["/orders/{id}", "/pay"].map(pattern));
    let order = OrderVerdict::new(&journal, &patterns, NOW);

    assert_eq!((order.verdict, numbers(&order.found)), (Verdict::Unmet, vec![2]));
    let text = order.text(PLAIN);
    assert!(text.starts_with("expected 2 requests in this order, and the 2nd is missing:\n"), "{text}");
    let early = "it came, but before: 1. GET /pay  (404: no stub answered)\n  \
                 and must come after: 2. GET /orders/1  (201 by `order`)\n";
    assert!(text.contains(early), "{text}");
}

#[test]
fn an_order_is_unknown_if_the_journal_evicted_requests() {
    let engine = engine(2);
    send(&engine, &["/a", "/b", "/c"]);

    let (journal, patterns) = (engine.journal(), ["/b", "/c"].map(pattern));
    let order = OrderVerdict::new(&journal, &patterns, NOW);

    assert_eq!((order.verdict, order.text(PLAIN)), (Verdict::Unknown, eviction_text(&journal)));
}

#[test]
fn a_running_count_compares_each_request_once_and_starts_again_after_a_reset() {
    let engine = engine(100);
    let compared = Arc::new(AtomicU64::new(0));
    let count = compared.clone();
    let counting = Predicate::new("here".to_owned(), move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        true
    });
    let orders = pattern("/orders/{id}").with_code(&[counting]);
    let mut running = RunningCount::default();
    let mut after = |targets: &[&str]| {
        send(&engine, targets);
        (running.update(&engine.journal_snapshot(), &orders, Expect::exactly(2), NOW), compared.load(Ordering::Relaxed))
    };

    assert_eq!(after(&["/orders/1", "/a"]), (Progress::Open, 1));
    assert_eq!(after(&[]), (Progress::Open, 1));
    engine.reset_requests();
    assert_eq!(after(&["/orders/2"]), (Progress::Open, 2), "the request before the reset does not count");
    assert_eq!(after(&["/orders/3"]), (Progress::Met, 3));
    assert_eq!(after(&["/orders/4"]), (Progress::Exceeded, 4));
    engine.reset_requests();
    assert_eq!(after(&[]), (Progress::Open, 4));
}

#[test]
fn a_running_count_is_not_met_while_requests_are_missing_in_the_journal() {
    let engine = engine(2);
    let (orders, mut running) = (pattern("/orders/{id}"), RunningCount::default());
    let mut update = |max| running.update(&engine.journal_snapshot(), &orders, Expect { min: 1, max }, NOW);

    send(&engine, &["/orders/1"]);
    assert_eq!(update(None), Progress::Met);
    send(&engine, &["/a", "/orders/2"]);
    assert_eq!(update(None), Progress::Open);
    assert_eq!(update(Some(1)), Progress::Exceeded, "this is certain in spite of the eviction");
}

#[test]
fn an_expectation_is_decided_by_exact_counts_and_explained_from_what_is_left() {
    let engine = engine(1);
    let texts = || {
        let unmet = unmet_expectations(&engine);
        unmet.iter().map(|unmet| unmet.text(&engine.journal(), NOW, PLAIN)).collect::<Vec<_>>()
    };

    send(&engine, &["/orders/1"]);
    assert_eq!(
        texts(),
        ["the stub `order` (shop.toml:1) expected 2 calls, got 1:\n  /orders/{id}\n\nno other request came\n\n\
          it answered:\n  1. GET /orders/1  (201 by `order`)\n"]
    );
    send(&engine, &["/orders/2"]);
    assert!(texts().is_empty(), "the evicted call counts");
    send(&engine, &["/orders/3"]);
    let exceeded = "the stub `order` (shop.toml:1) expected 2 calls, got 3:\n  /orders/{id}\n\n\
                    it answered:\n  3. GET /orders/3  (201 by `order`)\n\n";
    assert_eq!(texts(), [format!("{exceeded}{}\n", eviction_text(&engine.journal()))]);
}

#[test]
fn a_stub_without_an_expectation_must_be_called_once() {
    let engine = engine(100);
    let (stub, _) = read_stub("request.path = '/a'", Syntax::Toml, "x", "x", &NoFiles).expect("a stub");
    let stub = engine.add(stub).expect("a stub");

    let unmet = unmet_expectation(&engine, &stub).expect("it was not called");
    assert_eq!(unmet.expectation.to_string(), "added/added stub 1 (x:1): expected at least 1 call, got 0");
    assert!(unmet_expectations(&engine).iter().all(|unmet| unmet.expectation.stub.name == "order"));
    send(&engine, &["/a"]);
    assert!(unmet_expectation(&engine, &stub).is_none());
}

#[test]
fn unmatched_requests_are_counted_though_they_were_evicted_and_the_first_that_are_left_are_explained() {
    let engine = engine(5);
    send(&engine, &["/orders/1"]);
    assert!(Unmatched::find(&engine, &engine.journal()).is_none());

    send(&engine, &["/1", "/2", "/3", "/4", "/5", "/6"]);
    let journal = engine.journal();
    let unmatched = Unmatched::find(&engine, &journal).expect("six requests");

    let explained: Vec<&str> = unmatched.explanations.iter().map(|explanation| &*explanation.target).collect();
    assert_eq!((unmatched.count, explained), (6, vec!["/2", "/3", "/4"]));
    let text = unmatched.text(PLAIN);
    assert!(
        text.starts_with("no stub answered 6 requests:\n\nno stub answers GET /2, and the only stub is not similar\n"),
        "{text}"
    );
    assert!(text.ends_with(&format!("\n... and 3 more\n\n{}\n", eviction_text(&journal))), "{text}");
}
