//! Renders the answer of a batch: a result for every item of the request, in a document that depends on how many failed.

use std::sync::Arc;

use crate::matching::{CompiledMatcher, Expression, JsonPath, RequestValue, compile_regex};
use crate::message::Document;
use crate::model::{Batch, BatchCase, Body, Fault, Json, KeyPath, Merge, RegexText, Representation, Response};

use super::answer::Answer;
use super::body::key_of;
use super::charge;
use super::charset::BodyOrigin;
use super::context::Context;
use super::document::negotiated;
use super::fault::{RenderFault, quoted};
use super::head::{ResponseHead, check_status};
use super::rendered_value::{ConstantJson, MemberName, RenderedValue};
use super::template::names_a_helper;
use super::templating::{BatchItem, Captured, NamedGroups, Rendering, TemplateNames, Uses};
use super::text::TextCompiler;
use super::tree::Tree;
use super::truncation;
use super::vars::CompiledVars;
use super::xml::item_name;
use super::xml_check::XmlCheck;

/// A batch with its frame.
#[derive(Debug)]
pub(super) struct CompiledBatch {
    head: ResponseHead,
    items: Option<JsonPath>,
    captures: Option<Captures>,
    cases: Vec<CompiledCase>,
    results: MemberName,
    frame: Tree,
    some_failed: Option<CompiledMerge>,
    all_failed: Option<CompiledMerge>,
    none_failed: Option<CompiledMerge>,
    representation: Arc<Representation>,
    vars: Arc<CompiledVars>,
    uses: Uses,
    at: KeyPath,
}

#[derive(Debug)]
struct Captures {
    pattern: Arc<dyn Expression>,
    groups: NamedGroups,
}

#[derive(Debug)]
struct CompiledCase {
    item: Option<CompiledMatcher>,
    failed: bool,
    result: Tree,
    /// The path of the result in the scenario.
    at: KeyPath,
}

#[derive(Debug)]
struct CompiledMerge {
    status: Option<u16>,
    members: Vec<(MemberName, Tree)>,
}

