//! Passes the version of the compiler to the program, because another compiler emits other instructions.

use std::process::Command;

fn main() {
    let rustc = std::env::var_os("RUSTC").expect("cargo names the compiler");
    let output = Command::new(rustc).arg("--version").output().expect("the compiler prints its version");
    let text = String::from_utf8(output.stdout).expect("a version is text");
    let version = text.split(' ').nth(1).expect("a version after the name");
    let minor: Vec<&str> = version.split('.').take(2).collect();
    println!("cargo::rustc-env=MICRO_RUSTC=rustc {}", minor.join("."));
    println!("cargo::rerun-if-changed=build.rs");
}
