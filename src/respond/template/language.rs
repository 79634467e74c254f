//! Compares our Handlebars with the crate `handlebars` on the same templates.
//!
//! The crate formats lists and objects differently, so its templates use a helper that writes JSON.

use std::sync::LazyLock;

use bytes::Bytes;
use handlebars::{Context, Handlebars, Helper, HelperResult, JsonRender, Output, RenderContext, handlebars_helper};
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::sample::select;

use super::{CompiledTemplate, Rendering, Template, TemplateSource, Uses};
use crate::message::{Head, Request};
use crate::model::{KeyPath, Projection, Representation, Timestamp};
use crate::respond::templating::{Escape, TemplateNames};
use crate::respond::{Context as Answered, Seed};

const BODY: &str = r#"{
    "empty": [], "first name": "Augusta",
    "lines": [{"id": 1, "tags": ["a"], "to": {"city": "London"}}, {"id": 2, "tags": [], "to": {"city": "Paris"}}],
    "name": "Ada <&> \"é\"", "no": false, "none": "", "nothing": null, "price": 12.5, "tags": ["x", "y", "z"],
    "to": {"city": "Rome", "zip": "00100"}, "yes": true, "zero": 0
}"#;

handlebars_helper!(upper: |text: str| text.to_uppercase());
handlebars_helper!(eq: |*values| values.first() == values.get(1));
handlebars_helper!(length: |value: Json| value.as_array().map_or(0, Vec::len));

fn concat(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    for value in helper.params() {
        let missing = value.is_value_missing() || value.value().is_array() || value.value().is_object();
        if missing {
            return Err(handlebars::RenderErrorReason::MissingVariable(None).into());
        }
        out.write(&value.render())?;
    }
    Ok(())
}

fn show(
    helper: &Helper<'_>,
    registry: &Handlebars<'_>,
    _: &Context,
    context: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper.param(0).filter(|value| !value.is_value_missing());
    let value = value.ok_or(handlebars::RenderErrorReason::MissingVariable(None))?.value();
    let text = if value.is_array() || value.is_object() {
        value.to_string()
    } else {
        value.render()
    };
    let escaped = if context.is_disable_escape() { text } else { registry.get_escape_fn()(&text) };
    Ok(out.write(&escaped)?)
}

static THEIRS: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(|text| crate::respond::xml::escape_anywhere(text).into_owned());
    registry.register_helper("show", Box::new(show));
    registry.register_helper("upper", Box::new(upper));
    registry.register_helper("concat", Box::new(concat));
    registry.register_helper("eq", Box::new(eq));
    registry.register_helper("length", Box::new(length));
    registry
});

fn theirs(source: &str) -> Result<String, String> {
    let body: serde_json::Value = serde_json::from_str(BODY).expect("JSON");
    let data = serde_json::json!({"request": {"method": "POST", "json": body}});
    THEIRS.render_template(source, &data).map_err(|why| why.to_string())
}

/// Renders a template with Cannery; `None` if it has an unknown name, which is found when it is compiled.
fn ours(source: &str) -> Option<Result<String, String>> {
    let (mut uses, mut faults, at) = (Uses::default(), Vec::new(), KeyPath::top());
    let written = TemplateSource { text: source, at: &at, names: TemplateNames::default(), escape: Escape::Xml };
    let Some(compiled) = CompiledTemplate::compile(written, &mut uses, &mut faults) else {
        assert!(faults.iter().all(|fault| fault.label.is_empty()), "{source:?} must be valid syntax: {faults:?}");
        return None;
    };
    let head = Head::compose("POST", "/", [("Content-Type", &b"application/json"[..])]);
    let request = Request::new(head, Bytes::from_static(BODY.as_bytes()), None, Timestamp::UNIX_EPOCH);
    let seed = Seed { base: 0, id: "", call: 0 };
    let context = Answered { request: &request, path_params: &[], now: Timestamp::UNIX_EPOCH, seed };
    let representation = Representation::plain();
    let render = |uses: &Uses| compiled.render(&Rendering::new(&context, uses, &representation));
    let rendered = render(&uses);
    let mut all = Uses::default();
    all.add_json(Projection::Whole);
    assert_eq!(rendered, render(&all), "{source:?} must not use more than the recorded parts of the body");
    Some(rendered.map_err(|fault| fault.to_string()))
}

/// A template in the syntax of Cannery, and in that of the crate.
type Pair = (String, String);

fn same(text: &str) -> Pair {
    (text.to_owned(), text.to_owned())
}

fn text() -> impl Strategy<Value = Pair> {
    select(vec![" ", "\n", "\r\n", "  \n ", "\n\n", "\t", "a", "é b", "<&>", "}}", "\\{{x}}", "x\n", "\n  y", "'"])
        .prop_map(same)
}

/// Paths from the top level, and paths that may have a value inside a block.
fn path() -> impl Strategy<Value = &'static str> {
    select(vec![
        "request.json.name",
        "request.json.none",
        "request.json.zero",
        "request.json.price",
        "request.json.yes",
        "request.json.no",
        "request.json.nothing",
        "request.json.absent",
        "request.json.tags.[1]",
        "request.json.tags.2",
        "request/json/name",
        "request.json.[first name]",
        "request.json.lines.[1].to.city",
        "request.json.to.city",
        "request.json.tags",
        "request.json.to",
        "request.json.lines",
        "request.method",
        "@root.request.method",
        "this.request.method",
        "./request.method",
    ])
}

