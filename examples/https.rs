//! A client that speaks HTTPS and nothing else: `cargo run --features tls --example https`.

#[cfg(feature = "tls")]
fn main() {
    https::main();
}

#[cfg(not(feature = "tls"))]
fn main() {
    eprintln!("HTTPS is a feature of the library: `cargo run --features tls --example https`");
}

#[cfg(feature = "tls")]
mod https {
    use cannery::{MockServer, given, status};
    use ureq::Agent;
    use ureq::tls::{Certificate, RootCerts, TlsConfig};

    /// What is under test: signs in, over HTTPS only, with the authorities that its caller trusts.
    fn sign_in(base: &str, roots: RootCerts) -> Result<String, ureq::Error> {
        let config =
            Agent::config_builder().https_only(true).tls_config(TlsConfig::builder().root_certs(roots).build());
        let agent: Agent = config.build().into();
        agent.post(format!("{base}/session")).send("ada")?.body_mut().read_to_string()
    }

    pub fn main() {
        let server = MockServer::builder().https().start();
        server.stub(given::post("/session").scheme("https").body("ada").respond(status(200).text("token")).expect(1));

        // The authority was made when the server started, and is told to the client and to nobody else.
        let trusted = Certificate::from_pem(server.certificate_pem().as_bytes()).expect("PEM");
        let token = sign_in(&server.uri(), RootCerts::new_with_certs(&[trusted]));
        assert_eq!(token.expect("an answer"), "token");

        // Who trusts the public authorities only, trusts no mock.
        assert!(sign_in(&server.uri(), RootCerts::WebPki).is_err());
        println!("signed in over HTTPS");
    }
}
