//! Many servers, many clients, any runtime, and what remains after a server is dropped.

mod client;

use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use cannery::{MockServer, WaitingTask, given, status};
use client::get;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

#[test]
fn a_thousand_servers_run_at_once() {
    let servers: Vec<MockServer> = (0..1000).map(|_| MockServer::start()).collect();
    for (number, server) in servers.iter().enumerate() {
        server.stub(given::get("/").respond(status(200).text(number.to_string())).expect(1));
    }

    thread::scope(|scope| {
        for part in servers.chunks(125) {
            scope
                .spawn(move || part.iter().map(|server| get(server, "/").0).for_each(|status| assert_eq!(status, 200)));
        }
    });
    let ports: std::collections::HashSet<u16> = servers.iter().map(MockServer::port).collect();
    assert_eq!(ports.len(), 1000);
}

#[test]
fn a_port_is_free_again_when_its_server_is_dropped() {
    for _ in 0..50 {
        let server = MockServer::start();
        let address = server.addr();
        // One connection is kept open, so that the server has to close it.
        let open = TcpStream::connect(address).expect("the server listens");
        assert_eq!(get(&server, "/").0, 404);

        drop(server);

        assert!(TcpStream::connect(address).is_err());
        let again = MockServer::builder().port(address.port()).start();
        assert_eq!(again.addr(), address);
        drop(again);
        TcpListener::bind(address).expect("the port is free");
        drop(open);
    }
}

#[test]
fn a_dropped_server_answers_no_more_requests() {
    let server = MockServer::start();
    server.stub(given::get("/slow").respond(status(200).delay(Duration::from_secs(60))));
    let url = server.url("/slow");
    let waiting = thread::spawn(move || client::agent().get(url).call().is_err());
    server.wait_for(given::get("/slow"), 1, Duration::from_secs(20)).blocking();

    drop(server);

    assert!(waiting.join().expect("the thread ends"));
}

#[test]
fn a_dropped_server_drops_its_closures() {
    for _ in 0..100 {
        let captured = std::sync::Arc::new(());
        let server = MockServer::start();
        let of_closure = captured.clone();
        server.stub(given::get("/").respond_with(move |_| {
            let _ = &of_closure;
            status(200)
        }));
        assert_eq!(get(&server, "/").0, 200);

        drop(server);

        assert_eq!(std::sync::Arc::strong_count(&captured), 1);
    }
}

#[test]
fn a_server_may_be_dropped_by_a_closure_that_answers() {
    let server = MockServer::start();
    let other = std::sync::Mutex::new(Some(MockServer::start()));
    server.stub(given::get("/").respond_with(move |_| {
        drop(other.lock().expect("unpoisoned").take());
        status(200)
    }));

    assert_eq!(get(&server, "/").0, 200);
}

#[cfg(all(feature = "files", feature = "templates"))]
#[tokio::test(flavor = "current_thread")]
async fn a_test_with_a_runtime_of_one_thread_is_served() {
    let server = MockServer::serving("scenarios/basics");
    let hello = server.stub(given::get("/hello/{name}").respond(status(200).text("Hello!")).expect(1));

    let reply = reqwest::get(server.url("/hello/Ada")).await.expect("an answer");

    assert_eq!(reply.text().await.expect("a body"), "Hello!");
    assert_eq!((hello.calls(), server.received().only().path()), (1, "/hello/Ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_sees_requests_that_are_sent_in_the_background() {
    let server = MockServer::start();
    for number in 0..3 {
        let url = server.url(format!("/job/{number}"));
        tokio::spawn(async move { reqwest::get(url).await.map(|reply| reply.status()) });
    }

    server.wait_for(given::get("/job/{number}"), 3, Duration::from_secs(20)).await;
    server.verify(given::get("/job/{number}"), 3);
}

#[test]
fn waiting_needs_no_runtime_and_no_tokio() {
    let server = MockServer::start();
    let url = server.url("/a");
    let (done, late) = (AtomicBool::new(false), server.wait_for(given::get("/a"), 1, Duration::from_secs(20)));
    thread::scope(|scope| {
        scope.spawn(|| {
            futures_executor(late.into_future());
            done.store(true, Ordering::SeqCst);
        });
        client::agent().get(url).call().expect("an answer");
    });

    assert!(done.load(Ordering::SeqCst));
}

#[test]
fn a_wait_without_a_runtime_ends_when_its_time_is_over() {
    let server = MockServer::start();
    let late = server.wait_for(given::get("/a"), 1, Duration::from_millis(5));

    let ended = thread::scope(|scope| scope.spawn(|| futures_executor(late.into_future())).join());

    let failure = ended.expect_err("nothing came");
    assert!(failure.downcast_ref::<String>().is_some_and(|text| text.contains("waited for 5ms")), "{failure:?}");
}

#[test]
fn a_wait_ends_when_the_request_is_recorded_and_not_when_it_is_answered() {
    let server = MockServer::start();
    let (allow, allowed) = mpsc::channel();
    let allowed = Mutex::new(allowed);
    server.stub(given::get("/slow").respond_with(move |_| {
        allowed.lock().expect("unpoisoned").recv().expect("it is allowed in the end");
        status(200)
    }));
    let url = server.url("/slow");
    let asking = thread::spawn(move || client::agent().get(url).call().expect("an answer").status());

    server.wait_for(given::get("/slow"), 1, Duration::from_secs(20)).blocking();
    allow.send(()).expect("the closure waits");

    assert_eq!(asking.join().expect("it ends"), 200);
}

/// Polls a future to completion in this thread, like a minimal runtime.
fn futures_executor<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            return done;
        }
        thread::park();
    }
}

