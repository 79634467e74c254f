//! The Groove operation over a real socket: every documented exchange, and a client shaped like the official SDKs.

#![cfg(all(feature = "admin", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::explain::{json_differences, xml_differences};
use cannery::message::{XmlDocument, XmlElement};
use cannery::model::Json;
use support::{Reply, Running, at, repository, request};

const ADD: &str = "/1/content/music/collection/add?accessToken=Bearer+made-up";
const USER: (&str, &str) = ("Authorization", "XBL3.0 x=663179813;eyJlbmMiOiJB[...]");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const ONE: &str = r#"{"TrackIds": ["music.A83EB907-0100-11DB-89CA-0019B92A3933"]}"#;

fn cases() -> Vec<Json> {
    let text = std::fs::read(repository("tests/data/groove-cases.json")).expect("the cases");
    let Json::Array(cases) = at(&Json::parse(&text).expect("JSON"), "cases").clone() else { panic!("a list") };
    cases
}

fn text(json: &Json, path: &str) -> String {
    at(json, path).as_str().unwrap_or_default().to_owned()
}

/// Compares an answer with the documented one: the parts that the case names, or all of it.
fn complaints(case: &Json, reply: &Reply) -> Vec<String> {
    let mut found = Vec::new();
    let expected = at(case, "response");
    let status = at(expected, "status").to_string();
    if status != reply.status.to_string() {
        found.push(format!("status {status}, not {}", reply.status));
    }
    let reason = text(expected, "reason");
    if !reason.is_empty() && reason != reply.reason {
        found.push(format!("reason {reason}, not {}", reply.reason));
    }
    let body = text(expected, "body");
    let documented = at(expected, "documented").to_string();
    if documented.contains("no top-level Error") || documented == r#"["status"]"# {
        let results = at(&reply.json(), "TrackActionResults").clone();
        if reply.json().get("Error").is_some() || !matches!(results, Json::Array(_)) {
            found.push(reply.text());
        }
    } else if text(expected, "compare") == "xml" {
        let (expected, actual) =
            (XmlDocument::parse(body.as_bytes()).expect("XML"), XmlDocument::parse(&reply.body).expect("XML"));
        found.extend(xml_differences(&expected, &actual).into_iter().map(|d| format!("{d:?}")));
    } else {
        let expected = Json::parse(body.as_bytes()).expect("JSON");
        found.extend(json_differences(&expected, &reply.json(), false).into_iter().map(|d| format!("{d:?}")));
    }
    found
}

#[test]
fn every_documented_exchange_is_answered_as_documented() {
    let groove = Running::serving("scenarios");
    let cases = cases();
    assert_eq!(cases.len(), 24);

    for case in &cases {
        let Json::Array(headers) = at(case, "request.headers") else { panic!("headers") };
        let headers: Vec<(String, String)> = headers.iter().map(|pair| (text(pair, "0"), text(pair, "1"))).collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = groove.send(
            &text(case, "request.method"),
            &text(case, "request.target"),
            &headers,
            text(case, "request.body"),
        );

        if text(case, "id") == "d19-gzip" {
            assert_eq!(reply.header("content-encoding"), Some("gzip"));
        }
        if let Some(name) = case.get("on_demand").and_then(Json::as_str) {
            assert_eq!(reply.header("preference-applied"), Some(format!("stub={name}").as_str()));
        }
        let found = complaints(case, &reply.unpacked());
        assert!(found.is_empty(), "{}: {found:#?}", text(case, "id"));
    }
}

#[test]
fn a_client_shaped_like_the_official_sdks_works() {
    let groove = Running::serving("scenarios");
    let mut connection = groove.connect();
    let sdk = |body: &str| {
        let headers = [
            ("accept", "application/json"),
            ("CONTENT-TYPE", "application/json"),
            ("authorization", USER.1),
            ("Accept-Encoding", "gzip"),
            ("X-Client-Name", "GrooveClientSDK"),
            ("X-Client-Version", "1.0"),
        ];
        request(
            "POST",
            "/1/content/music/collection/Add?accessToken=Bearer%20http%253a%252f%252fx",
            &headers,
            body.as_bytes(),
        )
    };

    connection.write(&[sdk(ONE), sdk("{}")].concat());
    let (added, refused) = (connection.read().unpacked(), connection.read().unpacked());

    assert_eq!(added.status, 200);
    assert_eq!(text(&added.json(), "TrackActionResults.0.Id"), "music.AQQfZ78ml185KUqtiDc9dx6i6Ae5PqgAAQ");
    assert_eq!((refused.status, text(&refused.json(), "Error.ErrorCode").as_str()), (400, "MISSING_INPUT_PARAMETER"));

    connection.write(
        b"POST /1/content/music/collection/add?accessToken=x HTTP/1.1\r\nHost: x\r\nAuthorization: XBL3.0 x=1;y\r\n\
        Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(connection.read().status, 100);
    let (first, second) = ONE.split_at(20);
    connection
        .write(format!("{:x}\r\n{first}\r\n{:X};x=y\r\n{second}\r\n0\r\n\r\n", first.len(), second.len()).as_bytes());
    assert_eq!(connection.read().status, 200);

    let received = groove.admin("GET", "/requests", "");
    assert_eq!(text(&received, "requests.0.request.body"), ONE);
    assert_eq!(at(&received, "meta.total").to_string(), "3");
    assert_eq!(text(&received, "requests.2.request.headers.CONTENT-TYPE"), "application/json");
}

#[test]
fn xml_members_are_in_the_order_that_dotnet_expects() {
    let groove = Running::serving("scenarios");
    let body =
        r#"{"TrackIds": ["music.9bb2c5c5-455c-4c15-827c-f9bfd759a458", "music.A83EB907-0100-11DB-89CA-0019B92A3933"]}"#;
    let reply = groove.send("POST", ADD, &[USER, JSON, ("Accept", "application/xml")], body);

    let document = XmlDocument::parse(&reply.body).expect("XML");
    let root = document.root();
    let error = ["Description", "ErrorCode", "Message"];
    assert_eq!(data_contract_members(root, &["Error", "TrackActionResults"]).len(), 2);
    let results = root.elements().find(|element| element.name().local == "TrackActionResults").expect("results");
    for (result, members) in results.elements().zip([2, 2]) {
        assert_eq!(data_contract_members(result, &["Error", "Id", "InputId"]).len(), members);
        for failed in result.elements().filter(|element| element.name().local == "Error") {
            assert_eq!(data_contract_members(failed, &error).len(), 3);
        }
    }
    assert_eq!(reply.header("content-type"), Some("application/xml"));
}

/// Returns the members that .NET's DataContractSerializer would keep: it expects them in one order and in the service's
/// namespace, and skips a member that comes too late.
fn data_contract_members<'a>(element: XmlElement<'a>, order: &[&str]) -> Vec<XmlElement<'a>> {
    const NAMESPACE: &str = "http://schemas.microsoft.com/xboxmusic/2013/10/platform";
    let mut turn = 0;
    element
        .elements()
        .filter(|child| {
            let place = order.iter().position(|name| *name == child.name().local);
            match place.filter(|place| *place >= turn && child.name().namespace == Some(NAMESPACE)) {
                Some(place) => {
                    turn = place + 1;
                    true
                }
                None => false,
            }
        })
        .collect()
}

