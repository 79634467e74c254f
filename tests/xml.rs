//! XML in requests and answers: well-formedness, decoding, XPath, and limits.

#![cfg(all(feature = "admin", feature = "files", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use std::fs;

use cannery::model::Json;
use support::{Reply, Running, repository};

const XML: (&str, &str) = ("Content-Type", "application/xml");

fn cases(name: &str) -> Vec<String> {
    let file = repository("tests/xml-cases").join(name);
    let Json::Array(cases) = Json::parse(&fs::read(&file).expect("a file")).expect("JSON") else { panic!("{name}") };
    let text = |case: Json| if let Json::String(text) = case { text } else { panic!("{case}") };
    cases.into_iter().map(text).collect()
}

fn with_malformed_stub() -> Running {
    Running::with(
        r#"
[[stub]]
request = { path = "/", malformed = true }
response.status = 400

[[stub]]
request = { path = "/", xpath."/*".present = true }
response.status = 200
"#,
    )
}

#[test]
fn xml_that_is_not_well_formed_is_malformed() {
    let cannery = with_malformed_stub();
    let cases = cases("ill-formed.json");

    let taken: Vec<&String> =
        cases.iter().filter(|text| cannery.send("POST", "/", &[XML], text).status != 400).collect();

    assert_eq!(taken, [""; 0]);
    assert!(cases.len() > 150);
}

#[test]
fn well_formed_xml_is_read() {
    let cannery = with_malformed_stub();
    let cases = cases("well-formed.json");

    let refused: Vec<&String> =
        cases.iter().filter(|text| cannery.send("POST", "/", &[XML], text).status != 200).collect();

    assert_eq!(refused, [""; 0]);
    assert!(cases.len() > 40);
}

