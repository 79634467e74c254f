//! Sends one request at a steady rate over sixteen connections and says how long the answers took.
//!
//! `pace PORT RATE SECONDS FILE`, where FILE is the request as it goes over the wire. The moments at which requests are due are
//! fixed before the first is sent. A latency counts from that moment, so that a server that holds up one request is charged for
//! all that should have been sent meanwhile.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

type Failure = Box<dyn Error + Send + Sync>;

const CONNECTIONS: u32 = 16;
/// Sent, but not counted: connections are new, and caches cold.
const WARM: Duration = Duration::from_millis(500);
/// A server that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one connection saw.
#[derive(Default)]
struct Seen {
    /// From when it was due until the answer was there.
    latencies: Vec<Duration>,
    /// How late requests were sent on a connection that was free: this program's own share of the latency.
    late: Vec<Duration>,
}

fn main() -> Result<(), Failure> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [port, rate, seconds, file] = &given[..] else { return Err("pace PORT RATE SECONDS FILE".into()) };
    let (port, rate, seconds): (u16, f64, f64) = (port.parse()?, rate.parse()?, seconds.parse()?);
    let request = std::fs::read(file)?;
    // Threads inherit it. Without it a sleep ends some 50 us late, which is as long as an answer takes.
    let _ = std::fs::write("/proc/self/timerslack_ns", "1");

    let between = Duration::from_secs_f64(f64::from(CONNECTIONS) / rate);
    let end = WARM + Duration::from_secs_f64(seconds);
    let streams = (0..CONNECTIONS).map(|_| connect(port)).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let seen = thread::scope(|scope| {
        let one = |(stream, number)| {
            let (request, first) = (&request, between * number / CONNECTIONS);
            scope.spawn(move || exchange(stream, request, started, first, between, end))
        };
        let running: Vec<_> = streams.into_iter().zip(0..).map(one).collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).collect::<Result<Vec<_>, _>>()
    })?;
    report(seen, seconds);
    Ok(())
}

fn connect(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn exchange(
    mut stream: TcpStream,
    request: &[u8],
    started: Instant,
    first: Duration,
    between: Duration,
    end: Duration,
) -> Result<Seen, Failure> {
    let (mut seen, mut due, mut buffer) = (Seen::default(), first, Vec::new());
    while due < end {
        let early = due.checked_sub(started.elapsed());
        if let Some(early) = early {
            thread::sleep(early);
        }
        let late = started.elapsed() - due;
        stream.write_all(request)?;
        answer(&mut stream, &mut buffer)?;
        if due >= WARM {
            seen.latencies.push(started.elapsed() - due);
            if early.is_some() {
                seen.late.push(late);
            }
        }
        due += between;
    }
    Ok(seen)
}

/// Reads one answer, which must be a 200 that says its length.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    let mut chunk = [0; 4096];
    buffer.clear();
    let mut needed = None;
    while needed.is_none_or(|needed| buffer.len() < needed) {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err("the server closed the connection".into());
        }
        buffer.extend_from_slice(&chunk[..read]);
        if needed.is_none() {
            needed = whole(buffer)?;
        }
    }
    Ok(())
}

/// How long an answer is with its head, once that is there.
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

fn report(seen: Vec<Seen>, seconds: f64) {
    let (mut latencies, mut late) = (Vec::new(), Vec::new());
    for mut one in seen {
        latencies.append(&mut one.latencies);
        late.append(&mut one.late);
    }
    let (count, [p50, p99, p999, most]) = (latencies.len(), marks(latencies));
    let [_, late, _, _] = marks(late);
    let rate = count as f64 / seconds;
    println!(
        "{{\"rate\":{rate:.0},\"count\":{count},\"p50\":{p50},\"p99\":{p99},\"p999\":{p999},\"max\":{most},\"late\":{late}}}"
    );
}

/// The median, the 99th and 99.9th percentile, and the most, in microseconds.
fn marks(mut times: Vec<Duration>) -> [f64; 4] {
    times.sort_unstable();
    [0.5, 0.99, 0.999, 1.0].map(|share| {
        let place = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    })
}
