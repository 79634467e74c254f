//! `cannery serve`: loads everything, then binds, then says that it is ready.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
use crate::watch::Watching;

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
        let Loaded { before, outcome, beside } = tokio::select! {
            loaded = loading => loaded.expect("loading does not panic"),
            () = stop.as_mut() => return Ok(ExitCode::SUCCESS),
        };
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
        let watching = Watching { paths, how, log_format, engine, loaded: before, beside }.ready();
        tell_in_background().map_err(Failure::System)?;
        ready::announce(&at, args.log_format, &catalogue, started.elapsed());
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

/// Completes at the first Ctrl-C or SIGTERM; a second one ends the process at once.
#[cfg(unix)]
fn stop_signals(format: LogFormat) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let mut either = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        either().await;
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
