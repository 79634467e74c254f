//! The options of the admin API, for the server and for its client commands.

use std::net::SocketAddr;

use cannery::admin::{AdminSettings, AdminToken, HostName, InvalidSetting, Origin};
use clap::Parser;
use clap::builder::BoolishValueParser;

use crate::exit::Failure;

/// A token from the command line. The parser accepts invalid tokens, because the error of clap would print the token.
type GivenToken = Result<AdminToken, InvalidSetting>;

/// Where the admin API is, and who may use it.
#[derive(Debug, Parser)]
pub struct AdminArgs {
    /// Where the admin API lives
    #[arg(long, value_name = "PATH", default_value = "/__admin", value_parser = admin_path, env = "CANNERY_ADMIN_PATH")]
    pub admin_path: String,

    /// Serve the admin API on this port instead of the first one; 0 takes any that is free
    #[arg(long, value_name = "PORT", env = "CANNERY_ADMIN_PORT")]
    pub admin_port: Option<u16>,

    /// Require `Authorization: Bearer TOKEN` for the admin API, except for its health
    #[arg(long, value_name = "TOKEN", value_parser = token, env = "CANNERY_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<GivenToken>,

    /// Let pages of this origin use the admin API, such as http://localhost:3000; may be repeated, or a list with commas
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', value_parser = origin, env = "CANNERY_ADMIN_ORIGIN")]
    pub admin_origin: Vec<Origin>,

    /// Accept this name as the Host of the admin API, if only a loopback address is bound; may be repeated, or a list with
    /// commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = host, env = "CANNERY_ADMIN_HOST")]
    pub admin_host: Vec<HostName>,

    /// Serve no admin API: its path is an ordinary one
    #[arg(long, env = "CANNERY_NO_ADMIN", value_parser = BoolishValueParser::new())]
    pub no_admin: bool,
}

/// Where the admin API is.
#[derive(Debug)]
pub enum AdminLocation {
    /// There is none.
    Off,
    /// On the port of the stubs.
    FirstPort(AdminSettings),
    /// At an address of its own.
    OwnPort(SocketAddr, AdminSettings),
}

impl AdminArgs {
    /// Resolves the options for a server at an address.
    ///
    /// # Errors
    /// If they are not valid, or contradict each other.
    pub fn resolve(&self, address: SocketAddr) -> Result<AdminLocation, Failure> {
        let token = checked(self.admin_token.as_ref())?.cloned();
        if self.no_admin {
            let given = [
                ("--admin-port", self.admin_port.is_some()),
                ("--admin-token", token.is_some()),
                ("--admin-origin", !self.admin_origin.is_empty()),
                ("--admin-host", !self.admin_host.is_empty()),
            ];
            return match given.iter().find(|(_, is_given)| *is_given) {
                None => Ok(AdminLocation::Off),
                Some((option, _)) => Err(Failure::Usage(format!(
                    "`--no-admin` must not be combined with `{option}`: there is no admin API to apply it to"
                ))),
            };
        }
        let mut settings = AdminSettings::at(&self.admin_path);
        settings.origins.clone_from(&self.admin_origin);
        settings.hosts.clone_from(&self.admin_host);
        settings.token = token;
        match self.admin_port {
            None => Ok(AdminLocation::FirstPort(settings)),
            Some(port) if port == address.port() && port != 0 => {
                Err(Failure::Usage(format!("`--admin-port` must be another port than `--port`, found {port} for both")))
            }
            Some(port) => Ok(AdminLocation::OwnPort(SocketAddr::new(address.ip(), port), settings)),
        }
    }
}

/// How to reach the admin API of a running server, besides its URL.
#[derive(Debug, Parser)]
pub struct AdminAccessArgs {
    /// Where the admin API of the server lives
    #[arg(long, value_name = "PATH", default_value = "/__admin", value_parser = admin_path, env = "CANNERY_ADMIN_PATH")]
    pub admin_path: String,

    /// The port of its admin API, if that is another one
    #[arg(long, value_name = "PORT", env = "CANNERY_ADMIN_PORT")]
    pub admin_port: Option<u16>,

    /// The token of its admin API
    #[arg(long, value_name = "TOKEN", value_parser = token, env = "CANNERY_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<GivenToken>,
}

impl AdminAccessArgs {
    /// Returns the port of the admin API, if it has its own.
    ///
    /// # Errors
    /// If it is 0, which only a server can resolve.
    pub fn port(&self) -> Result<Option<u16>, Failure> {
        match self.admin_port {
            Some(0) => {
                Err(Failure::Usage("`--admin-port` must be the port on which the server listens, found 0".to_owned()))
            }
            port => Ok(port),
        }
    }

    /// Returns the token to send.
    ///
    /// # Errors
    /// If it is not valid.
    pub fn token(&self) -> Result<Option<AdminToken>, Failure> {
        Ok(checked(self.admin_token.as_ref())?.cloned())
    }
}

fn checked(token: Option<&GivenToken>) -> Result<Option<&AdminToken>, Failure> {
    let invalid = |fault: &InvalidSetting| Failure::Usage(format!("`--admin-token`: {fault}"));
    token.map(|token| token.as_ref().map_err(invalid)).transpose()
}

/// Parses the path of the admin API.
fn admin_path(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    if path.starts_with('/') && path.len() > 1 && !path.contains(['?', '#', ' ']) {
        Ok(path.to_owned())
    } else {
        Err("must be a path that starts with `/` and names something, such as /__admin".to_owned())
    }
}

fn token(text: &str) -> Result<GivenToken, std::convert::Infallible> {
    Ok(text.parse())
}

fn origin(text: &str) -> Result<Origin, InvalidSetting> {
    text.trim().parse()
}

fn host(text: &str) -> Result<HostName, InvalidSetting> {
    text.trim().parse()
}
