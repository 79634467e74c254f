//! Loads scenario files for the server of a test.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::check;
use crate::engine::StubSet;

/// Everything that is wrong with scenario files; shown as `cannery check` shows it.
#[derive(Debug)]
pub struct WrongScenarios(String);

impl Error for WrongScenarios {}

impl fmt::Display for WrongScenarios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn load(paths: &[PathBuf]) -> Result<Arc<StubSet>, WrongScenarios> {
    check::load(paths).map(|catalogue| catalogue.stubs).map_err(|wrong| WrongScenarios(wrong.to_string()))
}
