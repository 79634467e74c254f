//! The variables of a stub: values that all templates of one answer share.

use crate::model::{Fault, Json, KeyPath};

use super::fault::RenderFault;
use super::templating::{Rendering, TemplateNames, Uses};
use super::text::TextCompiler;
use super::tree::Tree;

/// The variables of a stub in order. Each may use the ones before it.
#[derive(Debug, Default)]
pub(super) struct CompiledVars {
    names: Vec<String>,
    values: Vec<Tree>,
    uses: Uses,
    at: KeyPath,
}

impl CompiledVars {
    /// Compiles the variables at a path.
    pub(super) fn compile(
        vars: &[(String, Json)],
        path_params: &[String],
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledVars {
        let names: Vec<String> = vars.iter().map(|(name, _)| name.clone()).collect();
        let mut uses = Uses::default();
        let mut values = Vec::with_capacity(vars.len());
        for (place, (name, value)) in vars.iter().enumerate() {
            let known = TemplateNames { path_params, vars: &names[..place], item: None };
            let mut compiler = TextCompiler { templates: true, names: known, uses: &mut uses, faults };
            values.push(Tree::compile(value, &at.key(name), &mut compiler));
        }
        CompiledVars { names, values, uses, at: at.clone() }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the parts of the request that the variables use.
    pub(super) fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Evaluates the variables, before anything else of the answer is rendered.
    pub(super) fn render(&self, rendering: &mut Rendering<'_>) -> Result<(), RenderFault> {
        for (name, value) in self.names.iter().zip(&self.values) {
            let at = self.at.key(name);
            let rendered = value.render(rendering, &at)?.into_json().map_err(RenderFault::exceeded(&at))?;
            rendering.set_var(name.clone(), rendered);
        }
        Ok(())
    }
}
