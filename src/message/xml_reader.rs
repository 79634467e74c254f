//! Reads XML that is written as nearly all of it is sent: elements, attributes and text without entities. Whatever else
//! there is in a text, and all that is wrong with one, is left to `quick-xml`, as which this reads the rest.

use std::sync::Arc;

use memchr::memchr;

use super::xml::{DEEPEST, MOST_NODES, XmlElement, XmlName, XmlNode};

/// Reads a document; `None` where `quick-xml` has to.
pub(super) fn read(text: &str) -> Option<XmlElement> {
    let text = DECLARATIONS.iter().find_map(|declaration| text.strip_prefix(declaration)).unwrap_or(text);
    let mut reader = Reader { rest: past_space(text), bound: Vec::new(), depth: 0, nodes: 0 };
    reader.take('<')?;
    let root = reader.element()?;
    past_space(reader.rest).is_empty().then_some(root)
}

/// Those that say what is so without them.
const DECLARATIONS: [&str; 5] = [
    r#"<?xml version="1.0"?>"#,
    r#"<?xml version="1.0" encoding="utf-8"?>"#,
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<?xml version="1.0" encoding="utf-8" standalone="yes"?>"#,
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
];

/// Among more attributes than these it would take long to see whether one stands twice.
const FEW_ATTRIBUTES: usize = 16;

/// Among more namespaces than these, all elements together that are open, it would take long to find one.
const FEW_NAMESPACES: usize = 32;

/// Namespaces that only prefixes of their own have (Namespaces in XML 1.0, §3).
const RESERVED: [&str; 2] = ["http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"];

/// Where a byte may stand in a name that is read here.
#[derive(Clone, Copy)]
enum InNames {
    Nowhere,
    /// Anywhere.
    First,
    /// But not first, nor after the colon.
    Later,
    Colon,
}

/// Each byte of a name is looked up.
const IN_NAMES: [InNames; 256] = {
    let (mut places, mut byte) = ([InNames::Nowhere; 256], 0);
    while byte < places.len() {
        places[byte] = match byte as u8 {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => InNames::First,
            b'0'..=b'9' | b'-' | b'.' => InNames::Later,
            b':' => InNames::Colon,
            _ => InNames::Nowhere,
        };
        byte += 1;
    }
    places
};

/// A name as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name<'t> {
    text: &'t str,
    /// Where its part after the prefix starts.
    local: usize,
}

impl<'t> Name<'t> {
    fn prefix(self) -> Option<&'t str> {
        (self.local > 0).then(|| &self.text[..self.local - 1])
    }

    fn local(self) -> &'t str {
        &self.text[self.local..]
    }

    /// The prefix that an attribute of this name declares; the default one is empty.
    fn declares(self) -> Option<&'t str> {
        match self.prefix() {
            Some("xmlns") => Some(self.local()),
            None if self.text == "xmlns" => Some(""),
            _ => None,
        }
    }
}

/// A prefix with its namespace; the default one has no prefix.
struct Bound<'t> {
    prefix: &'t str,
    namespace: &'t str,
    /// The namespace for all that is in it, once something is.
    shared: Option<Arc<str>>,
}

