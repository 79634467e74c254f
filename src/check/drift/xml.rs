//! Compares received XML with promised XML.
//!
//! Elements are paired with those of the same name, in turn, so that a missing element does not make all later ones differ.
//! The order of elements is promised too, because some parsers expect a sequence and drop elements that are out of order.

use std::collections::HashMap;

use crate::message::{XmlDocument, XmlElement, XmlName};

use super::finding::{Finding, FindingKind, Findings};
use super::marks::{MARK, Origin};

type ElementOrigin<'a> = Origin<'a, XmlElement<'a>>;

/// Adds the differences between two documents.
pub(super) fn compare_documents(
    promised: &XmlDocument,
    actual: &XmlDocument,
    origin: Origin<'_, XmlDocument>,
    found: &mut Findings,
) {
    let root;
    let origin = match origin {
        Origin::Written => Origin::Written,
        Origin::Template => Origin::Template,
        Origin::Marked(document) => {
            root = document.root();
            Origin::Marked(&root)
        }
    };
    compare_roots(promised.root(), actual.root(), origin, found);
}

fn compare_roots(promised: XmlElement<'_>, actual: XmlElement<'_>, origin: ElementOrigin<'_>, found: &mut Findings) {
    let path = format!("/{}", promised.name().local);
    if promised.name() == actual.name() {
        let marked = if let Origin::Marked(root) = origin {
            root.name() == promised.name()
        } else {
            true
        };
        // If the stub's root is another than the promised one, its marks do not apply to the elements below.
        compare(&path, promised, actual, if marked { origin } else { Origin::Written }, found);
    } else {
        found.drift(Finding {
            at: format!("body {path}"),
            kind: FindingKind::Value,
            what: "another root".to_owned(),
            promised: Some(promised.name().tag()),
            actual: Some(actual.name().tag()),
        });
    }
}

fn compare(
    path: &str,
    promised: XmlElement<'_>,
    actual: XmlElement<'_>,
    origin: ElementOrigin<'_>,
    found: &mut Findings,
) {
    attributes(path, promised, actual, origin, found);
    let is_leaf = |element: XmlElement<'_>| element.elements().next().is_none();
    match (is_leaf(promised), is_leaf(actual)) {
        (true, false) if !promised.text().trim().is_empty() => found.drift(Finding {
            at: format!("body {path}"),
            kind: FindingKind::Type,
            what: "elements for text".to_owned(),
            promised: Some(format!("{:?}", promised.text())),
            actual: Some(names(actual.elements())),
        }),
        _ => {
            text(path, promised, actual, origin, found);
            elements(path, promised, actual, origin, found);
        }
    }
}

/// Compares texts. Text between elements is trimmed, because white space there is layout.
fn text(path: &str, promised: XmlElement<'_>, actual: XmlElement<'_>, origin: ElementOrigin<'_>, found: &mut Findings) {
    let text = |element: XmlElement<'_>| match element.elements().next() {
        Some(_) => element.text().trim().to_owned(),
        None => element.text().into_owned(),
    };
    let (wanted, given) = (text(promised), text(actual));
    let layout = promised.elements().next().is_some() && given.trim().is_empty();
    if wanted != given && !(layout && wanted.is_empty()) {
        found.value(
            format!("body {path}"),
            format!("{wanted:?}"),
            format!("{given:?}"),
            origin.is_from_template(has_mark),
        );
    }
}

fn has_mark(element: &XmlElement<'_>) -> bool {
    element.text().contains(MARK)
}

