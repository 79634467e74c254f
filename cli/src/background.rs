//! Writes to stderr from a thread of its own, so that whoever has something to tell need not wait for whoever reads it.
//!
//! What is told while a text is being written goes out with the next one, in order. Where nobody reads for long it is
//! left out, and how much was is told: a reader who has gone to sleep must not hold the server up.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// So many bytes wait to be written, and no more.
const MAX_PENDING_BYTES: usize = 4 * 1024 * 1024;

/// So much room is kept from one text to the next.
const MAX_SPARE_BYTES: usize = 256 * 1024;

/// How long the thread rests between two texts, so that a busy server's lines go out many at a time.
const PAUSE: Duration = Duration::from_millis(2);

/// Texts on their way to stderr.
pub struct BackgroundWriter {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    pending: Mutex<Pending>,
    more: Condvar,
    gone: Condvar,
}

#[derive(Default)]
struct Pending {
    text: String,
    dropped: u64,
    /// Whether the thread has to be woken.
    is_waiting: bool,
    /// Whether something that was taken from here has not gone out yet.
    is_writing: bool,
}

impl BackgroundWriter {
    /// Starts the thread, which writes by a function.
    pub fn start(write: fn(&str)) -> std::io::Result<BackgroundWriter> {
        let state = Arc::<State>::default();
        let writer = state.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            let mut spare = String::new();
            loop {
                spare = writer.write_next(spare, write);
                thread::sleep(PAUSE);
            }
        })?;
        Ok(BackgroundWriter { state })
    }

    /// Hands over lines, which end with a line break.
    pub fn write(&self, lines: &str) {
        let mut pending = lock(&self.state.pending);
        if pending.text.len() + lines.len() > MAX_PENDING_BYTES {
            pending.dropped += 1;
            return;
        }
        pending.text.push_str(lines);
        if std::mem::take(&mut pending.is_waiting) {
            drop(pending);
            self.state.more.notify_one();
        }
    }

    /// Waits until all that was told has gone out, so long at most; whether it has.
    pub fn flush(&self, longest: Duration) -> bool {
        let some = |pending: &mut Pending| pending.is_writing || !pending.text.is_empty();
        let waited = self.state.gone.wait_timeout_while(lock(&self.state.pending), longest, some);
        !some(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl State {
    /// Waits for a text and writes it. What comes meanwhile is kept in `spare`, and the text is the next one: to ask for so
    /// much memory anew, again and again, makes whoever answers requests wait for more than its share.
    fn write_next(&self, spare: String, write: fn(&str)) -> String {
        let empty = |pending: &mut Pending| {
            pending.is_waiting = pending.text.is_empty();
            pending.is_waiting
        };
        let mut pending = self.more.wait_while(lock(&self.pending), empty).unwrap_or_else(PoisonError::into_inner);
        let Pending { mut text, dropped, .. } =
            std::mem::replace(&mut *pending, Pending { text: spare, is_writing: true, ..Pending::default() });
        drop(pending);
        write(&text);
        if dropped > 0 {
            write(&format!("{dropped} lines are missing here: the log was not read fast enough\n"));
        }
        lock(&self.pending).is_writing = false;
        self.gone.notify_all();
        if text.capacity() > MAX_SPARE_BYTES {
            return String::new();
        }
        text.clear();
        text
    }
}

/// Locks a mutex, even if a thread panicked while it held the lock. The data is whole wherever code may panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    static WRITTEN: Mutex<String> = Mutex::new(String::new());

    /// One test, since all of them would write to one place.
    #[test]
    fn all_is_written_in_order_and_what_nobody_reads_is_counted() {
        static READER: Mutex<()> = Mutex::new(());
        let background = BackgroundWriter::start(|text| {
            let _reads = lock(&READER);
            lock(&WRITTEN).push_str(text);
        })
        .expect("a thread");
        for number in 0..1000 {
            background.write(&format!("{number}\n"));
        }
        assert!(background.flush(LONG));
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(*lock(&WRITTEN), expected);

        let asleep = lock(&READER);
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..3 * MAX_PENDING_BYTES / line.len() {
            background.write(&line);
        }
        assert!(!background.flush(PAUSE));
        drop(asleep);
        assert!(background.flush(LONG));
        let written = lock(&WRITTEN);
        assert!(written.len() <= expected.len() + 2 * MAX_PENDING_BYTES + 100, "{} bytes waited", written.len());
        assert!(written.ends_with(" lines are missing here: the log was not read fast enough\n"));
    }
}
