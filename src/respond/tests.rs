//! Responses, from compiling to the answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Answer, AnswerBody, CompiledAnswer, Context, RenderFault, Seed};
use crate::message::{Head, Request};
use crate::model::{
    Body, Delay, Fault, FileBody, Json, KeyPath, Repeat, Representation, Response, StubAnswer, Timestamp, XmlForm,
};

/// A request for `/orders/7`, by a path template with `{id}`.
pub(super) fn request(headers: &[(&str, &str)], body: &str) -> Request {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let head = Head::compose("POST", "/orders/7?q=%22%3C%01", headers);
    Request::new(head, Bytes::copy_from_slice(body.as_bytes()), None, Timestamp::UNIX_EPOCH)
}

pub(super) fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect(text)
}

pub(super) fn representation(root: &str) -> Arc<Representation> {
    let xml = XmlForm { root: root.to_owned(), ..XmlForm::default() };
    Arc::new(Representation { parameter: None, xml: Some(xml) })
}

pub(super) fn compile(
    answer: &StubAnswer,
    representation: &Arc<Representation>,
) -> Result<CompiledAnswer, Vec<String>> {
    let (at, mut faults) = (KeyPath::top().key("stub").index(0), Vec::new());
    let answer = as_in_a_file(answer.clone());
    let compiled = CompiledAnswer::compile(&answer, &[], representation, &["id".to_owned()], &at, &mut faults);
    let read = |fault: Fault| format!("{}: {}", fault.at, fault.message);
    if faults.is_empty() {
        Ok(compiled)
    } else {
        Err(faults.into_iter().map(read).collect())
    }
}

/// Switches templates on unless the answer specifies otherwise.
fn as_in_a_file(mut answer: StubAnswer) -> StubAnswer {
    let responses = match &mut answer {
        StubAnswer::Response(only) | StubAnswer::Batch(_, only) => std::slice::from_mut(only),
        StubAnswer::Responses(several, _) => several,
    };
    responses.iter_mut().for_each(|response| response.template = response.template.or(Some(true)));
    answer
}

pub(super) fn respond(answer: &CompiledAnswer, request: &Request, call: u64) -> Result<Answer, RenderFault> {
    let params = [("id".to_owned(), "7".to_owned())];
    let seed = Seed { base: 7, id: "", call: 0 };
    let context = Context { request, path_params: &params, now: Timestamp::UNIX_EPOCH, seed };
    answer.respond(&context, call).map(Arc::unwrap_or_clone)
}

fn with_body(body: Body) -> Response {
    Response { body: Some(body), ..Response::default() }
}

fn answered(response: Response) -> Answer {
    let compiled = compile(&StubAnswer::Response(response), &representation("r")).expect("no faults");
    respond(&compiled, &request(&[], ""), 0).expect("an answer")
}

fn faults(response: Response) -> Vec<String> {
    compile(&StubAnswer::Response(response), &representation("r")).expect_err("faults")
}

#[test]
fn an_empty_response_is_a_200_without_a_body() {
    let empty = answered(Response::default());

    let nothing = Answer {
        status: 200,
        reason: None,
        headers: Vec::new(),
        body: AnswerBody::default(),
        delay: Duration::ZERO,
        delivery: None,
    };
    assert_eq!(empty, nothing);
}

#[test]
fn every_body_has_its_content_type() {
    let file = |path: &str| {
        Body::File(FileBody { path: path.to_owned(), files: vec![(path.to_owned(), Bytes::from_static(b"x"))] })
    };
    let types = [
        (Body::Json(json("{\"a\": null}")), "application/json"),
        (Body::Xml("<a/>".to_owned()), "application/xml"),
        (Body::Text("a".to_owned()), "text/plain; charset=utf-8"),
        (Body::Base64(Bytes::from_static(b"\0")), "application/octet-stream"),
        (file("a.png"), "image/png"),
        (Body::Document(json("{}")), "application/json"),
    ];

    for (body, media) in types {
        assert_eq!(answered(with_body(body)).headers, [("Content-Type".into(), media.into())]);
    }
}

