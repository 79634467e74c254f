//! The harness for tests: a mock server of the test's own, stubs that are built in the words of a scenario file, and verdicts
//! that explain themselves.
//!
//! The harness neither decides nor answers anything. A stub that a test builds is the same model as a stub of a file, and the
//! engine serves both. Closures are kept beside the model. The room `verify` decides; the harness panics with its texts.

mod answer;
mod builder;
mod expect_conversions;
mod failures;
mod fault_text;
pub mod given;
mod handle;
pub mod matchers;
mod received;
mod representation;
mod running_server;
mod runtime;
#[cfg(feature = "files")]
mod scenarios;
mod sent_answer;
mod server;
mod server_state;
mod stub;
mod style;
mod text_conversions;
mod verify;
mod wait;

pub use answer::{batch, case, status};
pub use builder::{ServerBuilder, StartError};
pub use given::Given;
pub use handle::{ScopedStub, StubHandle, WrongStub};
pub use received::{JsonError, Received, ReceivedRequest};
#[cfg(feature = "files")]
pub use scenarios::WrongScenarios;
pub use sent_answer::SentAnswer;
pub use server::MockServer;
pub use stub::StubBuilder;
pub use wait::{Waiting, WaitingTask};