#[test]
fn an_invented_track_gets_an_id_of_the_documented_structure() {
    use base64::Engine as _;
    let groove = Running::serving("scenarios");
    let add = |id: &str| {
        let body = format!(r#"{{"TrackIds": ["{id}"]}}"#);
        text(&groove.send("POST", ADD, &[USER, JSON], body).json(), "TrackActionResults.0.Id")
    };

    let id = add("music.12345678-0100-11db-89ca-0019b92a3933");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&id["music.".len()..]).expect("base64url");
    assert_eq!(bytes.len(), 25);
    assert_eq!(bytes[..3], [0x01, 0x04, 0x1f]);
    assert_eq!(bytes[19..], [0x78, 0x56, 0x34, 0x12, 0x00, 0x01]);
    assert_eq!(id, add("music.12345678-0100-11DB-89CA-0019B92A3933"));
    assert_ne!(id[..20], add("music.12345679-0100-11DB-89CA-0019B92A3933")[..20]);
}

#[test]
fn the_access_token_is_checked_before_the_user() {
    let groove = Running::serving("scenarios");

    for target in ["/1/content/music/collection/add", "/1/content/music/collection/add?accessToken="] {
        let reply = groove.send("POST", target, &[JSON], ONE);
        assert_eq!((reply.status, text(&reply.json(), "Error.ErrorCode").as_str()), (401, "ACCESS_TOKEN_MISSING"));
    }
}

#[test]
fn unusual_requests_get_a_helpful_answer_and_an_entry() {
    let groove = Running::serving("scenarios");
    let code = |reply: &Reply| text(&reply.json(), "Error.ErrorCode");

    let malformed = groove.send("POST", ADD, &[USER, JSON], r#"{"TrackIds": ["#);
    assert_eq!((malformed.status, code(&malformed).as_str()), (400, "INVALID_INPUT_PARAMETER"));
    let not_xml = groove.send("POST", ADD, &[USER, ("Content-Type", "application/xml")], ONE);
    assert_eq!(not_xml.status, 400);
    assert!(not_xml.text().contains("<ErrorCode>INVALID_INPUT_PARAMETER</ErrorCode>"), "{}", not_xml.text());
    let plain = groove.send("POST", ADD, &[USER, ("Content-Type", "text/plain")], ONE);
    assert_eq!(plain.status, 404);
    assert!(plain.text().contains("a body of type text/plain has no document"), "{}", plain.text());
    let empty = groove.send("POST", ADD, &[USER, JSON], "");
    assert_eq!((empty.status, code(&empty).as_str()), (400, "MISSING_INPUT_PARAMETER"));
    let not_utf8 = groove.send("POST", "/1/content/%FF/collection/add?accessToken=x", &[USER, JSON], ONE);
    assert_eq!(not_utf8.status, 404);
    assert!(not_utf8.text().contains("path_param namespace: \"music\""), "{}", not_utf8.text());
    let slash = groove.send("POST", "/1/content/music%2Fcollection/add?accessToken=x", &[USER, JSON], ONE);
    assert_eq!(slash.status, 404);
    assert!(slash.text().contains("`%2F`"), "{}", slash.text());

    let received = groove.admin("GET", "/requests", "");
    assert_eq!(at(&received, "meta.total").to_string(), "6");
    assert_eq!(text(&received, "requests.0.request.url"), "/1/content/music%2Fcollection/add?accessToken=x");
    assert_eq!(text(&received, "requests.1.request.url"), "/1/content/%FF/collection/add?accessToken=x");
}
