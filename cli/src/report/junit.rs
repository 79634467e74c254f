//! A report as JUnit XML, which the services that run CI know how to show.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Case, Outcome, Report, Suite};

impl Report {
    /// The report as one XML document.
    pub fn to_junit(&self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        let mut put = |event: Event<'_>| writer.write_event(event).expect("memory can be written to");
        put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let all = self.suites.iter().flat_map(|suite| &suite.cases);
        put(Event::Start(counted("testsuites", "cannery", all)));
        for suite in &self.suites {
            put(Event::Start(counted("testsuite", &suite.name, suite.cases.iter())));
            suite.cases.iter().for_each(|case| put_case(suite, case, &mut put));
            put(Event::End(BytesEnd::new("testsuite")));
        }
        put(Event::End(BytesEnd::new("testsuites")));
        String::from_utf8(writer.into_inner()).expect("made of strings")
    }
}

/// An element with its name and how many cases of each kind are in it.
fn counted<'a>(
    element: &'static str,
    name: &str,
    cases: impl Iterator<Item = &'a Case> + Clone,
) -> BytesStart<'static> {
    let of = |wanted: fn(&Outcome) -> bool| cases.clone().filter(|case| wanted(&case.outcome)).count().to_string();
    let mut start = BytesStart::new(element);
    attribute(&mut start, "name", name);
    attribute(&mut start, "tests", &of(|_| true));
    attribute(&mut start, "failures", &of(|outcome| matches!(outcome, Outcome::Failed(_))));
    attribute(&mut start, "errors", &of(|outcome| matches!(outcome, Outcome::Errored(_))));
    attribute(&mut start, "skipped", &of(|outcome| matches!(outcome, Outcome::Skipped(_))));
    start
}

fn put_case(suite: &Suite, case: &Case, put: &mut impl FnMut(Event<'_>)) {
    let mut start = BytesStart::new("testcase");
    attribute(&mut start, "name", &case.name);
    attribute(&mut start, "classname", &suite.name);
    attribute(&mut start, "file", &suite.file);
    attribute(&mut start, "line", &case.line.to_string());
    let (element, text) = match &case.outcome {
        Outcome::Passed => return put(Event::Empty(start)),
        Outcome::Failed(text) => ("failure", text),
        Outcome::Skipped(text) => ("skipped", text),
        Outcome::Errored(text) => ("error", text),
    };
    put(Event::Start(start));
    let mut inner = BytesStart::new(element);
    attribute(&mut inner, "message", text.lines().next().unwrap_or_default());
    if text.lines().nth(1).is_none() {
        put(Event::Empty(inner));
    } else {
        put(Event::Start(inner));
        put(Event::Text(BytesText::new(&carried(text))));
        put(Event::End(BytesEnd::new(element)));
    }
    put(Event::End(BytesEnd::new("testcase")));
}

fn attribute(start: &mut BytesStart<'_>, name: &str, value: &str) {
    start.push_attribute((name, carried(value).as_str()));
}

/// Text that XML 1.0 can carry: a character that it cannot is shown as its escape.
fn carried(text: &str) -> String {
    let carries = |c: char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    text.chars().fold(String::with_capacity(text.len()), |mut all, c| {
        if carries(c) {
            all.push(c)
        } else {
            all.extend(c.escape_unicode())
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_element() {
        let case = |name: &str, line, outcome| Case { name: name.to_owned(), line, outcome };
        let cases = vec![
            case("holds", 3, Outcome::Passed),
            case("a < \"b\"", 5, Outcome::Failed("status\n  - 1 & 2\u{1}\n".to_owned())),
            case("later", 7, Outcome::Skipped("not now".to_owned())),
            case("nobody", 9, Outcome::Errored("gone".to_owned())),
        ];
        let report = Report { suites: vec![Suite { name: "shop".to_owned(), file: "shop.toml".to_owned(), cases }] };

        insta::assert_snapshot!(report.to_junit());
    }
}
