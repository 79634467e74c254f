//! The table of curl's options, and their effect on the request.

/// An option and its names.
#[derive(Debug)]
pub struct CurlOption {
    /// 0 if there is none.
    short: u8,
    pub long: &'static str,
    pub meaning: Meaning,
}

/// The effect of an option on the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It does not change the request, and has no value.
    Ignored,
    /// It does not change the request, and has a value.
    IgnoredWithValue,
    /// It starts another request.
    Next,
    Method,
    Header,
    Data,
    DataRaw,
    DataBinary,
    DataUrlencode,
    Json,
    Form,
    Get,
    Head,
    Url,
    User,
    Bearer,
    Cookie,
    UserAgent,
    Referer,
    Compressed,
    Globoff,
    /// It would change the request, but is not supported. The text is the remedy.
    Unsupported(&'static str),
}

impl Meaning {
    pub fn takes_value(self) -> bool {
        use Meaning::{Compressed, Get, Globoff, Head, Ignored, Next, Unsupported};
        !matches!(self, Ignored | Next | Get | Head | Compressed | Globoff | Unsupported(_))
    }
}

impl CurlOption {
    /// Returns its names for messages, such as `` `-r` (`--range`) ``.
    pub fn names(&self) -> String {
        match self.short {
            0 => format!("`--{}`", self.long),
            short => format!("`-{}` (`--{}`)", char::from(short), self.long),
        }
    }
}

const fn option(short: u8, long: &'static str, meaning: Meaning) -> CurlOption {
    CurlOption { short, long, meaning }
}

/// Options that change the request.
const REQUEST_OPTIONS: &[CurlOption] = &[
    option(b'X', "request", Meaning::Method),
    option(b'H', "header", Meaning::Header),
    option(b'd', "data", Meaning::Data),
    option(0, "data-ascii", Meaning::Data),
    option(0, "data-raw", Meaning::DataRaw),
    option(0, "data-binary", Meaning::DataBinary),
    option(0, "data-urlencode", Meaning::DataUrlencode),
    option(0, "json", Meaning::Json),
    option(b'F', "form", Meaning::Form),
    option(b'G', "get", Meaning::Get),
    option(b'I', "head", Meaning::Head),
    option(0, "url", Meaning::Url),
    option(b'u', "user", Meaning::User),
    option(0, "oauth2-bearer", Meaning::Bearer),
    option(b'b', "cookie", Meaning::Cookie),
    option(b'A', "user-agent", Meaning::UserAgent),
    option(b'e', "referer", Meaning::Referer),
    option(0, "compressed", Meaning::Compressed),
    option(b'g', "globoff", Meaning::Globoff),
    option(b':', "next", Meaning::Next),
    option(0, "basic", Meaning::Ignored),
    option(0, "raw", Meaning::Ignored),
    option(0, "url-query", Meaning::Unsupported("write the parameters into the URL, percent-encoded")),
    option(
        0,
        "form-string",
        Meaning::Unsupported("use `-F 'name=\"value\"'`: in double quotes `@`, `<` and `;` have no meaning"),
    ),
    option(b'r', "range", Meaning::Unsupported("use `-H 'Range: bytes=FIRST-LAST'`")),
    option(
        0,
        "path-as-is",
        Meaning::Unsupported(
            "use `cannery explain METHOD TARGET` without `--curl`, which keeps `.` and `..` in the path",
        ),
    ),
];

