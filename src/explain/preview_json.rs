//! Renders a preview as JSON.

use crate::engine::Transition;
use crate::model::Json;

use super::explanation_json::{near_stubs, strings};
use super::preview::{Answering, Preview};
use super::preview_answer::answer_json;

impl Preview {
    /// Returns the contents of the text as JSON; `answers` is null if no stub answers.
    pub fn to_json(&self) -> Json {
        let mut json = Json::from([("request", self.request.to_json())]);
        match &self.answering {
            Some(answering) => add_answering(answering, &mut json),
            None => json.set("answers", Json::Null),
        }
        json.set("before", near_stubs(&self.before));
        let more = [("samePath", self.more_same_path.into()), ("otherPath", self.more_other_paths.into())];
        json.set("moreBefore", Json::from(more));
        json.set("after", near_stubs(&self.after));
        json.set("moreAfter", self.more_after.into());
        json.set("onDemand", strings(&self.on_demand));
        if let Some(explanation) = &self.explanation {
            json.set("explanation", explanation.problem());
        }
        if let Some(reason) = &self.unfinished {
            json.set("unfinished", reason.as_str().into());
        }
        json
    }
}

fn add_answering(answering: &Answering, json: &mut Json) {
    let Answering { stub, dry_run } = answering;
    let mut answers = stub.to_json();
    answers.set("id", dry_run.mounted.reference.id.as_str().into());
    if let Some(name) = &dry_run.preferred_as {
        answers.set("preferredAs", name.as_str().into());
    }
    if let Some((name, times)) = &dry_run.armed {
        answers.set("armedAs", name.as_str().into());
        answers.set("armed", usize::try_from(*times).unwrap_or(usize::MAX).into());
    }
    json.set("answers", answers);
    json.set("response", answer_json(dry_run));
    if let Some(Transition { machine, from, to }) = &dry_run.transition {
        let members =
            [("machine", machine), ("from", from), ("to", to)].map(|(name, value)| (name, value.as_str().into()));
        json.set("transition", Json::from(members));
    }
}
