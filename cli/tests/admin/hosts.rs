//! Host names that DNS resolves to a server on a loopback address (DNS rebinding).

use crate::support::Connection;
use crate::{Shop, bytes, fault};

/// Returns the status of a reply of any HTTP version, on a connection that ends with it.
fn status(shop: &Shop, request: &str) -> String {
    let mut connection = Connection::to(shop.addr());
    connection.write(request.as_bytes());
    connection.rest().0.split(' ').nth(1).expect("a status").to_owned()
}

#[test]
fn a_host_name_that_dns_resolves_is_refused() {
    let shop = Shop::open(&[]);
    let before = shop.state();

    for host in [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.localhost",
        "0177.0.0.1",
        "2130706433",
        "0x7f.0.0.1",
        "127.1",
        "127.0.0.1.",
        "::1",
        "[::1",
        "[::1]evil.example",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost:80:80",
        "localhost:a",
        "localhost, evil.example",
        "localhost..",
        "localhost/",
        "",
    ] {
        let host = format!("Host: {host}");
        assert_eq!(shop.ask("GET /__admin/requests", &[&host], "").status, 403, "{host}");
        assert_eq!(shop.ask("POST /__admin/reset", &[&host], "").status, 403, "{host}");
        let same_origin = "Origin: http://evil.example";
        assert_eq!(shop.ask("POST /__admin/reset", &[&host, same_origin], "").status, 403, "{host}");
    }

    assert_eq!(shop.state(), before);
}

#[test]
fn an_address_and_localhost_are_accepted_with_any_port() {
    let shop = Shop::open(&[]);

    for host in [
        "127.0.0.1",
        "127.0.0.1:1",
        "192.0.2.1:8080",
        "[::1]",
        "[::1]:9",
        "[::ffff:127.0.0.1]",
        "localhost",
        "LOCALHOST:80",
        "localhost.",
        "localhost.:8080",
        "localhost:",
    ] {
        assert_eq!(shop.ask("GET /__admin/health", &[&format!("Host: {host}")], "").status, 200, "{host}");
    }
}

#[test]
fn a_refusal_names_the_option_that_would_allow_it() {
    let shop = Shop::open(&[]);

    let reply = shop.ask("GET /__admin/requests", &["Host: Evil.example:8080"], "");
    let without = shop.ask("GET /__admin/requests", &[], "");

    let expected = |found: &str| {
        format!(
            "Host must be an IP address, `localhost` or given by `--admin-host`, because only a loopback address is bound; found {found}"
        )
    };
    assert_eq!(fault(&reply), (expected("`evil.example`"), "Host".to_owned()));
    assert_eq!((without.status, fault(&without).0), (403, expected("none")));
}

#[test]
fn a_given_host_name_is_accepted() {
    let shop = Shop::open(&["--admin-host", "mock.test,Other.test", "--admin-host", "third_1.test"]);

    for host in ["mock.test", "MOCK.test:8080", "mock.test.", "other.test", "third_1.test:1"] {
        let (host, origin) = (format!("Host: {host}"), format!("Origin: http://{host}"));
        assert_eq!(shop.ask("GET /__admin/requests", &[&host, &origin], "").status, 200, "{host} is its own origin");
    }
    for host in ["mock.test.evil.example", "a.mock.test", "mocktest"] {
        assert_eq!(shop.ask("GET /__admin/requests", &[&format!("Host: {host}")], "").status, 403, "{host}");
    }
}

#[test]
fn hosts_that_contradict_each_other_are_refused() {
    let shop = Shop::open(&[]);
    let before = shop.state();

    for (line, headers, status) in [
        ("POST /__admin/reset", &["Host: localhost", "Host: evil.example"][..], 403),
        ("POST /__admin/reset", &["Host: evil.example", "Host: localhost"], 403),
        ("POST http://evil.example/__admin/reset", &["Host: localhost"], 403),
        ("POST http://localhost/__admin/reset", &["Host: evil.example"], 403),
        ("POST http://evil.example/__admin/reset", &["Host: evil.example"], 403),
        ("POST http://localhost@evil.example/__admin/reset", &["Host: localhost"], 403),
        ("POST http://localhost/__admin/requests/count?x=http://evil.example", &["Host: LOCALHOST"], 200),
        ("POST /__admin/requests/count?x=http://evil.example", &["Host: localhost"], 200),
    ] {
        let body = if status == 200 { "{}" } else { "" };
        assert_eq!(shop.ask(line, headers, body).status, status, "{line} {headers:?}");
    }

    assert_eq!(shop.state(), before);
}

#[test]
fn http_1_0_may_omit_the_host_only_for_stubs() {
    let shop = Shop::open(&[]);

    assert_eq!(status(&shop, "GET /orders/1 HTTP/1.0\r\n\r\n"), "200");
    assert_eq!(status(&shop, "GET /__admin/requests HTTP/1.0\r\n\r\n"), "403");
    assert_eq!(status(&shop, "GET /__admin/requests HTTP/1.0\r\nHost: localhost\r\n\r\n"), "200");
    assert_eq!(status(&shop, "GET http://localhost/__admin/requests HTTP/1.0\r\n\r\n"), "200");
}

#[test]
fn stubs_answer_under_any_host_name() {
    let shop = Shop::open(&[]);

    assert_eq!(shop.ask("GET /orders/1", &["Host: api.example"], "").text(), "an order");
}

#[test]
fn other_loopback_addresses_have_the_same_rule() {
    for address in ["127.0.0.2", "::1", "::ffff:127.0.0.1"] {
        let shop = Shop::open(&["--bind-address", address]);
        assert_eq!(shop.ask("GET /__admin/requests", &["Host: evil.example"], "").status, 403, "{address}");
        assert_eq!(shop.ask("GET /__admin/requests", &[&shop.host()], "").status, 200, "{address}");
    }
}

#[test]
fn on_other_than_loopback_addresses_any_host_name_is_accepted() {
    let shop = Shop::open(&["--bind-address", "0.0.0.0"]);

    assert_eq!(shop.ask("GET /__admin/requests", &["Host: cannery"], "").status, 200);
    assert_eq!(shop.ask("GET /__admin/requests", &[], "").status, 200);
    let of = |origin: &str| shop.ask("GET /__admin/requests", &["Host: cannery:8080", origin], "").status;
    assert_eq!((of("Origin: http://cannery:8080"), of("Origin: http://evil.example")), (200, 403));
    let no_host = shop.ask("GET /__admin/requests", &["Origin: http://evil.example"], "");
    assert_eq!(no_host.status, 403, "without a host, no origin is the server's own");
}

#[test]
fn the_connection_can_be_used_after_a_refusal() {
    let shop = Shop::open(&[]);
    let mut connection = Connection::to(shop.addr());

    connection.write(&bytes("POST /__admin/stubs", &["Host: evil.example"], "GET /smuggled HTTP/1.1\r\n\r\n"));
    connection.write(&bytes("GET /orders/1", &["Host: localhost"], ""));

    assert_eq!((connection.read().status, connection.read().text().as_str()), (403, "an order"));
}
