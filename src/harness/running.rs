//! A server that runs in the background until it is dropped; after that it answers nothing and its port is free.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::server::Server;

use super::runtime::{background, is_background};

/// How long a drop waits for its port: longer than any closure that only holds the runtime up by mistake.
const LONGEST: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Running {
    pub(super) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    /// Behind a lock only so that a server may be shared between threads.
    stopped: Mutex<mpsc::Receiver<()>>,
}

impl Running {
    /// Binds a server and lets it run.
    pub(super) fn start(bind: impl FnOnce() -> io::Result<Server>) -> io::Result<Running> {
        let runtime = background()?;
        let within = runtime.enter();
        let server = bind()?;
        drop(within);
        let address = server.local_addr()?;
        let (stop, told) = oneshot::channel();
        let (tell, stopped) = mpsc::channel();
        runtime.spawn(async move {
            server
                .run(async {
                    let _: Result<(), _> = told.await;
                })
                .await;
            // Whoever waited for it may have given up.
            let _ = tell.send(());
        });
        Ok(Running { address, stop: Some(stop), stopped: Mutex::new(stopped) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if !is_background() {
            let stopped = self.stopped.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
            let _ = stopped.recv_timeout(LONGEST);
        }
    }
}
