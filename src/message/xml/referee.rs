//! Compares the reader with generated documents, and with another reader, the crate `roxmltree`.

use std::fmt::Write as _;

use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::sample::select;

use super::{NodeKind, XmlDocument};

/// A document as it should be read: one line for each node, with the number of nodes around it.
fn outline(document: &XmlDocument) -> String {
    let mut lines = String::new();
    for node in 0..document.length() {
        let depth = std::iter::successors(document.parent(node), |node| document.parent(*node)).count();
        let (namespace, local, value) = (document.namespace(node), document.local(node), document.value(node));
        let _ = writeln!(lines, "{depth} {:?} {namespace:?} {local} {value:?}", document.kind(node));
    }
    lines
}

fn outline_of_theirs(document: &roxmltree::Document<'_>) -> String {
    let mut lines = String::new();
    for node in document.descendants() {
        // A text has a character at least (XPath 1.0 §5.7); theirs may come of an empty CDATA section.
        if node.is_text() && node.text().unwrap_or_default().is_empty() {
            continue;
        }
        let depth = node.ancestors().count() - 1;
        let (kind, local, value) = match node.node_type() {
            roxmltree::NodeType::Root => (NodeKind::Document, "", ""),
            roxmltree::NodeType::Element => (NodeKind::Element, node.tag_name().name(), ""),
            roxmltree::NodeType::Text => (NodeKind::Text, "", node.text().unwrap_or_default()),
            roxmltree::NodeType::Comment => (NodeKind::Comment, "", node.text().unwrap_or_default()),
            roxmltree::NodeType::PI => {
                let pi = node.pi().expect("an instruction");
                (NodeKind::Instruction, pi.target, pi.value.unwrap_or_default())
            }
        };
        let namespace = node.tag_name().namespace().filter(|name| !name.is_empty());
        let _ = writeln!(lines, "{depth} {kind:?} {namespace:?} {local} {value:?}");
        for attribute in node.attributes() {
            let (namespace, kind) = (attribute.namespace(), NodeKind::Attribute);
            let _ =
                writeln!(lines, "{} {kind:?} {namespace:?} {} {:?}", depth + 1, attribute.name(), attribute.value());
        }
    }
    lines
}

/// Pieces of XML, right and wrong, that come in any order.
fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    let piece = select(vec![
        "<a>",
        "</a>",
        "<b",
        "<p:c",
        "</b>",
        "</p:c>",
        ">",
        "/>",
        " />",
        "<d/>",
        " xmlns='u'",
        " xmlns:p=\"v\"",
        " p:x='1'",
        " x='1'",
        " x = '1'",
        " y=\"a\nb\"",
        " z='&lt;'",
        " xmlns=''",
        " xmlns:p=''",
        " xml:lang='e'",
        " xmlns:xml='q'",
        " q:x='1'",
        " v='a>b'",
        "text",
        " ",
        "\n",
        "\r\n",
        "é",
        "\u{85}",
        "\u{2028}",
        "&amp;",
        "&#65;",
        "&#xe9;",
        "]]>",
        "<!-- c -->",
        "<!---->",
        "<!--a--b-->",
        "<![CDATA[x]]>",
        "<![CDATA[]]>",
        "<?pi?>",
        "<?pi  a b?>",
        "<?xml version=\"1.0\"?>",
        "<1>",
        "<e:>",
        "<:e>",
        "<a:b:c/>",
        "\u{1}",
        "\t",
        "=",
        "'",
        "\"",
        "<",
        "</",
        "x",
        "&e;",
        "&",
        ";",
        "\u{fffe}",
        "\u{feff}",
    ]);
    proptest::collection::vec(piece, 0..10)
}

/// If we read a text, the other reader reads it as we do. It is the more lenient of the two.
fn are_same(text: &str) {
    let Ok(document) = XmlDocument::parse_text(text) else { return };
    let theirs = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    assert_eq!(outline(&document), outline_of_theirs(&theirs), "{text:?}");
}

/// A piece of a document: how it is written, and the lines of its outline without their depth.
type Written = (String, Vec<(usize, String)>);

fn line(kind: NodeKind, namespace: Option<&str>, local: &str, value: &str) -> String {
    format!("{kind:?} {namespace:?} {local} {value:?}")
}

/// Text in one of the ways in which it can be written.
fn text() -> impl Strategy<Value = (String, String)> {
    let piece = (select(vec!["a", "<", "&", ">", "é", " ", "]", "\t", "𝄞"]), 0..4).prop_map(|(text, way)| {
        let plain = !matches!(text, "<" | "&" | ">" | "]");
        let code = u32::from(text.chars().next().expect("one"));
        let written = match way {
            0 => format!("&#{code};"),
            1 => format!("&#x{code:x};"),
            2 if text != "]" && text != ">" => format!("<![CDATA[{text}]]>"),
            _ if plain => text.to_owned(),
            _ => format!("&#{code};"),
        };
        (written, text.to_owned())
    });
    proptest::collection::vec(piece, 1..5).prop_map(|pieces| {
        pieces.into_iter().fold((String::new(), String::new()), |all, one| (all.0 + &one.0, all.1 + &one.1))
    })
}

