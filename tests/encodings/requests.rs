//! Requests in the charset that they name.

use std::time::{Duration, Instant};

use super::support::Running;
use super::{post, utf16be, utf16le};

/// Stubs that answer 204 if the request was decoded correctly.
const READERS: &str = r#"
[[stub]]
request = { path = "/malformed", malformed = true }
response.status = 400

[[stub]]
request.path = "/malformed"
response.status = 204

[[stub]]
request = { path = "/cafe", body = "café" }
response.status = 204

[[stub]]
request = { path = "/two", body = "cafÃ©" }
response.status = 204

[[stub]]
request = { path = "/hebrew", body = "שלום" }
response.status = 204

[[stub]]
request = { path = "/kana", body = "カナ" }
response.status = 204

[[stub]]
request = { path = "/euro", body = "€" }
response.status = 204

[[stub]]
request = { path = "/json", json.name = "café" }
response.status = 204

[[stub]]
request = { path = "/json-path", json_path."$.name" = "café" }
response.status = 204

[[stub]]
request = { path = "/document", document."$.name" = "café" }
response.status = 204

[[stub]]
request = { path = "/form", form.name = "café" }
response.status = 204

[[stub]]
request = { path = "/part", multipart.f = "café" }
response.status = 204

[[stub]]
request = { path = "/part-json", multipart.f.json_path."$.name" = "café" }
response.status = 204

[[stub]]
request = { path = "/part-xml", multipart.f.xpath."/a" = "café" }
response.status = 204

[[stub]]
request = { path = "/part-file", multipart.f.filename = "café.txt" }
response.status = 204

[[stub]]
request = { path = "/part-file-path", multipart.f = { filename = 'C:\new\1 of 2.txt', headers.X-Note = "a b" } }
response.status = 204

[[stub]]
request = { path = "/echo" }
response.text = "{{request.body}}"

[[stub]]
request = { path = "/echo-form" }
response.text = "{{request.form.q}}"

[[stub]]
request = { path = "/echo-query" }
response.text = "{{request.query.q}}"
"#;

fn assert_decoded(cases: &[(&str, &str, Vec<u8>)]) {
    let server = Running::with(READERS);
    for (path, media, body) in cases {
        let reply = post(&server, path, media, body);
        assert_eq!(reply.status, 204, "{path} {media} {body:?}: {}", reply.text());
    }
}

#[test]
fn a_text_is_decoded_in_the_charset_of_its_type() {
    assert_decoded(&[
        ("/cafe", "text/plain; charset=iso-8859-1", b"caf\xe9".to_vec()),
        ("/cafe", "text/plain; Charset=\"ISO-8859-1\"", b"caf\xe9".to_vec()),
        ("/cafe", "text/plain; charset=latin1", b"caf\xe9".to_vec()),
        ("/cafe", "text/plain;charset=windows-1252", b"caf\xe9".to_vec()),
        ("/cafe", "text/plain; charset=macintosh", b"caf\x8e".to_vec()),
        ("/two", "text/plain; charset=iso-8859-1", "café".into()),
        ("/hebrew", "text/plain; charset=iso-8859-8", b"\xf9\xec\xe5\xed".to_vec()),
        ("/hebrew", "text/plain; charset=windows-1255", b"\xf9\xec\xe5\xed".to_vec()),
        ("/kana", "text/plain; charset=Shift_JIS", b"\x83J\x83i".to_vec()),
        ("/kana", "text/plain; charset=euc-jp", b"\xa5\xab\xa5\xca".to_vec()),
        ("/euro", "text/plain; charset=iso-8859-15", b"\xa4".to_vec()),
        ("/euro", "text/plain; charset=windows-1251", b"\x88".to_vec()),
        ("/cafe", "text/plain; charset=utf-8", "café".into()),
        ("/cafe", "text/plain", "café".into()),
        ("/cafe", "text/plain; charset=x-mine", "café".into()),
        ("/cafe", "text/plain; charset=utf-16", utf16be("café")),
        ("/cafe", "text/plain; charset=utf-16le", utf16le("café")),
        ("/cafe", "text/plain; charset=utf-16be", utf16be("café")),
    ]);
}

#[test]
fn a_byte_order_mark_takes_precedence_over_a_charset() {
    assert_decoded(&[
        ("/cafe", "text/plain; charset=utf-16", utf16le("\u{feff}café")),
        ("/cafe", "text/plain; charset=utf-16", utf16be("\u{feff}café")),
        ("/cafe", "text/plain", utf16le("\u{feff}café")),
        ("/cafe", "text/plain; charset=iso-8859-1", "\u{feff}café".into()),
        ("/cafe", "text/plain", "\u{feff}café".into()),
        ("/json", "application/json", "\u{feff}{\"name\":\"café\"}".into()),
        ("/json", "application/json", utf16le("\u{feff}{\"name\":\"café\"}")),
    ]);
}

