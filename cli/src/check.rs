//! `cannery check`: what is wrong with scenario files, and whether their examples hold.

use std::process::ExitCode;

use cannery::check;

use crate::args::CheckArgs;
use crate::exit::{EXPECTATION_FAILED, Failure};
use crate::output::{say, tell};
use crate::words::counted;

/// Checks, and says by the exit code what came of it.
pub fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let catalogue = check::load(&args.paths).map_err(Failure::Scenarios)?;
    let played = check::play_all(&catalogue.scenarios, &catalogue.stubs);
    let failed: Vec<_> = played.iter().filter(|played| !played.complaints.is_empty()).collect();
    for example in &failed {
        tell(format_args!("failed: {}: {} ({}:{})", example.scenario, example.name, example.file, example.line));
        for complaint in &example.complaints {
            complaint.lines().for_each(|line| tell(format!("  {line}").trim_end()));
        }
    }
    let scenarios = counted(catalogue.scenarios.len(), "scenario");
    let stubs = counted(catalogue.stubs.stubs().len(), "stub");
    say(format_args!("{scenarios}, {stubs}, {}: {} failed", counted(played.len(), "example"), failed.len()));
    Ok(if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXPECTATION_FAILED)
    })
}