#[test]
fn a_given_content_type_is_kept() {
    let headers = vec![
        ("content-type".to_owned(), vec!["text/x".to_owned()]),
        ("A".to_owned(), vec!["1".to_owned(), "2".to_owned()]),
    ];
    let answer = answered(Response { headers, ..with_body(Body::Text(String::new())) });

    let expected = [("content-type", "text/x"), ("A", "1"), ("A", "2")].map(|(a, b)| (a.into(), b.into()));
    assert_eq!(answer.headers, expected);
}

#[test]
fn several_responses_are_sent_in_turn() {
    let responses = |repeat| {
        let responses = [201, 202].map(|status| Response { status: Some(status), ..Response::default() });
        compile(&StubAnswer::Responses(responses.to_vec(), repeat), &representation("r")).expect("no faults")
    };
    let statuses =
        |answer: CompiledAnswer| [0, 1, 2, 5].map(|call| respond(&answer, &request(&[], ""), call).map(|c| c.status));

    assert_eq!(statuses(responses(Repeat::Last)), [Ok(201), Ok(202), Ok(202), Ok(202)]);
    assert_eq!(statuses(responses(Repeat::Cycle)), [Ok(201), Ok(202), Ok(201), Ok(202)]);
}

#[test]
fn a_delay_is_drawn_for_every_answer() {
    let delay = Some(Delay::Fixed(Duration::from_millis(5)));

    assert_eq!(answered(Response { delay, ..Response::default() }).delay, Duration::from_millis(5));
}

#[test]
fn responses_that_cannot_be_sent_are_found_at_load() {
    let response = Response {
        status: Some(100),
        reason: Some("a\nb".to_owned()),
        headers: vec![("A B".to_owned(), vec!["x".to_owned()]), ("C".to_owned(), vec!["a\r\nD: b".to_owned()])],
        ..with_body(Body::Xml("<a>".to_owned()))
    };

    assert_eq!(
        faults(response),
        [
            "stub[0].response.status: 100 is not a valid status of an answer (200 to 999)",
            "stub[0].response.reason: a reason phrase must not contain a control character",
            "stub[0].response.headers.\"A B\": `A B` is not a valid name of a header",
            "stub[0].response.headers.C: a header must not contain a control character",
            "stub[0].response.xml: the body is not XML: `a` is not closed",
        ]
    );
}

#[cfg(not(feature = "templates"))]
#[test]
fn a_template_needs_its_feature() {
    assert_eq!(
        faults(with_body(Body::Text("{{x}}".to_owned()))),
        ["stub[0].response.text: this build has no templates"]
    );
}

#[cfg(feature = "templates")]
mod with_templates {
    use super::*;

    fn refused(response: Response) -> String {
        let compiled = compile(&StubAnswer::Response(response), &representation("r")).expect("no faults");
        respond(&compiled, &request(&[], ""), 0).expect_err("a fault").to_string()
    }

    fn text(answer: &Answer) -> &str {
        std::str::from_utf8(answer.body.whole().expect("a whole body")).expect("UTF-8")
    }

