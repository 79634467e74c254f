//! The common part of all suites: the client, and five hundred similar tests.
//!
//! The client is a minimal HTTP client, so that its cost does not dominate the measurement.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Sends the one request of a test on a new connection, and checks the answer.
pub fn send(address: SocketAddr, number: u32) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = format!(
        "GET /orders/{number} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("the server answers");
    assert!(reply.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&reply));
    assert!(reply.ends_with(body(number).as_bytes()), "{}", String::from_utf8_lossy(&reply));
    // The connection is reset: thousands in TIME_WAIT would slow the system down, and one run would affect the next.
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("a socket option");
}

/// Returns the path that a test requests.
pub fn path(number: u32) -> String {
    format!("/orders/{number}")
}

/// Returns the body of its answer.
pub fn body(number: u32) -> String {
    format!(r#"{{"id":{number},"total":"12.50"}}"#)
}

/// Runs `each` a thousand times, and prints the median and the 99th percentile of its duration in microseconds.
pub fn measure(mut each: impl FnMut()) {
    each();
    let mut times: Vec<Duration> = (0..1000)
        .map(|_| {
            let started = Instant::now();
            each();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{} {}", times[500].as_micros(), times[990].as_micros());
}

/// Five hundred tests `h0::t0::o0` to `h4::t9::o9`, each of which calls a function with its number.
#[macro_export]
macro_rules! five_hundred {
    ($($kind:tt)*) => {
        $crate::hundred! { h0 0 $($kind)* }
        $crate::hundred! { h1 1 $($kind)* }
        $crate::hundred! { h2 2 $($kind)* }
        $crate::hundred! { h3 3 $($kind)* }
        $crate::hundred! { h4 4 $($kind)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! hundred {
    ($name:ident $hundred:literal $($kind:tt)*) => {
        mod $name {
            $crate::ten! { t0 ($hundred * 100) $($kind)* }
            $crate::ten! { t1 ($hundred * 100 + 10) $($kind)* }
            $crate::ten! { t2 ($hundred * 100 + 20) $($kind)* }
            $crate::ten! { t3 ($hundred * 100 + 30) $($kind)* }
            $crate::ten! { t4 ($hundred * 100 + 40) $($kind)* }
            $crate::ten! { t5 ($hundred * 100 + 50) $($kind)* }
            $crate::ten! { t6 ($hundred * 100 + 60) $($kind)* }
            $crate::ten! { t7 ($hundred * 100 + 70) $($kind)* }
            $crate::ten! { t8 ($hundred * 100 + 80) $($kind)* }
            $crate::ten! { t9 ($hundred * 100 + 90) $($kind)* }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! ten {
    ($name:ident $from:tt $($kind:tt)*) => {
        mod $name {
            $crate::one! { o0 ($from) $($kind)* }
            $crate::one! { o1 ($from + 1) $($kind)* }
            $crate::one! { o2 ($from + 2) $($kind)* }
            $crate::one! { o3 ($from + 3) $($kind)* }
            $crate::one! { o4 ($from + 4) $($kind)* }
            $crate::one! { o5 ($from + 5) $($kind)* }
            $crate::one! { o6 ($from + 6) $($kind)* }
            $crate::one! { o7 ($from + 7) $($kind)* }
            $crate::one! { o8 ($from + 8) $($kind)* }
            $crate::one! { o9 ($from + 9) $($kind)* }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! one {
    ($name:ident $number:tt #[test] $test:ident) => {
        #[test]
        fn $name() {
            crate::$test($number);
        }
    };
    ($name:ident $number:tt #[tokio::test] $test:ident) => {
        #[tokio::test]
        async fn $name() {
            crate::$test($number).await;
        }
    };
}
