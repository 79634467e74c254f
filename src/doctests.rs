//! The Rust snippets of the documentation, so that `cargo test --doc` compiles and runs each of them.

/// A module for each page. CONTRIBUTING.md explains the marks of the fences.
macro_rules! pages {
    ($($module:ident: $page:literal),* $(,)?) => {
        $(#[doc = include_str!(concat!("../docs/how-to/", $page))] mod $module {})*
    };
}

pages! {
    from_httpmock: "from-httpmock.md",
    from_mockito: "from-mockito.md",
    from_wiremock_rs: "from-wiremock-rs.md",
    rust_tests: "rust-tests.md",
}

#[doc = include_str!("../README.md")]
mod readme {}