#[test]
fn costly_xml_is_refused() {
    let cannery = with_malformed_stub();
    let ten = |n: usize| format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10));
    let bomb = format!("<!DOCTYPE a [<!ENTITY e0 'ha'>{}]><a>&e9;</a>", (1..10).map(ten).collect::<String>());
    let levels = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let attributes = format!("<a{}/>", (0..100_000).map(|n| format!(" a{n}=''")).collect::<String>());

    for (name, body) in [("an entity bomb", bomb), ("levels", levels), ("attributes", attributes)] {
        let started = std::time::Instant::now();
        assert_eq!(cannery.send("POST", "/", &[XML], body).status, 400, "{name}");
        assert!(started.elapsed().as_secs() < 8, "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn external_entities_are_not_read() {
    let cannery = Running::with("[[stub]]\nrequest.xpath.'/a' = 'xy'\nresponse.text = 'read'\n");
    let file = repository("Cargo.toml");
    let address = format!("file://{}", file.display());

    for body in [
        format!("<!DOCTYPE a [<!ENTITY e SYSTEM '{address}'>]><a>x&e;y</a>"),
        format!("<!DOCTYPE a [<!ENTITY % p SYSTEM '{address}'>%p;]><a>x&e;y</a>"),
        format!("<!DOCTYPE a SYSTEM '{address}'><a>x&e;y</a>"),
    ] {
        assert_eq!(cannery.send("POST", "/", &[XML], &body).text(), "read", "{body}");
    }
}

fn in_utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn a_body_is_decoded_as_its_declaration_or_type_says() {
    let cannery = Running::with(
        "[[stub]]\nrequest = { path = '/cafe', xpath.'/a' = 'café' }\nresponse.text = 'read'\n\
         [[stub]]\nrequest = { path = '/two', xpath.'/a' = 'Ã©' }\nresponse.text = 'read'\n\
         [[stub]]\nrequest = { path = '/kana', xpath.'/a' = 'カナ' }\nresponse.text = 'read'\n",
    );
    let declared = |encoding: &str, text: &[u8]| {
        [format!("<?xml version='1.0' encoding='{encoding}'?><a>").as_bytes(), text, b"</a>"].concat()
    };
    let plain = |text: &[u8]| [b"<a>", text, b"</a>"].concat();

    for (target, media, body) in [
        ("/cafe", "application/xml", plain("café".as_bytes())),
        ("/cafe", "application/xml", declared("ISO-8859-1", b"caf\xe9")),
        ("/cafe", "application/xml", declared("windows-1252", b"caf\xe9")),
        ("/cafe", "text/xml; charset=iso-8859-1", plain(b"caf\xe9")),
        ("/cafe", "text/xml; charset=ISO-8859-1", declared("utf-8", b"caf\xe9")),
        ("/cafe", "text/xml; charset=\"utf-8\"", declared("ISO-8859-1", "café".as_bytes())),
        ("/cafe", "text/xml; charset=iso-8859-1", ["\u{feff}".as_bytes(), &plain("café".as_bytes())].concat()),
        (
            "/cafe",
            "application/xml",
            in_utf_16("\u{feff}<?xml version='1.0' encoding='UTF-16'?><a>café</a>", u16::to_le_bytes),
        ),
        ("/cafe", "application/xml", in_utf_16("\u{feff}<a>café</a>", u16::to_be_bytes)),
        ("/cafe", "application/xml", in_utf_16("<a>café</a>", u16::to_le_bytes)),
        ("/cafe", "application/xml", in_utf_16("<a>café</a>", u16::to_be_bytes)),
        ("/cafe", "text/xml; charset=utf-16le", in_utf_16("<a>café</a>", u16::to_le_bytes)),
        ("/two", "text/xml; charset=iso-8859-1", plain(b"\xc3\xa9")),
        ("/kana", "application/xml", declared("Shift_JIS", b"\x83J\x83i")),
        ("/kana", "text/xml; charset=euc-jp", plain(b"\xa5\xab\xa5\xca")),
    ] {
        let reply = cannery.send("POST", target, &[("Content-Type", media)], &body);
        assert_eq!(reply.text(), "read", "{target} {media} {:?}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn xml_inside_json_text_is_decoded_with_the_text() {
    let cannery = Running::with("[[stub]]\nrequest.json_path.'$.xml'.xpath.'/a' = 'café'\nresponse.text = 'read'\n");
    let body = "{\"xml\": \"<?xml version='1.0' encoding='ISO-8859-1'?><a>café</a>\"}";

    assert_eq!(cannery.send("POST", "/", &[("Content-Type", "application/json")], body).text(), "read");
}

#[test]
fn an_xml_answer_may_declare_an_encoding_that_has_the_same_bytes() {
    let cannery = Running::with(
        "[[stub]]\nrequest.path = '/'\nresponse.xml = \"<?xml version='1.0' encoding='ISO-8859-1'?><a>tea</a>\"\n",
    );

    assert_eq!(cannery.get("/").text(), "<?xml version='1.0' encoding='ISO-8859-1'?><a>tea</a>");
}

#[test]
fn undecodable_xml_is_malformed() {
    let cannery = with_malformed_stub();

    for (media, body) in [
        ("application/xml", &b"<a>\xe9</a>"[..]),
        ("text/xml; charset=no-such", b"<a/>"),
        ("text/xml; charset=utf-8", b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>"),
        ("application/xml", b"<?xml version='1.0' encoding='no-such'?><a/>"),
        ("application/xml", b"<?xml version='1.0' encoding='utf-16'?><a/>"),
        ("application/xml", b"\xff\xfe<\0a\0/\0>"),
        ("application/xml", b"\xff\xfe\0\0<\0\0\0a\0\0\0/\0\0\0>\0\0\0"),
        ("application/xml", b"\x4c\x6f\xa7\x94\x93"),
    ] {
        assert_eq!(cannery.send("POST", "/", &[("Content-Type", media)], body).status, 400, "{media} {body:?}");
    }
}

#[test]
fn xpath_follows_the_w3c_recommendation() {
    let order = "<order id=\"A\" xmlns:s=\"urn:s\"><item>tea</item><item>milk</item><price>5</price><price>10</price>\
                 <note xml:lang=\"en\">soon</note><!-- x --><s:seal/></order>";
    for condition in [
        "'//price > 7' = true",
        "'/order[price > 7]/@id' = 'A'",
        "\"//item != 'tea'\" = true",
        "\"//nothing != 'x'\" = false",
        "'name(/order/*[last()])' = 's:seal'",
        "\"count(//*[name()='s:seal'])\" = 1",
        "\"//note[lang('en')]\" = 'soon'",
        "'count(//comment())' = 1",
        "'(//item)[2]' = 'milk'",
        "'//item[1] | //price[2]' = { values = ['tea', '10'] }",
        "'//item/following-sibling::price' = { values = ['5', '10'] }",
        "'sum(//price) div count(//price)' = 7.5",
    ] {
        let cannery = Running::with(&format!("[[stub]]\nrequest.xpath.{condition}\nresponse.text = 'so'\n"));
        assert_eq!(cannery.send("POST", "/", &[XML], order).text(), "so", "{condition}");
    }
}

#[test]
fn an_xpath_that_takes_too_long_is_undecided() {
    let cannery =
        Running::with("[[stub]]\nname = 'pairs'\nrequest.xpath.'count(//a[. != //b])' = 1\nresponse.text = 'so'\n");
    let body = format!("<r>{}</r>", "<a>1</a><b>1</b>".repeat(20_000));

    let Reply { status, body, .. } = cannery.send("POST", "/", &[XML], body);

    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, 500, "{body}");
    for part in ["pairs", "xpath", "steps"] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[test]
fn written_attributes_keep_their_white_space() {
    let cannery = Running::with(
        r#"
[representation.xml]
root = "a"

[[stub]]
request.path = "/document"
response.document = { "@b" = "1\n2\t3\r4", c = "{{request.query.q}}" }

[[stub]]
request.path = "/text"
response = { xml = "<a b='{{request.query.q}}'>{{request.query.q}}</a>", template = true }
"#,
    );

    let document = cannery.send("GET", "/document?q=x", &[("Accept", "application/xml")], "").text();
    let text = cannery.get("/text?q=1%0A2%093%0D4%22").text();

    assert!(document.starts_with("<a b=\"1&#10;2&#9;3&#13;4\">"), "{document}");
    assert_eq!(text, "<a b='1&#10;2&#9;3&#13;4&quot;'>1&#10;2&#9;3&#13;4&quot;</a>");
}
