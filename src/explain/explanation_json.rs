//! Renders explanations as JSON.

use crate::model::Json;

use super::condition_report::ConditionReport;
use super::explanation::Explanation;
use super::explanation_text::Style;
use super::near_stub::NearStub;

impl Explanation {
    /// Returns problem details (RFC 9457) with the contents of the text.
    pub fn problem(&self) -> Json {
        let (title, status) = match self.undecided {
            None => ("No stub answers this request", 404),
            Some(_) => ("It is undecided which stub answers this request", 500),
        };
        let mut problem = Json::from([
            ("type", "about:blank".into()),
            ("title", title.into()),
            ("status", status.into()),
            ("detail", self.summary(Style::default()).into()),
            ("method", self.method.clone().into()),
            ("target", self.target.clone().into()),
            ("nearest", near_stubs(&self.nearest)),
            ("onDemand", strings(&self.on_demand)),
        ]);
        if let Some((_, names)) = &self.unknown_stub {
            problem.set("known", strings(names));
        }
        let reasons = [("stale", &self.stale), ("undecided", &self.undecided), ("unfinished", &self.unfinished)];
        for (name, reason) in reasons {
            if let Some(reason) = reason {
                problem.set(name, reason.as_str().into());
            }
        }
        problem
    }
}

impl NearStub {
    pub(super) fn to_json(&self) -> Json {
        Json::from([
            ("stub", self.name.clone().into()),
            ("scenario", self.scenario.clone().into()),
            ("file", self.file.clone().into()),
            ("line", self.line.into()),
            ("conditions", Json::Array(self.conditions.iter().map(condition).collect())),
        ])
    }
}

pub(super) fn near_stubs(stubs: &[NearStub]) -> Json {
    Json::Array(stubs.iter().map(NearStub::to_json).collect())
}

pub(super) fn strings(names: &[String]) -> Json {
    Json::Array(names.iter().map(|name| name.as_str().into()).collect())
}

fn condition(report: &ConditionReport) -> Json {
    let mut members = vec![
        ("subject".to_owned(), report.subject.clone().into()),
        ("holds".to_owned(), report.holds.into()),
        ("expected".to_owned(), report.expected.clone().into()),
    ];
    if !report.holds {
        members.push(("actual".to_owned(), report.actual.clone().into()));
    }
    members.extend(report.remedy.clone().map(|remedy| ("remedy".to_owned(), remedy.into())));
    Json::Object(members)
}
