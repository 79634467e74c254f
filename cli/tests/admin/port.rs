//! The admin API on its own port, or switched off.

use std::net::{SocketAddr, TcpListener};

use cannery::model::Json;

use crate::support::{Connection, Folder, Serving, cannery, run};
use crate::{Shop, ask, at, bytes};

/// Returns the address of the admin API in the ready line.
fn admin_of(shop: &Shop) -> SocketAddr {
    let admin = at(&shop.server.ready, "admin").as_str().expect("a URL");
    let address = admin.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/__admin"));
    address.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("{admin}"))
}

fn total(admin: SocketAddr) -> String {
    let journal: Json = ask(admin, "GET /__admin/requests", &["Host: localhost"], "").json();
    at(&journal, "meta.total").to_string()
}

#[test]
fn the_admin_api_answers_on_its_own_port() {
    let shop = Shop::open(&["--admin-port", "0"]);
    let admin = admin_of(&shop);

    assert_ne!(admin.port(), shop.addr().port());
    assert_eq!(ask(admin, "GET /__admin/health", &["Host: localhost"], "").status, 200);
    shop.ask("GET /orders/1", &["Host: localhost"], "");
    assert_eq!(total(admin), "1");
}

#[test]
fn on_the_first_port_its_path_belongs_to_the_stubs() {
    let shop = Shop::open(&["--admin-port", "0"]);

    let reply = shop.ask("POST /__admin/reset", &["Host: api.example", "Origin: http://page.example"], "");

    assert_eq!((reply.status, reply.text().as_str()), (200, "a stub"));
    assert_eq!(total(admin_of(&shop)), "1", "the request is recorded like any other");
}

#[test]
fn another_path_on_its_port_is_a_404_that_is_not_recorded() {
    let shop = Shop::open(&["--admin-port", "0", "--cors"]);
    let admin = admin_of(&shop);

    for line in [
        "GET /orders/1",
        "GET /",
        "POST /__adminx",
        "OPTIONS *",
        "GET http://localhost/orders/1",
        "GET //__admin/health",
    ] {
        let reply = ask(admin, line, &["Host: localhost"], "");
        assert_eq!(reply.status, 404, "{line}");
        assert!(reply.text().contains("at /__admin; the stubs have a port of their own"), "{}", reply.text());
    }
    let mut broken = Connection::to(admin);
    broken.write(b"not HTTP\r\n\r\n");
    broken.rest();

    assert_eq!(total(admin), "0");
    let log = shop.server.stop().stderr;
    assert!(!log.contains("orders/1 404") && !log.contains("not an HTTP request"), "{log}");
}

#[test]
fn pages_and_other_host_names_are_refused_there_too() {
    let shop = Shop::open(&["--admin-port", "0", "--admin-token", "made-up", "--cors"]);
    let admin = admin_of(&shop);
    let first = format!("Origin: http://{}", shop.addr());

    for headers in [
        ["Host: localhost", "Origin: http://evil.example"],
        ["Host: localhost", first.as_str()],
        ["Host: evil.example", "Accept: */*"],
    ] {
        for line in ["GET /__admin/health", "GET /orders/1"] {
            let reply = ask(admin, line, &headers, "");
            assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None), "{line} {headers:?}");
        }
    }
    assert_eq!(ask(admin, "GET /__admin/requests", &["Host: localhost"], "").status, 401);
}

#[test]
fn commands_use_the_admin_port_of_the_given_host() {
    let shop = Shop::open(&["--admin-port", "0"]);
    let (url, port) = (format!("http://{}", shop.addr()), admin_of(&shop).port().to_string());
    let first = shop.addr().port().to_string();
    shop.ask("GET /orders/1", &["Host: localhost"], "");

    for arguments in [
        vec!["health", &url],
        vec!["health", "http://localhost"],
        vec!["health", "--port", &first],
        vec!["journal", &url],
        vec!["explain", "/orders/1", "--url", &url],
    ] {
        let by_option = run(cannery(&shop.folder.path).args(&arguments).args(["--admin-port", &port]));
        assert_eq!(by_option.code, Some(0), "{arguments:?}: {}", by_option.stderr);
        let by_environment = run(cannery(&shop.folder.path).args(&arguments).env("CANNERY_ADMIN_PORT", &port));
        assert_eq!(by_environment.code, Some(0), "{arguments:?}: {}", by_environment.stderr);
    }
    let ready_line = at(&shop.server.ready, "admin").as_str().expect("a URL");
    assert_eq!(run(cannery(&shop.folder.path).args(["health", ready_line])).code, Some(0));
}