impl CompiledBatch {
    /// Compiles the batch of the stub at a path.
    pub(super) fn compile(
        batch: &Batch,
        frame: &Response,
        representation: &Arc<Representation>,
        (path_params, vars): (&[String], &Arc<CompiledVars>),
        stub: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledBatch {
        let at = stub.key("batch");
        let items = JsonPath::read(&batch.items).map_err(|fault| faults.push(fault.into_value_fault(&at.key("items"))));
        let captures =
            batch.captures.as_ref().and_then(|pattern| compile_captures(pattern, &at.key("captures"), faults));
        check_conditions(&batch.cases, &at, faults);

        let mut uses = vars.uses().clone();
        let templates = frame.has_templates();
        let names = TemplateNames { path_params, vars: vars.names(), item: None };
        let mut around = TextCompiler { templates, names, uses: &mut uses, faults };
        let head = ResponseHead::compile(frame, &stub.key("response"), &mut around);
        head.charset().check(around.faults);
        let members = compile_frame(frame, stub, &mut around);
        truncation::check_frame(frame, &stub.key("response"), around.faults);
        let [some_failed, all_failed, none_failed] = [
            ("some_failed", &batch.some_failed),
            ("all_failed", &batch.all_failed),
            ("none_failed", &batch.none_failed),
        ]
        .map(|(key, merge)| merge.as_ref().map(|merge| CompiledMerge::compile(merge, &at.key(key), &mut around)));

        let captured: Vec<String> =
            captures.iter().flat_map(|captures| &captures.groups).map(|(name, _)| name.clone()).collect();
        let names = TemplateNames { item: Some(&captured), ..names };
        let mut inside = TextCompiler { templates, names, uses: &mut uses, faults };
        let compile =
            |(place, case): (usize, &BatchCase)| CompiledCase::compile(case, &at.key("case").index(place), &mut inside);
        let cases = batch.cases.iter().enumerate().map(compile).collect();
        check_xml(batch, representation, &at, faults);

        CompiledBatch {
            head,
            items: items.ok(),
            captures,
            cases,
            results: MemberName::new(&batch.results),
            frame: members,
            some_failed,
            all_failed,
            none_failed,
            representation: representation.clone(),
            vars: vars.clone(),
            uses,
            at,
        }
    }

    pub(super) fn items(&self) -> Option<&JsonPath> {
        self.items.as_ref()
    }

    pub(super) fn respond(&self, context: &Context<'_>) -> Result<Answer, RenderFault> {
        let source = self.document(context)?;
        let items = self.select(&source)?;
        let mut rendering = Rendering::new(context, &self.uses, &self.representation);
        self.vars.render(&mut rendering)?;
        let mut answer = self.head.render(&rendering, context.seed)?;

        let at_cases = self.at.key("case");
        // No memory is reserved for all results, because the limit on rendered bytes may end the batch early.
        let mut results = Vec::new();
        let mut failed = 0;
        for (index, item) in items.iter().enumerate() {
            let case = self.case(item, source.untyped, context, &at_cases)?;
            rendering.set_item(BatchItem { value: item, index, captured: self.captured(item) });
            results.push(case.result.render(&rendering, &case.at)?);
            failed += usize::from(case.failed);
        }

        let mut document = self.assemble(results, self.frame.render(&rendering, &self.at)?);
        let merge = match failed {
            0 => self.none_failed.as_ref(),
            all if all == items.len() => self.all_failed.as_ref().or(self.some_failed.as_ref()),
            _ => self.some_failed.as_ref(),
        };
        if let Some(merge) = merge {
            if let Some(status) = merge.status {
                answer.status = status;
                // The frame's reason phrase belongs to the frame's status.
                answer.reason = None;
            }
            for (name, value) in &merge.members {
                document.merge(name.with(value.render(&rendering, &self.at)?));
            }
        }
        let (choice, bytes) = negotiated(document, context.request, &self.representation)
            .map_err(|why| RenderFault::new(&self.at, why.0))?;
        let bytes = self.head.charset().encode_rendered((bytes, BodyOrigin::Text), &answer, &self.at)?;
        truncation::check_rendered(answer.with_body((choice.media_type, bytes)), &self.at)
    }

    fn document(&self, context: &Context<'_>) -> Result<Document, RenderFault> {
        let fault = |message: String| RenderFault::new(&self.at.key("items"), message);
        let document = context.request.document(&self.representation).map_err(|why| fault(why.to_string()))?;
        document.ok_or_else(|| fault("the request has no body to take items from".to_owned()))
    }

    fn select<'d>(&self, document: &'d Document) -> Result<&'d [Json], RenderFault> {
        let fault = |message: String| RenderFault::new(&self.at.key("items"), message);
        let path = self.items.as_ref().ok_or_else(|| fault("it is not a JSONPath".to_owned()))?;
        let selected = path.select(&document.root).map_err(|reason| fault(reason.to_string()))?;
        let array = selected.iter().find_map(|selected| match selected {
            Json::Array(items) => Some(items.as_slice()),
            _ => None,
        });
        array.ok_or_else(|| fault("it selects no array of the request's document".to_owned()))
    }

    fn case(
        &self,
        item: &Json,
        untyped: bool,
        context: &Context<'_>,
        at: &KeyPath,
    ) -> Result<&CompiledCase, RenderFault> {
        charge::steps(1 + self.cases.len()).map_err(RenderFault::exceeded(at))?;
        if let (Some(_), Json::String(text)) = (&self.captures, item) {
            charge::reading(text).map_err(RenderFault::exceeded(at))?;
        }
        let holds = |case: &&CompiledCase| match &case.item {
            Some(matcher) => matcher.holds(&[RequestValue::from_node(item, untyped)], context.now),
            None => true,
        };
        let message = || format!("no case holds for the item {}", quoted(&item.to_string()));
        self.cases.iter().find(holds).ok_or_else(|| RenderFault::new(at, message()))
    }

    fn captured<'a>(&'a self, item: &'a Json) -> Captured<'a> {
        let Some(captures) = &self.captures else { return Captured::default() };
        let found = item.as_str().and_then(|text| captures.pattern.groups(text)).unwrap_or_default();
        Captured { names: &captures.groups, found }
    }

    /// Returns the document: the results, then the members of the frame. If the frame has a member with the name of the results,
    /// the results take that member's position.
    fn assemble<'t>(&'t self, results: Vec<RenderedValue<'t>>, frame: RenderedValue<'t>) -> RenderedValue<'t> {
        let mut document = frame;
        let results = self.results.with(RenderedValue::Array(results));
        match document.members() {
            Some(members) if !members.iter().any(|member| member.name == self.results.as_str()) => {
                members.insert(0, results);
            }
            _ => document.merge(results),
        }
        document
    }
}

