//! Tasks to measure, in groups. Each task is a row.

use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Selects the stub that a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    First,
    Middle,
    Last,
    None,
}

impl Hit {
    pub const ALL: [Hit; 4] = [Hit::First, Hit::Middle, Hit::Last, Hit::None];

    pub fn name(self) -> &'static str {
        match self {
            Hit::First => "first",
            Hit::Middle => "middle",
            Hit::Last => "last",
            Hit::None => "none",
        }
    }
}

/// A group of tasks.
pub struct Kind {
    pub name: &'static str,
    /// Its tasks, with this many stubs in sets of many stubs.
    pub tasks: Box<dyn Fn(usize) -> Vec<Task>>,
}

/// Runs a task as many times as it was prepared for.
pub type Work = Box<dyn FnOnce()>;

/// A row.
pub struct Task {
    pub name: &'static str,
    /// The number of stubs or of parts of a request, and which of them is hit, if the row depends on that.
    pub of: Option<(usize, Hit)>,
    dear: bool,
    prepare: Box<dyn Fn(usize) -> Work>,
}

/// An expensive task runs this many times less often.
const DEAR: usize = 10;

impl Task {
    /// `prepare` sets up a number of runs and returns the function that performs them. Only that function is measured.
    pub fn new(name: &'static str, prepare: impl Fn(usize) -> Work + 'static) -> Task {
        Task { name, of: None, dear: false, prepare: Box::new(prepare) }
    }

    /// Returns a task that repeats one call. Dropping its result is part of its cost.
    pub fn again<T>(name: &'static str, work: impl Fn() -> T + 'static) -> Task {
        let work = Rc::new(work);
        Task::new(name, move |times| {
            let work = work.clone();
            Box::new(move || {
                for _ in 0..times {
                    black_box(work());
                }
            })
        })
    }

    pub fn of(self, stubs: usize, hit: Hit) -> Task {
        Task { of: Some((stubs, hit)), ..self }
    }

    pub fn dear(self) -> Task {
        Task { dear: true, ..self }
    }

    /// Returns the unique label of the row: name, stubs and hit, separated by tabs.
    pub fn label(&self) -> String {
        match self.of {
            Some((stubs, hit)) => format!("{}\t{stubs}\t{}", self.name, hit.name()),
            None => format!("{}\t-\t-", self.name),
        }
    }

    /// Returns how often it runs if a light task runs this many times.
    pub fn times(&self, light: usize) -> usize {
        if self.dear { light.div_ceil(DEAR) } else { light }
    }

    /// Returns the shortest time of one run, over several rounds.
    pub fn nanoseconds(&self, light: usize, rounds: usize) -> f64 {
        let times = self.times(light);
        measured((self.prepare)(1));
        let round = |_| {
            let work = (self.prepare)(times);
            let started = Instant::now();
            measured(work);
            started.elapsed()
        };
        let least: Duration = (0..rounds).map(round).min().unwrap_or_default();
        least.as_secs_f64() * 1e9 / times as f64
    }

    /// Runs it for counting: once to fill caches, and then as many times as are counted.
    pub fn run(&self, light: usize) {
        measured((self.prepare)(1));
        measured((self.prepare)(self.times(light)));
    }
}

/// Callgrind identifies it by its name.
#[inline(never)]
fn measured(work: Work) {
    work();
}
