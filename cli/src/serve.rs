//! `cannery serve`: loads the files, binds the ports, and reports that it is ready.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cannery::check::LoadReport;
use cannery::engine::{Engine, Settings};
use cannery::journal::Limits;
use cannery::server::ServerSettings;
use tokio::sync::oneshot;

use crate::args::{LogFormat, ServeArgs};
use crate::bound::BoundServers;
use crate::exit::{Failure, INTERRUPTED};
use crate::loading::{FileThread, LoadedFiles};
use crate::log::{RequestLog, log_panics, notice};
use crate::output::{eprint_in_background, flush_stderr};
use crate::ready;
use crate::runtimes::Runtimes;
use crate::signals::{HangUp, StopSignals};
use crate::watch::{FileWatch, warn_skipped};

/// Serves until a signal stops it.
pub fn serve(args: ServeArgs) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let address = SocketAddr::new(args.bind_address, args.port);
    let admin = args.admin.resolve(address)?;
    let Runtimes { this, others } = Runtimes::start(args.threads).map_err(Failure::System)?;
    this.block_on(async {
        // The first process of a container ignores signals without a handler, so the handlers are set before the files
        // are read.
        let mut stop = Box::pin(first_signal(args.log_format).map_err(Failure::System)?);
        let (files, loading) = FileThread::load(args.paths.clone()).map_err(Failure::System)?;
        let LoadedFiles { before, loading: LoadReport { outcome, referenced_files, skipped: warnings } } = tokio::select! {
            loaded = loading => loaded.expect("loading does not panic"),
            () = stop.as_mut() => return Ok(ExitCode::SUCCESS),
        };
        warn_skipped(args.log_format, &warnings);
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
        let BoundServers { server, admin, addresses } = BoundServers::bind(address, admin, &engine, settings, log)?;
        let (paths, how, log_format) = (args.paths.clone(), args.watch, args.log_format);
        let watching =
            FileWatch { paths, how, log_format, engine, loaded: before, referenced_files, skipped: warnings }.if_possible();
        eprint_in_background().map_err(Failure::System)?;
        ready::announce(&addresses, args.ready, args.log_format, &catalogue, started.elapsed())
            .map_err(Failure::Stdout)?;
        files.then_run(move || {
            // The texts of the files are no longer needed. They are freed here, because this thread has no other work.
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
        let (stubs_served, admin_served) = tokio::join!(server.run_with(others, stop), admin);
        if !(stubs_served && admin_served) {
            let message =
                format!("stopped with requests still in flight: the grace period of {:?} is over", args.grace);
            notice(args.log_format, "grace over", &message);
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Completes at the first Ctrl-C, SIGTERM or SIGHUP; a second Ctrl-C or SIGTERM ends the process at once.
///
/// A closed terminal sends SIGHUP, and its shell often sends another one, so a second SIGHUP is ignored.
fn first_signal(format: LogFormat) -> io::Result<impl Future<Output = ()>> {
    let (mut signals, mut hang_up) = (StopSignals::listen()?, HangUp::listen()?);
    Ok(async move {
        tokio::select! {
            () = signals.next() => {}
            () = hang_up.next() => {}
        }
        notice(
            format,
            "stopping",
            "stopping: requests in flight are finished; a second signal ends the server at once",
        );
        tokio::spawn(async move {
            signals.next().await;
            flush_stderr(Duration::from_millis(50));
            std::process::exit(INTERRUPTED.into());
        });
    })
}
