//! The verdict on `expect` of a stub: by `cannery journal`, and over the admin API.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use support::{Folder, Serving, at, cannery, journal, mask_times_and_address};

const SHOP: &str = r#"
[[stub]]
name = "an order is paid"
expect = 2
request = { method = "POST", path = "/orders/{id}/pay" }
responses = [{ fault = "reset" }, { text = "paid" }]

[[stub]]
name = "it is deleted"
expect = 0
request = { method = "DELETE", path = "/orders/{id}" }
response.status = 204

[[stub]]
name = "orders are listed"
expect = { min = 1, max = 3 }
request = { method = "GET", path = "/orders" }
response.json = []

[[stub]]
name = "DOWN"
on_demand = true
expect = { max = 1 }
request = { method = "GET", path = "/orders" }
response.status = 503

[[stub]]
name = "as often as you like"
request = { method = "GET", path = "/health" }
response.text = "up"
"#;

fn shop() -> (Folder, Serving) {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", SHOP);
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--journal-limit", "1"]));
    (folder, server)
}

/// Sends a request that gets no answer.
fn send_without_answer(server: &Serving, method: &str, target: &str) {
    let mut connection = server.connect();
    connection.write(&support::request(method, target, &[], b""));
    assert_eq!(connection.rest(), (String::new(), true));
}

#[test]
fn met_expectations_exit_with_0() {
    let (folder, server) = shop();
    send_without_answer(&server, "POST", "/orders/1/pay");
    assert_eq!(server.send("POST", "/orders/1/pay", &[], "").text(), "paid");
    server.get("/orders");

    let ended = journal(&folder, &server, &[]);

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    insta::assert_snapshot!(mask_times_and_address(&ended.stdout, &server));
}

#[test]
fn unmet_and_exceeded_expectations_fail() {
    let (folder, server) = shop();
    send_without_answer(&server, "POST", "/orders/1/pay");
    server.send("DELETE", "/orders/1", &[], "");
    for _ in 0..2 {
        server.send("GET", "/orders", &[("Prefer", "stub=DOWN")], "");
    }

    let ended = journal(&folder, &server, &["--allow-unmatched"]);

    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(mask_times_and_address(&ended.stdout, &server));
}

#[test]
fn json_names_each_stub_with_its_line() {
    let (folder, server) = shop();
    server.get("/orders");

    let ended = journal(&folder, &server, &["--format", "json"]);

    assert_eq!(ended.code, Some(1));
    let journal = cannery::model::Json::parse(ended.stdout.as_bytes()).expect("JSON");
    assert_eq!(at(&journal, "unmetCount").to_string(), "1");
    let mut first = at(&journal, "expectations.0").clone();
    first.set("id", "...".into());
    insta::assert_snapshot!(first.pretty());
    assert_eq!(at(&journal, "expectations.2.expect").to_string(), r#"{"min":1,"max":3}"#);
    assert_eq!(at(&journal, "expectations.2.met").to_string(), "true");
}

#[test]
fn resetting_the_journal_resets_the_counts() {
    let (_folder, server) = shop();
    server.send("DELETE", "/orders/1", &[], "");
    let unmet = || {
        let verdict = server.get("/__admin/expectations").json();
        (at(&verdict, "met").to_string(), at(&verdict, "unmetCount").to_string())
    };
    assert_eq!(unmet(), ("false".to_owned(), "3".to_owned()));

    server.send("DELETE", "/__admin/requests", &[], "");

    assert_eq!(unmet(), ("false".to_owned(), "2".to_owned()));
}

#[test]
fn the_log_has_faults_and_dribbles() {
    let folder = Folder::new();
    folder.write(
        "scenarios/faults.toml",
        r#"
        [[stub]]
        name = "reset"
        request.path = "/reset"
        response.fault = "reset"

        [[stub]]
        name = "cut"
        request.path = "/cut"
        response = { text = "ab", fault = "truncate", delay = "1ms" }

        [[stub]]
        name = "slow"
        request.path = "/slow"
        response = { text = "ab", dribble = { chunks = 2, over = "2ms" } }
        "#,
    );
    let logged = |format: &str| {
        let server = Serving::start(cannery(&folder.path).args([
            "serve",
            "--port",
            "0",
            "--watch",
            "off",
            "--log-format",
            format,
        ]));
        send_without_answer(&server, "GET", "/reset");
        let mut connection = server.connect();
        connection.write(&support::request("GET", "/cut", &[], b""));
        assert!(connection.rest().0.ends_with("\r\n\r\na"));
        assert_eq!(server.get("/slow").text(), "ab");
        let stderr = server.stop().stderr;
        let requests = stderr.lines().filter(|line| line.contains("faults")).map(str::to_owned);
        requests.collect::<Vec<_>>()
    };

    let text = logged("text");
    let json = logged("json");

    assert_eq!((text.len(), json.len()), (3, 3), "{text:?} {json:?}");
    for (line, expected) in text.iter().zip([
        (" GET /reset reset faults/reset (", " ms)"),
        (" GET /cut 200 truncate faults/cut (", " ms + 1ms delay)"),
        (" GET /slow 200 faults/slow (", " ms + 2ms dribble)"),
    ]) {
        assert!(line.contains(expected.0) && line.ends_with(expected.1), "{line}");
    }
    for (line, expected) in json.iter().zip([
        [r#""status":null"#, r#""fault":"reset""#],
        [r#""status":200"#, r#""fault":"truncate""#],
        [r#""status":200"#, r#""dribbleMilliseconds":2"#],
    ]) {
        assert!(expected.iter().all(|member| line.contains(member)), "{line}");
    }
}