#[test]
fn the_health_check_of_an_image_needs_only_the_environment_of_its_server() {
    let free = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let [first, admin] = free.map(|free| free.local_addr().expect("an address").port().to_string());
    let environment = [
        ("CANNERY_BIND_ADDRESS", "0.0.0.0"),
        ("CANNERY_PORT", first.as_str()),
        ("CANNERY_ADMIN_PORT", admin.as_str()),
        ("CANNERY_ADMIN_TOKEN", "made-up"),
        ("CANNERY_ADMIN_PATH", "/cannery"),
    ];
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "[[stub]]\nrequest.path = '/'\n");
    let server = Serving::start(cannery(&folder.path).arg("serve").envs(environment));

    let health = run(cannery(&folder.path).arg("health").envs(environment));
    let journal = run(cannery(&folder.path).arg("journal").envs(environment));

    assert_eq!((health.code, journal.code), (Some(0), Some(0)), "{}{}", health.stderr, journal.stderr);
    let url = format!("http://127.0.0.1:{admin}/cannery");
    assert_eq!(at(&server.ready, "admin").as_str(), Some(url.as_str()));
}

#[test]
fn explain_treats_the_path_as_that_of_the_stubs() {
    let shop = Shop::open(&["--admin-port", "0"]);
    let admin = admin_of(&shop);

    let reply = ask(admin, "POST /__admin/explain", &["Host: localhost"], r#"{"url": "/__admin/reset"}"#);

    assert_eq!(
        (reply.status, at(&reply.json(), "answers.stub").as_str()),
        (200, Some("a path as the admin API has them"))
    );
}

#[test]
fn both_ports_are_closed_on_stop() {
    let shop = Shop::open(&["--admin-port", "0"]);
    let (stubs, admin) = (shop.addr(), admin_of(&shop));
    let mut idle = Connection::to(admin);
    idle.write(&bytes("GET /__admin/health", &["Host: localhost"], ""));
    assert_eq!(idle.read().status, 200);

    let ended = shop.server.stop();

    assert_eq!(ended.code, Some(0));
    assert!(std::net::TcpStream::connect(stubs).is_err() && std::net::TcpStream::connect(admin).is_err());
}

#[test]
fn its_address_is_printed_for_people() {
    let shop = Shop::open(&["--admin-port", "0"]);
    let admin = admin_of(&shop);

    let log = shop.server.stop().stderr;

    assert!(log.contains(&format!("the admin API is at http://{admin}/__admin\n")), "{log}");
}

/// Returns a port that nothing listens on.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port().to_string()
}

#[test]
fn an_admin_port_in_use_is_reported_with_a_remedy() {
    let shop = Shop::open(&[]);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();

    for first in ["0", &free_port()] {
        let ended = run(cannery(&shop.folder.path).args(["serve", "--port", first, "--admin-port", &port]));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("127.0.0.1:{port}")), "{}", ended.stderr);
        assert!(ended.stderr.contains("`--admin-port 0`"), "{}", ended.stderr);
    }
}

#[test]
fn without_an_admin_api_its_path_belongs_to_the_stubs() {
    for (options, environment) in [(&["--no-admin"][..], &[][..]), (&[], &[("CANNERY_NO_ADMIN", "true")])] {
        let shop = Shop::open_with(options, environment);

        assert_eq!(at(&shop.server.ready, "admin"), &Json::Null);
        assert_eq!(shop.ask("POST /__admin/reset", &["Host: api.example"], "").text(), "a stub");
        assert_eq!(shop.ask("GET /__admin", &["Host: localhost"], "").status, 404);
    }
}

#[test]
fn a_server_without_an_admin_api_is_healthy_if_it_listens() {
    let shop = Shop::open(&["--no-admin"]);
    let url = format!("http://{}", shop.addr());

    let ended = run(cannery(&shop.folder.path).args(["health", &url]).env("CANNERY_NO_ADMIN", "true"));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "healthy: it listens\n"), "{}", ended.stderr);
    let unreachable = run(cannery(&shop.folder.path).args(["health", "http://127.0.0.1:1", "--no-admin"]));
    assert_eq!(unreachable.code, Some(1));
    let log = shop.server.stop().stderr;
    assert!(!log.contains("404"), "the check must not be logged as a request: {log}");
}
