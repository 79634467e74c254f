//! Splits one command into words as a POSIX shell does, with `$'...'` of bash and zsh.
//!
//! Anything that only a running shell knows, such as the value of a variable, is refused. A pipe or a `;` ends the command,
//! and redirections of its output are ignored. A second curl command after them is refused.

/// The reason why a text is not one command.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A quote is not closed.
    #[error("the quote {0} is not closed")]
    Unclosed(char),
    /// A variable, or the output of a command.
    #[error("the value of `{0}` is known only to the shell: write the value, or put it in single quotes")]
    Expansion(String),
    /// An `&`, usually in a URL without quotes.
    #[error("an `&` outside of quotes ends a command: put the URL in quotes")]
    Ampersand,
    /// Input from a file, or from the lines that follow.
    #[error("a `<` outside of quotes reads input from a file: write the input with the command")]
    Input,
    /// Another line, which would be another command.
    #[error("the command ends at the end of a line, and more follows: end the line with `\\` before `{0}`")]
    Line(String),
    /// Another curl command, which would send another request.
    #[error("there are two curl commands, and one request is explained: give one of them")]
    AnotherCommand,
}

/// Returns the words of the first command.
pub fn words(text: &str) -> Result<Vec<Vec<u8>>, ShellError> {
    let mut splitter = Splitter { text: text.as_bytes(), at: 0, words: Vec::new(), word: None, redirected: false };
    splitter.run()?;
    Ok(splitter.words)
}

/// Returns a word as text. Bytes that are not UTF-8 are replaced.
pub fn lossy(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
    words: Vec<Vec<u8>>,
    /// The current word, which may be empty.
    word: Option<Vec<u8>>,
    /// Whether the next word is the target of a redirection.
    redirected: bool,
}

