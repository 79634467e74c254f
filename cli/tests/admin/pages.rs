//! Pages of other origins: what a browser sends for them, and what they may not do.

use crate::{Shop, fault};

const STUB: &str = r#"{"name": "planted", "request": {"path": "/"}, "response": {"text": "evil"}}"#;

/// Calls that would change something, and calls that would reveal something.
const CALLS: [(&str, &str); 12] = [
    ("POST /__admin/stubs", STUB),
    ("POST /__admin/stubs/arm", r#"{"stub": "BUSY"}"#),
    ("POST /__admin/reset", ""),
    ("POST /__admin/requests/reset", ""),
    ("DELETE /__admin/requests", ""),
    ("DELETE /__admin/stubs", ""),
    ("PUT /__admin/stubs/1", STUB),
    ("GET /__admin/requests", ""),
    ("HEAD /__admin/requests", ""),
    ("GET /__admin/health", ""),
    ("OPTIONS /__admin/stubs", ""),
    ("BREW /__admin/nowhere", ""),
];

/// Opens a shop with a request in its journal and an added stub, so that a call could delete something.
fn open(options: &[&str]) -> Shop {
    let shop = Shop::open(options);
    assert_eq!(shop.ask("GET /orders/1", &["Host: localhost"], "").status, 200);
    let added = r#"{"name": "added", "request": {"path": "/added"}, "response": {}}"#;
    assert_eq!(shop.ask("POST /__admin/stubs", &["Host: localhost"], added).status, 201);
    shop
}

#[test]
fn a_page_of_another_origin_may_call_no_endpoint() {
    let shop = open(&[]);
    let before = shop.state();

    for (call, body) in CALLS {
        let reply = shop.ask(call, &[&shop.host(), "Origin: http://evil.example", "Content-Type: text/plain"], body);
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None), "{call}");
    }

    assert_eq!(shop.state(), before, "a refused call must change nothing");
}