struct Reader<'t> {
    rest: &'t str,
    /// The innermost last.
    bound: Vec<Bound<'t>>,
    /// How many elements are open.
    depth: usize,
    /// How many elements and attributes have begun.
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, expected: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// What stands before the next byte of a kind, which is taken too. There has to be one, and nothing before it of which
    /// this is so: all of that is looked at, which is done for many bytes at once.
    fn until(&mut self, end: u8, is_special: impl Fn(u8) -> bool) -> Option<&'t str> {
        let at = memchr(end, self.rest.as_bytes())?;
        let (before, rest) = (&self.rest[..at], &self.rest[at + 1..]);
        self.rest = rest;
        let has_special = before.bytes().fold(false, |found, byte| found | is_special(byte));
        (!has_special).then_some(before)
    }

    /// A name with its prefix.
    fn name(&mut self) -> Option<Name<'t>> {
        let (mut colon, mut length) = (None, 0);
        while let Some(byte) = self.rest.as_bytes().get(length) {
            match IN_NAMES[usize::from(*byte)] {
                InNames::First => {}
                InNames::Later if length > 0 && colon != Some(length - 1) => {}
                InNames::Colon if length > 0 && colon.is_none() => colon = Some(length),
                _ => break,
            }
            length += 1;
        }
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let local = colon.map_or(0, |colon| colon + 1);
        (local < length).then_some(Name { text, local })
    }

    /// An element whose first bracket is taken.
    fn element(&mut self) -> Option<XmlElement> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let (tag, bound_before) = (self.name()?, self.bound.len());
        let sent = self.attributes()?;
        self.nodes += 1 + sent.len();
        if self.nodes > MOST_NODES {
            return None;
        }
        let name = self.resolve(tag, true)?;
        let attribute = |(name, value): (Name<'_>, &str)| Some((self.resolve(name, false)?, value.to_owned()));
        let attributes = sent.into_iter().map(attribute).collect::<Option<_>>()?;
        let mut element = XmlElement { name, attributes, children: Vec::new() };
        match self.rest.strip_prefix("/>") {
            Some(rest) => self.rest = rest,
            None => {
                self.take('>')?;
                self.content(tag.text, &mut element)?;
            }
        }
        self.bound.truncate(bound_before);
        self.depth -= 1;
        Some(element)
    }

    /// The attributes of an element, and what it declares.
    fn attributes(&mut self) -> Option<Vec<(Name<'t>, &'t str)>> {
        let (mut attributes, declared_before) = (Vec::new(), self.bound.len());
        loop {
            let before = self.rest;
            self.rest = past_space(before);
            if self.rest.starts_with(['/', '>']) {
                return Some(attributes);
            }
            let is_apart = self.rest.len() < before.len();
            let (name, value) = self.attribute().filter(|_| is_apart)?;
            let all = attributes.len() + self.bound.len() - declared_before;
            if all >= FEW_ATTRIBUTES || attributes.iter().any(|(known, _)| *known == name) {
                return None;
            }
            match name.declares() {
                Some(prefix) if self.bound[declared_before..].iter().any(|bound| bound.prefix == prefix) => {
                    return None;
                }
                Some("xml" | "xmlns") => return None,
                Some(_) if value.is_empty() || RESERVED.contains(&value) => return None,
                Some(_) if self.bound.len() == FEW_NAMESPACES => return None,
                Some(prefix) => self.bound.push(Bound { prefix, namespace: value, shared: None }),
                None => attributes.push((name, value)),
            }
        }
    }

    fn attribute(&mut self) -> Option<(Name<'t>, &'t str)> {
        let name = self.name()?;
        self.take('=')?;
        let quote = self.rest.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''))?;
        self.rest = &self.rest[1..];
        let value = self.until(quote, |byte| matches!(byte, b'&' | b'<' | 0..b' '))?;
        Some((name, value))
    }

    /// A name in its namespace; only an element without a prefix has the default one.
    fn resolve(&mut self, name: Name<'_>, is_element: bool) -> Option<XmlName> {
        let mut innermost_first = self.bound.iter_mut().rev();
        let bound = match name.prefix() {
            None if is_element => innermost_first.find(|bound| bound.prefix.is_empty()),
            None => None,
            Some(prefix) => Some(innermost_first.find(|bound| bound.prefix == prefix)?),
        };
        let shared = |bound: &mut Bound<'_>| bound.shared.get_or_insert_with(|| Arc::from(bound.namespace)).clone();
        Some(XmlName { namespace: bound.map(shared), local: name.local().to_owned() })
    }

    /// What stands in an element, and its end.
    fn content(&mut self, tag: &str, element: &mut XmlElement) -> Option<()> {
        loop {
            let text = self.until(b'<', |byte| matches!(byte, b'&' | b']' | b'\r'))?;
            if !text.is_empty() {
                // What begins with text is mostly nothing else.
                if element.children.is_empty() {
                    element.children.reserve_exact(1);
                }
                element.children.push(XmlNode::Text(text.to_owned()));
            }
            if let Some(end) = self.rest.strip_prefix('/') {
                self.rest = end.strip_prefix(tag)?.strip_prefix('>')?;
                return Some(());
            }
            let child = self.element()?;
            element.children.push(XmlNode::Element(child));
        }
    }
}

