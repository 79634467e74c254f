//! Says what a request costs the engine, without a socket: nanoseconds, and instructions where callgrind counts them.
//!
//! `micro` measures, `micro --instructions` runs itself under callgrind besides; `--stubs N` and `--only WORDS` choose.

mod callgrind;
mod set;
mod table;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cannery::engine::{Engine, Settings};
use cannery::formats::{NoFiles, Syntax, read_stub};
use cannery::message::Request;
use cannery::model::Timestamp;

use set::{Case, KINDS, Kind};
use table::Row;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// How many requests are timed together, and how often; the shortest time counts.
const REQUESTS: usize = 2000;
const ROUNDS: usize = 5;

/// What was asked for on the command line.
struct Options {
    stubs: usize,
    only: Option<String>,
    instructions: bool,
    /// Set for the process that callgrind looks at: it says nothing, and sends few requests.
    counted: bool,
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("usage: micro [--stubs N] [--only WORDS] [--instructions]");
        return ExitCode::from(2);
    };
    let wanted = |kind: &&'static Kind| options.only.as_ref().is_none_or(|words| kind.name.contains(words));
    let kinds: Vec<&'static Kind> = KINDS.iter().filter(wanted).collect();
    if options.counted {
        for case in kinds.iter().flat_map(|kind| Case::of(kind, options.stubs)) {
            measure(&case, callgrind::REQUESTS, 1);
        }
        return ExitCode::SUCCESS;
    }
    let mut rows = Vec::new();
    for kind in kinds {
        let cases = Case::of(kind, options.stubs);
        let counted = options.instructions.then(|| callgrind::instructions(kind.name, cases.len(), options.stubs));
        let counts = match counted.transpose() {
            Ok(counts) => counts,
            Err(reason) => {
                eprintln!("error: {reason}");
                return ExitCode::FAILURE;
            }
        };
        rows.extend(cases.iter().enumerate().map(|(place, case)| Row {
            kind: kind.name,
            stubs: case.stubs,
            hit: case.hit.name(),
            nanoseconds: measure(case, REQUESTS, ROUNDS).as_secs_f64() * 1e9 / REQUESTS as f64,
            instructions: counts.as_ref().map(|counts| counts[place]),
        }));
    }
    print!("{}", table::of(&rows));
    if options.only.is_none() {
        println!("\n{}", adding(options.stubs));
    }
    ExitCode::SUCCESS
}

fn options(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { stubs: 10_000, only: None, instructions: false, counted: false };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--stubs" => options.stubs = arguments.next()?.parse().ok()?,
            "--only" => options.only = Some(arguments.next()?),
            "--instructions" => options.instructions = true,
            "--counted" => options.counted = true,
            _ => return None,
        }
    }
    Some(options)
}

/// The least time that so many requests took, of several rounds.
fn measure(case: &Case, requests: usize, rounds: usize) -> Duration {
    let engine = Engine::new(case.set.clone(), Settings::default());
    // What is built on first need stands before anything is measured.
    send(&engine, vec![case.request()], case.explained());
    let round = |_| {
        let requests = (0..requests).map(|_| case.request()).collect();
        let started = Instant::now();
        send(&engine, requests, case.explained());
        started.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

/// What is measured; callgrind knows it by its name.
#[inline(never)]
fn send(engine: &Engine, requests: Vec<Request>, explained: bool) {
    for request in &requests {
        if explained {
            black_box(engine.handle(request, AT, None));
        } else {
            black_box(engine.handle_unexplained(request, AT, None));
        }
    }
}

/// What it takes to add stubs while running, one after the other.
fn adding(stubs: usize) -> String {
    let engine = Engine::new(Default::default(), Settings::default());
    let mut each = Vec::with_capacity(stubs);
    for number in 0..stubs {
        let text = format!("request = {{ path = '/one', query.id = '{number}' }}\nresponse.text = 'x'");
        let (stub, _) = read_stub(&text, Syntax::Toml, "x", "x", &NoFiles).expect("a stub");
        let started = Instant::now();
        engine.add(stub).expect("a stub");
        each.push(started.elapsed());
    }
    let mean = |part: &[Duration]| part.iter().sum::<Duration>() / u32::try_from(part.len()).unwrap_or(1).max(1);
    let tenth = (stubs / 10).max(1);
    let (first, last) = (mean(&each[..tenth]), mean(&each[stubs - tenth..]));
    format!(
        "adding {stubs} stubs of one path, one after the other: {first:?} each for the first tenth, {last:?} for the last"
    )
}
