//! Sends one request at a steady rate over sixteen connections, and prints the latencies.
//!
//! `pace PORT RATE SECONDS FILE`: FILE has the bytes of the request. The times at which requests are due are fixed before the first
//! is sent. A latency counts from that time, so a server that delays one request is charged for all that should have been sent
//! meanwhile.
//!
//! One thread drives all connections. A thread for each would need four times the CPU time of the server.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

type Failure = Box<dyn Error>;

const CONNECTIONS: u32 = 16;
/// Requests that are due within this time are sent together, because waking up for each would need more CPU time than the server.
const TOGETHER: Duration = Duration::from_micros(100);
/// The warm-up, which is not counted: connections are new, and caches cold.
const WARM: Duration = Duration::from_millis(500);
/// A server that sends nothing for this long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

struct Connection {
    stream: TcpStream,
    /// When its next request is due, or was due if it has been sent.
    due: Duration,
    /// Whether the connection was free at that time.
    early: bool,
    /// When the request was due, if the connection waits for its answer.
    sent: Option<Duration>,
    answer: Vec<u8>,
}

#[derive(Default)]
struct Seen {
    /// The times from when a request was due until its answer had arrived.
    latencies: Vec<Duration>,
    /// How late requests were sent on a free connection: this program's own share of the latency.
    late: Vec<Duration>,
}

/// The data that all connections share.
struct Load<'a> {
    request: &'a [u8],
    started: Instant,
    between: Duration,
    end: Duration,
}

fn main() -> Result<(), Failure> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [port, rate, seconds, file] = &given[..] else { return Err("pace PORT RATE SECONDS FILE".into()) };
    let (port, rate, seconds): (u16, f64, f64) = (port.parse()?, rate.parse()?, seconds.parse()?);
    let request = std::fs::read(file)?;
    // Without this, a wait ends some 50 us late, which is as long as an answer takes.
    let _ = std::fs::write("/proc/self/timerslack_ns", "1");

    let between = Duration::from_secs_f64(f64::from(CONNECTIONS) / rate);
    let ready = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let connect = |number| connect(port, between * number / CONNECTIONS, &ready, number);
    let mut connections = (0..CONNECTIONS).map(connect).collect::<Result<Vec<_>, _>>()?;
    let end = WARM + Duration::from_secs_f64(seconds);
    let load = Load { request: &request, started: Instant::now(), between, end };
    let seen = load.run(&mut connections, &ready)?;
    report(seen, seconds);
    Ok(())
}

fn connect(port: u16, due: Duration, ready: &OwnedFd, number: u32) -> Result<Connection, Failure> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    epoll::add(ready, &stream, epoll::EventData::new_u64(number.into()), epoll::EventFlags::IN)?;
    Ok(Connection { stream, due, early: true, sent: None, answer: Vec::new() })
}

impl Load<'_> {
    fn run(&self, connections: &mut [Connection], ready: &OwnedFd) -> Result<Seen, Failure> {
        let (mut seen, mut events) = (Seen::default(), Vec::with_capacity(connections.len()));
        loop {
            for one in connections.iter_mut().filter(|one| self.asks(one)) {
                self.send(one, &mut seen)?;
            }
            let next = connections.iter().filter(|one| self.asks(one)).map(|one| one.due).min();
            if next.is_none() && connections.iter().all(|one| one.sent.is_none()) {
                return Ok(seen);
            }
            let wait = next.map_or(PATIENCE, |next| next.saturating_sub(self.started.elapsed()).max(TOGETHER));
            events.clear();
            epoll::wait(ready, spare_capacity(&mut events), Some(&Timespec::try_from(wait)?))?;
            for event in &events {
                self.read(&mut connections[usize::try_from(event.data.u64())?], &mut seen)?;
            }
            let now = self.started.elapsed();
            if connections.iter().any(|one| one.sent.is_some_and(|sent| sent + PATIENCE < now)) {
                return Err("no answer came for ten seconds".into());
            }
        }
    }

    fn asks(&self, one: &Connection) -> bool {
        one.sent.is_none() && one.due < self.end
    }

    fn send(&self, one: &mut Connection, seen: &mut Seen) -> Result<(), Failure> {
        let now = self.started.elapsed();
        let Some(late) = now.checked_sub(one.due) else { return Ok(()) };
        one.stream.write_all(self.request)?;
        one.sent = Some(now);
        if one.early && one.due >= WARM {
            seen.late.push(late);
        }
        Ok(())
    }

    /// Reads the available bytes of an answer, which must be a 200 with Content-Length.
    fn read(&self, one: &mut Connection, seen: &mut Seen) -> Result<(), Failure> {
        let mut chunk = [0; 4096];
        let read = one.stream.read(&mut chunk)?;
        if read == 0 {
            return Err("the server closed the connection".into());
        }
        one.answer.extend_from_slice(&chunk[..read]);
        if whole(&one.answer)?.is_none_or(|needed| one.answer.len() < needed) {
            return Ok(());
        }
        let now = self.started.elapsed();
        if one.due >= WARM {
            seen.latencies.push(now - one.due);
        }
        one.answer.clear();
        one.sent = None;
        one.due += self.between;
        one.early = one.due > now;
        Ok(())
    }
}

/// Returns the length of an answer including its head, if the head is complete.
fn whole(buffer: &[u8]) -> Result<Option<usize>, Failure> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&buffer[..end])?;
    let mut lines = head.split("\r\n");
    if !lines.next().is_some_and(|line| line.starts_with("HTTP/1.1 200 ")) {
        return Err(format!("not a 200: {head}").into());
    }
    let length =
        lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = length.ok_or("an answer without a length")?;
    Ok(Some(end + 4 + length.trim().parse::<usize>()?))
}

fn report(seen: Seen, seconds: f64) {
    let (count, [p50, p99, p999, most]) = (seen.latencies.len(), marks(seen.latencies));
    let [_, late, _, _] = marks(seen.late);
    let rate = count as f64 / seconds;
    println!(
        "{{\"rate\":{rate:.0},\"count\":{count},\"p50\":{p50},\"p99\":{p99},\"p999\":{p999},\"max\":{most},\"late\":{late}}}"
    );
}

/// Returns the median, the 99th and 99.9th percentile, and the maximum, in microseconds.
fn marks(mut times: Vec<Duration>) -> [f64; 4] {
    times.sort_unstable();
    [0.5, 0.99, 0.999, 1.0].map(|share| {
        let place = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    })
}
