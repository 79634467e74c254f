//! What is measured: kinds of tasks, each of which is a row.

use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Which of many stubs a request is for.
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

/// Tasks that belong together.
pub struct Kind {
    pub name: &'static str,
    /// Its tasks, with so many stubs where they are told apart.
    pub tasks: Box<dyn Fn(usize) -> Vec<Task>>,
}

/// Does a task so many times as it was prepared for.
pub type Work = Box<dyn FnOnce()>;

/// One row.
pub struct Task {
    pub name: &'static str,
    /// How many stubs or parts of a request there are and which is hit, where the row is about that.
    pub of: Option<(usize, Hit)>,
    dear: bool,
    prepare: Box<dyn Fn(usize) -> Work>,
}

/// One that is dear is done so many times less often.
const DEAR: usize = 10;

impl Task {
    /// `prepare` makes all that so many times of it need, and gives what does them: only that is measured.
    pub fn new(name: &'static str, prepare: impl Fn(usize) -> Work + 'static) -> Task {
        Task { name, of: None, dear: false, prepare: Box::new(prepare) }
    }

    /// The same again and again; that what it makes is let go of belongs to what it costs.
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

    /// What tells its row from all others: name, stubs and hit, with tabs between them.
    pub fn label(&self) -> String {
        match self.of {
            Some((stubs, hit)) => format!("{}\t{stubs}\t{}", self.name, hit.name()),
            None => format!("{}\t-\t-", self.name),
        }
    }

    /// How often it is done where a light one is done so many times.
    pub fn times(&self, light: usize) -> usize {
        if self.dear { light.div_ceil(DEAR) } else { light }
    }

    /// The least time that one took, of several rounds of so many light ones.
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

    /// Does it twice, to be counted: once for what is built on first need, and so many times for what it costs.
    pub fn run(&self, light: usize) {
        measured((self.prepare)(1));
        measured((self.prepare)(self.times(light)));
    }
}

/// Callgrind knows it by its name.
#[inline(never)]
fn measured(work: Work) {
    work();
}
