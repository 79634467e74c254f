//! Writes to stderr from a thread of its own, so that whoever has something to tell need not wait for whoever reads it.
//!
//! What is told while a text is being written goes out with the next one, in order. Where nobody reads for long it is
//! left out, and how much was is told: a reader who has gone to sleep must not hold the server up.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

/// So many bytes wait to be written, and no more.
const MOST: usize = 4 * 1024 * 1024;

/// How long the thread rests between two texts, so that a busy server's lines go out many at a time.
const REST: Duration = Duration::from_millis(2);

/// Texts on their way to stderr.
pub struct Background {
    state: Arc<State>,
}

struct State {
    pending: Mutex<Pending>,
    more: Condvar,
    /// Held by whoever writes, from when the text is taken until it has gone out.
    writing: Mutex<fn(&str)>,
}

#[derive(Default)]
struct Pending {
    text: String,
    left_out: u64,
    /// Whether the thread has to be woken.
    waits: bool,
}

impl Background {
    /// Starts the thread, which writes by a function.
    pub fn start(write: fn(&str)) -> std::io::Result<Background> {
        let state = Arc::new(State { pending: Mutex::default(), more: Condvar::new(), writing: Mutex::new(write) });
        let writer = state.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                writer.wait();
                writer.write(&held(&writer.writing));
                thread::sleep(REST);
            }
        })?;
        Ok(Background { state })
    }

    /// Hands over lines, which end with a line break.
    pub fn tell(&self, lines: &str) {
        let mut pending = held(&self.state.pending);
        if pending.text.len() + lines.len() > MOST {
            pending.left_out += 1;
            return;
        }
        pending.text.push_str(lines);
        if std::mem::take(&mut pending.waits) {
            drop(pending);
            self.state.more.notify_one();
        }
    }

    /// Returns once all that was told has gone out.
    pub fn flush(&self) {
        self.state.write(&held(&self.state.writing));
    }

    /// As [`Background::flush`], unless something is being written just now.
    pub fn try_flush(&self) {
        match self.state.writing.try_lock() {
            Ok(write) => self.state.write(&write),
            Err(TryLockError::Poisoned(poisoned)) => self.state.write(&poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }
}

impl State {
    fn wait(&self) {
        let pending = held(&self.pending);
        let empty = |pending: &mut Pending| {
            pending.waits = pending.text.is_empty();
            pending.waits
        };
        drop(self.more.wait_while(pending, empty));
    }

    fn write(&self, write: &fn(&str)) {
        let Pending { text, left_out, .. } = {
            let mut pending = held(&self.pending);
            let waits = pending.waits;
            std::mem::replace(&mut *pending, Pending { waits, ..Pending::default() })
        };
        if !text.is_empty() {
            write(&text);
        }
        if left_out > 0 {
            write(&format!("{left_out} lines are left out here: nobody read as fast as they came\n"));
        }
    }
}

/// Nothing panics while one of these is held.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    static WRITTEN: Mutex<String> = Mutex::new(String::new());

    /// One test, since all of them would write to one place.
    #[test]
    fn all_is_written_in_order_and_what_nobody_reads_is_counted() {
        static READER: Mutex<()> = Mutex::new(());
        let background = Background::start(|text| {
            let _reads = held(&READER);
            held(&WRITTEN).push_str(text);
        })
        .expect("a thread");
        for number in 0..1000 {
            background.tell(&format!("{number}\n"));
        }
        background.flush();
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(*held(&WRITTEN), expected);

        let asleep = held(&READER);
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..3 * MOST / line.len() {
            background.tell(&line);
        }
        drop(asleep);
        background.flush();
        let written = held(&WRITTEN);
        assert!(written.len() <= expected.len() + 2 * MOST + 100, "{} bytes waited", written.len());
        assert!(written.ends_with(" lines are left out here: nobody read as fast as they came\n"));
    }
}
