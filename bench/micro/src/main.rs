//! Measures the cost of a request in the engine, without a socket: nanoseconds, and instructions if callgrind counts them.
//!
//! `micro` measures time, `micro --instructions` also runs itself under callgrind. `--stubs N` and `--only WORDS` select rows.
//! `micro --record FILE` records the instructions of each row as its budget, `micro --budget FILE` compares them with it.
//! `--budget` also checks that requests with ten times as many parts cost at most little more than ten times as much.

mod adding;
mod answers;
mod budget;
mod callgrind;
mod documents;
mod exchange;
mod journal;
mod loading;
mod measured;
mod orders;
mod parts;
mod sets;
mod table;

use std::fs;
use std::process::ExitCode;

use budget::{Budget, Change, Counts};
use measured::Kind;
use table::Row;

/// The number of light tasks that are timed together, and the number of rounds. The shortest time counts.
const TIMES: usize = 2000;
const ROUNDS: usize = 5;

/// The number of stubs if instructions have a budget: few, because callgrind is slow.
const BUDGET_STUBS: usize = 1000;

const USAGE: &str = "usage: micro [--stubs N] [--only WORDS] [--instructions]
       micro --budget FILE
       micro --record FILE";

/// What to do, with its options.
enum Mode {
    Measure {
        stubs: usize,
        only: Option<String>,
        instructions: bool,
    },
    Budget(String),
    Record(String),
    /// The run inside callgrind.
    Counted {
        kind: String,
        stubs: usize,
    },
}

fn main() -> ExitCode {
    let Some(mode) = mode(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let done = match mode {
        Mode::Measure { stubs, only, instructions } => measure(stubs, only.as_deref(), instructions),
        Mode::Budget(file) => compare_with_budget(&file),
        Mode::Record(file) => record(&file),
        Mode::Counted { kind, stubs } => {
            kinds().filter(|known| known.name == kind).for_each(|kind| callgrind::run_for_counting(&kind, stubs));
            Ok(ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|reason| {
        eprintln!("error: {reason}");
        ExitCode::FAILURE
    })
}

fn mode(mut arguments: impl Iterator<Item = String>) -> Option<Mode> {
    let (mut stubs, mut only, mut instructions, mut other) = (None, None, false, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--stubs" => stubs = Some(arguments.next()?.parse().ok().filter(|stubs| *stubs > 0)?),
            "--only" => only = Some(arguments.next()?),
            "--instructions" => instructions = true,
            "--budget" | "--record" | "--counted" => other = Some((argument, arguments.next()?)),
            _ => return None,
        }
    }
    match (other, only, instructions) {
        (None, only, instructions) => Some(Mode::Measure { stubs: stubs.unwrap_or(10_000), only, instructions }),
        (Some((option, kind)), None, false) if option == "--counted" => Some(Mode::Counted { kind, stubs: stubs? }),
        (Some((option, file)), None, false) if stubs.is_none() => {
            Some(if option == "--budget" { Mode::Budget(file) } else { Mode::Record(file) })
        }
        _ => None,
    }
}

fn kinds() -> impl Iterator<Item = Kind> {
    sets::kinds().chain([answers::kind(), documents::kind(), journal::kind(), loading::kind(), parts::kind()])
}

fn measure(stubs: usize, only: Option<&str>, instructions: bool) -> Result<ExitCode, String> {
    let mut rows = Vec::new();
    for kind in kinds().filter(|kind| only.is_none_or(|words| kind.name.contains(words))) {
        let counts = if instructions {
            callgrind::instructions(&kind, stubs)?
        } else {
            Default::default()
        };
        let row = |task| Row::of(&task, task.nanoseconds(TIMES, ROUNDS), counts.get(&task.label()).copied());
        rows.extend((kind.tasks)(stubs).into_iter().map(row));
    }
    print!("{}", table::of(&rows));
    if only.is_none() {
        println!("\n{}", adding::adding(stubs));
    }
    Ok(ExitCode::SUCCESS)
}

fn compare_with_budget(file: &str) -> Result<ExitCode, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let budget = Budget::read(&text).map_err(|fault| format!("{file}: {fault}"))?;
    let counted = counted()?;
    let changes = budget::compare(&budget.counts, &counted);
    print!("{}", budget::report(&changes, &budget, file));
    let superlinear = parts::superlinear(&counted);
    superlinear.iter().for_each(|row| println!("grows faster than its parts: {row}"));
    Ok(if changes.iter().all(Change::is_gain) && superlinear.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn record(file: &str) -> Result<ExitCode, String> {
    let budget = Budget::of(counted()?);
    fs::write(file, budget.text()).map_err(|error| format!("{file}: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the current cost of each row.
fn counted() -> Result<Counts, String> {
    let mut counts = Counts::new();
    for kind in kinds() {
        let of_kind = callgrind::instructions(&kind, BUDGET_STUBS)?;
        counts.extend(of_kind.into_iter().map(|(label, count)| (label, count.round() as u64)));
    }
    Ok(counts)
}