    #[test]
    fn strings_are_escaped_by_their_writer() {
        let quoted = "{\"a\": \"{{substring request.query.q 0 2}}\"}";
        let response = |body| with_body(body);

        assert_eq!(text(&answered(response(Body::Json(json(quoted))))), r#"{"a":"\"<"}"#);
        assert_eq!(
            text(&answered(response(Body::Xml("<a>{{substring request.query.q 0 2}}</a>".to_owned())))),
            "<a>&quot;&lt;</a>"
        );
        assert_eq!(text(&answered(response(Body::Text("{{substring request.query.q 0 2}}".to_owned())))), "\"<");
    }

    #[test]
    fn a_string_with_a_single_conversion_has_its_type() {
        let body = r#"{"a": "{{number request.path_params.id}}", "b": "{{number 1}}!", "c": "{{boolean 'true'}}", "d": "{{json request.path_segments}}"}"#;

        assert_eq!(
            text(&answered(with_body(Body::Json(json(body))))),
            r#"{"a":7,"b":"1!","c":true,"d":["orders","7"]}"#
        );
        assert!(
            refused(with_body(Body::Json(json(r#"["{{number request.path}}"]"#))))
                .starts_with("`number` needs a number")
        );
    }

    #[test]
    fn templates_can_be_switched_off() {
        let off = Response { template: Some(false), ..with_body(Body::Json(json(r#"["{{nonsense"]"#))) };

        assert_eq!(text(&answered(off)), r#"["{{nonsense"]"#);
    }

    #[test]
    fn a_header_never_has_control_characters_from_the_request() {
        let headers = vec![("X".to_owned(), vec!["{{request.query.q}}".to_owned()])];

        assert_eq!(
            refused(Response { headers, ..Response::default() }),
            "`X` renders to \"\\\"<\\u{1}\", and a control character cannot be sent in a head\n  \
             at stub[0].response.headers.X\n  in the template `{{request.query.q}}`"
        );
    }

    #[test]
    fn characters_that_xml_cannot_have_are_a_fault() {
        let document =
            Response { headers: Vec::new(), ..with_body(Body::Document(json(r#"{"a": "{{request.query.q}}"}"#))) };
        let compiled = compile(&StubAnswer::Response(document), &representation("r")).expect("no faults");
        let xml_request = request(&[("Accept", "text/xml")], "");

        assert!(respond(&compiled, &xml_request, 0).expect_err("a fault").message.contains("U+0001"));
        assert!(refused(with_body(Body::Xml("<a>{{request.query.q}}</a>".to_owned()))).contains("U+0001"));
    }

    #[test]
    fn a_file_is_chosen_among_those_that_were_read() {
        let files = vec![
            ("7.json".to_owned(), Bytes::from_static(b"{\"id\": {{request.path_params.id}}}")),
            ("b.bin".to_owned(), Bytes::from_static(b"{{\xFF")),
        ];
        let file = |path: &str| Body::File(FileBody { path: path.to_owned(), files: files.clone() });

        let answer = answered(with_body(file("{{request.path_params.id}}.json")));

        assert_eq!((text(&answer), &*answer.headers[0].1), ("{\"id\": 7}", "application/json"));
        assert_eq!(answered(with_body(file("{{lower 'B'}}.bin"))).body.to_bytes()[..], b"{{\xFF"[..]);
        assert!(
            refused(with_body(file("../{{request.path_params.id}}.jsn")))
                .starts_with("there is no file `../7.jsn` beside the scenario")
        );
    }

    #[test]
    fn a_fault_has_the_path_of_its_string() {
        let body = Body::Document(json(r#"{"a": [{"b": "{{request.nothing}}"}], "c": "{{}}"}"#));

        assert_eq!(
            faults(with_body(body)),
            [
                "stub[0].response.document.a[0].b: a request has no `nothing`",
                "stub[0].response.document.c: `}}` is not expected here in a template",
            ]
        );
    }

    #[test]
    fn random_values_follow_the_order_of_the_strings_and_not_the_delay() {
        let random = json(r#"["{{random_int 0 1000000}}", "{{random_int 0 1000000}}"]"#);
        let delay = Some(Delay::Uniform(Duration::ZERO, Duration::from_secs(1)));

        let (plain, delayed) = (
            answered(with_body(Body::Json(random.clone()))),
            answered(Response { delay, ..with_body(Body::Json(random)) }),
        );

        assert_eq!(plain.body, delayed.body);
        let drawn = json(text(&plain));
        assert!(matches!(drawn, Json::Array(pair) if pair[0] != pair[1]));
    }
}
