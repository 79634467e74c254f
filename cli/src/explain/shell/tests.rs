//! Tests of splitting into words, and of what only a shell knows.

use proptest::prelude::proptest;

use super::*;

fn split(text: &str) -> Vec<String> {
    let words = words(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    words.into_iter().map(|word| String::from_utf8(word).expect("UTF-8")).collect()
}

#[test]
fn quotes_keep_a_word_together() {
    assert_eq!(split(r#"a 'b c' "d \"e\" \x" f\ g '' h'i'"j""#), ["a", "b c", r#"d "e" \x"#, "f g", "", "hij"]);
    assert_eq!(split("a \\\n  b \\\r\n c\n"), ["a", "b", "c"]);
    assert_eq!(split("a $ \"b$\" 'c$d' # e"), ["a", "$", "b$", "c$d"]);
}

#[test]
fn escapes_of_c_are_read() {
    assert_eq!(split(r"$'a\n\t\'\\ \x41\101\u00e9\U1F600\q'"), ["a\n\t'\\ AA\u{e9}\u{1F600}\\q"]);
    assert_eq!(words(r"$'\xff\xC3'"), Ok(vec![vec![0xff, 0xc3]]));
}

#[test]
fn what_comes_after_the_command_is_left_out() {
    for text in ["a b | jq .", "a b; c", "a b && c", "a b > out", "a b 2>/dev/null", "a >out b", "a b &", "a b &> x"] {
        assert_eq!(split(text), ["a", "b"], "{text}");
    }
    assert_eq!(split("\n\na b\n# more\n"), ["a", "b"]);
}

#[test]
fn what_only_a_shell_knows_is_refused() {
    for (text, message) in [
        ("a $TOKEN", "`$TOKEN`"),
        ("a \"x ${TOKEN}\"", "`${TOKEN`"),
        ("a $(b)", "`$(b`"),
        ("a `b`", "``b``"),
        ("a http://h/?a=1&b=2", "put the URL in quotes"),
        ("a <<EOF", "reads input from a file"),
        ("a 'b", "quote ' is not closed"),
        ("a \"b", "quote \" is not closed"),
        ("a $'b", "quote ' is not closed"),
        ("a b\n-H c", "before `-H c`"),
    ] {
        let refused = words(text).expect_err(text).to_string();
        assert!(refused.contains(message), "{text}: {refused}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in ".*", more in r#"[ a'"\\$xuU0-9\n&>|{(`]{0,40}"#) {
        let _ = words(&text);
        let _ = words(&more);
    }

    #[test]
    fn what_is_quoted_comes_back(words_in in proptest::collection::vec("[^\0]{0,12}", 1..5)) {
        let quoted: Vec<_> = words_in.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        assert_eq!(split(&quoted.join(" ")), words_in);
    }
}
