//! The cost of adding stubs to a running engine, one after the other.

use std::time::{Duration, Instant};

use cannery::engine::{Engine, Settings};
use cannery::formats::{NoFiles, Syntax, read_stub};

pub fn adding(stubs: usize) -> String {
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