/// Options that do not change the request: they are about the connection, the output, or what follows the answer.
const IGNORED_OPTIONS: &[(u8, &str)] = &[
    (b'k', "insecure"),
    (b's', "silent"),
    (b'S', "show-error"),
    (b'L', "location"),
    (b'i', "include"),
    (0, "show-headers"),
    (b'v', "verbose"),
    (b'f', "fail"),
    (0, "fail-with-body"),
    (0, "fail-early"),
    (b'#', "progress-bar"),
    (0, "progress-meter"),
    (b'N', "no-buffer"),
    (0, "buffer"),
    (b'q', "disable"),
    (b'4', "ipv4"),
    (b'6', "ipv6"),
    (b'O', "remote-name"),
    (0, "remote-name-all"),
    (b'J', "remote-header-name"),
    (b'R', "remote-time"),
    (b'Z', "parallel"),
    (0, "location-trusted"),
    (0, "post301"),
    (0, "post302"),
    (0, "post303"),
    (b'0', "http1.0"),
    (0, "http1.1"),
    (0, "http2"),
    (0, "http2-prior-knowledge"),
    (0, "http3"),
    (b'1', "tlsv1"),
    (0, "tlsv1.0"),
    (0, "tlsv1.1"),
    (0, "tlsv1.2"),
    (0, "tlsv1.3"),
    (0, "ssl-no-revoke"),
    (0, "ssl-revoke-best-effort"),
    (0, "cert-status"),
    (0, "false-start"),
    (0, "tcp-nodelay"),
    (0, "tcp-fastopen"),
    (0, "keepalive"),
    (0, "alpn"),
    (0, "npn"),
    (0, "sessionid"),
    (0, "create-dirs"),
    (0, "clobber"),
    (0, "remove-on-error"),
    (0, "retry-all-errors"),
    (0, "retry-connrefused"),
    (0, "styled-output"),
    (0, "trace-time"),
    (0, "trace-ids"),
    (b'j', "junk-session-cookies"),
    (0, "compressed-ssh"),
];

/// The same, for options with a value.
const IGNORED_OPTIONS_WITH_VALUE: &[(u8, &str)] = &[
    (b'o', "output"),
    (0, "output-dir"),
    (b'w', "write-out"),
    (b'D', "dump-header"),
    (b'c', "cookie-jar"),
    (b'm', "max-time"),
    (0, "connect-timeout"),
    (0, "expect100-timeout"),
    (0, "happy-eyeballs-timeout-ms"),
    (0, "keepalive-time"),
    (0, "keepalive-cnt"),
    (0, "retry"),
    (0, "retry-delay"),
    (0, "retry-max-time"),
    (0, "max-redirs"),
    (0, "max-filesize"),
    (0, "limit-rate"),
    (0, "rate"),
    (b'y', "speed-time"),
    (b'Y', "speed-limit"),
    (0, "stderr"),
    (0, "trace"),
    (0, "trace-ascii"),
    (0, "trace-config"),
    (0, "resolve"),
    (0, "connect-to"),
    (0, "dns-servers"),
    (0, "doh-url"),
    (0, "interface"),
    (0, "local-port"),
    (0, "unix-socket"),
    (b'x', "proxy"),
    (0, "noproxy"),
    (0, "cacert"),
    (0, "capath"),
    (0, "crlfile"),
    (b'E', "cert"),
    (0, "cert-type"),
    (0, "key"),
    (0, "key-type"),
    (0, "pass"),
    (0, "pinnedpubkey"),
    (0, "ciphers"),
    (0, "tls13-ciphers"),
    (0, "curves"),
    (0, "tls-max"),
    (0, "parallel-max"),
    (0, "create-file-mode"),
];

/// Returns the option with a long name.
pub fn find_long(name: &str) -> Option<CurlOption> {
    find(|_, long| long == name)
}

/// Returns the option with a letter.
pub fn find_short(letter: u8) -> Option<CurlOption> {
    find(|short, _| short == letter && short != 0)
}

fn find(is_it: impl Fn(u8, &str) -> bool) -> Option<CurlOption> {
    let of_request = REQUEST_OPTIONS.iter().map(|known| (known.short, known.long, known.meaning));
    let ignored = IGNORED_OPTIONS.iter().map(|(short, long)| (*short, *long, Meaning::Ignored));
    let with_value = IGNORED_OPTIONS_WITH_VALUE.iter().map(|(short, long)| (*short, *long, Meaning::IgnoredWithValue));
    let mut all = of_request.chain(ignored).chain(with_value);
    all.find(|(short, long, _)| is_it(*short, long)).map(|(short, long, meaning)| option(short, long, meaning))
}
