//! A report as JUnit's XML.
//!
//! It contains no times, so the same outcome is the same text. Characters that XML does not allow are escaped.

use std::borrow::Cow;
use std::io;

use cannery::message::visible_lines;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Case, CaseOutcome, Report, Suite};

impl Report {
    /// Renders the report as JUnit's XML.
    pub fn to_junit(&self) -> String {
        let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
        xml.report(self).expect("writing to memory does not fail");
        String::from_utf8(xml.0.into_inner()).expect("it was written from strings")
    }
}

struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let all = Counts::of(report.suites.iter().flat_map(|suite| &suite.cases));
        self.open("testsuites", &all.attributes(&[]))?;
        report.suites.iter().try_for_each(|suite| self.suite(suite))?;
        self.close("testsuites")
    }

    fn suite(&mut self, suite: &Suite) -> io::Result<()> {
        let named = [("name", suite.name.clone()), ("file", suite.file.clone())];
        self.open("testsuite", &Counts::of(&suite.cases).attributes(&named))?;
        suite.cases.iter().try_for_each(|case| self.case(suite, case))?;
        if !suite.output.is_empty() {
            self.text("system-out", &[], &suite.output)?;
        }
        self.close("testsuite")
    }

    fn case(&mut self, suite: &Suite, case: &Case) -> io::Result<()> {
        let mut attributes =
            vec![("classname", suite.name.clone()), ("name", case.name.clone()), ("file", suite.file.clone())];
        attributes.extend((case.line > 0).then(|| ("line", case.line.to_string())));
        let (element, text) = match &case.outcome {
            CaseOutcome::Passed => return self.0.write_event(Event::Empty(start("testcase", &attributes))),
            CaseOutcome::Failed(text) => ("failure", text),
            CaseOutcome::Errored(text) => ("error", text),
            CaseOutcome::Skipped(reason) => ("skipped", reason),
        };
        self.open("testcase", &attributes)?;
        let message = [("message", text.lines().next().unwrap_or_default().to_owned())];
        self.text(element, &message, text)?;
        self.close("testcase")
    }

    fn open(&mut self, name: &str, attributes: &[(&str, String)]) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))
    }

    fn text(&mut self, name: &str, attributes: &[(&str, String)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.0.write_event(Event::Text(BytesText::new(&visible(text))))?;
        self.close(name)
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, String)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, visible(value).as_ref()));
    }
    start
}

/// Escapes control characters, and the two other characters that XML 1.0 does not allow.
fn visible(text: &str) -> Cow<'_, str> {
    match visible_lines(text) {
        shown if shown.contains(['\u{fffe}', '\u{ffff}']) => {
            Cow::Owned(shown.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}"))
        }
        shown => shown,
    }
}

/// How many cases there are of each outcome.
#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Counts {
        cases.into_iter().fold(Counts::default(), |mut counts, case| {
            counts.tests += 1;
            match case.outcome {
                CaseOutcome::Passed => {}
                CaseOutcome::Failed(_) => counts.failures += 1,
                CaseOutcome::Errored(_) => counts.errors += 1,
                CaseOutcome::Skipped(_) => counts.skipped += 1,
            }
            counts
        })
    }

    fn attributes(&self, before: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let counts =
            [("tests", self.tests), ("failures", self.failures), ("errors", self.errors), ("skipped", self.skipped)];
        before.iter().cloned().chain(counts.map(|(key, count)| (key, count.to_string()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_element() {
        let case = |name: &str, line, outcome| Case { name: name.to_owned(), line, outcome };
        let suite = Suite {
            name: "orders".to_owned(),
            file: "a/orders.toml".to_owned(),
            cases: vec![
                case("it is placed", 3, CaseOutcome::Passed),
                case("a < b & \"c\"", 9, CaseOutcome::Failed("status: expected 1, is 2\nbody $.a: <\u{1}>".to_owned())),
                case("later", 12, CaseOutcome::Skipped("not asked for".to_owned())),
                case("no file", 0, CaseOutcome::Errored("error: ]]> it does not load".to_owned())),
            ],
            output: "a warning\u{1b}[0m".to_owned(),
        };

        insta::assert_snapshot!(Report { suites: vec![suite] }.to_junit());
    }

    #[test]
    fn nothing_tried_is_a_document_too() {
        let written = Report::default().to_junit();

        assert!(
            written.ends_with("<testsuites tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"0\">\n</testsuites>"),
            "{written}"
        );
    }
}
