//! `cannery serve` while its files change: what it serves, what it keeps, and what it logs.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use cannery::model::Json;
use support::{Folder, Serving, at, cannery, request, wait_until};

/// Both ways to notice a change.
const WAYS: [&str; 2] = ["auto", "poll"];

fn serve(folder: &Folder, arguments: &[&str]) -> Serving {
    Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]).args(arguments))
}

/// Returns a stub whose name is its path.
fn stub(path: &str, text: &str) -> String {
    let name = path.trim_start_matches('/');
    format!("[[stub]]\nname = '{name}'\nrequest.path = '{path}'\nresponse.text = '{text}'\n")
}

fn until_served(server: &Serving, path: &str, text: &str) {
    wait_until(&format!("{path}: {text}"), || server.get(path).text() == text);
}

fn until_status(server: &Serving, status: &str) -> Json {
    wait_until(status, || at(&health(server), "reload.status").as_str() == Some(status));
    health(server)
}

fn health(server: &Serving) -> Json {
    server.get("/__admin/health").json()
}

fn stubs(server: &Serving) -> Vec<(String, String)> {
    let Json::Array(stubs) = at(&server.get("/__admin/stubs").json(), "stubs").clone() else { panic!("a list") };
    stubs.iter().map(|stub| (at(stub, "name").to_string(), at(stub, "calls").to_string())).collect()
}

/// Serves `/a` from `scenarios/a.toml` in both ways, makes a change, and waits for the new answer.
fn after_change(change: impl Fn(&Folder), path: &str, text: &str) {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/a.toml", &stub("/a", "old"));
        let server = serve(&folder, &["--watch", way]);
        assert_eq!(server.get("/a").text(), "old");

        change(&folder);

        until_served(&server, path, text);
        assert_eq!(at(&until_status(&server, "current"), "status").as_str(), Some("healthy"));
    }
}

#[test]
fn a_file_edited_in_place_is_served() {
    after_change(|folder| drop(folder.write("scenarios/a.toml", &stub("/a", "new"))), "/a", "new");
}

#[test]
fn a_file_that_an_editor_replaces_is_served() {
    after_change(
        |folder| {
            let new = folder.write("scenarios/.a.toml.swp", &stub("/a", "new"));
            fs::rename(folder.path.join("scenarios/a.toml"), folder.path.join("scenarios/a.toml~")).expect("a backup");
            fs::rename(new, folder.path.join("scenarios/a.toml")).expect("a rename");
        },
        "/a",
        "new",
    );
}

#[test]
fn a_file_named_on_the_command_line_may_be_replaced() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("a.toml", &stub("/a", "old"));
        let server = serve(&folder, &["--watch", way, "a.toml"]);
        let replace = |text: &str| {
            let new = folder.write("a.new", &stub("/a", text));
            fs::rename(new, folder.path.join("a.toml")).expect("a rename");
            until_served(&server, "/a", text);
        };

        replace("once");
        replace("twice");
    }
}

#[test]
fn a_new_file_is_served() {
    after_change(|folder| drop(folder.write("scenarios/below/b.toml", &stub("/b", "new"))), "/b", "new");
}

#[test]
fn a_file_in_a_new_folder_is_watched() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/a.toml", &stub("/a", "old"));
        let server = serve(&folder, &["--watch", way]);
        folder.write("scenarios/below/b.toml", &stub("/b", "first"));
        until_served(&server, "/b", "first");

        folder.write("scenarios/below/b.toml", &stub("/b", "second"));

        until_served(&server, "/b", "second");
    }
}

#[test]
fn the_stubs_of_a_deleted_file_are_removed() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/a.toml", &stub("/a", "a"));
        let other = folder.write("scenarios/b.toml", &stub("/b", "b"));
        let server = serve(&folder, &["--watch", way]);
        assert_eq!(server.get("/b").text(), "b");

        fs::remove_file(other).expect("a file");

        wait_until("the stub is removed", || server.get("/b").status == 404);
        assert_eq!(server.get("/a").text(), "a");
    }
}

#[test]
fn a_folder_that_was_deleted_and_created_again_is_served() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/a.toml", &stub("/a", "old"));
        let server = serve(&folder, &["--watch", way]);

        fs::remove_dir_all(folder.path.join("scenarios")).expect("a folder");
        let stale = until_status(&server, "stale");
        assert_eq!(server.get("/a").text(), "old", "the old answer is still served");
        assert!(at(&stale, "reload.problem").as_str().expect("why").contains("there is no such file or folder"));

        folder.write("scenarios/a.toml", &stub("/a", "new"));
        until_served(&server, "/a", "new");
        folder.write("scenarios/a.toml", &stub("/a", "newer"));
        until_served(&server, "/a", "newer");
    }
}