fn attributes(
    path: &str,
    promised: XmlElement<'_>,
    actual: XmlElement<'_>,
    origin: ElementOrigin<'_>,
    found: &mut Findings,
) {
    fn value<'d>(element: XmlElement<'d>, name: XmlName<'_>) -> Option<&'d str> {
        element.attributes().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
    for (name, wanted) in promised.attributes() {
        let at = format!("body {path}/@{}", name.local);
        match value(actual, name) {
            None => found.removed(at, format!("{wanted:?}")),
            Some(given) if given == wanted => {}
            Some(given) => {
                let from_template =
                    origin.is_from_template(|marked| value(*marked, name).is_some_and(|value| value.contains(MARK)));
                found.value(at, format!("{wanted:?}"), format!("{given:?}"), from_template);
            }
        }
    }
    for (name, given) in actual.attributes() {
        if value(promised, name).is_none() {
            found.added(format!("body {path}/@{}", name.local), format!("{given:?}"), false);
        }
    }
}

/// Returns the child elements by name, each with its position.
fn by_name(element: XmlElement<'_>) -> HashMap<XmlName<'_>, Vec<(usize, XmlElement<'_>)>> {
    let mut all: HashMap<_, Vec<_>> = HashMap::new();
    for (place, inner) in element.elements().enumerate() {
        all.entry(inner.name()).or_default().push((place, inner));
    }
    all
}

fn elements(
    path: &str,
    promised: XmlElement<'_>,
    actual: XmlElement<'_>,
    origin: ElementOrigin<'_>,
    found: &mut Findings,
) {
    let (wanted, given) = (by_name(promised), by_name(actual));
    let marked = if let Origin::Marked(marked) = origin {
        by_name(*marked)
    } else {
        HashMap::new()
    };
    // A template block around elements may repeat them any number of times.
    let from_template = origin.is_from_template(has_mark);
    let (mut taken, mut places) = (HashMap::new(), Vec::new());
    for element in promised.elements() {
        let turn: &mut usize = taken.entry(element.name()).or_default();
        let path = match wanted.get(&element.name()).map_or(0, Vec::len) {
            1 => format!("{path}/{}", element.name().local),
            _ => format!("{path}/{}[{}]", element.name().local, *turn + 1),
        };
        match given.get(&element.name()).and_then(|all| all.get(*turn)) {
            Some((place, other)) => {
                let inner = match origin {
                    Origin::Marked(_) if from_template => Origin::Template,
                    Origin::Marked(_) => marked
                        .get(&element.name())
                        .and_then(|all| all.get(*turn))
                        .map_or(Origin::Written, |(_, marked)| Origin::Marked(marked)),
                    other => other,
                };
                compare(&path, element, *other, inner, found);
                places.push(*place);
            }
            None if from_template => {}
            None => found.removed(format!("body {path}"), element.name().tag()),
        }
        *turn += 1;
    }
    if !places.is_sorted() {
        order(path, promised, actual, &wanted, &given, found);
    }
    let is_known = |name: XmlName<'_>| wanted.get(&name).map_or(0, Vec::len);
    let mut seen: HashMap<XmlName<'_>, usize> = HashMap::new();
    for element in actual.elements() {
        let turn = seen.entry(element.name()).or_default();
        *turn += 1;
        let known = is_known(element.name());
        if *turn > known && !(from_template && known > 0) {
            found.added(format!("body {path}/{}[{turn}]", element.name().local), element.name().tag(), known > 0);
        }
    }
}

type ByName<'a> = HashMap<XmlName<'a>, Vec<(usize, XmlElement<'a>)>>;

/// Reports another order. It names only elements that both sides have, because missing and added ones are reported
/// separately.
fn order(
    path: &str,
    promised: XmlElement<'_>,
    actual: XmlElement<'_>,
    wanted: &ByName<'_>,
    given: &ByName<'_>,
    found: &mut Findings,
) {
    found.drift(Finding {
        at: format!("body {path}"),
        kind: FindingKind::Order,
        what: "another order".to_owned(),
        promised: Some(names(promised.elements().filter(|element| given.contains_key(&element.name())))),
        actual: Some(names(actual.elements().filter(|element| wanted.contains_key(&element.name())))),
    });
}

fn names<'a>(elements: impl Iterator<Item = XmlElement<'a>>) -> String {
    elements.map(|element| format!("<{}>", element.name().local)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> XmlDocument {
        XmlDocument::parse_text(&text.replace('!', "\u{fdd0}")).expect(text)
    }

    /// `-` before a drift, `~` before a note.
    fn differences(promised: &str, actual: &str, marked: &str) -> Vec<String> {
        let mut found = Findings::default();
        compare_documents(&parsed(promised), &parsed(actual), Origin::Marked(&parsed(marked)), &mut found);
        let drifts = found.drifts.iter().map(|finding| format!("- {}: {}", finding.at, finding.what));
        drifts.chain(found.notes.iter().map(|finding| format!("~ {}: {}", finding.at, finding.what))).collect()
    }

    #[test]
    fn layout_and_prefixes_are_put_aside() {
        let promised = "<a xmlns='u' x='1' y='2'><b>t</b></a>";

        assert_eq!(differences(promised, "<p:a xmlns:p='u' y='2' x='1'>\n <p:b>t</p:b> </p:a>", promised), [""; 0]);
        assert_eq!(differences("<a> <b/> </a>", "<a/>", "<a/>"), ["- body /a/b: removed"]);
    }

    #[test]
    fn order_presence_and_text_are_promised() {
        let promised = "<a><b>1</b><c>2</c><d/></a>";

        assert_eq!(differences(promised, "<a><c>2</c><b>1</b><d/></a>", promised), ["- body /a: another order"]);
        assert_eq!(differences(promised, "<a><b>1</b><d/></a>", promised), ["- body /a/c: removed"]);
        assert_eq!(
            differences(promised, "<a><b>9</b><c>2</c><e/><d/></a>", promised),
            ["- body /a/b: another value", "~ body /a/e[1]: added"]
        );
        assert_eq!(
            differences(promised, "<a><b><x/></b><c>2</c><d/></a>", promised),
            ["- body /a/b: elements for text"]
        );
        assert_eq!(differences(promised, "<z/>", promised), ["- body /a: another root"]);
        assert_eq!(differences("<a x='1'/>", "<a y='1'/>", "<a/>"), ["- body /a/@x: removed", "~ body /a/@y: added"]);
    }

    #[test]
    fn another_namespace_is_another_name() {
        let promised = "<a xmlns='u'><b/></a>";

        assert_eq!(differences(promised, "<a xmlns='v'><b/></a>", promised), ["- body /a: another root"]);
        assert_eq!(differences(promised, "<a xmlns='u'><b xmlns=''/></a>", promised).len(), 2);
    }

    #[test]
    fn a_list_has_its_length_unless_a_template_repeats_it() {
        let (promised, longer) = ("<a><i>1</i></a>", "<a><i>1</i><i>2</i></a>");

        assert_eq!(differences(promised, longer, promised), ["- body /a/i[2]: one more than promised"]);
        assert_eq!(differences(promised, longer, "<a>!<i>!1</i></a>"), [""; 0]);
        assert_eq!(differences(longer, promised, "<a>!<i>!1</i></a>"), [""; 0]);
    }

    #[test]
    fn text_that_a_template_makes_may_be_another() {
        let found = differences("<a x='1'><b>1</b></a>", "<a x='2'><b>2</b></a>", "<a x='!1'><b>!1</b></a>");

        assert_eq!(
            found,
            [
                "~ body /a/@x: another value than the template renders",
                "~ body /a/b: another value than the template renders",
            ]
        );
    }
}
