//! The sets of stubs that are measured, and the requests that are sent to them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use cannery::engine::StubSet;
use cannery::formats::{NoFiles, read_scenario};
use cannery::message::{Head, Request};

use crate::AT;

/// What tells the stubs of a set apart.
pub struct Kind {
    pub name: &'static str,
    /// More stubs than these are not measured.
    most: usize,
    /// What the stub of a number asks for.
    asks: fn(usize) -> String,
    /// Target, one header and body of a request for it.
    sends: fn(usize) -> (String, String, String),
}

fn json(id: usize) -> String {
    let items: Vec<String> = (0..8).map(|n| format!("{{\"sku\":\"SKU-{n}\",\"count\":{n},\"price\":{n}.5}}")).collect();
    format!("{{\"customer\":{{\"id\":{id},\"name\":\"Ada\"}},\"currency\":\"EUR\",\"items\":[{}]}}", items.join(","))
}

pub const KINDS: [Kind; 10] = [
    Kind {
        name: "own paths",
        most: usize::MAX,
        asks: |n| format!("path = '/orders/{n}/lines'"),
        sends: |n| (format!("/orders/{n}/lines"), String::new(), String::new()),
    },
    Kind {
        name: "path templates",
        most: usize::MAX,
        asks: |n| format!("path = '/shop{n}/orders/{{id}}'"),
        sends: |n| (format!("/shop{n}/orders/7"), String::new(), String::new()),
    },
    Kind {
        name: "a path parameter",
        most: usize::MAX,
        asks: |n| format!("path = '/orders/{{id}}/lines'\npath_params.id = '{n}'"),
        sends: |n| (format!("/orders/{n}/lines"), String::new(), String::new()),
    },
    Kind {
        name: "a header",
        most: usize::MAX,
        asks: |n| format!("path = '/orders'\nheaders.X-Tenant = 'tenant {n}'"),
        sends: |n| ("/orders".to_owned(), format!("tenant {n}"), String::new()),
    },
    Kind {
        name: "a query parameter",
        most: usize::MAX,
        asks: |n| format!("path = '/orders'\nquery.id = {n}"),
        sends: |n| (format!("/orders?page=1&id={n}"), String::new(), String::new()),
    },
    Kind {
        name: "a JSON member by json_path",
        most: usize::MAX,
        asks: |n| format!("path = '/orders'\njson_path.\"$.customer.id\" = {n}"),
        sends: |n| ("/orders".to_owned(), String::new(), json(n)),
    },
    Kind {
        name: "a JSON member by json_includes",
        most: usize::MAX,
        asks: |n| format!("path = '/orders'\njson_includes.customer = {{ id = {n}, name = 'Ada' }}"),
        sends: |n| ("/orders".to_owned(), String::new(), json(n)),
    },
    Kind {
        name: "two equalities together",
        most: usize::MAX,
        asks: |n| format!("path = '/orders'\nheaders.X-Tenant = '{}'\nquery.id = {}", n / 100, n % 100),
        sends: |n| (format!("/orders?id={}", n % 100), (n / 100).to_string(), String::new()),
    },
    Kind {
        name: "paths, explained",
        most: usize::MAX,
        asks: |n| format!("path = '/orders/{n}/lines'"),
        sends: |n| (format!("/orders/{n}/lines"), String::new(), String::new()),
    },
    Kind {
        name: "a regex",
        most: 1000,
        asks: |n| format!("path = '/orders'\nheaders.X-Tenant.matches = '^tenant {n}$'"),
        sends: |n| ("/orders".to_owned(), format!("tenant {n}"), String::new()),
    },
];

/// Which stub a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    First,
    Middle,
    Last,
    None,
}

impl Hit {
    pub fn name(self) -> &'static str {
        match self {
            Hit::First => "first",
            Hit::Middle => "middle",
            Hit::Last => "last",
            Hit::None => "none",
        }
    }
}

/// One row of the table.
pub struct Case {
    pub kind: &'static Kind,
    pub stubs: usize,
    pub hit: Hit,
    pub set: Arc<StubSet>,
}

impl Case {
    /// The cases of a kind: those of one stub first, which the others are held against.
    pub fn of(kind: &'static Kind, stubs: usize) -> Vec<Case> {
        let stubs = stubs.min(kind.most);
        let hits = if explains(kind) {
            vec![Hit::None]
        } else {
            vec![Hit::First, Hit::Middle, Hit::Last, Hit::None]
        };
        let (one, many) = (set(kind, 1), set(kind, stubs));
        let of_one = [Hit::First, Hit::None].into_iter().filter(|hit| hits.contains(hit));
        let of_one = of_one.map(|hit| Case { kind, stubs: 1, hit, set: one.clone() });
        of_one.chain(hits.iter().map(|hit| Case { kind, stubs, hit: *hit, set: many.clone() })).collect()
    }

    /// Whether somebody reads why no stub answers.
    pub fn explained(&self) -> bool {
        explains(self.kind)
    }

    /// A request that nobody has looked at yet.
    pub fn request(&self) -> Request {
        let number = match self.hit {
            Hit::First => 0,
            Hit::Middle => self.stubs / 2,
            Hit::Last => self.stubs - 1,
            Hit::None => usize::MAX / 2,
        };
        let (target, header, body) = (self.kind.sends)(number);
        let length = body.len().to_string();
        let headers = [
            ("Host", "127.0.0.1:8080"),
            ("User-Agent", "micro/1.0"),
            ("Accept", "*/*"),
            ("X-Tenant", header.as_str()),
            ("Content-Type", "application/json"),
            ("Content-Length", length.as_str()),
        ];
        let present = headers.iter().filter(|(_, value)| !value.is_empty());
        let head = Head::compose("POST", &target, present.map(|(name, value)| (*name, value.as_bytes())));
        Request::new(head, Bytes::from(body), None, AT)
    }
}

/// The stubs of a kind, compiled; how long that takes is told.
fn set(kind: &Kind, stubs: usize) -> Arc<StubSet> {
    let mut text = String::new();
    for number in 0..stubs {
        let _ = writeln!(text, "[[stub]]\nname = 'stub {number}'\n[stub.request]\n{}", (kind.asks)(number));
        text.push_str("[stub.response]\ntext = 'found'\n");
    }
    let started = Instant::now();
    let (scenario, _) = read_scenario(&text, "set.toml", &NoFiles).expect("a scenario");
    let read = started.elapsed();
    let set = StubSet::compile(&[scenario]).expect("a set");
    if stubs > 1 {
        eprintln!("{}: {stubs} stubs read in {read:.1?}, compiled in {:.1?}", kind.name, started.elapsed() - read);
    }
    Arc::new(set)
}

fn explains(kind: &Kind) -> bool {
    kind.name.ends_with("explained")
}
