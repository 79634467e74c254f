//! A panic while a request is answered is a 500, and affects nothing else.

#![allow(missing_docs)]
#![cfg(all(feature = "admin", feature = "files"))]

mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cannery::check;
use cannery::engine::{Engine, Settings};
use cannery::server::{Observed, Observer, Server, ServerSettings};
use support::{Connection, Folder, Reply, request};

/// Panics when it observes one path, and counts the other requests.
#[derive(Default)]
struct Fragile {
    heard: AtomicUsize,
    failures: AtomicUsize,
}

impl Observer for Fragile {
    fn exchange(&self, observed: &Observed<'_>) {
        if observed.status == 200 && observed.entry.head.target() == "/fragile" {
            panic!("no line for {}", observed.entry.head.target());
        }
        self.heard.fetch_add(1, Ordering::Relaxed);
        if observed.failure.is_some_and(|reason| reason.contains("panicked: no line for /fragile")) {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_panic_outside_the_engine_is_a_500_in_the_answer_and_in_the_journal() {
    let folder = Folder::new();
    folder.write("a.toml", "[[stub]]\nrequest.path = '/fragile'\nresponse.text = 'a'\n[[stub]]\nresponse.text = 'b'\n");
    let stubs =
        check::load(std::slice::from_ref(&folder.path)).unwrap_or_else(|diagnostics| panic!("{diagnostics}")).stubs;
    let engine = Arc::new(Engine::new(stubs, Settings::default()));
    let observer = Arc::new(Fragile::default());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let (served, observed) = (engine.clone(), observer.clone());
    let server = runtime
        .block_on(async { Server::bind((Ipv4Addr::LOCALHOST, 0).into(), served, ServerSettings::default(), observed) })
        .expect("a port");
    let address = server.local_addr().expect("an address");
    runtime.spawn(server.run(std::future::pending()));

    let mut connection = Connection::to(address);
    let mut get = |target: &str| -> Reply {
        connection.write(&request("GET", target, &[], b""));
        connection.read_to("GET")
    };
    let failed = get("/fragile");
    let after = get("/other");

    assert_eq!(failed.status, 500);
    assert_eq!(failed.text(), "an internal error in Cannery: handling this request panicked: no line for /fragile\n");
    assert_eq!((after.status, after.text().as_str()), (200, "b"), "the connection stays open");
    let statuses: Vec<_> = engine.journal().entries.iter().map(|entry| entry.status).collect();
    let recorded = engine.journal().entries[0].answer.clone().expect("an answer");
    assert_eq!((recorded.status(), recorded.body().map(|body| &body[..])), (500, Some(&failed.body[..])));
    assert_eq!(statuses, [Some(500), Some(200)]);
    assert_eq!(observer.heard.load(Ordering::Relaxed), 2);
    assert_eq!(observer.failures.load(Ordering::Relaxed), 1);
}