fn element() -> impl Strategy<Value = Written> {
    let name = || select(vec![("a", None, "a"), ("p:b", Some("u"), "b"), ("é-1", None, "é-1")]);
    let space = || select(vec!["", " ", "\n\t"]);
    let quote = || select(vec!['"', '\'']);
    let attribute = move || {
        let value = select(vec![
            ("", ""),
            ("1", "1"),
            ("a&lt;b", "a<b"),
            ("a\nb", "a b"),
            ("&#10;", "\n"),
            (">", ">"),
            ("&e;", "E x"),
        ]);
        (
            select(vec![
                ("x", None, "x"),
                ("p:x", Some("u"), "x"),
                ("xml:id", Some("http://www.w3.org/XML/1998/namespace"), "id"),
            ]),
            value,
            space(),
            quote(),
        )
            .prop_map(|((name, namespace, local), (written, value), space, quote)| {
                (
                    format!(" {space}{name}{space}={space}{quote}{written}{quote}"),
                    line(NodeKind::Attribute, namespace, local, value),
                )
            })
    };
    let leaf = prop_oneof![
        3 => text().prop_map(|(written, text)| (written, vec![(0, line(NodeKind::Text, None, "", &text))])),
        1 => Just(("<!-- c -->".to_owned(), vec![(0, line(NodeKind::Comment, None, "", " c "))])),
        1 => Just(("<?t  v ?>".to_owned(), vec![(0, line(NodeKind::Instruction, None, "t", "v "))])),
        1 => Just(("&m;".to_owned(), vec![(0, line(NodeKind::Element, None, "m", "")), (1, line(NodeKind::Text, None, "", "E x"))])),
    ];
    leaf.prop_recursive(5, 30, 5, move |inner| {
        let children = proptest::collection::vec(inner, 0..5);
        (name(), proptest::option::of(attribute()), children, space()).prop_map(|((name, namespace, local), attribute, children, space)| {
            let mut lines = vec![(0, line(NodeKind::Element, namespace, local, ""))];
            let mut written = format!("<{name}");
            if let Some((text, line)) = attribute {
                written += &text;
                lines.push((1, line));
            }
            let _ = write!(written, "{space}>");
            let mut text_before = false;
            for (child, inner) in children {
                // Neighbouring texts would be one.
                let is_text = inner[0].1.starts_with("Text");
                if is_text && text_before {
                    continue;
                }
                text_before = is_text;
                written += &child;
                lines.extend(inner.into_iter().map(|(depth, line)| (depth + 1, line)));
            }
            let _ = write!(written, "</{name}{space}>");
            (written, lines)
        })
    })
    .prop_map(|(written, lines)| {
        let mut all = vec![(0, line(NodeKind::Document, None, "", "")), (1, line(NodeKind::Element, None, "r", ""))];
        all.extend(lines.into_iter().map(|(depth, line)| (depth + 2, line)));
        (format!("<?xml version='1.0' encoding=\"utf-8\" ?>\n<!DOCTYPE r [<!ENTITY e 'E x'><!ENTITY m '<m>&e;</m>'>]>\n<r xmlns:p='u'>{written}</r>\n"), all)
    })
}

proptest! {
    #[test]
    fn what_is_read_here_is_what_another_reader_reads(pieces in pieces(), within in pieces()) {
        are_same(&pieces.concat());
        are_same(&format!("<a{}>{}</a>", pieces.concat(), within.concat()));
        are_same(&format!("<r xmlns:p='u'>{}</r>", within.concat()));
    }

    #[test]
    fn what_is_written_is_read((written, lines) in element()) {
        let document = XmlDocument::parse_text(&written).unwrap_or_else(|fault| panic!("{fault}: {written}"));
        let expected: String = lines.iter().map(|(depth, line)| format!("{depth} {line}\n")).collect();
        assert_eq!(outline(&document), expected, "{written}");
    }

    #[test]
    fn what_is_written_in_another_encoding_is_read_as_the_same((written, _) in element(), mark in proptest::bool::ANY) {
        let wide = |bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
            format!("{mark}{written}").encode_utf16().flat_map(bytes).collect()
        };
        let expected = outline(&XmlDocument::parse_text(&written).expect("XML"));
        for bytes in [
            wide(u16::to_le_bytes, if mark { "\u{feff}" } else { "" }),
            wide(u16::to_be_bytes, if mark { "\u{feff}" } else { "" }),
            encoding_rs::GB18030.encode(&written.replace("utf-8", "gb18030")).0.into_owned(),
        ] {
            assert_eq!(outline(&XmlDocument::parse(&bytes).expect("XML")), expected);
        }
    }
}
