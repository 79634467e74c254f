//! Splits one command into words as a POSIX shell does, with `$'...'` as bash and zsh have it.
//!
//! What only a running shell knows, such as the value of a variable, is refused rather than guessed. A pipe or a `;` ends
//! the command, and output that is sent elsewhere is left out.

/// Why a text is no command.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShellError {
    /// A quote that does not end.
    #[error("the quote {0} is not closed")]
    Unclosed(char),
    /// A variable, or the output of a command.
    #[error("the value of `{0}` is known only to the shell: write the value, or put it in single quotes")]
    Expansion(String),
    /// A URL without quotes, most of the time.
    #[error("an `&` outside of quotes ends a command: put the URL in quotes")]
    Ampersand,
    /// Input from a file or from the text that follows.
    #[error("a `<` outside of quotes reads input from a file: write the input with the command")]
    Input,
    /// More lines, of which the shell would make another command.
    #[error("the command ends at the end of a line, and more follows: end the line with `\\` before `{0}`")]
    Line(String),
}

/// The words of the first command.
pub fn words(text: &str) -> Result<Vec<Vec<u8>>, ShellError> {
    let mut splitter = Splitter { text: text.as_bytes(), at: 0, words: Vec::new(), word: None, redirected: false };
    splitter.run()?;
    Ok(splitter.words)
}

/// A word as text; bytes that are not UTF-8 are replaced.
pub fn lossy(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
    words: Vec<Vec<u8>>,
    /// The word that has begun; it may still be empty.
    word: Option<Vec<u8>>,
    /// Whether the next word is a file that output goes to.
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
                b'|' | b';' => break,
                b'&' if self.peek() == Some(b'>') => {}
                b'&' if self.peek() == Some(b'&') || self.rest().trim_ascii().is_empty() => break,
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

    fn nothing_follows(&self) -> Result<(), ShellError> {
        let rest = self.rest().trim_ascii();
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        // A line that is a comment is no command, and a prompt below the command has nothing after it.
        if rest.is_empty() || line.starts_with(b"#") || line == b"$" {
            return Ok(());
        }
        Err(ShellError::Line(String::from_utf8_lossy(line).chars().take(40).collect()))
    }

    /// After a backslash: a line goes on, or a byte stands for itself.
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

    /// After `$'`: escapes as in C.
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

    /// An escape that is none.
    fn literally(&mut self, letter: u8) {
        self.push(b'\\');
        self.push(letter);
    }

    /// A number of at most so many digits; `None` where there is no digit.
    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let digit = |byte: &u8| char::from(*byte).to_digit(radix);
        let found: Vec<u32> = self.rest().iter().take(most).map_while(digit).collect();
        self.at += found.len();
        (!found.is_empty()).then(|| found.iter().fold(0, |number, digit| number * radix + digit))
    }

    /// After a `>`: the word before it, if it is a number, and the one after it are no arguments.
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

    /// What stands at a place, up to the end of the name.
    fn excerpt(&self, from: usize) -> String {
        let rest = String::from_utf8_lossy(&self.text[from..]).into_owned();
        let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '{' | '(' | '$' | '`');
        let ended = rest.find(|c: char| !name(c)).unwrap_or(rest.len());
        rest[..ended].chars().take(40).collect()
    }
}

/// Whether a `$` before this byte begins an expansion.
fn expands(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'{' | b'(' | b'@' | b'*' | b'?' | b'$' | b'!' | b'#')
}

#[cfg(test)]
mod tests;
