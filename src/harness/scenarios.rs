//! Loads scenario files for the server of a test.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::check;
use crate::engine::StubSet;
use crate::formats::Diagnostic;

/// Everything that is wrong with scenario files; shown as `cannery check` shows it.
#[derive(Debug)]
pub struct WrongScenarios {
    diagnostics: Vec<Diagnostic>,
    text: String,
}

impl WrongScenarios {
    /// The diagnostics, one for each fault.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl Error for WrongScenarios {}

impl fmt::Display for WrongScenarios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(super) fn load(paths: &[PathBuf]) -> Result<Arc<StubSet>, WrongScenarios> {
    match check::load(paths) {
        Ok(catalogue) => Ok(catalogue.stubs),
        Err(wrong) => Err(WrongScenarios { text: wrong.to_string(), diagnostics: wrong.0 }),
    }
}
