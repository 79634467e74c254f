//! Sends events to subscribers: a bounded broadcast that never delays a request.
//!
//! An event only wakes. Subscribe first, then read the journal or the state, then wait for the next notice of any kind and read
//! again. So nothing is missed between reading and waiting, and a subscriber that falls behind and gets a gap decides the same.
//!
//! tokio's broadcast was rejected because it wakes its receivers inside `send`. The store publishes while it is locked, so that
//! events are in the order of the journal, and a waker must not run there.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use crate::lock::lock;

use super::events::{Event, EventKind, Notice};

/// The number of events that are kept for subscribers that have not read them yet.
const CAPACITY: usize = 1024;

/// The subscribers of an engine and its latest events. Dropping this ends all subscriptions.
#[derive(Debug, Default)]
pub(super) struct Broadcast(Arc<Mutex<EventBuffer>>);

/// Numbers events, and keeps the latest while somebody is subscribed.
#[derive(Debug, Default)]
pub(super) struct EventBuffer {
    /// The number of the last event.
    last: u64,
    /// The latest events, oldest first. Their numbers follow from that of the last.
    latest: VecDeque<EventKind>,
    subscribers: Vec<Subscriber>,
    /// How many subscriptions were made so far.
    subscribed: u64,
    is_closed: bool,
}

#[derive(Debug)]
struct Subscriber {
    id: u64,
    /// Set while the subscriber waits.
    waker: Option<Waker>,
}

/// Subscribers that are to be woken as soon as no lock is held.
#[must_use = "the subscribers wait until they are woken"]
pub(super) struct Wakeups(Vec<Waker>);

/// Receives the events of an engine from the moment of [`subscribe`](super::Engine::subscribe) on.
///
/// It may be read on any runtime or on none, and never delays the engine.
#[derive(Debug)]
pub struct Subscription {
    buffer: Arc<Mutex<EventBuffer>>,
    id: u64,
    /// The number of the last event that was read or missed.
    seen: u64,
}

impl Broadcast {
    pub(super) fn subscribe(&self) -> Subscription {
        let mut buffer = lock(&self.0);
        buffer.subscribed += 1;
        let id = buffer.subscribed;
        buffer.subscribers.push(Subscriber { id, waker: None });
        Subscription { buffer: self.0.clone(), id, seen: buffer.last }
    }

    /// Publishes the events that `add` adds.
    pub(super) fn publish(&self, add: impl FnOnce(&mut EventBuffer)) -> Wakeups {
        let mut buffer = lock(&self.0);
        add(&mut buffer);
        buffer.take_wakers()
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        let mut buffer = lock(&self.0);
        buffer.is_closed = true;
        let wakeups = buffer.take_wakers();
        drop(buffer);
        wakeups.wake();
    }
}

impl Wakeups {
    pub(super) fn wake(self) {
        self.0.into_iter().for_each(Waker::wake);
    }
}

impl EventBuffer {
    /// Adds an event, which is made only if somebody is subscribed.
    pub(super) fn add(&mut self, kind: impl FnOnce() -> EventKind) {
        self.last += 1;
        if self.subscribers.is_empty() {
            return;
        }
        if self.latest.len() == CAPACITY {
            self.latest.pop_front();
        }
        self.latest.push_back(kind());
    }

    fn take_wakers(&mut self) -> Wakeups {
        Wakeups(self.subscribers.iter_mut().filter_map(|subscriber| subscriber.waker.take()).collect())
    }

    /// Returns the notice that follows on the event of a number.
    fn notice_after(&self, seen: u64) -> Option<Notice> {
        let next = seen + 1;
        let oldest = self.last + 1 - self.latest.len() as u64;
        if next < oldest {
            return Some(Notice::Gap { from: next, to: oldest - 1 });
        }
        let kind = self.latest.get((next - oldest) as usize)?.clone();
        Some(Notice::Event(Event { number: next, kind }))
    }

    /// Sets the waker of a subscriber. Returns the one that it had.
    fn set_waker(&mut self, id: u64, waker: Waker) -> Option<Waker> {
        let subscriber = self.subscribers.iter_mut().find(|subscriber| subscriber.id == id);
        subscriber.expect("a subscription is registered until it is dropped").waker.replace(waker)
    }
}

impl Subscription {
    /// Waits for the next notice. Returns `None` once the engine is gone and all of its events were read.
    pub async fn next(&mut self) -> Option<Notice> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Returns the next notice, if there is one already.
    pub fn try_next(&mut self) -> Option<Notice> {
        let notice = lock(&self.buffer).notice_after(self.seen);
        self.read(notice)
    }