#[test]
fn a_body_file_is_watched() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/a.toml", "[[stub]]\nrequest.path = '/a'\nresponse.file = 'bodies/a.txt'\n");
        folder.write("scenarios/bodies/a.txt", "old");
        let server = serve(&folder, &["--watch", way]);
        assert_eq!(server.get("/a").text(), "old");

        folder.write("scenarios/bodies/a.txt", "new");
        until_served(&server, "/a", "new");

        fs::remove_file(folder.path.join("scenarios/bodies/a.txt")).expect("a file");
        until_status(&server, "stale");
        folder.write("scenarios/bodies/a.txt", "again");
        until_served(&server, "/a", "again");
    }
}

#[test]
fn a_file_that_a_templated_name_could_name_is_watched() {
    after_change(
        |folder| {
            let file =
                "[[stub]]\nrequest.path = '/of/{name}'\nresponse.file = 'bodies/{{request.path_params.name}}.txt'\n";
            folder.write("scenarios/bodies/one.txt", "one");
            folder.write("scenarios/b.toml", file);
            folder.write("scenarios/bodies/two.txt", "two");
        },
        "/of/two",
        "two",
    );
}

#[test]
fn a_replaced_link_is_noticed() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/..first/a.toml", &stub("/a", "first"));
        folder.write("scenarios/..second/a.toml", &stub("/a", "second"));
        let data = folder.path.join("scenarios/..data");
        symlink("..first", &data).expect("a link");
        symlink("..data/a.toml", folder.path.join("scenarios/a.toml")).expect("a link");
        let server = serve(&folder, &["--watch", way]);
        assert_eq!(server.get("/a").text(), "first");

        let swapped = folder.path.join("scenarios/..data_tmp");
        symlink("..second", &swapped).expect("a link");
        fs::rename(swapped, data).expect("a rename");

        until_served(&server, "/a", "second");
    }
}

#[test]
fn the_target_of_a_link_is_watched() {
    for way in WAYS {
        let folder = Folder::new();
        let real = folder.write("elsewhere/a.toml", &stub("/a", "old"));
        fs::create_dir(folder.path.join("scenarios")).expect("a folder");
        symlink(&real, folder.path.join("scenarios/a.toml")).expect("a link");
        let server = serve(&folder, &["--watch", way]);

        fs::write(&real, stub("/a", "new")).expect("a file");

        until_served(&server, "/a", "new");
    }
}

#[test]
fn after_a_burst_of_writes_the_last_one_is_served() {
    after_change(
        |folder| {
            (0..50).for_each(|round| drop(folder.write("scenarios/a.toml", &stub("/a", &format!("round {round}")))))
        },
        "/a",
        "round 49",
    );
}

#[test]
fn a_burst_that_does_not_end_is_served_nevertheless() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", &stub("/a", "old"));
    let server = serve(&folder, &[]);
    let started = Instant::now();
    let mut round = 0;
    while server.get("/a").text() == "old" {
        folder.write("scenarios/a.toml", &stub("/a", &format!("round {round}")));
        round += 1;
        assert!(started.elapsed() < Duration::from_secs(10), "the change is not served within ten seconds");
    }
}

#[test]
fn a_half_written_file_is_served_once_it_is_complete() {
    for way in WAYS {
        let folder = Folder::new();
        let path = folder.write("scenarios/a.toml", &stub("/a", "old"));
        let server = serve(&folder, &["--watch", way]);
        let whole = stub("/a", "new");
        let (half, rest) = whole.split_at(whole.len() - 5);

        let mut file = fs::File::create(&path).expect("a file");
        file.write_all(half.as_bytes()).expect("half of it");
        until_status(&server, "stale");
        assert_eq!(server.get("/a").text(), "old");
        file.write_all(rest.as_bytes()).expect("the rest");

        until_served(&server, "/a", "new");
        until_status(&server, "current");
    }
}

