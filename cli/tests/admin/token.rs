//! The token of the admin API.

use cannery::model::Json;

use crate::support::{cannery, run};
use crate::{Shop, at, fault};

const TOKEN: &str = "s3cret-Token/1";

fn guarded() -> Shop {
    Shop::open_with(&["--admin-path", "/__admin"], &[("CANNERY_ADMIN_TOKEN", TOKEN)])
}

/// Returns the status of a call with this Authorization.
fn status(shop: &Shop, line: &str, authorization: &str) -> u16 {
    shop.ask(line, &[&shop.host(), &format!("Authorization: {authorization}")], "").status
}

#[test]
fn without_the_token_every_call_is_refused() {
    let shop = guarded();
    let authorized = format!("Authorization: Bearer {TOKEN}");
    let state = || shop.ask("GET /__admin/requests", &[&shop.host(), &authorized], "").text();
    shop.ask("GET /orders/1", &["Host: localhost"], "");
    let before = state();

    for line in [
        "GET /__admin",
        "GET /__admin/requests",
        "DELETE /__admin/requests",
        "POST /__admin/reset",
        "POST /__admin/health",
        "GET /__admin/nowhere",
        "GET /__admin/health/x",
        "OPTIONS /__admin/stubs",
    ] {
        let reply = shop.ask(line, &[&shop.host()], "");
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{line}");
    }

    assert_eq!(state(), before);
}

#[test]
fn the_token_must_be_exact() {
    let shop = guarded();

    for (authorization, expected) in [
        (format!("Bearer {TOKEN}"), 200),
        (format!("bearer {TOKEN}"), 200),
        (format!("Bearer   {TOKEN}  "), 200),
        (format!("Bearer {}", TOKEN.to_lowercase()), 401),
        (format!("Bearer {TOKEN}x"), 401),
        (format!("Bearer {}", &TOKEN[1..]), 401),
        (format!("Bearer {TOKEN}{TOKEN}"), 401),
        (format!("Bearer {TOKEN} {TOKEN}"), 401),
        (format!("Basic {TOKEN}"), 401),
        (TOKEN.to_owned(), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
        (String::new(), 401),
    ] {
        assert_eq!(status(&shop, "GET /__admin/requests", &authorization), expected, "{authorization}");
    }
    let right = format!("Authorization: Bearer {TOKEN}");
    let twice = shop.ask("GET /__admin/requests", &[&shop.host(), &right, &right], "");
    assert_eq!((twice.status, fault(&twice).0.ends_with("found several")), (401, true));
}

#[test]
fn a_refusal_does_not_repeat_the_token_that_was_sent() {
    let shop = guarded();

    let reply = shop.ask("GET /__admin/requests", &[&shop.host(), "Authorization: Bearer anothers-s3cret"], "");

    let expected = "Authorization must be `Bearer` with the token that `--admin-token` gives, found another token";
    assert_eq!(fault(&reply), (expected.to_owned(), "Authorization".to_owned()));
    assert!(!reply.text().contains("s3cret"), "{}", reply.text());
}

#[test]
fn health_needs_no_token_but_the_right_origin_and_host() {
    let shop = guarded();

    for line in ["GET /__admin/health", "HEAD /__admin/health", "GET /__admin/health/", "GET /__admin/health?a"] {
        assert_eq!(shop.ask(line, &[&shop.host()], "").status, 200, "{line}");
    }
    assert_eq!(shop.ask("GET /__admin/health", &[&shop.host(), "Origin: http://evil.example"], "").status, 403);
    assert_eq!(shop.ask("GET /__admin/health", &["Host: evil.example"], "").status, 403);
}

#[test]
fn the_token_does_not_open_the_api_to_pages_or_other_names() {
    let shop = guarded();
    let right = format!("Authorization: Bearer {TOKEN}");

    assert_eq!(shop.ask("POST /__admin/reset", &[&shop.host(), &right, "Origin: http://evil.example"], "").status, 403);
    assert_eq!(shop.ask("POST /__admin/reset", &["Host: evil.example", &right], "").status, 403);
}

#[test]
fn an_allowed_page_can_read_that_the_token_is_missing() {
    let shop = Shop::open(&["--admin-token", TOKEN, "--admin-origin", "http://app.test"]);

    let reply = shop.ask("GET /__admin/requests", &[&shop.host(), "Origin: http://app.test"], "");

    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (401, Some("http://app.test")));
    assert_eq!(reply.header("access-control-expose-headers"), Some("Allow, WWW-Authenticate"));
}