    /// Blocks this thread until the next notice. Returns `None` after the deadline, or once the engine is gone.
    pub fn blocking_next(&mut self, deadline: Instant) -> Option<Notice> {
        let waker = Waker::from(Arc::new(ParkedThread(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(notice) = self.poll_next(&mut context) {
                return notice;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            thread::park_timeout(left);
        }
    }

    /// As [`Subscription::next`], for a future that is written by hand.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Notice>> {
        let mut buffer = lock(&self.buffer);
        let notice = buffer.notice_after(self.seen);
        if notice.is_some() || buffer.is_closed {
            drop(buffer);
            return Poll::Ready(self.read(notice));
        }
        let replaced = buffer.set_waker(self.id, context.waker().clone());
        drop(buffer);
        // Dropping a waker may drop a task that has a subscription, which then takes the lock.
        drop(replaced);
        Poll::Pending
    }

    fn read(&mut self, notice: Option<Notice>) -> Option<Notice> {
        match &notice {
            Some(Notice::Event(event)) => self.seen = event.number,
            Some(Notice::Gap { to, .. }) => self.seen = *to,
            None => {}
        }
        notice
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut buffer = lock(&self.buffer);
        let place = buffer.subscribers.iter().position(|subscriber| subscriber.id == self.id);
        let gone = place.map(|place| buffer.subscribers.swap_remove(place));
        let unread = if buffer.subscribers.is_empty() {
            std::mem::take(&mut buffer.latest)
        } else {
            VecDeque::new()
        };
        drop(buffer);
        drop((gone, unread));
    }
}

/// A thread that is parked until it is woken.
struct ParkedThread(Thread);

impl Wake for ParkedThread {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::iter;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::engine::{Engine, Settings};
    use crate::message::{Head, Request};
    use crate::model::Timestamp;

    fn engine() -> Engine {
        Engine::new(Arc::default(), Settings::default())
    }

    /// Causes one event.
    fn change(engine: &Engine) {
        let next_state = if engine.state("door") == "open" { "closed" } else { "open" };
        engine.set_state("door", next_state);
    }

    /// Sends a request, which has an entry in the journal when this returns.
    fn send(engine: &Engine) {
        let at = Timestamp::UNIX_EPOCH;
        let request = Request::new(Head::compose("GET", "/", []), Bytes::new(), None, at);
        engine.handle(&request, at, None);
    }

    /// The numbers of the events that are left.
    fn numbers(events: &mut Subscription) -> Vec<u64> {
        let number = |notice| match notice {
            Notice::Event(event) => event.number,
            Notice::Gap { .. } => panic!("{notice:?}"),
        };
        iter::from_fn(|| events.try_next()).map(number).collect()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn events_are_numbered_but_not_kept_while_nobody_is_subscribed() {
        let engine = engine();
        let mut events = engine.subscribe();
        change(&engine);
        assert_eq!(numbers(&mut events), [1]);

        let buffer = events.buffer.clone();
        drop(events);
        change(&engine);
        assert_eq!(lock(&buffer).latest.len(), 0);

        let mut events = engine.subscribe();
        change(&engine);
        assert_eq!(numbers(&mut events), [3]);
    }

    #[test]
    fn a_subscriber_that_falls_behind_gets_a_gap_and_delays_nobody() {
        let engine = engine();
        let (mut slow, mut fast) = (engine.subscribe(), engine.subscribe());
        let (capacity, missed) = (CAPACITY as u64, 5);

        for number in 1..=capacity + missed {
            change(&engine);
            assert_eq!(numbers(&mut fast), [number]);
        }

        assert_eq!(slow.try_next(), Some(Notice::Gap { from: 1, to: missed }));
        assert_eq!(numbers(&mut slow), (missed + 1..=missed + capacity).collect::<Vec<_>>());
        change(&engine);
        assert_eq!(numbers(&mut slow), [missed + capacity + 1]);
    }

    #[test]
    fn no_event_is_lost_between_reading_the_journal_and_waiting() {
        const REQUESTS: usize = 200;
        const SENDERS: usize = 4;
        const WAITERS: usize = 8;
        let engine = engine();

        thread::scope(|scope| {
            let wait = |mut events: Subscription, expected: usize| {
                while engine.journal_snapshot().len() < expected {
                    let notice = events.blocking_next(soon());
                    assert!(
                        notice.is_some(),
                        "{expected} requests came, and nothing woke the thread that waits for them"
                    );
                }
            };
            let waiters: Vec<_> = (1..=WAITERS)
                .map(|part| (engine.subscribe(), SENDERS * REQUESTS * part / WAITERS))
                .map(|(events, expected)| scope.spawn(move || wait(events, expected)))
                .collect();
            for _ in 0..SENDERS {
                scope.spawn(|| (0..REQUESTS).for_each(|_| send(&engine)));
            }
            waiters.into_iter().for_each(|waiter| waiter.join().expect("it is woken"));
        });
    }

    /// Counts how often it is woken, and uses the engine then.
    struct CountingWaker {
        engine: Engine,
        woken: AtomicUsize,
    }

    impl Wake for CountingWaker {
        fn wake(self: Arc<Self>) {
            drop(self.engine.subscribe());
            self.woken.fetch_add(self.engine.journal_snapshot().len(), Ordering::Relaxed);
        }
    }

    #[test]
    fn a_task_is_woken_once_however_often_it_was_polled_and_no_lock_is_held_then() {
        let counting = Arc::new(CountingWaker { engine: engine(), woken: AtomicUsize::new(0) });
        let woken = || counting.woken.load(Ordering::Relaxed);
        let waker = Waker::from(counting.clone());
        let mut events = counting.engine.subscribe();
        for waker in [Waker::noop(), &waker, &waker, &waker] {
            assert!(events.poll_next(&mut Context::from_waker(waker)).is_pending());
        }

        send(&counting.engine);
        send(&counting.engine);
        assert_eq!(woken(), 1);

        numbers(&mut events);
        assert!(events.poll_next(&mut Context::from_waker(&waker)).is_pending());
        drop(events);
        send(&counting.engine);
        assert_eq!(woken(), 1, "a subscription that was dropped wakes nobody");
    }

    #[test]
    fn a_wait_ends_at_its_deadline_and_with_the_engine() {
        let engine = engine();
        let mut events = engine.subscribe();
        assert_eq!(events.blocking_next(Instant::now() + Duration::from_millis(5)), None);

        change(&engine);
        let deadline = soon();
        let reader = thread::spawn(move || iter::from_fn(|| events.blocking_next(deadline)).count());
        drop(engine);

        assert_eq!(reader.join().expect("it ends"), 1, "what came before the end is read");
        assert!(Instant::now() < deadline);
    }
}
