//! Documents written as JSON and XML, and values that XML cannot express.

use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop, prop_oneof, proptest};

use crate::message::{Document, XmlDocument};
use crate::model::{ElementOrder, Fault, Json, KeyPath, XmlForm};
use crate::respond::rendered_value::{Nulls, RenderedValue};
use crate::respond::xml;
use crate::respond::xml_check::XmlCheck;

const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect(text)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

fn groove() -> XmlForm {
    XmlForm {
        root: "TrackActionResponse".to_owned(),
        namespace: Some("http://schemas.microsoft.com/xboxmusic/2013/10/platform".to_owned()),
        prefixes: pairs(&[("i", INSTANCE)]),
        lists: pairs(&[("TrackIds", "string"), ("TrackActionResults", "TrackActionResult")]),
        order: ElementOrder::Ordinal,
    }
}

fn bare(root: &str) -> XmlForm {
    XmlForm { root: root.to_owned(), ..XmlForm::default() }
}

fn written(document: &str, form: &XmlForm) -> String {
    xml::write(&json(document), form).unwrap_or_else(|why| panic!("{document}: {why}"))
}

fn faults(document: &str, form: &XmlForm) -> Vec<(String, String)> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut check = XmlCheck { form, faults: &mut faults };
    check.document(&json(document), &KeyPath::top().key("document"));
    faults.into_iter().map(|fault| (fault.at.to_string(), fault.message)).collect()
}

#[test]
fn groove_gets_its_members_in_the_order_that_its_reader_needs() {
    let document = r#"{"TrackActionResults": [
        {"InputId": "a", "Id": "b", "Error": null},
        {"InputId": "c", "Id": null, "Error": {"ErrorCode": "X", "Description": "d", "Message": "m"}}
    ], "Error": {"ErrorCode": "Y", "Description": "e"}}"#;

    assert_eq!(
        written(document, &groove()),
        "<TrackActionResponse xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns=\"http://schemas.microsoft.com/xboxmusic/2013/10/platform\">\
         <Error><Description>e</Description><ErrorCode>Y</ErrorCode></Error>\
         <TrackActionResults>\
         <TrackActionResult><Id>b</Id><InputId>a</InputId></TrackActionResult>\
         <TrackActionResult><Error><Description>d</Description><ErrorCode>X</ErrorCode><Message>m</Message></Error>\
         <InputId>c</InputId></TrackActionResult>\
         </TrackActionResults></TrackActionResponse>"
    );
}