#[test]
fn files_that_do_not_load_leave_the_old_stubs_and_are_reported() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/a.toml", &stub("/a", "old"));
        folder.write("scenarios/b.toml", &stub("/b", "old"));
        let server = serve(&folder, &["--watch", way]);

        folder.write("scenarios/a.toml", "[[stub]]\nrequest.pth = '/a'\nrequest.mthod = 'GET'\n");
        folder.write("scenarios/b.toml", &stub("/b", "new"));

        let stale = until_status(&server, "stale");
        assert_eq!(at(&stale, "status").as_str(), Some("healthy"), "the server stays healthy");
        assert!(at(&stale, "reload.problem").as_str().expect("why").contains("scenarios/a.toml:2:9"), "{stale}");
        assert_eq!((server.get("/a").text(), server.get("/b").text()), ("old".into(), "old".into()), "all or nothing");
        if way == "poll" {
            insta::assert_snapshot!("the_404_says_that_the_files_do_not_load", server.get("/new").text());
        }
        let problem = server.send("GET", "/new", &[("Accept", "application/json")], "").json();
        assert!(at(&problem, "stale").as_str().expect("why").contains("scenarios/a.toml:2:9"), "{problem}");

        folder.write("scenarios/a.toml", &stub("/a", "mended"));
        until_served(&server, "/a", "mended");
        assert_eq!(server.get("/b").text(), "new");
        let mended = health(&server);
        assert_eq!(
            (at(&mended, "reload.status").as_str(), at(&mended, "reload.problem")),
            (Some("current"), &Json::Null)
        );
        assert!(!server.get("/new").text().contains("older"));

        let log = server.stop().stderr;
        // On a busy machine the two files may be seen to change one after the other.
        let attempts = log.matches("not reloaded").count();
        assert!((1..=2).contains(&attempts), "{log}");
        let reports = log.lines().filter(|line| line.starts_with("error: unknown key")).count();
        assert_eq!(reports, 2 * attempts, "the log has every fault, once for each attempt: {log}");
    }
}

#[test]
fn the_log_has_a_line_with_the_changes() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", &(stub("/a", "old") + &stub("/b", "b") + &stub("/gone", "gone")));
    let server = serve(&folder, &[]);

    folder.write("scenarios/a.toml", &(stub("/new", "new") + &stub("/b", "b") + &stub("/a", "changed")));
    until_served(&server, "/new", "new");
    folder.write("scenarios/a.toml", &(stub("/new", "new") + "# words\n" + &stub("/b", "b") + &stub("/a", "changed")));
    let last = (0..5).map(|number| stub(&format!("/{number}"), "n")).collect::<String>();
    folder.write("scenarios/b.toml", &last);
    until_served(&server, "/4", "n");

    let log = server.stop().stderr;
    let reloads: Vec<_> = log.lines().filter_map(|line| line.split_once(" reloaded ")).map(|(_, rest)| rest).collect();
    assert_eq!(
        reloads.first(),
        Some(&"scenarios/a.toml: 1 stub added (a/new), 1 changed (a/a), 1 removed (a/gone)"),
        "{log}"
    );
    assert!(reloads.last().is_some_and(|last| last.ends_with("scenarios/b.toml: 5 stubs added")), "{log}");
}

#[test]
fn the_json_log_has_reload_objects() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", &stub("/a", "old"));
    let server = serve(&folder, &["--log-format", "json"]);
    folder.write("scenarios/a.toml", "x");
    until_status(&server, "stale");
    folder.write("scenarios/a.toml", &stub("/a", "new"));
    until_status(&server, "current");

    let log = server.stop().stderr;
    let lines: Vec<Json> = log.lines().map(|line| Json::parse(line.as_bytes()).expect("JSON")).collect();
    let [stale, current, stopping] = lines.as_slice() else { panic!("{log}") };
    assert_eq!(at(stopping, "event").as_str(), Some("stopping"));
    assert_eq!((at(stale, "event").as_str(), at(stale, "status").as_str()), (Some("reload"), Some("stale")));
    assert!(at(stale, "problem").as_str().expect("why").contains("scenarios/a.toml:1"), "{log}");
    assert_eq!((at(current, "status").as_str(), at(current, "changed.0").as_str()), (Some("current"), Some("a/a")));
    assert_eq!(at(current, "files.0").as_str(), Some("scenarios/a.toml"));
}

const SHOP: &str = r#"
[[stub]]
name = "in turn"
request.path = "/turn"
responses = [{ text = "1" }, { text = "2" }, { text = "3" }]

[[stub]]
name = "placed"
then_state = "placed"
request = { method = "POST", path = "/orders" }

[[stub]]
name = "shown"
when_state = "placed"
request = { method = "GET", path = "/orders" }
response.text = "an order"

[[stub]]
name = "BUSY"
on_demand = true
request.path = "/turn"
response.text = "busy"
"#;

