//! The answer of a stub, compiled when its scenario is loaded.

use std::sync::Arc;

use crate::budget;
use crate::matching::JsonPath;
use crate::message::Head;
use crate::model::{Body, Fault, Json, KeyPath, Projection, Repeat, Representation, Response, StubAnswer};

use super::answer::Answer;
use super::batch::CompiledBatch;
use super::body::{CompiledBody, key_of};
use super::code::Responder;
use super::context::Context;
use super::fault::RenderFault;
use super::head::ResponseHead;
use super::ranges::ranged;
use super::templating::{Rendering, TemplateNames, Uses};
use super::text::TextCompiler;
use super::truncation;
use super::vars::CompiledVars;

/// The answer of a stub, ready to be rendered.
#[derive(Debug)]
pub struct CompiledAnswer {
    kind: AnswerSource,
}

#[derive(Debug)]
enum AnswerSource {
    Responses(Vec<CompiledResponse>, Repeat, KeyPath),
    Batch(Box<CompiledBatch>),
    Code(Responder, Arc<Representation>),
}

impl CompiledAnswer {
    /// Compiles the answer of the stub at a path, whose path template has these placeholders, with the stub's variables.
    ///
    /// Every fault is added to `faults`. Use the result only if none was added.
    pub fn compile(
        answer: &StubAnswer,
        vars: &[(String, Json)],
        representation: &Arc<Representation>,
        path_params: &[String],
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledAnswer {
        let vars_at = at.key("vars");
        let has_templates = match answer {
            StubAnswer::Response(response) | StubAnswer::Batch(_, response) => response.has_templates(),
            StubAnswer::Responses(responses, _) => responses.iter().any(Response::has_templates),
        };
        if !vars.is_empty() && !has_templates {
            let fault = Fault::key(&vars_at, "`vars` must be in a stub whose answer has templates");
            faults.push(fault.with_label("never used").with_help("Leave it out, or leave out `template = false`."));
        }
        let vars = Arc::new(CompiledVars::compile(vars, path_params, &vars_at, faults));
        let mut compile = |response, at: &KeyPath| {
            CompiledResponse::compile(response, representation, (path_params, &vars), at, faults)
        };
        let kind = match answer {
            StubAnswer::Response(response) => {
                let at = at.key("response");
                AnswerSource::Responses(vec![compile(response, &at)], Repeat::Last, at)
            }
            StubAnswer::Responses(responses, repeat) => {
                let at = at.key("responses");
                let compiled =
                    responses.iter().enumerate().map(|(place, response)| compile(response, &at.index(place)));
                let compiled: Vec<_> = compiled.collect();
                if compiled.is_empty() {
                    faults.push(Fault::value(&at, "a list of responses must not be empty"));
                }
                AnswerSource::Responses(compiled, *repeat, at)
            }
            StubAnswer::Batch(batch, frame) => AnswerSource::Batch(Box::new(CompiledBatch::compile(
                batch,
                frame,
                representation,
                (path_params, &vars),
                at,
                faults,
            ))),
        };
        CompiledAnswer { kind }
    }

    /// Returns an answer that calls a closure.
    pub fn by_code(responder: Responder, representation: &Arc<Representation>) -> CompiledAnswer {
        CompiledAnswer { kind: AnswerSource::Code(responder, representation.clone()) }
    }

    /// Renders the answer to one request.
    ///
    /// `call` is how often the stub has answered since the last reset, counted from 0: it selects one of several
    /// responses.
    ///
    /// # Errors
    /// If a template shows a value that is missing, or renders text that cannot be sent, or a closure panics.
    pub fn respond(&self, context: &Context<'_>, call: u64) -> Result<Arc<Answer>, RenderFault> {
        match &self.kind {
            AnswerSource::Responses(responses, repeat, at) => {
                let nothing = || RenderFault::new(at, "there is no response in the list");
                responses.get(place(call, responses.len(), *repeat)).ok_or_else(nothing)?.respond(context)
            }
            AnswerSource::Batch(batch) => batch.respond(context).map(Arc::new),
            AnswerSource::Code(responder, representation) => by_code(responder, representation, context),
        }
    }

    /// Returns the answer to a request with this head if it is the same for every one that asks for no range.
    pub fn constant(&self, head: &Head) -> Option<&Arc<Answer>> {
        match &self.kind {
            AnswerSource::Responses(responses, ..) => match responses.as_slice() {
                [CompiledResponse::Constant(answer, has_ranges)] => {
                    (!has_ranges || head.header("Range").is_none()).then_some(answer)
                }
                _ => None,
            },
            AnswerSource::Batch(_) | AnswerSource::Code(..) => None,
        }
    }

    /// Returns which of several responses comes after this number of calls, counted from 1, and how many there are; `None` if
    /// there is one.
    pub fn turn(&self, call: u64) -> Option<(usize, usize)> {
        match &self.kind {
            AnswerSource::Responses(responses, repeat, _) if responses.len() > 1 => {
                Some((place(call, responses.len(), *repeat) + 1, responses.len()))
            }
            _ => None,
        }
    }

    /// Returns the selector of the items of a batch. The stub answers only if it selects an array.
    pub fn batch_items(&self) -> Option<&JsonPath> {
        match &self.kind {
            AnswerSource::Batch(batch) => batch.items(),
            AnswerSource::Responses(..) | AnswerSource::Code(..) => None,
        }
    }

    /// Returns the parts of the request's JSON body that it uses; `None` if it uses none.
    pub fn json_projection(&self) -> Option<Projection> {
        match &self.kind {
            AnswerSource::Responses(responses, ..) => {
                Projection::union_of(responses.iter().filter_map(CompiledResponse::json_projection).cloned())
            }
            AnswerSource::Batch(_) => Some(Projection::Whole),
            AnswerSource::Code(..) => None,
        }
    }
}

/// Compiles the response that a closure returns, like the response of a file at load.
fn by_code(
    responder: &Responder,
    representation: &Arc<Representation>,
    context: &Context<'_>,
) -> Result<Arc<Answer>, RenderFault> {
    let at = KeyPath::top().key("respond_with");
    let failed = |reason: String| RenderFault::new(&at, format!("the closure at {}: {reason}", responder.place));
    let mut returned = None;
    // A closure is the user's own code, so no limit applies to it.
    let _ = budget::within(budget::UNLIMITED, || returned = Some(responder.call(context.request)));
    let returned = returned.expect("the closure was called");
    let response = returned.map_err(|panicked| failed(panicked.to_string()))?;
    let mut faults = Vec::new();
    let compiled = CompiledResponse::compile(&response, representation, (&[], &Arc::default()), &at, &mut faults);
    match faults.first() {
        Some(fault) => Err(failed(format!("{}: {}", fault.at, fault.message))),
        None => compiled.respond(context),
    }
}

/// Returns the index of the response for a call.
fn place(call: u64, responses: usize, repeat: Repeat) -> usize {
    let count = responses.max(1) as u64;
    let place = match repeat {
        Repeat::Last => call.min(count - 1),
        Repeat::Cycle => call % count,
    };
    usize::try_from(place).expect("an index is below the length of the list")
}

#[derive(Debug)]
enum CompiledResponse {
    /// The same for every request, and whether it can be sent in ranges.
    Constant(Arc<Answer>, bool),
    Rendered(Box<RenderedResponse>),
}

/// A response that depends on the request.
#[derive(Debug)]
struct RenderedResponse {
    head: ResponseHead,
    body: Option<CompiledBody>,
    /// Whether the body can be sent in ranges.
    has_ranges: bool,
    /// The path of the body in the scenario.
    body_at: KeyPath,
    representation: Arc<Representation>,
    vars: Arc<CompiledVars>,
    uses: Uses,
    at: KeyPath,
}

impl CompiledResponse {
    fn compile(
        response: &Response,
        representation: &Arc<Representation>,
        (path_params, vars): (&[String], &Arc<CompiledVars>),
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledResponse {
        let mut uses = vars.uses().clone();
        let names = TemplateNames { path_params, vars: vars.names(), item: None };
        let templates = response.has_templates();
        let mut compiler = TextCompiler { templates, names, uses: &mut uses, faults };
        let head = ResponseHead::compile(response, at, &mut compiler);
        let body = response.body.as_ref().map(|body| {
            let compiled = CompiledBody::compile(body, representation, at, head.charset(), &mut compiler);
            compiled.encoded(head.charset(), &at.key(key_of(body)), compiler.faults)
        });
        truncation::check(response, at, faults);
        let is_plain = matches!(response.body, Some(Body::Text(_) | Body::File(_) | Body::Base64(_)));
        let has_ranges = is_plain && matches!(body, Some(CompiledBody::Fixed(..)));
        match (head.constant(), &body) {
            (Some(head), None) => CompiledResponse::Constant(Arc::new(head), has_ranges),
            (Some(head), Some(CompiledBody::Fixed(media, bytes, _))) => {
                let answer = head.with_body(((*media).into(), bytes.clone()));
                CompiledResponse::Constant(Arc::new(answer), has_ranges)
            }
            _ => {
                let representation = representation.clone();
                let body_at = response.body.as_ref().map_or_else(|| at.clone(), |body| at.key(key_of(body)));
                let (vars, at) = (vars.clone(), at.clone());
                let rendered = RenderedResponse { head, body, has_ranges, body_at, representation, vars, uses, at };
                CompiledResponse::Rendered(Box::new(rendered))
            }
        }
    }

    fn json_projection(&self) -> Option<&Projection> {
        match self {
            CompiledResponse::Constant(..) => None,
            CompiledResponse::Rendered(rendered) => rendered.uses.json_projection().map(|projection| &**projection),
        }
    }

    fn respond(&self, context: &Context<'_>) -> Result<Arc<Answer>, RenderFault> {
        match self {
            CompiledResponse::Constant(answer, has_ranges) => {
                let ranged = has_ranges.then(|| ranged(context.request.head(), answer)).flatten();
                Ok(ranged.map_or_else(|| answer.clone(), Arc::new))
            }
            CompiledResponse::Rendered(rendered) => rendered.respond(context).map(Arc::new),
        }
    }
}

impl RenderedResponse {
    fn respond(&self, context: &Context<'_>) -> Result<Answer, RenderFault> {
        let mut rendering = Rendering::new(context, &self.uses, &self.representation);
        self.vars.render(&mut rendering)?;
        let answer = self.head.render(&rendering, context.seed)?;
        let answer = match &self.body {
            Some(body) => {
                let (media, bytes, origin) = body.render(&rendering)?;
                let bytes = self.head.charset().encode_rendered((bytes, origin), &answer, &self.body_at)?;
                answer.with_body((media, bytes))
            }
            None => answer,
        };
        let ranged = self.has_ranges.then(|| ranged(context.request.head(), &answer)).flatten();
        truncation::check_rendered(ranged.unwrap_or(answer), &self.at)
    }
}
