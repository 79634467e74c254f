//! Writes to stderr from a separate thread, so that threads that log do not wait for the reader of stderr.
//!
//! Texts are written in order. If the reader is too slow, further lines are dropped and counted, because a reader that has
//! stopped must not block the server.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cannery::lock::lock;

/// The maximum number of bytes that wait to be written.
const MAX_PENDING_BYTES: usize = 4 * 1024 * 1024;

/// The capacity of a buffer that is kept for the next text.
const MAX_SPARE_BYTES: usize = 256 * 1024;

/// How long the thread sleeps between two writes, so that a busy server writes many lines at once.
const PAUSE: Duration = Duration::from_millis(2);

/// Writes texts to stderr in the background.
pub struct BackgroundWriter {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    pending: Mutex<Pending>,
    queued: Condvar,
    written: Condvar,
}

#[derive(Default)]
struct Pending {
    text: String,
    dropped: u64,
    /// Whether the thread must be woken.
    is_waiting: bool,
    /// Whether a text that was removed from here is still being written.
    is_writing: bool,
}

impl BackgroundWriter {
    /// Starts the thread, which calls `write` with each text.
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

    /// Queues lines, which must end with a line break.
    pub fn write(&self, lines: &str) {
        let mut pending = lock(&self.state.pending);
        if pending.text.len() + lines.len() > MAX_PENDING_BYTES {
            pending.dropped += 1;
            return;
        }
        pending.text.push_str(lines);
        if std::mem::take(&mut pending.is_waiting) {
            drop(pending);
            self.state.queued.notify_one();
        }
    }

    /// Waits until everything is written, but at most for `longest`. Returns whether it is.
    pub fn flush(&self, longest: Duration) -> bool {
        let is_busy = |pending: &mut Pending| pending.is_writing || !pending.text.is_empty();
        let waited = self.state.written.wait_timeout_while(lock(&self.state.pending), longest, is_busy);
        !is_busy(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl State {
    /// Waits for a text and writes it. Text that arrives meanwhile goes to `spare`; the written buffer is returned and
    /// becomes the next `spare`. Allocating large buffers again and again would slow down the threads that answer requests.
    fn write_next(&self, spare: String, write: fn(&str)) -> String {
        let is_idle = |pending: &mut Pending| {
            pending.is_waiting = pending.text.is_empty();
            pending.is_waiting
        };
        let mut pending = self.queued.wait_while(lock(&self.pending), is_idle).unwrap_or_else(PoisonError::into_inner);
        let Pending { mut text, dropped, .. } =
            std::mem::replace(&mut *pending, Pending { text: spare, is_writing: true, ..Pending::default() });
        drop(pending);
        write(&text);
        if dropped > 0 {
            write(&format!("{dropped} lines are missing here: the log was not read fast enough\n"));
        }
        lock(&self.pending).is_writing = false;
        self.written.notify_all();
        if text.capacity() > MAX_SPARE_BYTES {
            return String::new();
        }
        text.clear();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    static WRITTEN: Mutex<String> = Mutex::new(String::new());

    /// A single test, because several tests would write to the same static.
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

        let stopped = lock(&READER);
        let line = format!("{}\n", "x".repeat(1023));
        background.write(&line);
        // From now on the thread waits for the reader, so the lines below fill the buffer.
        while !lock(&background.state.pending).is_writing {
            thread::yield_now();
        }
        for _ in 0..3 * MAX_PENDING_BYTES / line.len() {
            background.write(&line);
        }
        assert!(!background.flush(PAUSE));
        drop(stopped);
        assert!(background.flush(LONG));
        let written = lock(&WRITTEN);
        assert!(written.len() <= expected.len() + 2 * MAX_PENDING_BYTES + 100, "{} bytes waited", written.len());
        assert!(written.ends_with(" lines are missing here: the log was not read fast enough\n"));
    }
}