#[test]
fn a_reload_keeps_journal_counts_sequences_states_arming_and_added_stubs() {
    for way in WAYS {
        let folder = Folder::new();
        folder.write("scenarios/shop.toml", SHOP);
        let server = serve(&folder, &["--watch", way]);
        assert_eq!(server.get("/turn").text(), "1");
        assert_eq!(server.send("POST", "/orders", &[], "").status, 200);
        assert_eq!(server.send("POST", "/__admin/stubs/arm", &[], r#"{"stub": "BUSY", "times": 1}"#).status, 200);
        assert_eq!(
            server.send("POST", "/__admin/stubs", &[], "request.path = '/added'\nresponse.text = 'added'").status,
            201
        );

        folder.write("scenarios/shop.toml", &(stub("/first", "first") + SHOP));
        wait_until("it is served", || stubs(&server).iter().any(|(name, _)| name.contains("first")));

        assert_eq!(server.get("/turn").text(), "busy", "the stub is still armed");
        assert_eq!(server.get("/turn").text(), "2", "the sequence continues");
        assert_eq!(server.get("/orders").text(), "an order", "the state is kept");
        assert_eq!(server.get("/added").text(), "added");
        let counts = stubs(&server);
        assert!(counts.contains(&("\"in turn\"".to_owned(), "2".to_owned())), "{counts:?}");
        let journal = server.get("/__admin/requests").json();
        assert_eq!(at(&journal, "meta.total").to_string(), "6", "{journal}");
    }
}

#[test]
fn an_unnamed_stub_keeps_its_turn_when_its_body_file_changes() {
    let folder = Folder::new();
    folder.write("scenarios/a.txt", "old");
    folder.write(
        "scenarios/a.toml",
        "[[stub]]\nrequest.path = '/a'\n[[stub.responses]]\ntext = 'first'\n[[stub.responses]]\nfile = 'a.txt'\n",
    );
    let server = serve(&folder, &[]);
    assert_eq!(server.get("/a").text(), "first");

    folder.write("scenarios/a.txt", "new");

    let mut answers = Vec::new();
    wait_until("the new body", || {
        answers.push(server.get("/a").text());
        answers.last().is_some_and(|answer| answer == "new")
    });
    assert!(!answers.contains(&"first".to_owned()), "{answers:?}");
}

#[test]
fn a_stub_that_is_removed_and_restored_keeps_its_counts() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", &stub("/a", "a"));
    let other = folder.write("scenarios/b.toml", &stub("/b", "b"));
    let server = serve(&folder, &[]);
    assert_eq!(server.get("/b").text(), "b");
    fs::remove_file(&other).expect("a file");
    wait_until("the stub is removed", || stubs(&server).len() == 1);

    fs::write(&other, stub("/b", "b")).expect("a file");
    wait_until("it is back", || stubs(&server).len() == 2);

    assert!(stubs(&server).contains(&("\"b\"".to_owned(), "1".to_owned())));
}

#[test]
fn a_request_in_flight_is_answered_from_the_old_stubs() {
    for way in WAYS {
        let folder = Folder::new();
        let slow =
            |text: &str| format!("[[stub]]\nrequest.path = '/slow'\nresponse = {{ text = '{text}', delay = '3s' }}\n");
        folder.write("scenarios/a.toml", &(stub("/mark", "old") + &slow("old")));
        let server = serve(&folder, &["--watch", way]);
        let mut in_flight = server.connect();
        in_flight.write(&request("GET", "/slow", &[], b""));
        wait_until("it is in flight", || server.get("/__admin/requests").text().contains("/slow"));

        folder.write("scenarios/a.toml", &(stub("/mark", "new") + &slow("new")));
        until_served(&server, "/mark", "new");

        assert_eq!(in_flight.read().text(), "old");
    }
}

#[test]
fn watching_can_be_switched_off() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", &stub("/a", "old"));
    let off = serve(&folder, &["--watch", "off"]);
    let on = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]).env("CANNERY_WATCH", "poll"));

    for round in 0..3 {
        let text = format!("round {round}");
        folder.write("scenarios/a.toml", &stub("/a", &text));
        until_served(&on, "/a", &text);
    }

    assert_eq!(off.get("/a").text(), "old");
    assert_eq!(at(&health(&off), "reload"), &Json::Null);
}

#[test]
fn a_pipe_is_not_watched() {
    let folder = Folder::new();
    let pipe = folder.path.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let writer = std::thread::spawn(move || fs::write(pipe, stub("/a", "piped")));
    let server = serve(&folder, &["pipe"]);
    writer.join().expect("a thread").expect("a pipe");

    assert_eq!(server.get("/a").text(), "piped");

    let log = server.stop().stderr;
    assert!(log.contains("files are not watched: pipe is neither a file nor a folder"), "{log}");
}
