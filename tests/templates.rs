//! Templates of answers that are sent by a server: variables of a stub, and lists.

#![allow(missing_docs)]
#![cfg(all(feature = "admin", feature = "files", feature = "templates"))]

mod support;

use support::Running;

#[test]
fn a_header_and_the_body_show_the_same_random_value() {
    let server = Running::with(
        "[[stub]]
response = { status = 201, headers.Location = '{{vars.location}}', json = { id = '{{vars.id}}' } }
vars = { id = '{{random_uuid}}', location = '/orders/{{vars.id}}' }
",
    );

    let replies = [server.get("/"), server.get("/")];

    let [first, second] = replies.map(|reply| {
        let location = reply.header("location").expect("a header").to_owned();
        assert_eq!(reply.text(), format!(r#"{{"id":"{}"}}"#, location.trim_start_matches("/orders/")));
        location
    });
    assert_ne!(first, second, "each answer evaluates them again");
}

#[test]
fn a_variable_keeps_its_type_and_can_be_followed_by_path() {
    let server = Running::with(
        r#"[[stub]]
request = { method = "POST", path = "/{id}" }
response.json = { n = "{{json vars.n}}", all = "{{json vars}}", text = "{{#each vars.list}}{{this}}{{@root.vars.n}} {{/each}}{{vars.deep.x}}" }
[stub.vars]
n = "{{number request.path_params.id}}"
list = [1, "{{request.json.a}}"]
deep = { x = "{{add vars.n 1}}" }
"#,
    );

    let reply = server.send("POST", "/41", &[("Content-Type", "application/json")], r#"{"a": "b", "c": 1}"#);

    let all = r#"{"n":41,"list":[1,"b"],"deep":{"x":"42"}}"#;
    assert_eq!(reply.text(), format!(r#"{{"n":41,"all":{all},"text":"141 b41 42"}}"#));
}

#[test]
fn all_responses_and_batches_of_a_stub_see_its_variables() {
    let server = Running::with(
        r#"[[stub]]
request.path = "/several"
responses = [{ text = "1 {{vars.a}}" }, { text = "2 {{vars.a}}", headers.X-A = "{{vars.a}}" }]
vars.a = "{{request.method}}"
[[stub]]
request.path = "/batch"
vars.id = "{{random_uuid}}"
[stub.batch]
items = "$.items"
results = "results"
[[stub.batch.case]]
result = { item = "{{item}}", id = "{{vars.id}}" }
"#,
    );

    assert_eq!(server.get("/several").text(), "1 GET");
    assert_eq!(server.get("/several").header("x-a"), Some("GET"));
    let json = [("Content-Type", "application/json")];
    let reply = server.send("POST", "/batch", &json, r#"{"items": ["a", "b"]}"#).text();
    let ids: Vec<_> = reply.split(r#""id":""#).skip(1).map(|rest| &rest[..36]).collect();
    assert_eq!(ids.len(), 2, "{reply}");
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_variable_that_cannot_be_evaluated_fails_the_answer_and_is_named() {
    let server = Running::with("[[stub]]\nresponse.text = '{{request.path}}'\nvars.page = '{{request.query.page}}'\n");

    assert_eq!(server.get("/a?page=2").text(), "/a");
    let reply = server.get("/a");
    assert_eq!(reply.status, 500);
    assert!(
        reply.text().contains("vars.page") && reply.text().contains("`request.query.page` is missing"),
        "{reply:?}"
    );
}

#[test]
fn the_admin_api_takes_and_shows_variables() {
    let server = Running::with("[[stub]]\nrequest.path = '/other'\nresponse.text = 'other'\n");

    let stub = r#"{"vars": {"b": "{{request.path}}", "a": "{{vars.b}}!"}, "response": {"text": "{{vars.a}}"}}"#;
    server.admin("POST", "/stubs", stub);

    let shown = server.admin("GET", "/stubs", "").to_string();
    assert!(shown.contains(r#""vars":{"b":"{{request.path}}","a":"{{vars.b}}!"}"#), "{shown}");
    assert_eq!(server.get("/x").text(), "/x!");
}

#[test]
fn a_range_gives_as_many_items_as_the_request_asks_for() {
    let server = Running::with(
        r#"[[stub]]
response.text = '[{{#each (range 1 request.query.n)}}{"id":{{this}}}{{#unless @last}},{{/unless}}{{/each}}]'
"#,
    );

    assert_eq!(server.get("/?n=3").text(), r#"[{"id":1},{"id":2},{"id":3}]"#);
    assert_eq!(server.get("/?n=0").text(), "[]");
}

#[test]
fn lists_of_the_request_are_counted_selected_and_chosen_from() {
    let server = Running::with(
        r#"[[stub]]
response.json = { count = "{{number request.json.items.length}}", ids = '{{json (json_path request.json "$.items[*].id" all=true)}}', one = "{{random_choice request.json.items}}" }
"#,
    );

    let send = |body: &str| server.send("POST", "/", &[("Content-Type", "application/json")], body).text();

    assert_eq!(send(r#"{"items": [{"id": 5}]}"#), r#"{"count":1,"ids":[5],"one":"{\"id\":5}"}"#);
}

#[test]
fn a_token_carries_the_claims_of_a_variable_and_is_signed() {
    let server = Running::with(
        r#"[[stub]]
response.text = '{{jwt vars.claims "secret" algorithm="HS512"}}'
vars.claims = { sub = "{{request.query.user}}", n = "{{number 1}}" }
"#,
    );

    let token = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJBZGEiLCJuIjoxfQ.0LEiqkKqBTltYSLtSKuqJmjIVCrC8ZELVcbcrs2m_5gCnyJkyXMKDvcmPMIJ47bISyRvj4oVCigLN6AjlGYSqA";
    assert_eq!(server.get("/?user=Ada").text(), token);
}

#[test]
fn a_webhook_signature_is_made_with_a_long_key_too() {
    let key = "k".repeat(200);
    let server = Running::with(&format!(
        "[[stub]]\nresponse.headers.X-Signature = 'sha512={{{{hmac request.body \"{key}\" algorithm=\"sha512\"}}}}'\n"
    ));

    let reply = server.send("POST", "/", &[], "text");

    let expected = "1e035a94da201ddf12da1331e3a850981a9c25af07e2c63aa4ac2b1fac9186f973e5851463fd3611ab113a8f303ffa3949f7726d288f2f8ab58dfa6ba876905e";
    assert_eq!(reply.header("x-signature"), Some(&*format!("sha512={expected}")));
}

#[test]
fn a_token_needs_claims_and_a_known_algorithm() {
    let server = Running::with(
        r#"[[stub]]
request.path = "/claims"
response.text = '{{jwt "text" "secret"}}'
[[stub]]
response.text = '{{jwt {} "secret" algorithm="none"}}'
"#,
    );

    let (claims, algorithm) = (server.get("/claims"), server.get("/"));

    assert_eq!((claims.status, algorithm.status), (500, 500));
    assert!(claims.text().contains("`jwt` needs an object of claims"), "{}", claims.text());
    assert!(algorithm.text().contains("`jwt` knows HS256, HS384 and HS512, not `none`"), "{}", algorithm.text());
}

#[test]
fn a_date_is_written_in_a_time_zone_with_its_summer_time() {
    let server = Running::with(
        r#"[[stub]]
response.text = '{{date request.query.at timezone="Europe/Berlin"}} {{date request.query.at timezone="Europe/Berlin" format="http"}}'
"#,
    );

    let winter = "2024-01-15T12:00:00.5Z";
    assert_eq!(
        server.get(&format!("/?at={winter}")).text(),
        "2024-01-15T13:00:00.5+01:00 Mon, 15 Jan 2024 12:00:00 GMT"
    );
    let summer = "2024-07-15T23:30:00Z";
    assert_eq!(server.get(&format!("/?at={summer}")).text(), "2024-07-16T01:30:00+02:00 Mon, 15 Jul 2024 23:30:00 GMT");
}

#[test]
fn an_unknown_time_zone_is_named() {
    let server = Running::with("[[stub]]\nresponse.text = '{{now timezone=request.query.zone}}'\n");

    let reply = server.get("/?zone=Europe/Atlantis");

    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("`Europe/Atlantis` is not a time zone"), "{}", reply.text());
}