#[test]
fn a_refusal_names_the_option_that_would_allow_it() {
    let shop = open(&[]);

    let reply = shop.ask("POST /__admin/reset", &["Host: LOCALHOST:80", "Origin: http://evil.example"], "");

    let expected = "Origin must be the server's own, `http://localhost`, or given by `--admin-origin`, found `http://evil.example`";
    assert_eq!(fault(&reply), (expected.to_owned(), "Origin".to_owned()));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[test]
fn a_refused_origin_is_shown_truncated_and_escaped() {
    let shop = Shop::open(&[]);

    let long = shop.ask("GET /__admin/requests", &[&shop.host(), &format!("Origin: http://{}", "a".repeat(9000))], "");
    let control = shop.ask("GET /__admin/requests", &[&shop.host(), "Origin: \u{9b}31m"], "");

    assert!(long.status == 403 && long.body.len() < 1000, "{}", long.text());
    assert!(fault(&control).0.ends_with("found `\\u{9b}31m`"), "{}", control.text());
}

#[test]
fn an_invalid_origin_is_refused() {
    let shop = open(&["--admin-origin", "http://app.test"]);
    let before = shop.state();
    let own = format!("Origin: http://{}", shop.addr());

    for origins in [
        &["Origin: null"][..],
        &["Origin:"],
        &["Origin: *"],
        &["Origin: http://app.test http://evil.example"],
        &["Origin: http://app.test, http://evil.example"],
        &["Origin: http://app.test/"],
        &["Origin: http://app.test.evil.example"],
        &["Origin: http://evil.example/http://app.test"],
        &["Origin: http://app.test@evil.example"],
        &["Origin: https://app.test"],
        &["Origin: http://app.test:8080"],
        &["Origin: http://app.test."],
        &["Origin: app.test"],
        &["Origin: \u{e9}"],
        &["Origin: http://app.test", "Origin: http://evil.example"],
        &["Origin: http://evil.example", &own],
        &[&own, &own],
    ] {
        let reply = shop.ask("POST /__admin/reset", &[&[shop.host().as_str()], origins].concat(), "");
        assert_eq!(reply.status, 403, "{origins:?}");
    }

    assert_eq!(shop.state(), before);
}

#[test]
fn the_servers_own_origin_is_that_of_the_requested_url() {
    let shop = open(&[]);
    let port = shop.addr().port();

    for (host, origin, status) in [
        (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"), 200),
        (format!("LocalHost:{port}"), format!("HTTP://LOCALHOST:{port}"), 200),
        ("localhost:80".to_owned(), "http://localhost".to_owned(), 200),
        ("localhost".to_owned(), "http://localhost:80".to_owned(), 200),
        (format!("[::1]:{port}"), format!("http://[0:0:0:0:0:0:0:1]:{port}"), 200),
        (format!("127.0.0.1:{port}"), format!("http://localhost:{port}"), 403),
        (format!("127.0.0.1:{port}"), format!("https://127.0.0.1:{port}"), 403),
        (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{}", port.wrapping_add(1)), 403),
        (format!("127.0.0.1:{port}"), "http://127.0.0.1".to_owned(), 403),
        ("localhost:443".to_owned(), "https://localhost".to_owned(), 403),
    ] {
        let reply = shop.ask("POST /__admin/reset", &[&format!("Host: {host}"), &format!("Origin: {origin}")], "");
        assert_eq!(reply.status, status, "{host} {origin}");
    }
}

#[test]
fn a_page_of_another_site_is_refused_without_an_origin_too() {
    let shop = open(&["--admin-origin", "http://app.test"]);
    let before = shop.state();

    for (site, status) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("Cross-Site", 403),
        ("none, cross-site", 403),
        ("same-origin", 200),
        ("none", 200),
    ] {
        let site = format!("Sec-Fetch-Site: {site}");
        let reply = shop.ask("GET /__admin/requests", &[&shop.host(), &site], "");
        assert_eq!(reply.status, status, "{site}");
        let page = shop.ask("GET /__admin/requests", &[&shop.host(), &site, "Origin: http://app.test"], "");
        assert_eq!(page.status, 200, "{site} of a page that is allowed");
    }
    let twice = ["Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site", &shop.host()];
    let reply = shop.ask("POST /__admin/reset", &twice, "");
    assert_eq!((reply.status, fault(&reply).1.as_str()), (403, "Sec-Fetch-Site"));
    assert!(
        fault(&reply).0.ends_with("given by `--admin-origin`; found `cross-site` and no Origin"),
        "{}",
        reply.text()
    );
    assert_eq!(shop.state(), before);
}

#[test]
fn other_programs_than_browsers_may_send_any_content_type() {
    let shop = open(&[]);

    for media in ["application/x-www-form-urlencoded", "text/plain", "application/json", "multipart/form-data"] {
        let media = format!("Content-Type: {media}");
        assert_eq!(shop.ask("POST /__admin/stubs/arm", &[&shop.host(), &media], r#"{"stub": "BUSY"}"#).status, 200);
    }
    assert_eq!(shop.ask("POST /__admin/stubs/arm", &[&shop.host()], r#"{"stub": "BUSY"}"#).status, 200);
}

#[test]
fn a_page_of_an_allowed_origin_may_call_and_read() {
    let shop =
        open(&["--admin-origin", "http://app.test,https://other.test:8443", "--admin-origin", "HTTP://THIRD.test:80"]);

    for origin in ["http://app.test", "https://other.test:8443", "http://third.test"] {
        let origin_header = format!("Origin: {origin}");
        let headers = [shop.host(), origin_header, "Sec-Fetch-Site: cross-site".to_owned()];
        let reply = shop.ask("POST /__admin/requests/reset", &headers.each_ref().map(String::as_str), "");
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some(origin)));
        assert_eq!(reply.header("vary"), Some("Origin"));
    }
    let reply = shop.ask("POST /__admin/reset", &[&shop.host(), "Origin: http://evil.example"], "");
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None));
    assert_eq!(reply.header("vary"), Some("Origin"), "a cache must not send one page the answer for another page");
}

#[test]
fn a_preflight_of_an_allowed_origin_is_answered() {
    let shop = Shop::open(&["--admin-origin", "http://app.test", "--admin-token", "made-up"]);

    for method in ["PUT", "DELETE", "POST"] {
        let preflight = [
            &shop.host(),
            "Origin: http://app.test",
            &format!("Access-Control-Request-Method: {method}"),
            "Access-Control-Request-Headers: authorization,content-type",
            "Access-Control-Request-Private-Network: true",
        ];
        let reply = shop.ask("OPTIONS /__admin/stubs/1", &preflight, "");
        assert_eq!((reply.status, reply.text().as_str()), (204, ""), "a preflight carries no token, and needs none");
        for (name, value) in [
            ("access-control-allow-origin", "http://app.test"),
            ("access-control-allow-methods", "GET, HEAD, POST, PUT, DELETE"),
            ("access-control-allow-headers", "authorization,content-type"),
            ("access-control-allow-private-network", "true"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
    }
}

#[test]
fn a_preflight_of_any_other_origin_is_refused() {
    let shop = open(&["--admin-origin", "http://app.test", "--cors"]);

    for origin in ["http://evil.example", "null"] {
        let preflight = [&shop.host(), &format!("Origin: {origin}"), "Access-Control-Request-Method: DELETE"];
        let reply = shop.ask("OPTIONS /__admin/requests", &preflight, "");
        let allowed: Vec<_> =
            reply.headers.iter().filter(|(name, _)| name.to_lowercase().starts_with("access-control")).collect();
        assert_eq!((reply.status, allowed.len()), (403, 0), "{allowed:?}");
    }
}

#[test]
fn the_cors_option_does_not_apply_to_the_admin_api() {
    let shop = open(&["--cors"]);
    let page = [shop.host(), "Origin: http://page.example".to_owned()];
    let page = page.each_ref().map(String::as_str);

    let order = shop.ask("GET /orders/1", &page, "");
    let admin = shop.ask("GET /__admin/requests", &page, "");

    assert_eq!((order.status, order.header("access-control-allow-origin")), (200, Some("http://page.example")));
    assert_eq!((admin.status, admin.header("access-control-allow-origin")), (403, None));
    let own = format!("Origin: http://{}", shop.addr());
    let own = shop.ask("GET /__admin/health", &[&shop.host(), &own], "");
    assert_eq!((own.status, own.header("access-control-allow-origin")), (200, None));
}

#[test]
fn a_path_that_resembles_the_admin_api_belongs_to_the_stubs() {
    let shop = Shop::open(&[]);
    let admin = |shop: &Shop| shop.ask("GET /__admin/requests", &[&shop.host()], "").json();

    for (path, status) in [
        ("/%5F%5Fadmin/reset", 200),
        ("//__admin/reset", 404),
        ("/./__admin/reset", 404),
        ("/orders/../__admin/reset", 404),
        ("/__ADMIN/reset", 404),
        ("/__adminx/reset", 404),
        ("/__admin/../__admin/reset", 403),
        ("/__admin/%72eset", 403),
        ("/__admin//reset", 403),
        ("/__admin/reset?a=b", 403),
        ("/__admin", 403),
        ("/__admin/", 403),
    ] {
        let reply = shop.ask(&format!("POST {path}"), &[&shop.host(), "Origin: http://evil.example"], "");
        assert_eq!(reply.status, status, "{path}");
    }

    let total = |json: &cannery::model::Json| crate::at(json, "meta.total").to_string();
    assert_eq!(total(&admin(&shop)), "6", "requests to stubs are recorded, and none was a reset");
}