fn inside() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        path(),
        select(vec![
            "this",
            "this.id",
            "id",
            "./id",
            "city",
            "to.city",
            "this.to.city",
            "tags.[0]",
            "../request.json.name",
            "../../request.method",
            "../id",
            "../this.id",
            "@index",
            "@first",
            "@last",
            "@key",
            "@../index",
            "x",
            "x.id",
            "place",
            "this.[0]",
        ]),
    ]
}

fn output(path: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Pair> {
    (path, tildes(), select(vec![0, 1, 2, 3, 4, 5, 6])).prop_map(|(path, (a, z), steps)| match steps {
        // The top-level names have no order in the crate.
        _ if path == "this" => same(&format!("{{{{{a}concat this{z}}}}}")),
        0 => (format!("{{{{{a}{path}{z}}}}}"), format!("{{{{{a}show {path}{z}}}}}")),
        1 => (format!("{{{{{{{path}}}}}}}"), format!("{{{{{{show {path}}}}}}}")),
        2 => (format!("{{{{{a}{{{path}}}{z}}}}}"), format!("{{{{{a}{{show {path}}}{z}}}}}")),
        3 => same(&format!("{{{{{a} upper (concat {path} \"-é\" 'b' 1 true) {z}}}}}")),
        4 => same(&format!("{{{{{a}eq {path} 12.5{z}}}}}")),
        5 => same(&format!("{{{{{a}length [1, \"two\", [{{\"a\": null}}]]{z}}}}}")),
        _ => (format!("{{{{& {path} }}}}"), format!("{{{{{{ show {path} }}}}}}")),
    })
}

fn tildes() -> impl Strategy<Value = (&'static str, &'static str)> {
    (select(vec!["", "", "", "~"]), select(vec!["", "", "", "~"]))
}

/// A block, without tildes at the end of a tag that starts a branch: the crate then removes white space elsewhere too.
fn block(inner: impl Strategy<Value = Pair> + Clone + 'static) -> impl Strategy<Value = Pair> {
    let opening = prop_oneof![
        (inside(), tildes()).prop_map(|(path, (a, _))| (format!("{{{{{a}#if {path}}}}}"), "if")),
        (inside(), tildes())
            .prop_map(|(path, (a, _))| (format!("{{{{{a}#unless {path} includeZero=true }}}}"), "unless")),
        (path(), tildes()).prop_map(|(path, (a, _))| (format!("{{{{{a}#if (eq {path} \"POST\")}}}}"), "if")),
        (
            select(vec![
                "request.json.tags",
                "request.json.lines",
                "request.json.to",
                "request.json.empty",
                "tags",
                "../tags"
            ]),
            select(vec!["", " as |x|", " as |x place|"]),
            tildes()
        )
            .prop_map(|(path, names, (a, _))| (format!("{{{{{a}#each {path}{names}}}}}"), "each")),
        (
            select(vec!["request.json.to", "request.json", "to", "request.json.absent", "request.json.nothing"]),
            select(vec!["", " as |x|"]),
            tildes()
        )
            .prop_map(|(path, names, (a, _))| (format!("{{{{{a}#with {path}{names}}}}}"), "with")),
    ];
    let otherwise = prop_oneof![
        Just(None),
        (select(vec!["else", "^", "else if request.json.none", "else if request.json.yes"]), tildes()).prop_map(Some),
    ];
    (opening, inner.clone(), otherwise, inner, tildes()).prop_map(|((open, name), body, otherwise, other, (a, z))| {
        let close = format!("{{{{{a}/{name}{z}}}}}");
        let other = otherwise.map_or_else(Default::default, |(word, (a, _))| {
            let tag = format!("{{{{{a}{word}}}}}");
            (format!("{tag}{}", other.0), format!("{tag}{}", other.1))
        });
        (format!("{open}{}{}{close}", body.0, other.0), format!("{open}{}{}{close}", body.1, other.1))
    })
}

fn template() -> impl Strategy<Value = Pair> {
    let leaf = prop_oneof![
        3 => text(),
        3 => output(inside()),
        1 => select(vec!["a{{! no }}b", "a\n {{!-- }} --}}\nb", "a{{{{raw}}}}{{x}} y{{{{/raw}}}}b"]).prop_map(same),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let row = proptest::collection::vec(inner.clone(), 0..5).prop_map(|all| {
            let (ours, theirs): (Vec<_>, Vec<_>) = all.into_iter().unzip();
            (ours.concat(), theirs.concat())
        });
        prop_oneof![row.clone(), block(row)]
    })
}

proptest! {
    #[test]
    fn both_engines_render_the_same((source, other) in template()) {
        // The crate keeps white space after the last tag, even if the tag is alone on its line.
        match (ours(&format!("{source}.")), theirs(&format!("{other}."))) {
            (None, _) => {}
            (Some(Ok(ours)), Ok(theirs)) => assert_eq!(ours, theirs, "{source:?}"),
            (Some(ours), theirs) => assert_eq!(ours.is_ok(), theirs.is_ok(), "{source:?}: {ours:?}, {theirs:?}"),
        }
    }
}