fn past_space(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, proptest};
    use proptest::sample::select;

    use super::*;
    use crate::message::xml::parse_all;

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
            " y=\"a b\"",
            " z='&lt;'",
            " xmlns=''",
            " xmlns:p=''",
            " xml:lang='e'",
            " xmlns:xml='q'",
            " xmlns:p='http://www.w3.org/2000/xmlns/'",
            " xmlns:q='http://www.w3.org/XML/1998/namespace'",
            " xmlns='http://www.w3.org/2000/xmlns/'",
            " q:x='1'",
            " v='a>b'",
            "text",
            " ",
            "\n",
            "\r\n",
            "é",
            "\u{85}",
            "\u{2028}",
            " xmlnsq='1'",
            "&amp;",
            "]]>",
            "<!-- c -->",
            "<![CDATA[x]]>",
            "<?pi?>",
            "<?xml version=\"1.0\"?>",
            "<!DOCTYPE a>",
            "<1>",
            "<e:>",
            "<:e>",
            "<a:b:c/>",
            "<xmlns:a/>",
            "\u{1}",
            "\t",
            "=",
            "'",
            "\"",
            "<",
            "</",
            "x",
        ]);
        proptest::collection::vec(piece, 0..10)
    }

    /// An element as it is sent: declarations, attributes, text or elements within.
    fn element() -> impl Strategy<Value = String> {
        let name = || select(vec!["a", "TrackIds", "p:item", "x-1.2_z"]);
        let attributes = || {
            select(vec![
                "",
                " xmlns=\"urn:u\"",
                " xmlns:q='v' q:x='1'",
                " b='é' c=\"it's\"",
                "\n  d='' ",
                " xmlns=\"w\" xmlns:p='u'",
            ])
        };
        let leaf = (name(), attributes(), select(vec!["", "a", " 1 < ", "é \n", "x > y"]))
            .prop_map(|(name, attributes, text)| format!("<{name}{attributes}>{}</{name}>", text.replace('<', "")));
        let empty = (name(), attributes()).prop_map(|(name, attributes)| format!("<{name}{attributes}/>"));
        let inner = proptest::prop_oneof![leaf, empty];
        let outer = inner.prop_recursive(4, 24, 4, move |inner| {
            (name(), attributes(), proptest::collection::vec(inner, 0..4), select(vec!["", "\n  ", "t"])).prop_map(
                |(name, attributes, children, between)| {
                    format!("<{name}{attributes}>{}</{name}>", children.join(between))
                },
            )
        });
        (select(vec!["", DECLARATIONS[1], "\n"]), outer)
            .prop_map(|(before, root)| format!("{before}<r xmlns:p=\"urn:p\">{root}</r>\n"))
    }

    fn checked(text: &str) -> bool {
        let read = read(text);
        if let Some(read) = &read {
            assert_eq!(parse_all(text).as_ref(), Ok(read), "{text}");
        }
        read.is_some()
    }

    proptest! {
        #[test]
        fn what_is_read_here_is_what_quick_xml_reads(pieces in pieces(), within in pieces()) {
            checked(&pieces.concat());
            checked(&format!("<a{}>{}</a>", pieces.concat(), within.concat()));
        }

        #[test]
        fn xml_as_it_is_sent_is_read_here(text in element()) {
            assert!(checked(&text), "{text}");
        }
    }

    #[test]
    fn what_stands_at_the_edge_is_read_as_quick_xml_reads_it() {
        for attributes in [
            "xmlns:p='http://www.w3.org/2000/xmlns/'",
            "xmlns:p='http://www.w3.org/XML/1998/namespace'",
            "xmlns='http://www.w3.org/2000/xmlns/'",
            "xmlns:xml='u'",
            "xmlns:xmlns='u'",
            "xmlns=''",
            "xmlns:p=''",
            "xmlns:p='u' xmlns:p='v'",
            "xmlns='u' xmlns='v'",
            "xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'",
            "xml:lang='en'",
            "p:b='1'",
            "b='1' b='2'",
            "b='1'c='2'",
            "b = '1'",
            "b=1",
            "b",
            "b='>'",
            "b='<'",
            "b='&gt;'",
            "b='1\t2'",
            "xmlnsq='u'",
            ":b='1'",
            "b:='1'",
            "b:c:d='1'",
        ] {
            for (open, close) in [("<a ", "/>"), ("<a ", "></a>"), ("<a ", "><p:b/></a>"), ("<p:a ", " />")] {
                checked(&format!("{open}{attributes}{close}"));
            }
        }
        for text in [
            "",
            " ",
            "x",
            "<",
            "<a",
            "<a>",
            "</a>",
            "<a></b>",
            "<a></a >",
            "<a/><b/>",
            " <a/>\n",
            "<a/>x",
            "<a>]]></a>",
            "<a>\r\n</a>",
        ] {
            checked(text);
        }
    }

    #[test]
    fn many_namespaces_are_left_to_quick_xml() {
        let declared =
            |from: usize| (from..from + 16).map(|number| format!(" xmlns:n{number}='u{number}'")).collect::<String>();
        let nested = |depth: usize| {
            let open: String = (0..depth).map(|level| format!("<a{}>", declared(level * 16))).collect();
            format!("{open}<n0:b/>{}", "</a>".repeat(depth))
        };

        assert!(checked(&nested(2)));
        assert!(!checked(&nested(3)));
        assert!(parse_all(&nested(8)).is_ok());
        assert_eq!(
            parse_all(&nested(9)).map_err(|fault| fault.message),
            Err("more than 128 namespaces around an element".to_owned())
        );
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));

        assert!(checked(&nested(DEEPEST)));
        assert!(!checked(&nested(DEEPEST + 1)));
    }
}