#[test]
fn commands_send_the_token() {
    let shop = guarded();
    let url = format!("http://{}", shop.addr());
    for arguments in
        [vec!["health", &url], vec!["journal", &url, "--allow-unmatched"], vec!["explain", "/orders/1", "--url", &url]]
    {
        let expected = if arguments[0] == "journal" { Some(1) } else { Some(0) };
        let by_option = run(cannery(&shop.folder.path).args(&arguments).args(["--admin-token", TOKEN]));
        assert_eq!(by_option.code, expected, "{arguments:?}: {}", by_option.stderr);
        let by_environment = run(cannery(&shop.folder.path).args(&arguments).env("CANNERY_ADMIN_TOKEN", TOKEN));
        assert_eq!(by_environment.code, expected, "{arguments:?}: {}", by_environment.stderr);
    }
    assert_eq!(run(cannery(&shop.folder.path).args(["health", &url])).code, Some(0), "health needs none");
}

#[test]
fn a_command_without_the_token_names_the_missing_option() {
    let shop = guarded();
    let url = format!("http://{}", shop.addr());

    for arguments in [vec!["journal", &url], vec!["explain", "/orders/1", "--url", &url]] {
        let ended = run(cannery(&shop.folder.path).args(&arguments));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains("status 401") && ended.stderr.contains("`--admin-token`"), "{}", ended.stderr);
        let wrong = run(cannery(&shop.folder.path).args(&arguments).args(["--admin-token", "wr0ng-s3cret"]));
        assert!(wrong.code == Some(2) && !wrong.stderr.contains("s3cret"), "{}", wrong.stderr);
    }
}

#[test]
fn the_token_is_never_printed() {
    let shop = guarded();
    let folder = &shop.folder.path;
    let ready = shop.server.ready.to_string();
    shop.ask("GET /__admin/requests", &[&shop.host(), &format!("Authorization: Bearer {TOKEN}")], "");
    let url = format!("http://{}", shop.addr());
    let help = run(cannery(folder).args(["serve", "--help"]).env("CANNERY_ADMIN_TOKEN", TOKEN));
    let helps = ["health", "journal", "explain"]
        .map(|of| run(cannery(folder).args([of, "--help"]).env("CANNERY_ADMIN_TOKEN", TOKEN)));
    let usage = run(cannery(folder).args(["serve", "--prot", "1"]).env("CANNERY_ADMIN_TOKEN", TOKEN));
    let no_admin = run(cannery(folder).args(["serve", "--no-admin"]).env("CANNERY_ADMIN_TOKEN", TOKEN));
    let health = run(cannery(folder).args(["health", &url]).env("CANNERY_ADMIN_TOKEN", TOKEN));
    let served = shop.server.stop();

    assert_eq!((help.code, usage.code, no_admin.code), (Some(0), Some(2), Some(2)));
    for ended in helps.into_iter().chain([help, usage, no_admin, health, served]) {
        assert!(
            !format!("{ready}{}{}", ended.stdout, ended.stderr).contains("s3cret"),
            "{}{}",
            ended.stdout,
            ended.stderr
        );
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_bad_usage_and_is_not_printed() {
    let shop = Shop::open(&[]);
    let url = format!("http://{}", shop.addr());

    for token in ["", " ", "s3 cret", "s3cret\n", "s3cret\u{e9}"] {
        for arguments in [
            vec!["serve", "--port", "0"],
            vec!["health", &url],
            vec!["journal", &url],
            vec!["explain", "/", "--url", &url],
        ] {
            let by_option = run(cannery(&shop.folder.path).args(&arguments).arg(format!("--admin-token={token}")));
            let by_environment = run(cannery(&shop.folder.path).args(&arguments).env("CANNERY_ADMIN_TOKEN", token));
            for ended in [by_option, by_environment] {
                assert_eq!(
                    (ended.code, ended.stdout.as_str()),
                    (Some(2), ""),
                    "{token:?} {arguments:?}: {}",
                    ended.stderr
                );
                assert!(ended.stderr.contains("must be visible ASCII characters without spaces"), "{}", ended.stderr);
                assert!(!ended.stderr.contains("s3"), "{}", ended.stderr);
            }
        }
    }
}

#[test]
fn the_journal_is_whole_with_the_token() {
    let shop = guarded();
    shop.ask("GET /orders/1", &[&shop.host()], "");

    let authorized = format!("Authorization: Bearer {TOKEN}");
    let journal: Json = shop.ask("GET /__admin/requests", &[&shop.host(), &authorized], "").json();

    assert_eq!(at(&journal, "meta.total").to_string(), "1", "calls of the API are not recorded");
}