#[test]
fn a_given_order_puts_the_rest_behind_as_written() {
    let order = ElementOrder::Given(vec![("r".to_owned(), vec!["c".to_owned(), "a".to_owned()])]);
    let form = XmlForm { order, ..bare("r") };

    assert_eq!(
        written(r#"{"z":1,"a":{"z":1,"c":2},"y":3,"c":4}"#, &form),
        "<r><c>4</c><a><z>1</z><c>2</c></a><z>1</z><y>3</y></r>"
    );
}

#[test]
fn lists_wrap_their_items_and_others_repeat() {
    let form = XmlForm { lists: pairs(&[("Ids", "string"), ("Rows", "Row"), ("Row", "Cell")]), ..bare("r") };

    assert_eq!(written(r#"{"Ids":[],"tag":[],"x":{}}"#, &form), "<r><Ids /><x /></r>");
    assert_eq!(
        written(r#"{"tag":["a","b"],"Ids":["c"]}"#, &form),
        "<r><tag>a</tag><tag>b</tag><Ids><string>c</string></Ids></r>"
    );
    assert_eq!(written(r#"{"Rows":[[1,2]]}"#, &form), "<r><Rows><Row><Cell>1</Cell><Cell>2</Cell></Row></Rows></r>");
}

#[test]
fn attributes_and_text_have_their_places() {
    let document = r##"{"@a":"x\"<\n","#text":"a<b>&\r","e":{"@n":1,"#text":true}}"##;

    assert_eq!(written(document, &bare("r")), "<r a=\"x&quot;&lt;&#10;\">a&lt;b&gt;&amp;&#13;<e n=\"1\">true</e></r>");
}

#[test]
fn null_is_left_out_but_in_a_list() {
    let own = XmlForm { prefixes: pairs(&[("p", INSTANCE)]), ..bare("r") };

    assert_eq!(
        written(r#"{"a":null,"b":[1,null]}"#, &own),
        format!("<r xmlns:p=\"{INSTANCE}\"><b>1</b><b p:nil=\"true\" /></r>")
    );
    assert_eq!(
        written("[null]", &XmlForm { lists: pairs(&[("r", "i")]), ..bare("r") }),
        format!("<r><i xmlns:i=\"{INSTANCE}\" i:nil=\"true\" /></r>")
    );
    let document = json(r#"{"a":null,"b":[1,null,{"c":null}]}"#);
    assert_eq!(
        RenderedValue::Part(&document).to_bytes(Nulls::LeftOut).expect("no limit")[..],
        br#"{"b":[1,null,{}]}"#[..]
    );
}

#[test]
fn a_document_that_is_not_an_object_is_the_text_of_the_root() {
    assert_eq!(written(r#""a<b""#, &bare("r")), "<r>a&lt;b</r>");
    assert_eq!(
        faults("[1]", &bare("r")),
        [("document".to_owned(), "the items of the list `r` have no name in XML".to_owned())]
    );
}

#[test]
fn everything_that_xml_cannot_carry_is_found_at_load() {
    let document = r#"{"a b":1,"1":2,"p:x":3,"ok":{"@b c":1,"@y":[1]},"rows":[[1]],"bell":"\u0007"}"#;

    let messages: Vec<_> =
        faults(document, &bare("r")).into_iter().map(|(at, message)| format!("{at}: {message}")).collect();

    assert_eq!(
        messages,
        [
            "document.\"a b\": `a b` is not a name in XML",
            "document.1: `1` is not a name in XML",
            "document.\"p:x\": the prefix of `p:x` is not declared",
            "document.ok.\"@b c\": `b c` is not a name in XML",
            "document.ok.\"@y\": `@y` must be text, a number or a boolean to be written as XML",
            "document.rows[0]: the items of the list `rows` have no name in XML",
            "document.bell: XML cannot carry the character U+0007",
        ]
    );
}

#[test]
fn a_document_that_passes_the_check_can_be_written() {
    assert!(xml::write(&json(r#"{"a":"\u0001"}"#), &bare("r")).is_err());
    assert!(xml::write(&json(r#"{"a":[[1]]}"#), &bare("r")).is_err());
    assert!(xml::write(&json(r#"{"a b":1}"#), &bare("r")).is_err());
}

/// Documents that stay distinct in XML: nothing empty but named lists, and no list of one item without a name.
fn documents() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        "[ -~\\t\\n\\réß☃]{0,12}".prop_map(Json::String),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(Json::from)
    ];
    let named = |value: BoxedStrategy<Json>| {
        prop::collection::vec((prop::sample::select(vec!["A", "b", "c-1", "É"]), value), 1..4)
    };
    let value = leaf.prop_recursive(4, 32, 4, move |inner| {
        let item = prop_oneof![4 => inner.clone().prop_filter("lists of lists have no names", |v| !matches!(v, Json::Array(_))), 1 => Just(Json::Null)];
        prop_oneof![
            named(inner).prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
                .prop_map(unique),
            prop::collection::vec(item, 2..4).prop_map(Json::Array),
        ]
    });
    let list = prop::collection::vec(
        value.clone().prop_filter("lists of lists have no names", |v| !matches!(v, Json::Array(_))),
        0..3,
    );
    (value, list)
        .prop_map(|(value, list)| {
            unique(vec![
                ("@at".to_owned(), Json::from("x\ty")),
                ("v".to_owned(), value),
                ("List".to_owned(), Json::Array(list)),
            ])
        })
        .boxed()
}

fn unique(members: Vec<(String, Json)>) -> Json {
    let mut object = Json::Object(Vec::new());
    members.into_iter().for_each(|(name, value)| object.set(&name, value));
    object
}

/// Returns the document as XML expresses it: every leaf is text.
fn untyped(document: &Json) -> Json {
    match document {
        Json::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), untyped(value))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(untyped).collect()),
        Json::Null => Json::Null,
        leaf => Json::String(super::super::value_ref::leaf_text(leaf).expect("a leaf").into_owned()),
    }
}

proptest! {
    #[test]
    fn xml_that_is_written_reads_as_the_same_document(document in documents(), ordinal in any::<bool>()) {
        let order = if ordinal { ElementOrder::Ordinal } else { ElementOrder::AsWritten };
        let form = XmlForm { namespace: Some("urn:x".to_owned()), lists: pairs(&[("List", "Item")]), order, ..bare("root") };

        let text = xml::write(&document, &form).expect("a document that XML can express");
        let read = Document::from_xml(XmlDocument::parse_text(&text).expect(&text).root(), &form.lists);

        assert!(read.root.same(&untyped(&document)), "{document} was read from {text} as {}", read.root);
    }
}