impl CompiledCase {
    fn compile(case: &BatchCase, at: &KeyPath, compiler: &mut TextCompiler<'_>) -> CompiledCase {
        let item = case.item.as_ref().map(|item| CompiledMatcher::compile(item, &at.key("item"), compiler.faults));
        let at = at.key("result");
        CompiledCase { item, failed: case.failed, result: Tree::compile(&case.result, &at, compiler), at }
    }
}

impl CompiledMerge {
    fn compile(merge: &Merge, at: &KeyPath, compiler: &mut TextCompiler<'_>) -> CompiledMerge {
        if let Some(status) = merge.status {
            check_status(status, || at.key("status"), compiler.faults);
        }
        let compile =
            |(name, value): &(String, Json)| (MemberName::new(name), Tree::compile(value, &at.key(name), compiler));
        CompiledMerge { status: merge.status, members: merge.members.iter().map(compile).collect() }
    }
}

/// Compiles the other members of the document: an object, which is empty if the frame has no body.
fn compile_frame(frame: &Response, stub: &KeyPath, compiler: &mut TextCompiler<'_>) -> Tree {
    let at = stub.key("response");
    match &frame.body {
        None => Tree::Constant(ConstantJson::new(Json::Object(Vec::new()))),
        Some(Body::Document(document @ Json::Object(_))) => Tree::compile(document, &at.key("document"), compiler),
        Some(other) => {
            let key = key_of(other);
            let fault = Fault::key(&at.key(key), format!("the frame of a batch cannot have the body `{key}`"));
            compiler
                .faults
                .push(fault.with_help("Further members of a batch's answer go under `response.document`, as a table."));
            Tree::Constant(ConstantJson::new(Json::Object(Vec::new())))
        }
    }
}

fn compile_captures(source: &RegexText, at: &KeyPath, faults: &mut Vec<Fault>) -> Option<Captures> {
    let complain = |why| faults.push(Fault::value(at, format!("the pattern is not a regular expression: {why}")));
    let pattern = compile_regex(source, false).map_err(complain).ok()?;
    let named = pattern.group_names().into_iter().enumerate();
    let groups: NamedGroups = named.filter_map(|(place, name)| Some((name?.to_owned(), place))).collect();
    for (name, _) in &groups {
        if matches!(name.as_str(), "item" | "index" | "request" | "this" | "vars") || names_a_helper(name) {
            let fault =
                Fault::value(at, format!("a capture cannot be called `{name}`: templates know that name already"));
            faults.push(fault.with_help("Give the group another name."));
        }
    }
    Some(Captures { pattern, groups })
}

/// Checks that only the last case has no condition. It is the default, so that every item has a case.
fn check_conditions(cases: &[BatchCase], at: &KeyPath, faults: &mut Vec<Fault>) {
    let at = at.key("case");
    let Some((last, others)) = cases.split_last() else {
        faults.push(
            Fault::value(&at, "a batch needs at least one case")
                .with_help("Add `[[stub.batch.case]]` with a `result`."),
        );
        return;
    };
    if last.item.is_some() {
        let fault =
            Fault::key(&at.index(others.len()).key("item"), "the last case of a batch must hold for every item");
        faults.push(fault.with_help("Take the condition away, or add a last case without `item`."));
    }
    for (place, _) in others.iter().enumerate().filter(|(_, case)| case.item.is_none()) {
        let fault =
            Fault::value(&at.index(place), "a case without `item` holds for every item, so none reaches the next");
        faults.push(fault.with_help("Give it an `item` condition, or put it last."));
    }
}

fn check_xml(batch: &Batch, representation: &Representation, at: &KeyPath, faults: &mut Vec<Fault>) {
    let Some(form) = &representation.xml else {
        return;
    };
    let mut check = XmlCheck { form, faults };
    check.name(&batch.results, &at.key("results"));
    let element = item_name(form, &batch.results).unwrap_or(&batch.results);
    for (place, case) in batch.cases.iter().enumerate() {
        check.value(element, &case.result, &at.key("case").index(place).key("result"));
    }
    for (key, merge) in
        [("some_failed", &batch.some_failed), ("all_failed", &batch.all_failed), ("none_failed", &batch.none_failed)]
    {
        if let Some(merge) = merge {
            check.members(&merge.members, &at.key(key));
        }
    }
}

#[cfg(test)]
mod tests;
