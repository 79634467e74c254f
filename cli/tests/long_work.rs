//! Requests that cause much work: the work is limited, and other clients get correct answers meanwhile.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use support::{Connection, Folder, Reply, Serving, at, cannery, request};

const BESIDE: &str = "[[stub]]\nname = 'beside'\nrequest.path = '/beside'\nresponse.text = 'right'\n";

/// Serves a scenario on one thread, so that long work on that thread would block every client.
fn serving(scenario: &str) -> Serving {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", &format!("{scenario}\n{BESIDE}"));
    Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--threads", "1", "--max-body", "64MiB"]))
}

/// Sends a request on a connection that waits up to a minute.
fn send_patiently(server: &Serving, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut connection = Connection::with_timeout(server.addr, Duration::from_secs(60));
    connection.write(&request(method, target, headers, body));
    connection.read_to(method)
}

/// Sends a request while another client repeatedly requests a stub and the health, each time on a new connection.
fn send_concurrently(server: &Serving, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    std::thread::scope(|scope| {
        let long = scope.spawn(|| send_patiently(server, method, target, headers, body));
        loop {
            let started = Instant::now();
            assert_eq!(server.get("/beside").text(), "right");
            assert_eq!(server.get("/__admin/health").status, 200);
            let took = started.elapsed();
            assert!(took < Duration::from_secs(1), "another client waited for {took:?}");
            if long.is_finished() {
                return long.join().expect("an answer");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    })
}

fn last_status(server: &Serving) -> String {
    let journal = server.get("/__admin/journal").json();
    let entries = at(&journal, "entries").to_string();
    let long: Vec<&str> = entries.split("\"target\":").filter(|entry| entry.starts_with("\"/long")).collect();
    assert_eq!(long.len(), 1, "one entry for the long request");
    let status = long[0].split_once("\"answer\":{\"status\":").expect("a status").1;
    status.split(',').next().unwrap_or_default().to_owned()
}

/// Returns a list of matchers that accept one value each, and the values in reverse order.
fn matchers_and_values(count: usize) -> (String, String) {
    let mut matchers = String::new();
    for number in 0..count {
        let _ = write!(matchers, "{{ starts_with = 'v{number}.' }},");
    }
    let values: Vec<String> = (0..count).rev().map(|number| format!("\"v{number}.\"")).collect();
    (matchers, format!("[{}]", values.join(",")))
}

#[test]
fn thousands_of_matchers_for_values_are_undecided_and_no_later_stub_is_tried() {
    let (matchers, body) = matchers_and_values(9_000);
    let server = serving(&format!(
        "[[stub]]\nname = 'costly'\nrequest.path = '/long'\nrequest.json_path.'$[*]'.values = [{matchers}]\nresponse.text = 'costly'\n\
         [[stub]]\nname = 'later'\nrequest.path = '/long'\npriority = 9\nresponse.text = 'later'\n"
    ));

    let reply = send_concurrently(&server, "POST", "/long", &[("Content-Type", "application/json")], body.as_bytes());

    assert_eq!(reply.status, 500, "{}", reply.text());
    assert_eq!(
        reply.text(),
        "the stub `costly` (scenarios/a.toml:1) cannot be compared with this request: `json_path $[*]` is undecided: \
         it takes more than 50000000 steps, the limit for one request\n"
    );
    assert_eq!(last_status(&server), "500");
    let log = server.stop().stderr;
    assert!(log.contains("POST /long 500"), "{log}");
}

#[test]
fn a_few_hundred_matchers_for_values_are_decided() {
    let (matchers, body) = matchers_and_values(300);
    let server = serving(&format!(
        "[[stub]]\nrequest.path = '/long'\nrequest.json_path.'$[*]'.values = [{matchers}]\nresponse.text = 'found'\n"
    ));

    assert_eq!(server.send("POST", "/long", &[("Content-Type", "application/json")], &body).text(), "found");
}

#[test]
fn an_expected_object_of_80_000_members_is_explained() {
    let members = |from: usize, between: &str| {
        let members: Vec<String> =
            (0..80_000).map(|number| format!("\"m{number}\"{between}{}", from + number)).collect();
        format!("{{{}}}", members.join(","))
    };
    let server = serving(&format!(
        "[[stub]]\nrequest.path = '/long'\nrequest.json = {}\nresponse.text = 'a'\n",
        members(0, " = ")
    ));
    let sent = members(1, ":");

    let reply = send_concurrently(&server, "POST", "/long", &[("Content-Type", "application/json")], sent.as_bytes());

    assert_eq!(reply.status, 404);
    assert!(reply.text().contains("1 at $.m0, expected 0"), "{}", reply.text());
}

#[test]
fn lists_in_another_order_are_compared_without_comparing_every_pair() {
    let server = serving("");
    let up: Vec<String> = (0..60_000).map(|number| number.to_string()).collect();
    let down: Vec<&str> = up.iter().rev().map(String::as_str).collect();
    server.send("POST", "/long", &[], &format!("[{}]", up.join(",")));
    let question = |options: &str| {
        format!(
            "{{\"bodyPatterns\": [{{\"equalToJson\": [{}], \"ignoreArrayOrder\": true{options}}}]}}",
            down.join(",")
        )
    };

    let exact = send_concurrently(&server, "POST", "/__admin/requests/count", &[], question("").as_bytes());
    assert_eq!((exact.status, at(&exact.json(), "count").to_string()), (200, "1".to_owned()));

    let with_more = question(", \"ignoreExtraElements\": true");
    let refused = send_concurrently(&server, "POST", "/__admin/requests/count", &[], with_more.as_bytes());
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("it takes more than 100000000 steps"), "{}", refused.text());
}

#[test]
fn objects_of_200_000_members_are_found_in_the_journal() {
    let server = serving("");
    let members: Vec<String> = (0..200_000).map(|number| format!("\"m{number}\":{number}")).collect();
    server.send("POST", "/long", &[], &format!("{{{}}}", members.join(",")));
    let question = format!(
        "{{\"bodyPatterns\": [{{\"equalToJson\": {{{}}}, \"ignoreExtraElements\": true}}]}}",
        members[1..].join(",")
    );

    let counted = send_concurrently(&server, "POST", "/__admin/requests/count", &[], question.as_bytes());

    assert_eq!((counted.status, at(&counted.json(), "count").to_string()), (200, "1".to_owned()));
}

#[test]
fn a_large_body_is_read_while_others_are_answered() {
    let server = serving(
        "[[stub]]\nrequest.path = '/long'\nrequest.json_path.'$.last' = 1\nresponse.json = { n = '{{json request.json.last}}' }\n",
    );
    let items = vec!["{\"a\":[1,2,{\"b\":\"c\"}]}"; 400_000].join(",");
    let body = format!("{{\"items\":[{items}],\"last\":1}}");

    let reply = send_concurrently(&server, "POST", "/long", &[("Content-Type", "application/json")], body.as_bytes());

    assert_eq!((reply.status, reply.text()), (200, "{\"n\":1}".to_owned()));
}

#[test]
fn nested_blocks_end_while_others_are_answered() {
    let server = serving(
        "[[stub]]\nname = 'cubed'\nrequest.path = '/long'\nresponse.text = '''{{#each request.json}}{{#each @root.request.json}}{{#each @root.request.json}}{{/each}}{{/each}}{{/each}}'''\n",
    );
    let body = format!("[{}]", vec!["1"; 1_600].join(","));

    let reply = send_concurrently(&server, "POST", "/long", &[("Content-Type", "application/json")], body.as_bytes());

    assert_eq!(reply.status, 500, "{}", reply.text());
    assert!(
        reply.text().contains("the stub `cubed` (scenarios/a.toml:1) cannot answer: it takes more than"),
        "{}",
        reply.text()
    );
    assert_eq!(last_status(&server), "500");
}

#[test]
fn a_long_answer_is_rendered_while_others_are_answered_and_counts_once() {
    let server = serving(
        "[[stub]]\nname = 'twice'\nrequest.path = '/long'\nresponses = [{ text = '{{#each request.json}}{{this}},{{/each}}' }, { text = 'second' }]\n",
    );
    let items: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();

    let body = format!("[{}]", items.join(","));
    let first = send_concurrently(&server, "POST", "/long", &[("Content-Type", "application/json")], body.as_bytes());
    let second = server.send("POST", "/long", &[("Content-Type", "application/json")], "[]");

    assert_eq!((first.status, first.text()), (200, format!("{},", items.join(","))));
    assert_eq!(second.text(), "second");
    let stubs = server.get("/__admin/stubs").json().to_string();
    assert!(stubs.contains("\"name\":\"twice\"") && stubs.contains("\"calls\":2"), "{stubs}");
}

#[test]
fn a_large_request_that_gets_a_500_is_logged_while_others_are_answered() {
    let server =
        serving("[[stub]]\nname = 'faulty'\nrequest.path = '/long'\nresponse.text = '{{request.query.absent}}'\n");
    let body = format!("[{}]", vec!["{\"a\":1}"; 2_000_000].join(","));

    let reply = send_concurrently(&server, "POST", "/long", &[("Content-Type", "application/json")], body.as_bytes());

    assert_eq!(reply.status, 500, "{}", reply.text());
    assert!(server.stop().stderr.contains("POST /long 500"));
}
