//! Batches: results, frames and faults.

use std::sync::Arc;

use crate::model::{
    Batch, BatchCase, Body, Json, Matcher, Merge, Operator, Representation, Response, StubAnswer, XmlForm,
};
use crate::respond::tests::{compile, json, representation, request, respond};

fn case(item: Option<Matcher>, failed: bool, result: &str) -> BatchCase {
    BatchCase { item, failed, result: json(result) }
}

fn merge(status: Option<u16>, members: &str) -> Option<Merge> {
    let Json::Object(members) = json(members) else { panic!("{members} is no object") };
    Some(Merge { status, members })
}

/// A batch in which items that start with `x` fail.
fn batch() -> Batch {
    Batch {
        items: "$.Ids".into(),
        captures: None,
        results: "Results".to_owned(),
        cases: vec![
            case(Some(Matcher::from_operator(Operator::Matches("^x".into()))), true, r#"{"Failed": true}"#),
            case(None, false, r#"{"Failed": false}"#),
        ],
        some_failed: merge(None, r#"{"Error": {"Code": "SOME"}}"#),
        all_failed: None,
        none_failed: None,
    }
}

fn frame(document: &str) -> Response {
    Response { body: Some(Body::Document(json(document))), ..Response::default() }
}

fn answer(batch: Batch, frame: Response, body: &str) -> (u16, String) {
    let compiled = compile(&StubAnswer::Batch(batch, frame), &representation("r")).expect("no faults");
    let answer = respond(&compiled, &request(&[("Content-Type", "application/json")], body), 0).expect("an answer");
    (answer.status, String::from_utf8(answer.body.to_bytes().to_vec()).expect("UTF-8"))
}

fn faults(batch: Batch, frame: Response, representation: &Arc<Representation>) -> Vec<String> {
    compile(&StubAnswer::Batch(batch, frame), representation).expect_err("faults")
}

#[test]
fn every_item_gets_its_result_in_order() {
    let (status, body) = answer(batch(), Response::default(), r#"{"Ids": ["a", "xb", "a"]}"#);

    assert_eq!(status, 200);
    assert_eq!(body, r#"{"Results":[{"Failed":false},{"Failed":true},{"Failed":false}],"Error":{"Code":"SOME"}}"#);
}

#[test]
fn the_status_depends_on_how_many_items_failed() {
    let merging = Batch {
        all_failed: merge(Some(400), r#"{"Error": "ALL"}"#),
        none_failed: merge(Some(201), r#"{"Error": "NONE"}"#),
        ..batch()
    };
    let answer_of = |batch: &Batch, ids: &str| {
        let (status, body) = answer(batch.clone(), Response::default(), &format!("{{\"Ids\": {ids}}}"));
        (status, json(&body).get("Error").map(ToString::to_string))
    };

    assert_eq!(answer_of(&merging, r#"["x"]"#), (400, Some("\"ALL\"".to_owned())));
    assert_eq!(answer_of(&merging, r#"["x", "a"]"#), (200, Some(r#"{"Code":"SOME"}"#.to_owned())));
    assert_eq!(answer_of(&merging, r#"["a"]"#), (201, Some("\"NONE\"".to_owned())));
    assert_eq!(answer_of(&merging, "[]"), (201, Some("\"NONE\"".to_owned())));
    assert_eq!(answer_of(&batch(), r#"["x"]"#), (200, Some(r#"{"Code":"SOME"}"#.to_owned())));
    assert_eq!(answer_of(&batch(), r#"["a"]"#), (200, None));
}

#[test]
fn the_document_has_the_results_and_the_frame() {
    let body = r#"{"Ids": ["x"]}"#;

    let (_, after) = answer(batch(), frame(r#"{"A": 1, "Error": {"Help": "h", "Code": "?"}}"#), body);
    let (_, in_place) = answer(batch(), frame(r#"{"A": 1, "Results": null, "B": 2}"#), body);

    assert_eq!(after, r#"{"Results":[{"Failed":true}],"A":1,"Error":{"Help":"h","Code":"SOME"}}"#);
    assert_eq!(in_place, r#"{"A":1,"Results":[{"Failed":true}],"B":2,"Error":{"Code":"SOME"}}"#);
}

#[test]
fn a_merged_status_drops_the_reason_of_the_frame() {
    let merging = Batch { some_failed: merge(Some(207), "{}"), ..batch() };
    let framed = Response { reason: Some("Fine".to_owned()), ..Response::default() };
    let compiled = compile(&StubAnswer::Batch(merging, framed), &representation("r")).expect("no faults");
    let reason = |body: &str| respond(&compiled, &request(&[], body), 0).map(|answer| answer.reason);

    assert_eq!(reason(r#"{"Ids": ["a"]}"#), Ok(Some("Fine".to_owned())));
    assert_eq!(reason(r#"{"Ids": ["x"]}"#), Ok(None));
}

#[test]
fn a_request_without_the_array_is_explained() {
    let compiled = compile(&StubAnswer::Batch(batch(), Response::default()), &representation("r")).expect("no faults");
    let refused = |body: &str| respond(&compiled, &request(&[], body), 0).expect_err("a fault").message;

    assert_eq!(refused(r#"{"Ids": 1}"#), "it selects no array of the request's document");
    assert_eq!(refused(""), "the request has no body to take items from");
}

#[test]
fn a_batch_reads_and_writes_xml() {
    let form = XmlForm {
        root: "R".to_owned(),
        lists: vec![("Ids".to_owned(), "string".to_owned()), ("Results".to_owned(), "Result".to_owned())],
        ..XmlForm::default()
    };
    let representation = Arc::new(Representation { parameter: None, xml: Some(form) });
    let compiled = compile(&StubAnswer::Batch(batch(), Response::default()), &representation).expect("no faults");

    let xml_request = request(&[("Content-Type", "application/xml")], "<Q><Ids><string>xa</string></Ids></Q>");
    let answer = respond(&compiled, &xml_request, 0).expect("an answer");

    let expected = "<R><Results><Result><Failed>true</Failed></Result></Results><Error><Code>SOME</Code></Error></R>";
    assert_eq!(answer.body.to_bytes()[..], expected.as_bytes()[..]);
    assert_eq!(answer.headers, [("Content-Type".into(), "application/xml".into())]);
}

#[test]
fn faults_of_a_batch_are_found_at_load() {
    let cases = vec![case(None, false, "{}"), case(Some(Matcher::equals("a")), false, r#"{"a b": 1}"#)];
    let broken = Batch {
        items: "Ids".into(),
        captures: Some("(".into()),
        cases,
        some_failed: merge(Some(99), r#"{"1": 2}"#),
        ..batch()
    };
    let framed = Response { body: Some(Body::Text("x".to_owned())), ..Response::default() };

    let faults = faults(broken, framed, &representation("r"));

    assert!(faults[0].starts_with("stub[0].batch.items: not a JSONPath: "));
    assert_eq!(
        faults[1..],
        [
            "stub[0].batch.captures: the pattern is not a regular expression: unclosed group",
            "stub[0].batch.case[1].item: the last case of a batch must hold for every item",
            "stub[0].batch.case[0]: a case without `item` holds for every item, so none reaches the next",
            "stub[0].response.text: the frame of a batch cannot have the body `text`",
            "stub[0].batch.some_failed.status: 99 is not a valid status of an answer (200 to 999)",
            "stub[0].batch.case[1].result.\"a b\": `a b` is not a name in XML",
            "stub[0].batch.some_failed.1: `1` is not a name in XML",
        ]
    );
}

#[cfg(feature = "templates")]
mod with_templates {

    use super::*;

    fn captured(result: &str) -> Batch {
        Batch {
            captures: Some(r"^(?<space>\w+)\.(?<id>.+)$".into()),
            cases: vec![case(None, false, result)],
            ..batch()
        }
    }

    #[test]
    fn an_item_is_seen_with_its_place_and_its_captures() {
        let batch = captured(r#""{{index}}:{{item}}:{{space}}:{{upper id}}""#);

        let (_, body) = answer(batch, Response::default(), r#"{"Ids": ["a.b", "no", 7]}"#);

        assert_eq!(body, r#"{"Results":["0:a.b:a:B","1:no::","2:7::"]}"#);
    }

    #[test]
    fn an_item_that_is_an_object_shows_its_members() {
        let (_, body) = answer(
            captured(r#"{"Id": "{{item.Id}}", "All": "{{json item}}"}"#),
            Response::default(),
            r#"{"Ids": [{"Z": 1, "Id": "a"}]}"#,
        );

        assert_eq!(body, r#"{"Results":[{"Id":"a","All":{"Z":1,"Id":"a"}}]}"#);
    }

    #[test]
    fn only_results_know_their_item() {
        let batch = Batch { some_failed: merge(None, r#"{"a": "{{id}}"}"#), ..captured(r#""{{idd}}""#) };

        assert_eq!(
            faults(batch, frame(r#"{"b": "{{item}}"}"#), &representation("r")),
            [
                "stub[0].response.document.b: `item` is not known here",
                "stub[0].batch.some_failed.a: `id` is not known in a template",
                "stub[0].batch.case[0].result: `idd` is not known in a template",
            ]
        );
    }

    #[test]
    fn a_capture_cannot_hide_a_helper() {
        let batch = Batch { captures: Some("(?<date>.)".into()), ..batch() };

        assert_eq!(
            faults(batch, Response::default(), &representation("r")),
            ["stub[0].batch.captures: a capture cannot be called `date`: templates know that name already"]
        );
    }

    #[test]
    fn templates_of_a_batch_are_switched_off_by_its_frame() {
        let off = Response { template: Some(false), ..Response::default() };

        assert_eq!(answer(captured(r#""{{x""#), off, r#"{"Ids": [1]}"#).1, r#"{"Results":["{{x"]}"#);
    }

    #[test]
    fn a_large_batch_takes_time_in_proportion() {
        let ids = vec!["\"a.b\""; 20_000].join(",");

        let (_, body) = answer(
            captured(r#"{"I": "{{space}}.{{upper id}}"}"#),
            Response::default(),
            &format!("{{\"Ids\": [{ids}]}}"),
        );

        assert_eq!(body.matches("a.B").count(), 20_000);
    }
}
