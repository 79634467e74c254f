//! Options that contradict each other or are not valid, and the methods of the API.

use crate::support::{Folder, cannery, run};
use crate::{Shop, at};

#[test]
fn contradictory_options_are_bad_usage() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "[[stub]]\nrequest.path = '/'\n");

    for (arguments, expected) in [
        (
            &["--port", "8081", "--admin-port", "8081"][..],
            "`--admin-port` must be another port than `--port`, found 8081 for both",
        ),
        (&["--no-admin", "--admin-port", "0"], "`--no-admin` must not be combined with `--admin-port`"),
        (&["--no-admin", "--admin-token", "a"], "`--no-admin` must not be combined with `--admin-token`"),
        (&["--no-admin", "--admin-origin", "http://a"], "`--no-admin` must not be combined with `--admin-origin`"),
        (&["--no-admin", "--admin-host", "a"], "`--no-admin` must not be combined with `--admin-host`"),
        (&["--admin-origin", "*"], "found `*`: each origin is given by itself"),
        (&["--admin-origin", "http://*.test"], "found `http://*.test`"),
        (&["--admin-origin", "null"], "found `null`"),
        (&["--admin-origin", "app.test"], "must be a scheme, a host and maybe a port"),
        (&["--admin-origin", "http://app.test/"], "found `http://app.test/`"),
        (&["--admin-origin", "http://a,"], "found ``"),
        (&["--admin-host", "*"], "found `*`"),
        (&["--admin-host", "a:80"], "must be a name or an address without a port"),
        (&["--admin-host", "http://a"], "found `http://a`"),
        (&["--admin-port", "65536"], "0..=65535"),
    ] {
        let ended = run(cannery(&folder.path).arg("serve").args(arguments));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
    let ended_with = run(cannery(&folder.path).args(["health", "--admin-port", "0"]));
    assert_eq!(ended_with.code, Some(2));
    assert!(
        ended_with.stderr.contains("must be the port on which the server listens, found 0"),
        "{}",
        ended_with.stderr
    );
}

#[test]
fn every_option_is_also_in_the_environment() {
    let shop = Shop::open_with(
        &[],
        &[
            ("CANNERY_ADMIN_PORT", "0"),
            ("CANNERY_ADMIN_ORIGIN", "http://app.test, http://other.test"),
            ("CANNERY_ADMIN_HOST", "mock.test,other.test"),
            ("CANNERY_ADMIN_TOKEN", "made-up"),
            ("CANNERY_NO_ADMIN", "false"),
        ],
    );
    let admin = at(&shop.server.ready, "admin").as_str().expect("a URL").replace("http://", "");
    let admin = admin.trim_end_matches("/__admin").parse().expect("an address");

    let ask = |headers: &[&str]| crate::ask(admin, "GET /__admin/requests", headers, "").status;

    let token = "Authorization: Bearer made-up";
    assert_eq!(ask(&["Host: other.test", "Origin: http://other.test", token]), 200);
    assert_eq!(ask(&["Host: mock.test", "Origin: http://app.test", token]), 200);
    assert_eq!(ask(&["Host: mock.test", "Origin: http://app.test"]), 401);
    assert_eq!(ask(&["Host: third.test", token]), 403);
}

#[test]
fn every_get_endpoint_accepts_head() {
    let shop = Shop::open(&[]);
    shop.ask("GET /orders/1", &["Host: localhost"], "");

    for path in ["", "/stubs", "/requests", "/expectations", "/requests/unmatched"] {
        let get = shop.ask(&format!("GET /__admin{path}"), &[&shop.host()], "");
        let head = shop.ask(&format!("HEAD /__admin{path}"), &[&shop.host()], "");
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
        assert_eq!(head.header("content-type"), Some("application/json"));
    }
    let health = shop.ask("HEAD /__admin/health", &[&shop.host()], "");
    assert_eq!(health.status, 200);
    let post_alone = shop.ask("HEAD /__admin/reset", &[&shop.host()], "");
    assert_eq!((post_alone.status, post_alone.header("allow")), (405, Some("POST")));
    let allowed = shop.ask("PATCH /__admin/requests", &[&shop.host()], "");
    assert_eq!((allowed.status, allowed.header("allow")), (405, Some("GET, HEAD, DELETE")));
}
