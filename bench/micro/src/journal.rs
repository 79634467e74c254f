//! The cost of recording a request, and of reading all recorded ones.

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;

use cannery::journal::{Entry, Journal, Limits, Outcome, StubRef};
use cannery::model::Place;

use crate::exchange::post;
use crate::measured::{Kind, Task, Work};
use crate::orders;

pub fn kind() -> Kind {
    Kind { name: "journal", tasks: Box::new(|_| tasks()) }
}

fn tasks() -> Vec<Task> {
    let (with_room, full, shown) = (filled(), filled(), filled());
    vec![
        Task::new("journal: a request where there is room", move |times| {
            // A cleared journal keeps its memory, so that its growth is not measured.
            drop(with_room.borrow_mut().clear());
            recording(&with_room, times)
        }),
        Task::new("journal: a request where one must go", move |times| recording(&full, times)),
        Task::new("journal: 10,000 taken to be read", move |times| {
            let journal = shown.clone();
            Box::new(move || (0..times).for_each(|_| drop(black_box(journal.borrow().snapshot()))))
        })
        .dear(),
    ]
}

fn recording(journal: &Rc<RefCell<Journal>>, times: usize) -> Work {
    let journal = journal.clone();
    let entries = entries(times);
    Box::new(move || {
        let mut journal = journal.borrow_mut();
        for mut entry in entries {
            drop(journal.record(black_box(&mut entry)));
        }
    })
}

fn filled() -> Rc<RefCell<Journal>> {
    let mut journal = Journal::new(Limits { entries: 10_000, ..Limits::default() });
    for mut entry in entries(10_000) {
        drop(journal.record(&mut entry));
    }
    let snapshot = journal.snapshot().read();
    assert_eq!((snapshot.entries.len(), snapshot.evicted), (10_000, 0));
    Rc::new(RefCell::new(journal))
}

/// Returns an entry like that of an engine that has just answered.
fn entries(times: usize) -> Vec<Entry> {
    let stub = StubRef {
        id: "id".to_owned(),
        name: "an order".to_owned(),
        scenario: "orders".to_owned(),
        place: Place::default(),
    };
    let outcome = Outcome::Stub(Arc::new(stub));
    (0..times).map(|number| entry(number, outcome.clone())).collect()
}

fn entry(number: usize, outcome: Outcome) -> Entry {
    let request = post("/orders", &[("Content-Type", "application/json")], orders::json(number, 7));
    Entry { status: Some(200), ..Entry::new(&request, outcome) }
}
