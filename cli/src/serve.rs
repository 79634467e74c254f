//! `cannery serve`: loads everything, then binds, then says that it is ready.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cannery::check::Loading;
use cannery::engine::{Engine, Settings};
use cannery::journal::Limits;
use cannery::server::ServerSettings;
use tokio::sync::oneshot;

use crate::args::{LogFormat, ServeArgs};
use crate::bound::Bound;
use crate::exit::Failure;
use crate::files::{Files, Loaded};
use crate::log::{RequestLog, log_panics, notice};
use crate::output::{finish_telling, tell_in_background};
use crate::ready;
use crate::threads::Threads;
use crate::watch::{Watching, passed_over};

/// Serves until told to stop.
pub fn serve(args: ServeArgs) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let address = SocketAddr::new(args.bind_address, args.port);
    let admin = args.admin.resolve(address)?;
    let Threads { this, others } = Threads::start(args.threads).map_err(Failure::System)?;
    this.block_on(async {
        // As the first process of a container it would not be ended by a signal that nobody handles, so the handlers
        // stand before the files are read.
        let mut stop = Box::pin(stop_signals(args.log_format).map_err(Failure::System)?);
        let (files, loading) = Files::load(args.paths.clone()).map_err(Failure::System)?;
        let Loaded { before, loading: Loading { outcome, beside, passed_over: warnings } } = tokio::select! {
            loaded = loading => loaded.expect("loading does not panic"),
            () = stop.as_mut() => return Ok(ExitCode::SUCCESS),
        };
        passed_over(args.log_format, &warnings);
        let catalogue = outcome.map_err(Failure::Scenarios)?;
        let limits = Limits { entries: args.journal_limit, bytes: args.journal_bytes };
        let settings = Settings { journal: limits, seed: args.seed, max_rendered: args.max_rendered as u64 };
        let engine = Arc::new(Engine::new(catalogue.stubs.clone(), settings));
        let settings = ServerSettings {
            max_body: args.max_body,
            body_timeout: args.body_timeout,
            cors: args.cors,
            grace: args.grace,
        };
        let log = Arc::new(RequestLog::new(args.log_format));
        log_panics(args.log_format);
        let Bound { server, admin, at } = Bound::bind(address, admin, &engine, settings, log)?;
        let (paths, how, log_format) = (args.paths.clone(), args.watch, args.log_format);
        let watching =
            Watching { paths, how, log_format, engine, loaded: before, beside, passed_over: warnings }.ready();
        tell_in_background().map_err(Failure::System)?;
        ready::announce(&at, args.ready, args.log_format, &catalogue, started.elapsed()).map_err(Failure::Stdout)?;
        files.go_on(move || {
            // Its texts are not needed to serve. They may be many, and who answers has no time for them.
            drop(catalogue);
            if let Some(watching) = watching {
                watching.run();
            }
        });
        let (stopping, stopped) = oneshot::channel::<()>();
        let stop = async move {
            stop.await;
            drop(stopping);
        };
        let admin = async {
            match admin {
                Some(admin) => admin.run(async { drop(stopped.await) }).await,
                None => true,
            }
        };
        let (served, asked) = tokio::join!(server.run_with(others, stop), admin);
        if !(served && asked) {
            let message = format!("stopped with requests still in flight: the grace of {:?} is over", args.grace);
            notice(args.log_format, "grace over", &message);
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Completes at the first Ctrl-C, SIGTERM or SIGHUP; a second Ctrl-C or SIGTERM ends the process at once.
///
/// A terminal that is closed sends SIGHUP, and its shell often another, so that a second SIGHUP says nothing new.
#[cfg(unix)]
fn stop_signals(format: LogFormat) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = if ignores_hang_up() { None } else { Some(signal(SignalKind::hangup())?) };
    Ok(async move {
        let hung_up = async {
            match &mut hang_up {
                Some(hang_up) => drop(hang_up.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up => {}
        }
        notice(format, "stopping", "stopping: what is in flight is finished; once more ends it at once");
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            finish_telling(Duration::from_millis(50));
            std::process::exit(SECOND_SIGNAL);
        });
    })
}

/// Whether the process was started to outlive its terminal, as `nohup` does. A handler of the signal would undo that.
///
/// Only Linux says it in a file; elsewhere SIGHUP always ends the server.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    const SIGHUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}

/// The exit code after a second signal: 128 and SIGINT, as a shell has it.
#[cfg(unix)]
const SECOND_SIGNAL: i32 = 130;

/// Completes at the first Ctrl-C.
#[cfg(not(unix))]
fn stop_signals(_format: LogFormat) -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
