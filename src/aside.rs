//! Long work beside requests: loading files anew, or reading a full journal.
//!
//! Where there are no more processors than threads that want one, the system shares them out by the millisecond, and a
//! request waits as long. So long work is done in short pieces with rests between them, as long as requests come.
//! What is long, and where its pieces end, is told by those who do it.

use std::cell::RefCell;
use std::time::{Duration, Instant};

/// A piece ends after so long, at the next place where it can.
const PIECE: Duration = Duration::from_micros(100);

/// How long others have it to themselves then.
const REST: Duration = Duration::from_micros(500);

/// More memory than what is small, in bytes.
const LARGE: usize = 4096;

/// Others who send requests.
pub(crate) struct Company<F> {
    /// How many requests there have been.
    served: F,
    before: u64,
}

impl<F: Fn() -> u64> Company<F> {
    /// Of those whom a function counts the requests of.
    pub(crate) fn of(served: F) -> Company<F> {
        Company { before: served(), served }
    }

    /// Whether requests have come since it was last asked.
    pub(crate) fn is_there(&mut self) -> bool {
        let before = std::mem::replace(&mut self.before, (self.served)());
        self.before != before
    }
}

struct Aside {
    company: Company<Box<dyn Fn() -> u64>>,
    since: Instant,
    /// How many locks are held.
    locks: usize,
}

thread_local! {
    static ASIDE: RefCell<Option<Aside>> = const { RefCell::new(None) };
}

/// Ends what is done aside also where it panics.
struct Over;

impl Drop for Over {
    fn drop(&mut self) {
        ASIDE.set(None);
    }
}

/// Does work that may be long in pieces, with rests for as long as the number of requests goes up.
pub(crate) fn aside<T>(served: impl Fn() -> u64 + 'static, work: impl FnOnce() -> T) -> T {
    let company: Company<Box<dyn Fn() -> u64>> = Company::of(Box::new(served));
    ASIDE.set(Some(Aside { company, since: Instant::now(), locks: 0 }));
    let _over = Over;
    work()
}

/// While it lives something is locked that others may wait for, and there are no rests.
pub(crate) struct Locked(());

impl Locked {
    pub(crate) fn new() -> Locked {
        with_aside(|aside| aside.locks += 1);
        Locked(())
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        with_aside(|aside| aside.locks = aside.locks.saturating_sub(1));
    }
}

/// A place where a piece can end. It costs next to nothing.
pub(crate) fn rest() {
    with_aside(|aside| {
        if aside.locks > 0 || aside.since.elapsed() <= PIECE {
            return;
        }
        if aside.company.is_there() {
            std::thread::sleep(REST);
        }
        // glibc joins small pieces of memory that were let go once a larger one is asked for, and then all of them.
        std::hint::black_box(Vec::<u8>::with_capacity(LARGE));
        aside.since = Instant::now();
    });
}

/// Nothing is done aside on most threads, nor at the end of any.
fn with_aside(change: impl FnOnce(&mut Aside)) {
    let _ = ASIDE.try_with(|aside| aside.borrow_mut().as_mut().map(change));
}

/// Lets go of many things, which takes a while.
pub(crate) fn let_go<T>(all: impl IntoIterator<Item = T>) {
    for one in all {
        drop(one);
        rest();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    /// Works for some pieces, and gives how long that took and how often it was asked for the number of requests.
    fn work(come: bool) -> (Duration, u64) {
        const PIECES: u64 = 20;
        let asked = Rc::new(Cell::new(0));
        let counted = asked.clone();
        let served = move || {
            counted.set(counted.get() + 1);
            if come { counted.get() } else { 0 }
        };
        let started = Instant::now();
        aside(served, || {
            while asked.get() <= PIECES {
                rest();
            }
        });
        (started.elapsed(), asked.get())
    }

    #[test]
    fn it_rests_where_requests_come() {
        let (took, asked) = work(true);

        assert!(took >= (PIECE + REST) * 20, "{took:?}");
        assert_eq!(asked, 21, "once before the first piece, and once after each");
        assert!(work(false).0 >= PIECE * 20);
    }

    #[test]
    fn what_is_not_done_aside_does_not_rest() {
        assert!(std::panic::catch_unwind(|| aside(|| 0, || panic!("within"))).is_err());

        let started = Instant::now();
        while started.elapsed() < 2 * PIECE {
            rest();
        }
        ASIDE.with_borrow(|aside| assert!(aside.is_none()));
    }

    #[test]
    fn there_are_no_rests_while_something_is_locked() {
        let asked = Rc::new(Cell::new(0));
        let counted = asked.clone();
        let served = move || counted.replace(counted.get() + 1);
        let work = || {
            let started = Instant::now();
            while started.elapsed() < 3 * PIECE {
                rest();
            }
        };

        aside(served, || {
            let (one, other) = (Locked::new(), Locked::new());
            drop(one);
            work();
            assert_eq!(asked.get(), 1, "once before the first piece");
            drop(other);
            work();
            assert!(asked.get() > 1);
        });
        drop(Locked::new());
    }

    #[test]
    fn there_is_company_only_where_the_number_goes_up() {
        let number = Rc::new(Cell::new(3));
        let served = number.clone();
        let mut company = Company::of(move || served.get());

        assert!(!company.is_there());
        number.set(5);
        assert!(company.is_there());
        assert!(!company.is_there());
    }
}