#[test]
fn json_is_decoded_in_the_charset_of_its_type() {
    let latin1 = b"{\"name\":\"caf\xe9\"}".to_vec();
    for path in ["/json", "/json-path", "/document"] {
        assert_decoded(&[
            (path, "application/json; charset=iso-8859-1", latin1.clone()),
            (path, "application/json; charset=utf-16", utf16be("{\"name\":\"café\"}")),
            (path, "application/json; charset=utf-8", "{\"name\":\"café\"}".into()),
            (path, "application/json; charset=x-mine", "{\"name\":\"café\"}".into()),
            (path, "application/json", "{\"name\":\"café\"}".into()),
        ]);
    }
    let server = Running::with(READERS);
    assert_eq!(post(&server, "/malformed", "application/json", &latin1).status, 400);
    assert_eq!(post(&server, "/malformed", "application/json; charset=iso-8859-1", &latin1).status, 204);
}

#[test]
fn a_form_is_decoded_in_the_charset_that_it_names() {
    assert_decoded(&[
        ("/form", "application/x-www-form-urlencoded; charset=iso-8859-1", b"name=caf%E9".to_vec()),
        ("/form", "application/x-www-form-urlencoded; charset=iso-8859-1", b"name=caf\xe9".to_vec()),
        ("/form", "application/x-www-form-urlencoded", b"name=caf%C3%A9".to_vec()),
        ("/form", "application/x-www-form-urlencoded", b"_charset_=windows-1252&name=caf%E9".to_vec()),
        ("/form", "application/x-www-form-urlencoded; charset=utf-8", b"_charset_=latin1&name=caf%c3%a9".to_vec()),
        ("/form", "application/x-www-form-urlencoded; charset=utf-16le", utf16le("name=caf%C3%A9")),
    ]);
}

fn part(head: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--X\r\nContent-Disposition: form-data; name=\"f\"{head}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn parts(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--X--\r\n".to_vec()].concat()
}

#[test]
fn a_part_is_decoded_in_its_own_charset_or_in_that_of_the_form() {
    const MEDIA: &str = "multipart/form-data; boundary=X";
    let field = b"--X\r\nContent-Disposition: form-data; name=_charset_\r\n\r\niso-8859-1\r\n".to_vec();
    let latin1 = "\r\nContent-Type: text/plain; charset=ISO-8859-1";
    assert_decoded(&[
        ("/part", MEDIA, parts(&[part(latin1, b"caf\xe9")])),
        ("/part", MEDIA, parts(&[part("\r\ncontent-type: text/plain;charset=\"utf-16le\"", &utf16le("café"))])),
        ("/part", MEDIA, parts(&[part("", b"caf\xe9"), field.clone()])),
        (
            "/part",
            MEDIA,
            parts(&[part("\r\nContent-Type: text/plain; charset=utf-8", "café".as_bytes()), field.clone()]),
        ),
        ("/part", "multipart/form-data; boundary=X; charset=iso-8859-1", parts(&[part("", b"caf\xe9")])),
        ("/part", MEDIA, parts(&[part("", "café".as_bytes())])),
        (
            "/part-json",
            MEDIA,
            parts(&[part("\r\nContent-Type: application/json; charset=latin1", b"{\"name\":\"caf\xe9\"}")]),
        ),
        ("/part-xml", MEDIA, parts(&[part("\r\nContent-Type: text/xml; charset=latin1", b"<a>caf\xe9</a>")])),
        (
            "/part-xml",
            MEDIA,
            parts(&[part("", b"<?xml version='1.0' encoding='latin1'?><a>caf\xe9</a>"), field.clone()]),
        ),
        ("/part-file", MEDIA, parts(&[part("; filename=\"café.txt\"", b"x")])),
    ]);
    let latin1_name =
        [&b"--X\r\nContent-Disposition: form-data; name=f; filename=\"caf\xe9.txt\"\r\n\r\nx\r\n"[..], &field].concat();
    assert_decoded(&[("/part-file", MEDIA, parts(&[latin1_name]))]);
}

#[test]
fn the_name_of_a_file_may_be_folded_extended_or_have_backslashes() {
    const MEDIA: &str = "multipart/form-data; boundary=X";
    let folded = "; \r\n\tfilename=\"C:\\new\\1 of\r\n 2.txt\"\r\nX-Note: a\r\n b";
    assert_decoded(&[
        ("/part-file-path", MEDIA, parts(&[part(folded, b"x")])),
        ("/part-file", MEDIA, parts(&[part("; filename=plain; filename*=UTF-8''caf%C3%A9.txt", b"x")])),
        ("/part-file", MEDIA, parts(&[part("; filename*=iso-8859-1'fr'caf%E9.txt; filename=plain", b"x")])),
    ]);
}

