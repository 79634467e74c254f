//! The builders accept every type of text.

#![cfg(feature = "xpath")]
#![allow(missing_docs)]

use std::borrow::Cow;

use cannery::{
    ElementOrder, MockServer, PartPattern, Representation, XmlForm, after, all_of, any_of, batch, before, case,
    contains, ends_with, equals, given, includes, matchers, matches, not, starts_with, status, values,
};

/// Calls every function of the builders that takes a text or a path, with `$text` as every such argument.
macro_rules! builds {
    ($text:expr) => {{
        let patterns = [
            given::get($text),
            given::post($text),
            given::put($text),
            given::patch($text),
            given::delete($text),
            given::head($text),
            given::options($text),
            given::any($text),
            given::any(given::path_in_any_case($text)),
            given::method($text, $text),
        ];
        let built = given::anything()
            .or_method($text)
            .path_param($text, $text)
            .query($text, $text)
            .header($text, $text)
            .cookie($text, $text)
            .basic_auth($text, $text)
            .host($text)
            .scheme($text)
            .client_ip($text)
            .body($text)
            .json_path($text, $text)
            .xml($text)
            .xpath($text, $text)
            .xpath_with($text, $text, [($text, $text)])
            .document($text, $text)
            .form($text, $text)
            .multipart($text, PartPattern::default().filename($text).header($text, $text).body($text))
            .representation(
                Representation::default().parameter($text).xml(
                    XmlForm::new($text)
                        .namespace($text)
                        .prefix($text, $text)
                        .list($text, $text)
                        .order(ElementOrder::Ordinal),
                ),
            );
        let matchers = [
            equals($text),
            contains($text),
            starts_with($text),
            ends_with($text),
            matches($text),
            before($text),
            after($text),
            not($text),
            includes([$text]),
            values([$text]),
            any_of([$text]),
            all_of([$text]),
            matchers::json_path($text, $text),
            matchers::xml($text),
            matchers::xpath($text, $text),
            equals($text).and($text),
        ];
        let response = status(200).reason($text).header($text, $text).xml($text).text($text);
        let cases = batch($text, $text).captures($text).case(case("x").item($text));
        let stub =
            given::anything().respond(response).named($text).in_scenario($text).when_state($text).then_state($text);
        (format!("{patterns:?}"), format!("{built:?}"), format!("{matchers:?}"), format!("{cases:?}"), {
            let server = MockServer::start();
            server.try_stub(stub).map(|_| ()).map_err(|wrong| wrong.faults)
        })
    }};
}

#[test]
fn every_type_of_text_builds_the_same() {
    let owned = String::from("t");
    let expected = builds!("t");

    assert_eq!(builds!(owned.clone()), expected);
    assert_eq!(builds!(&owned), expected);
    assert_eq!(builds!(Cow::Borrowed("t")), expected);
    assert_eq!(builds!(Cow::<str>::Owned(owned.clone())), expected);
    assert_eq!(builds!(owned.clone().into_boxed_str()), expected);
    assert_eq!(builds!('t'), expected);
}

#[test]
fn paths_and_values_of_a_slice_of_texts_are_accepted() {
    let server = MockServer::start();
    let paths: &[&str] = &["/a", "/b"];
    for path in paths {
        server.stub(given::get(path).respond(status(200)));
        server.stub(given::any("/either").query("path", path).respond(status(200)));
    }

    for path in paths {
        assert_eq!(ureq::get(server.url(path)).call().expect("an answer").status(), 200);
    }
    server.verify(given::get("/a"), 1);
    server.verify(given::get("/b"), 1);
}

#[test]
fn a_server_accepts_every_type_of_text() {
    let server = MockServer::start();
    let (owned, borrowed) = (String::from("/name"), Cow::Borrowed("/name"));
    server.stub(given::anything().respond(status(200)).named("/name").on_demand());

    for url in [
        server.url("/name"),
        server.url(&owned),
        server.url(owned.clone()),
        server.url(&borrowed),
        server.url(borrowed.clone()),
    ] {
        assert_eq!(url, format!("{}/name", server.uri()));
    }
    server.arm(&owned);
    server.arm(borrowed.clone());
    server.arm_times(owned.clone(), 2);
    server.disarm(&borrowed);
    server.set_state(&owned, borrowed.clone());
    assert_eq!((server.state(owned), server.state(borrowed)), ("/name".to_owned(), "/name".to_owned()));
}
