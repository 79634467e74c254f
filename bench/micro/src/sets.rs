//! Sets of many stubs that differ in one condition, and the requests for them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use cannery::engine::StubSet;
use cannery::formats::{NoFiles, read_scenario};
use cannery::message::Request;

use crate::exchange::{Explained, answering, post};
use crate::measured::{Hit, Kind, Task};
use crate::orders;

/// The condition in which the stubs of a set differ.
struct SetKind {
    name: &'static str,
    /// The largest number of stubs that is measured.
    most: usize,
    explained: Explained,
    /// The condition of the stub with a number.
    asks: fn(usize) -> String,
    /// The target, one header and the body of a request for it.
    sends: fn(usize) -> (String, String, String),
}

const SETS: [SetKind; 10] = [
    SetKind {
        name: "own paths",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders/{n}/lines'"),
        sends: |n| (format!("/orders/{n}/lines"), String::new(), String::new()),
    },
    SetKind {
        name: "path templates",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/shop{n}/orders/{{id}}'"),
        sends: |n| (format!("/shop{n}/orders/7"), String::new(), String::new()),
    },
    SetKind {
        name: "a path parameter",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders/{{id}}/lines'\npath_params.id = '{n}'"),
        sends: |n| (format!("/orders/{n}/lines"), String::new(), String::new()),
    },
    SetKind {
        name: "a header",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders'\nheaders.X-Tenant = 'tenant {n}'"),
        sends: |n| ("/orders".to_owned(), format!("tenant {n}"), String::new()),
    },
    SetKind {
        name: "a query parameter",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders'\nquery.id = {n}"),
        sends: |n| (format!("/orders?page=1&id={n}"), String::new(), String::new()),
    },
    SetKind {
        name: "a JSON member by json_path",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders'\njson_path.\"$.customer.id\" = {n}"),
        sends: |n| ("/orders".to_owned(), String::new(), orders::json(n, 8)),
    },
    SetKind {
        name: "a JSON member by json_includes",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders'\njson_includes.customer = {{ id = {n}, name = 'Ada' }}"),
        sends: |n| ("/orders".to_owned(), String::new(), orders::json(n, 8)),
    },
    SetKind {
        name: "two equalities together",
        most: usize::MAX,
        explained: Explained::No,
        asks: |n| format!("path = '/orders'\nheaders.X-Tenant = '{}'\nquery.id = {}", n / 100, n % 100),
        sends: |n| (format!("/orders?id={}", n % 100), (n / 100).to_string(), String::new()),
    },
    SetKind {
        name: "paths, explained",
        most: usize::MAX,
        explained: Explained::Yes,
        asks: |n| format!("path = '/orders/{n}/lines'"),
        sends: |n| (format!("/orders/{n}/lines"), String::new(), String::new()),
    },
    SetKind {
        name: "a regex",
        most: 1000,
        explained: Explained::No,
        asks: |n| format!("path = '/orders'\nheaders.X-Tenant.matches = '^tenant {n}$'"),
        sends: |n| ("/orders".to_owned(), format!("tenant {n}"), String::new()),
    },
];

pub fn kinds() -> impl Iterator<Item = Kind> {
    SETS.iter().map(|set_kind| Kind {
        name: set_kind.name,
        tasks: Box::new(|stubs| tasks(set_kind, stubs.min(set_kind.most))),
    })
}

/// Returns the tasks. Those of one stub come first, because the others are compared with them.
fn tasks(set_kind: &'static SetKind, stubs: usize) -> Vec<Task> {
    let of = |stubs: usize, hits: &'static [Hit]| {
        let set = set(set_kind, stubs);
        // A matched request is never explained.
        let hits = hits.iter().filter(|hit| set_kind.explained == Explained::No || **hit == Hit::None);
        hits.map(move |hit| {
            let status = if *hit == Hit::None { 404 } else { 200 };
            let sent = move || request(set_kind, stubs, *hit);
            Task::new(set_kind.name, answering(set.clone(), sent, set_kind.explained, status)).of(stubs, *hit)
        })
    };
    of(1, &[Hit::First, Hit::None]).chain(of(stubs, &Hit::ALL)).collect()
}

fn request(set_kind: &SetKind, stubs: usize, hit: Hit) -> Request {
    let number = match hit {
        Hit::First => 0,
        Hit::Middle => stubs / 2,
        Hit::Last => stubs - 1,
        Hit::None => usize::MAX / 2,
    };
    let (target, header, body) = (set_kind.sends)(number);
    let headers = [("Accept", "*/*"), ("X-Tenant", header.as_str()), ("Content-Type", "application/json")];
    post(&target, &headers, body)
}

/// Compiles the stubs of a kind, and prints how long that takes.
fn set(set_kind: &SetKind, stubs: usize) -> Arc<StubSet> {
    let mut text = String::new();
    for number in 0..stubs {
        let _ = writeln!(text, "[[stub]]\nname = 'stub {number}'\n[stub.request]\n{}", (set_kind.asks)(number));
        text.push_str("[stub.response]\ntext = 'found'\n");
    }
    let started = Instant::now();
    let (scenario, _) = read_scenario(&text, "set.toml", &NoFiles).expect("a scenario");
    let read = started.elapsed();
    let set = StubSet::compile(&[scenario]).expect("a set");
    if stubs > 1 {
        let compiled = started.elapsed() - read;
        eprintln!("{}: {stubs} stubs read in {read:.1?}, compiled in {compiled:.1?}", set_kind.name);
    }
    Arc::new(set)
}
