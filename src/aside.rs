//! Long work beside requests: loading files anew, or reading a full journal.
//!
//! Where there are no more processors than threads that want one, the system shares them out by the millisecond, and a
//! request waits as long. So long work is done in short pieces with rests between them, as long as requests come.
//! What is long, and where its pieces end, is told by those who do it.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::time::{Duration, Instant};

use bytes::Bytes;

/// A piece ends after so long, at the next place where it can.
const PIECE: Duration = Duration::from_micros(100);

/// How long others have it to themselves then.
const REST: Duration = Duration::from_millis(1);

/// Others are taken to be there for so long after their last request: one that gets no processor since somebody works
/// aside on it counts none.
const STAY: Duration = Duration::from_millis(20);

/// More memory than what is small, in bytes.
const LARGE: usize = 4096;

/// So many bytes of bodies take longer to be let go of than a thread takes to start.
const MUCH: usize = 1024 * 1024;

/// Fewer entries of a map than these move at once.
const MANY: usize = 256;

/// Others who send requests.
pub(crate) struct Company<F> {
    /// How many requests there have been.
    served: F,
    before: u64,
    /// When it was last seen that there were more.
    seen: Option<Instant>,
}

impl<F: Fn() -> u64> Company<F> {
    /// Of those whom a function counts the requests of.
    pub(crate) fn of(served: F) -> Company<F> {
        Company { before: served(), served, seen: None }
    }

    /// Whether requests have come since it was last asked, or a little before.
    pub(crate) fn is_there(&mut self) -> bool {
        self.is_there_at(Instant::now())
    }

    fn is_there_at(&mut self, now: Instant) -> bool {
        let before = std::mem::replace(&mut self.before, (self.served)());
        if self.before != before {
            self.seen = Some(now);
        }
        self.seen.is_some_and(|seen| now.saturating_duration_since(seen) < STAY)
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
        } else {
            // Whoever waits for this processor may be somebody who answers.
            std::thread::yield_now();
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

/// Compares for a sort of many things, which takes a while.
pub(crate) fn restful<T>(compare: impl Fn(&T, &T) -> Ordering) -> impl FnMut(&T, &T) -> Ordering {
    let mut compared = 0_u8;
    move |one, other| {
        compared = compared.wrapping_add(1);
        if compared == 0 {
            rest();
        }
        compare(one, other)
    }
}

/// Makes room for one entry more. Of a large map all entries move then, which takes a while.
pub(crate) fn make_room<K: Eq + Hash, V, S: BuildHasher + Default>(map: &mut HashMap<K, V, S>) {
    if map.len() < map.capacity() || map.len() < MANY {
        return;
    }
    let mut larger = HashMap::with_capacity_and_hasher(2 * map.len(), S::default());
    for (key, value) in std::mem::take(map) {
        rest();
        larger.insert(key, value);
    }
    *map = larger;
}

/// Lets go of many things, which takes a while.
pub(crate) fn let_go<T>(all: impl IntoIterator<Item = T>) {
    for one in all {
        drop(one);
        rest();
    }
}

/// Lets go of bodies in a thread of its own where they are large: the system takes a millisecond for each ten megabytes.
pub(crate) fn let_go_of_bodies(bodies: Vec<Bytes>) {
    if bodies.iter().map(Bytes::len).sum::<usize>() >= MUCH {
        let work = move || drop(bodies);
        // Where there can be no thread, the work is let go of here, and they with it.
        let _ = std::thread::Builder::new().name("bodies".to_owned()).spawn(work);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::mpsc;

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

    /// Counts how often it is asked for the number of requests, which is once for each piece.
    fn pieces(work: impl FnOnce()) -> u64 {
        let asked = Rc::new(Cell::new(0));
        let counted = asked.clone();
        aside(move || counted.replace(counted.get() + 1), work);
        asked.get()
    }

    #[test]
    fn a_map_grows_and_a_list_is_sorted_in_pieces() {
        const ENTRIES: u64 = 100_000;
        let numbers: Vec<u64> = (0..ENTRIES).map(|number| number * 7919 % ENTRIES).collect();
        let mut map: HashMap<u64, u64> = HashMap::new();
        let grown = pieces(|| {
            for number in &numbers {
                make_room(&mut map);
                map.insert(*number, number + 1);
            }
        });
        let mut sorted = numbers.clone();
        let sorting = pieces(|| sorted.sort_unstable_by(restful(Ord::cmp)));

        assert!((0..ENTRIES).all(|number| map.get(&number) == Some(&(number + 1))) && map.len() == numbers.len());
        assert!(sorted.into_iter().eq(0..ENTRIES));
        assert!(grown > 1 && sorting > 1, "{grown}, {sorting}");
    }

    #[test]
    fn bodies_are_let_go_of_wherever_that_is_done() {
        struct Body(Vec<u8>, mpsc::Sender<bool>);
        impl AsRef<[u8]> for Body {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
        impl Drop for Body {
            fn drop(&mut self) {
                let elsewhere = std::thread::current().name() == Some("bodies");
                self.1.send(elsewhere).expect("somebody waits for it");
            }
        }
        let (sender, gone) = mpsc::channel();
        let body = |size| Bytes::from_owner(Body(vec![b'x'; size], sender.clone()));

        let_go_of_bodies(vec![body(MUCH / 2), body(MUCH / 2 - 1)]);
        assert_eq!([gone.recv(), gone.recv()], [Ok(false); 2]);
        let_go_of_bodies(vec![body(MUCH / 2), body(MUCH / 2)]);
        assert_eq!([gone.recv(), gone.recv()], [Ok(true); 2]);
        let_go_of_bodies(Vec::new());
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
        let start = Instant::now();

        assert!(!company.is_there_at(start));
        number.set(5);
        assert!(company.is_there_at(start));
        assert!(company.is_there_at(start + STAY / 2), "it may have no processor");
        assert!(!company.is_there_at(start + STAY));
        number.set(6);
        assert!(company.is_there_at(start + 2 * STAY));
    }
}
