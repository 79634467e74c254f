//! The headers and parameters that `--header` and `--query` add to every request, and the secrets in them.

use cannery::message::{Secrets, is_secret, is_secret_parameter};
use hyper::header::{HeaderName, HeaderValue};

/// What is added to requests.
#[derive(Default)]
pub struct Additions {
    /// Headers, which replace the example's own.
    pub headers: Vec<(String, String)>,
    /// Query parameters, not encoded, which replace the example's own.
    pub query: Vec<(String, String)>,
    /// The secrets, which must never be printed.
    pub secrets: Secrets,
}

impl Additions {
    /// Parses `NAME: VALUE` and `NAME=VALUE`, and replaces `$NAME` with the value of an environment variable.
    ///
    /// # Errors
    /// The error, without the values, which may be secrets.
    pub fn read(
        headers: &[String],
        query: &[String],
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Additions, String> {
        let mut added = Additions::default();
        for text in headers {
            let (name, value) = text.split_once(':').ok_or("--header must be `NAME: VALUE`")?;
            let name = name.trim();
            let value = added.value(name, value.trim(), "--header", &env)?;
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("--header: `{name}` is not a valid header name"))?;
            HeaderValue::from_str(&value)
                .map_err(|_| format!("--header {name}: the value must be visible ASCII characters"))?;
            if added.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                return Err(format!("--header {name} must be given once, found it twice"));
            }
            added.headers.push((name.to_owned(), value));
        }
        for text in query {
            let (name, value) = text.split_once('=').ok_or("--query must be `NAME=VALUE`")?;
            let value = added.value(name, value, "--query", &env)?;
            if added.query.iter().any(|(known, _)| known == name) {
                return Err(format!("--query {name} must be given once, found it twice"));
            }
            added.query.push((name.to_owned(), value));
        }
        Ok(added)
    }

    fn value(
        &mut self,
        name: &str,
        text: &str,
        option: &str,
        env: &impl Fn(&str) -> Option<String>,
    ) -> Result<String, String> {
        let value = expand(text, env, &mut self.secrets).map_err(|problem| format!("{option} {name}: {problem}"))?;
        if if option == "--query" { is_secret_parameter(name) } else { is_secret(name) } {
            self.secrets.add_words(&value);
        }
        Ok(value)
    }
}

/// Replaces `$NAME` and `${NAME}` with values of the environment, and `$$` with a dollar sign.
fn expand(text: &str, env: &impl Fn(&str) -> Option<String>, secrets: &mut Secrets) -> Result<String, String> {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        whole.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            whole.push('$');
            rest = after;
            continue;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, after) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or("`${` must be closed by `}`")?,
            None => after.split_at(after.find(|c| !is_part(c)).unwrap_or(after.len())),
        };
        if name.is_empty() || !name.chars().all(is_part) {
            return Err("`$` must be followed by a name; write `$$` for a dollar sign".to_owned());
        }
        let value = env(name).ok_or_else(|| format!("the environment variable `{name}` is not set"))?;
        if value.is_empty() {
            return Err(format!("the environment variable `{name}` is empty"));
        }
        secrets.add_words(&value);
        whole.push_str(&value);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        [("TOKEN", "s3cr/t \"x\""), ("NONE", "")].iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned())
    }

    fn read(header: &str) -> Result<String, String> {
        let added = Additions::read(&[header.to_owned()], &[], env)?;
        Ok(added.headers[0].1.clone())
    }

    #[test]
    fn values_come_from_the_environment() {
        assert_eq!(read("A: b $TOKEN"), Ok("b s3cr/t \"x\"".to_owned()));
        assert_eq!(read("A:x${TOKEN}y"), Ok("xs3cr/t \"x\"y".to_owned()));
        assert_eq!(read("A: 5$$"), Ok("5$".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_named_without_its_value() {
        for (header, expected) in [
            ("A: $OTHER", "the environment variable `OTHER` is not set"),
            ("A: $NONE", "the environment variable `NONE` is empty"),
            ("A: 5$", "write `$$` for a dollar sign"),
            ("A: ${TOKEN", "closed by `}`"),
            ("secret", "`NAME: VALUE`"),
            ("A b: secret", "is not a valid header name"),
            ("A: secret\u{7}", "must be visible ASCII characters"),
        ] {
            let fault = read(header).expect_err(header);
            assert!(fault.contains(expected) && !fault.contains("secret"), "{fault}");
        }
    }

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let added = Additions::read(&["Authorization: Bearer literal-word".to_owned()], &["t=$TOKEN".to_owned()], env);
        let secrets = added.expect("both can be read").secrets;

        for text in [
            "s3cr/t \"x\"",
            r#"s3cr/t \"x\""#,
            "s3cr%2Ft%20%22x%22",
            "s3cr%2ft%20%22x%22",
            "s3cr%2Ft+%22x%22",
            "Bearer literal-word",
            "literal-word",
        ] {
            assert_eq!(secrets.redacted(&format!("<{text}>")), "<...>", "{text}");
        }
    }
}