#[test]
fn bytes_that_are_invalid_in_their_charset_are_malformed() {
    let server = Running::with(READERS);
    for (media, body, status) in [
        ("text/plain; charset=utf-8", &b"\xff"[..], 400),
        ("text/plain; charset=shift_jis", b"a\x81", 400),
        ("text/plain; charset=utf-16", b"a", 400),
        ("text/plain; charset=x-mine", b"a", 400),
        ("text/plain; charset=utf-7", b"a", 400),
        ("text/plain; charset=", b"a", 400),
        ("text/plain; charset=iso-8859-1", b"\x80\xff", 204),
        ("text/plain; charset=shift_jis", b"\x83J", 204),
        ("text/plain", b"\xff", 204),
        ("application/json; charset=shift_jis", b"\"\x83J\"", 204),
        ("application/json; charset=shift_jis", b"\"\x81", 400),
        ("application/json; charset=x-mine", b"\"a\"", 204),
    ] {
        assert_eq!(post(&server, "/malformed", media, body).status, status, "{media} {body:?}");
    }
}

#[test]
fn values_that_are_not_utf8_stay_distinct() {
    let server = Running::with(
        r#"
[[stub]]
request = { path = "/", query.q = "%FF" }
response.text = "FF"

[[stub]]
request = { path = "/", query.q = "%FE" }
response.text = "FE"

[[stub]]
request = { path = "/", form.q = "caf%E9" }
response.text = "E9"

[[stub]]
request = { path = "/", query.q.matches = "a%[A-F0-9]{2}b" }
response.text = "between"
"#,
    );
    for (target, expected) in [("/?q=%FF", "FF"), ("/?q=%ff", "FF"), ("/?q=%fe", "FE"), ("/?q=a%80b", "between")] {
        assert_eq!(server.get(target).text(), expected, "{target}");
    }
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post(&server, "/", form, b"q=caf%e9").text(), "E9");
    assert_eq!(post(&server, "/", form, b"q=caf\xe9").text(), "E9");
    assert_eq!(post(&server, "/", form, b"q=caf%e8").status, 404);

    let echo = Running::with(READERS);
    assert_eq!(echo.get("/echo-query?q=a%FFb%C3%A9").text(), "a%FFbé");
    assert_eq!(post(&echo, "/echo-form", form, b"q=%FE%FF").text(), "%FE%FF");
}

#[test]
fn templates_and_the_journal_show_decoded_text() {
    let server = Running::with(READERS);
    let latin1 = "text/plain; charset=iso-8859-1";

    assert_eq!(post(&server, "/echo", latin1, b"caf\xe9").text(), "café");
    let form = "application/x-www-form-urlencoded; charset=iso-8859-1";
    assert_eq!(post(&server, "/echo-form", form, b"q=caf%E9").text(), "café");
    let unmatched = post(&server, "/euro", latin1, b"caf\xe9").text();
    assert!(unmatched.contains("café"), "{unmatched}");
    let logged = server.admin("GET", "/requests", "").to_string();
    assert!(logged.contains(r#""body":"café""#) && logged.contains(r#"["café"]"#), "{logged}");
}

#[test]
fn an_undecodable_value_takes_time_linear_in_its_length() {
    let server = Running::with(
        "[[stub]]\nrequest = { path = \"/\", form.q = \"x\" }\nresponse.status = 400\n\
         [[stub]]\nrequest.path = \"/\"\nresponse.status = 204\n",
    );
    let body = [&b"q="[..], &vec![0xff; 1_000_000]].concat();
    for charset in ["utf-8", "shift_jis", "iso-2022-jp", "gb18030"] {
        let started = Instant::now();
        let media = format!("application/x-www-form-urlencoded; charset={charset}");
        assert_eq!(post(&server, "/", &media, &body).status, 204);
        assert!(started.elapsed() < Duration::from_secs(8), "{charset}: {:?}", started.elapsed());
    }
}

#[test]
fn an_http_date_is_read_in_all_three_of_its_forms() {
    let server = Running::with(
        "[[stub]]\nrequest.path = '/'\nrequest.headers.If-Modified-Since.after = '2024-05-31'\nresponse.text = 'later'\n",
    );
    let status = |date: &str| server.send("GET", "/", &[("If-Modified-Since", date)], "").status;

    for date in ["Sat, 01 Jun 2024 00:00:00 GMT", "Saturday, 01-Jun-24 00:00:00 GMT", "Sat Jun  1 00:00:00 2024"] {
        assert_eq!(status(date), 200, "{date}");
    }
    for date in ["Sun, 01 Jun 2024 00:00:00 GMT", "Fri, 31 May 2024 00:00:00 GMT", "Sat, 32 Jun 2024 00:00:00 GMT"] {
        assert_eq!(status(date), 404, "{date}");
    }
}