const CONNECTIONS: u64 = 64;
const REQUESTS: u64 = 100_000;

/// A request is in the journal before its answer can be read, so a client that has read an answer finds its request there,
/// and no count is too low.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_request_is_recorded() {
    let server = MockServer::builder().journal_limit(2 * REQUESTS as usize).journal_bytes(1 << 30).start();
    let stub = server.stub(given::get("/{connection}/{number}").respond(status(200)).expect(REQUESTS));
    let (server, stub) = (std::sync::Arc::new(server), std::sync::Arc::new(stub));

    let mut tasks = Vec::new();
    for connection in 0..CONNECTIONS {
        let (server, stub) = (server.clone(), stub.clone());
        let mine = REQUESTS / CONNECTIONS + u64::from(connection < REQUESTS % CONNECTIONS);
        tasks.push(tokio::spawn(async move {
            let stream = tokio::net::TcpStream::connect(server.addr()).await.expect("the server listens");
            let (mut sender, driving) = http1::handshake(TokioIo::new(stream)).await.expect("an HTTP connection");
            tokio::spawn(driving);
            for number in 0..mine {
                let request = hyper::Request::get(format!("/{connection}/{number}")).header("Host", "test");
                let request = request.body(Empty::<Bytes>::new()).expect("a request");
                let reply = sender.send_request(request).await.expect("an answer");
                assert_eq!(reply.status(), 200);
                assert!(stub.calls() > number);
                reply.into_body().collect().await.expect("a body");
                if number % 500 == 0 {
                    let own = format!("/{connection}/{number}");
                    let found = server.received().iter().rev().any(|received| received.path() == own);
                    assert!(found, "{own} was answered but is not in the journal");
                }
            }
        }));
    }
    for task in tasks {
        task.await.expect("no connection fails");
    }

    assert_eq!((stub.calls(), server.received().len() as u64), (REQUESTS, REQUESTS));
    server.verify(given::get("/{connection}/{number}"), REQUESTS);
    for connection in [0, CONNECTIONS - 1] {
        let mine = REQUESTS / CONNECTIONS + u64::from(connection < REQUESTS % CONNECTIONS);
        server.verify(given::get("/{connection}/{number}").path_param("connection", connection), mine);
    }
}

#[test]
fn waiting_counts_new_requests_and_starts_again_after_a_reset() {
    let server = MockServer::start();
    let mut waiting = pin!(server.wait_for(given::get("/a"), 2, Duration::from_secs(20)).into_future());
    let mut is_over = || waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();

    get(&server, "/a");
    assert!(!is_over());
    get(&server, "/b");
    assert!(!is_over());
    server.reset_requests();
    get(&server, "/a");
    assert!(!is_over(), "requests before the reset do not count");
    get(&server, "/a");
    assert!(is_over());
}

#[test]
fn a_wait_that_falls_behind_decides_by_the_journal() {
    let server = MockServer::start();
    let wait = |times: u64| Box::pin(server.wait_for(given::get("/a"), times, Duration::from_secs(20)).into_future());
    let (mut one, mut two, mut three) = (wait(1), wait(2), wait(3));
    let is_over =
        |wait: &mut Pin<Box<WaitingTask>>| wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
    assert!(!is_over(&mut one) && !is_over(&mut two) && !is_over(&mut three));

    get(&server, "/a");
    get(&server, "/a");
    // More than the events that an engine keeps, so that those of the first two are gone.
    let (agent, url) = (client::agent(), server.url("/b"));
    (0..1500).for_each(|_| drop(agent.get(&url).call().expect("an answer").into_body().read_to_vec()));

    let failure = catch_unwind(AssertUnwindSafe(|| is_over(&mut one))).expect_err("too many came");
    assert!(failure.downcast_ref::<String>().is_some_and(|text| text.contains("received 2")), "{failure:?}");
    assert!(is_over(&mut two) && !is_over(&mut three));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| futures_executor(three));
        get(&server, "/a");
        waiting.join().expect("it is still woken");
    });
}