impl Splitter<'_> {
    fn run(&mut self) -> Result<(), ShellError> {
        while let Some(byte) = self.next() {
            match byte {
                b' ' | b'\t' | b'\r' => self.end_word(),
                b'\n' => {
                    self.end_word();
                    if !self.words.is_empty() {
                        return self.nothing_follows();
                    }
                }
                b'\\' => self.escaped(),
                b'\'' => self.single_quoted()?,
                b'"' => self.double_quoted()?,
                b'`' => return Err(ShellError::Expansion(self.excerpt(self.at - 1))),
                b'$' => self.dollar()?,
                b'#' if self.word.is_none() => self.comment(),
                b'|' | b';' => return self.end_command(),
                b'&' if self.peek() == Some(b'>') => {}
                b'&' if self.peek() == Some(b'&') || self.rest().trim_ascii().is_empty() => return self.end_command(),
                b'&' => return Err(ShellError::Ampersand),
                b'<' => return Err(ShellError::Input),
                b'>' => self.redirection(),
                byte => self.push(byte),
            }
        }
        self.end_word();
        Ok(())
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn push(&mut self, byte: u8) {
        self.word.get_or_insert_default().push(byte);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.redirected)
        {
            self.words.push(word);
        }
    }

    /// Ends the command before a pipe, a `;` or the like. What follows must not be another curl command.
    fn end_command(&mut self) -> Result<(), ShellError> {
        self.end_word();
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || b";&|".contains(byte);
        let start = self.rest().iter().position(|byte| !is_between(byte)).unwrap_or(self.rest().len());
        match self.rest()[start..].strip_prefix(b"curl") {
            Some(after) if after.first().is_none_or(u8::is_ascii_whitespace) => Err(ShellError::AnotherCommand),
            _ => Ok(()),
        }
    }

    fn nothing_follows(&self) -> Result<(), ShellError> {
        let rest = self.rest().trim_ascii();
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        // Neither a comment nor an empty prompt below the command is another command.
        if rest.is_empty() || line.starts_with(b"#") || line == b"$" {
            return Ok(());
        }
        Err(ShellError::Line(String::from_utf8_lossy(line).chars().take(40).collect()))
    }

    /// After a backslash: continues the line, or takes a byte literally.
    fn escaped(&mut self) {
        if self.rest().starts_with(b"\r\n") {
            self.at += 2;
        } else {
            match self.next() {
                None | Some(b'\n') => {}
                Some(byte) => self.push(byte),
            }
        }
    }

    fn single_quoted(&mut self) -> Result<(), ShellError> {
        let length = self.rest().iter().position(|byte| *byte == b'\'').ok_or(ShellError::Unclosed('\''))?;
        let quoted = &self.text[self.at..self.at + length];
        self.word.get_or_insert_default().extend_from_slice(quoted);
        self.at += length + 1;
        Ok(())
    }

    fn double_quoted(&mut self) -> Result<(), ShellError> {
        self.word.get_or_insert_default();
        while let Some(byte) = self.next() {
            match (byte, self.peek()) {
                (b'"', _) => return Ok(()),
                (b'\\', Some(b'\n')) => self.at += 1,
                (b'\\', Some(special @ (b'$' | b'`' | b'"' | b'\\'))) => {
                    self.at += 1;
                    self.push(special);
                }
                (b'`', _) => return Err(ShellError::Expansion(self.excerpt(self.at - 1))),
                (b'$', Some(next)) if expands(next) => return Err(ShellError::Expansion(self.excerpt(self.at - 1))),
                (byte, _) => self.push(byte),
            }
        }
        Err(ShellError::Unclosed('"'))
    }

    fn dollar(&mut self) -> Result<(), ShellError> {
        match self.peek() {
            Some(b'\'') => {
                self.at += 1;
                self.ansi_quoted()
            }
            Some(b'"') => {
                self.at += 1;
                self.double_quoted()
            }
            Some(next) if expands(next) => Err(ShellError::Expansion(self.excerpt(self.at - 1))),
            _ => {
                self.push(b'$');
                Ok(())
            }
        }
    }

    /// After `$'`: reads escapes as in C.
    fn ansi_quoted(&mut self) -> Result<(), ShellError> {
        self.word.get_or_insert_default();
        while let Some(byte) = self.next() {
            match byte {
                b'\'' => return Ok(()),
                b'\\' => self.ansi_escape(),
                byte => self.push(byte),
            }
        }
        Err(ShellError::Unclosed('\''))
    }

    fn ansi_escape(&mut self) {
        let Some(byte) = self.next() else { return self.push(b'\\') };
        match byte {
            b'a' => self.push(7),
            b'b' => self.push(8),
            b't' => self.push(b'\t'),
            b'n' => self.push(b'\n'),
            b'v' => self.push(11),
            b'f' => self.push(12),
            b'r' => self.push(b'\r'),
            b'e' | b'E' => self.push(27),
            b'\\' | b'\'' | b'"' | b'?' => self.push(byte),
            b'0'..=b'7' => {
                self.at -= 1;
                let code = self.digits(8, 3).unwrap_or_default();
                self.push((code & 0xff) as u8);
            }
            b'x' => match self.digits(16, 2) {
                Some(code) => self.push((code & 0xff) as u8),
                None => self.literally(b'x'),
            },
            b'u' => self.unicode(b'u', 4),
            b'U' => self.unicode(b'U', 8),
            other => self.literally(other),
        }
    }

    fn unicode(&mut self, letter: u8, most: usize) {
        match self.digits(16, most) {
            Some(code) => {
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                character.to_string().bytes().for_each(|byte| self.push(byte));
            }
            None => self.literally(letter),
        }
    }

    /// Keeps an unknown escape as it is.
    fn literally(&mut self, letter: u8) {
        self.push(b'\\');
        self.push(letter);
    }

    /// Reads a number of at most `most` digits, or returns `None` if there is no digit.
    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let digit = |byte: &u8| char::from(*byte).to_digit(radix);
        let found: Vec<u32> = self.rest().iter().take(most).map_while(digit).collect();
        self.at += found.len();
        (!found.is_empty()).then(|| found.iter().fold(0, |number, digit| number * radix + digit))
    }

    /// After a `>`: drops the word before it if it is a number, and the word after it.
    fn redirection(&mut self) {
        match self.word.take() {
            Some(number) if number.iter().all(u8::is_ascii_digit) => {}
            word => {
                self.word = word;
                self.end_word();
            }
        }
        while matches!(self.peek(), Some(b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        self.redirected = true;
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    /// Returns the text from a position to the end of the name there.
    fn excerpt(&self, from: usize) -> String {
        let rest = String::from_utf8_lossy(&self.text[from..]).into_owned();
        let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '{' | '(' | '$' | '`');
        let ended = rest.find(|c: char| !name(c)).unwrap_or(rest.len());
        rest[..ended].chars().take(40).collect()
    }
}

/// Returns whether a `$` before this byte starts an expansion.
fn expands(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'{' | b'(' | b'@' | b'*' | b'?' | b'$' | b'!' | b'#')
}

#[cfg(test)]
mod tests;
