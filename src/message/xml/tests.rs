//! Tests of the documents that are read and refused, and of the messages.

use proptest::prelude::{any, proptest};

use super::*;

fn read(text: &str) -> XmlDocument {
    XmlDocument::parse_text(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

fn fault(text: &str) -> String {
    XmlDocument::parse_text(text).map(|_| ()).expect_err(text).to_string()
}

/// The text of the root of a document with this internal subset.
fn text_with(subset: &str, content: &str) -> String {
    read(&format!("<!DOCTYPE a [{subset}]><a>{content}</a>")).root().text().into_owned()
}

#[test]
fn names_are_resolved_and_text_is_joined() {
    let document = read(
        "<?xml version='1.0'?><a xmlns='u' p:x='1&amp;2' xmlns:p='v'>b&lt;<![CDATA[c]]>&#100;<!-- no -->e<p:e/></a>",
    );
    let root = document.root();

    assert_eq!(root.name(), XmlName { namespace: Some("u"), local: "a" });
    let attributes: Vec<_> = root.attributes().collect();
    assert_eq!(attributes, [(XmlName { namespace: Some("v"), local: "x" }, "1&2")]);
    assert_eq!(root.text(), "b<cde");
    assert_eq!(root.elements().next().and_then(|element| element.name().namespace), Some("v"));
    assert_eq!(root.children().count(), 2);
}

#[test]
fn the_tree_has_all_nodes_in_document_order() {
    let document = read("<!--c--><a x='1'>t<b/>u<?p q?></a><?z?>");
    let kinds: Vec<_> = (0..document.length()).map(|node| document.kind(node)).collect();

    use NodeKind::{Attribute, Comment, Document, Element, Instruction, Text};
    assert_eq!(kinds, [Document, Comment, Element, Attribute, Text, Element, Text, Instruction, Instruction]);
    assert_eq!((0..document.length()).map(|node| document.end(node)).collect::<Vec<_>>(), [9, 2, 8, 4, 5, 6, 7, 8, 9]);
    assert_eq!((1..9).filter_map(|node| document.parent(node)).collect::<Vec<_>>(), [0, 0, 2, 2, 2, 2, 2, 0]);
    assert_eq!(document.string_value(0), "tu");
    assert_eq!((document.full_name(7), document.value(7), document.value(8)), ("p", "q", ""));
}

#[test]
fn line_ends_and_attribute_values_are_normalised() {
    let document = read("<a b=' x\r\ny\tz&#10;&#9;'>1\r\n2\r3&#13;</a>");

    assert_eq!(document.root().attributes().next().map(|(_, value)| value), Some(" x y z\n\t"));
    assert_eq!(document.root().text(), "1\n2\n3\r");
}

#[test]
fn what_is_emptied_keeps_its_attributes_and_its_neighbours() {
    let document = read("<r><a x='1'><b><c/></b>t</a><d y='2'/>u</r>");
    let node = |local: &str| (0..document.length()).find(|node| document.local(*node) == local).expect(local);

    assert_eq!(document.emptied(&[node("a")]), read("<r><a x='1'/><d y='2'/>u</r>"));
    assert_eq!(document.emptied(&[node("x"), node("c"), node("y")]), read("<r><a x=''><b><c/></b>t</a><d y=''/>u</r>"));
    assert_eq!(document.emptied(&[node("a"), node("x"), node("b")]), read("<r><a x=''/><d y='2'/>u</r>"));
    assert_eq!(document.emptied(&[node("r")]), read("<r/>"));
}

#[test]
fn entities_of_the_internal_subset_are_read() {
    assert_eq!(text_with("<!ENTITY e 'x'>", "&e;&e;"), "xx");
    assert_eq!(text_with("<!ENTITY e 'x&f;'><!ENTITY f 'y&#38;lt;'>", "&e;"), "xy<");
    assert_eq!(text_with("<!ENTITY e '<b>in</b>'>", "out&e;"), "out");
    assert_eq!(text_with("<!ENTITY e 'first'><!ENTITY e 'second'>", "&e;"), "first");
    assert_eq!(text_with("<!ENTITY % p '<!ENTITY e \"x\">'>%p;", "&e;"), "x");
    assert_eq!(text_with("<!-- ]> --><?p ]> ?><!ELEMENT a (#PCDATA | b)*><!ENTITY e ']>'>", "&e;"), "]>");
    let document =
        read("<!DOCTYPE a [<!ENTITY e 'x\ty&lt;'><!ATTLIST a t NMTOKENS #IMPLIED>]><a b='&e;' t='  1  2 '/>");
    assert_eq!(document.root().attributes().map(|(_, value)| value).collect::<Vec<_>>(), ["x y<", "1 2"]);
}

#[test]
fn nothing_external_is_read() {
    assert_eq!(text_with("<!ENTITY e SYSTEM 'file:///etc/passwd'>", "x&e;y"), "xy");
    assert_eq!(read("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a>x&unknown;y</a>").root().text(), "xy");
    assert_eq!(
        text_with("<!ENTITY % p PUBLIC '-//x' 'http://127.0.0.1:1/p'>%p;<!ENTITY e 'late'>", "x&e;y"),
        "xy",
        "what comes after a parameter entity that is not read does not count"
    );
}

#[test]
fn what_is_not_well_formed_is_named_with_its_place() {
    for (text, message) in [
        ("<!DOCTYPE a><a>&nbsp;</a>", "the entity `&nbsp;` is not known at line 1 column 16"),
        ("<a>\n é<p:a/></a>", "the prefix `p` is not declared at line 2 column 3"),
        ("<a/><b/>", "a second root element at line 1 column 5"),
        ("<a>\r\n\r\n<1b/></a>", "`1b` is not a name at line 3 column 1"),
        ("", "no root element at line 1 column 1"),
        ("<a><b></b>", "`a` is not closed at line 1 column 11"),
        ("<a b='<'/>", "`<` must be written as `&lt;` in an attribute value at line 1 column 4"),
        ("<a\n b='1' b='2'/>", "the attribute `b` is given twice at line 1 column 1"),
        (" <?xml version='1.0'?><a/>", "an XML declaration must be at the very beginning at line 1 column 2"),
        ("<a>\u{1}</a>", "the character U+0001 is not one of XML at line 1 column 4"),
        ("<a>&#1;</a>", "`&#1;` is not a character of XML at line 1 column 4"),
        ("<!DOCTYPE a [<!ENTITY e '&e;'>]><a>&e;</a>", "the entity `e` refers to itself at line 1 column 36"),
        (
            "<!DOCTYPE a [<!ENTITY e '<b>'>]><a>&e;</b></a>",
            "the entity `&e;` must close the elements that it opens at line 1 column 36",
        ),
    ] {
        assert_eq!(fault(text), message, "{text:?}");
    }
}

#[test]
fn size_is_limited() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(XmlDocument::parse_text(&nested(128)).is_ok());
    assert_eq!(fault(&nested(129)), "elements nest deeper than 128 at line 1 column 385");

    let attributes = |count: usize| format!("<a{}/>", (0..count).map(|n| format!(" a{n}=''")).collect::<String>());
    assert!(XmlDocument::parse_text(&attributes(1024)).is_ok());
    assert!(fault(&attributes(1025)).starts_with("an element with more than 1024 attributes"));

    let namespaces = |count: usize| {
        let open: String = (0..count).map(|n| format!("<a xmlns:n{n}='u{n}'>")).collect();
        format!("{open}{}", "</a>".repeat(count))
    };
    assert!(XmlDocument::parse_text(&namespaces(128)).is_ok());
    assert!(fault(&namespaces(129)).starts_with("elements nest") || fault(&namespaces(129)).contains("128 namespaces"));

    let chain = |depth: usize| {
        let entities: String = (1..depth).map(|n| format!("<!ENTITY e{n} '&e{};'>", n - 1)).collect();
        format!("<!DOCTYPE a [<!ENTITY e0 'x'>{entities}]><a>&e{};</a>", depth - 1)
    };
    assert!(XmlDocument::parse_text(&chain(16)).is_ok());
    assert!(fault(&chain(17)).starts_with("entities nest deeper than 16"));
}

#[test]
fn what_costs_much_is_refused_in_milliseconds() {
    let ten = |n: usize| format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10));
    let laughs = format!("<!DOCTYPE a [<!ENTITY e0 'ha'>{}]>", (1..12).map(ten).collect::<String>());
    let wide = format!("<!DOCTYPE a [<!ENTITY e '{}'>]>", "x".repeat(100_000));
    for (name, text) in [
        ("a bomb in text", format!("{laughs}<a>&e11;</a>")),
        ("a bomb in an attribute", format!("{laughs}<a b='&e11;'/>")),
        ("a bomb in a default value", format!("{}<!ATTLIST a b CDATA '&e11;'>]><a/>", laughs.trim_end_matches("]>"))),
        ("a long entity many times", format!("{wide}<a>{}</a>", "&e;".repeat(1000))),
        ("many levels", "<a>".repeat(100_000)),
        ("many attributes", format!("<a{}/>", (0..100_000).map(|n| format!(" a{n}=''")).collect::<String>())),
        (
            "a long name with many attributes",
            format!(
                "<!DOCTYPE a [<!ATTLIST {0} {1}>]><{0}{2}/>",
                "n".repeat(1_000_000),
                "b CDATA '' ".repeat(100_000),
                " b=''".repeat(2)
            ),
        ),
        ("many groups", format!("<!DOCTYPE a [<!ELEMENT a {}b{}>]><a/>", "(".repeat(100_000), ")".repeat(100_000))),
    ] {
        // A build that is not optimised takes many times as long.
        let most = if cfg!(debug_assertions) { 4000 } else { 200 };
        let started = std::time::Instant::now();
        assert!(XmlDocument::parse_text(&text).is_err(), "{name}");
        assert!(started.elapsed().as_millis() < most, "{name} took {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>(), bytes in any::<Vec<u8>>(), charset in "[a-z0-9-]{0,9}") {
        for text in [text.clone(), format!("<a>{text}</a>"), format!("<a b='{text}'/>"), format!("<!DOCTYPE a [{text}]><a/>")] {
            let _ = XmlDocument::parse_text(&text);
        }
        let _ = XmlDocument::parse_in(&bytes, Some(&charset));
    }
}

#[test]
fn a_message_is_short_whatever_it_shows() {
    assert!(fault(&format!("<{}$/>", "n".repeat(1_000_000))).len() < 400);
}
