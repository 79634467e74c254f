//! The functions of XPath 1.0 (§4): their names, arguments and results.

/// The type of the value of an expression, which is known without a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Nodes,
    Text,
    Number,
    Boolean,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Last,
    Position,
    Count,
    Id,
    LocalName,
    NamespaceUri,
    Name,
    Text,
    Concat,
    StartsWith,
    Contains,
    SubstringBefore,
    SubstringAfter,
    Substring,
    StringLength,
    NormalizeSpace,
    Translate,
    Boolean,
    Not,
    True,
    False,
    Lang,
    Number,
    Sum,
    Floor,
    Ceiling,
    Round,
}

/// Each function with its name, the least and the most arguments, and the type of its result.
const FUNCTIONS: [(Function, &str, usize, usize, Type); 27] = [
    (Function::Last, "last", 0, 0, Type::Number),
    (Function::Position, "position", 0, 0, Type::Number),
    (Function::Count, "count", 1, 1, Type::Number),
    (Function::Id, "id", 1, 1, Type::Nodes),
    (Function::LocalName, "local-name", 0, 1, Type::Text),
    (Function::NamespaceUri, "namespace-uri", 0, 1, Type::Text),
    (Function::Name, "name", 0, 1, Type::Text),
    (Function::Text, "string", 0, 1, Type::Text),
    (Function::Concat, "concat", 2, usize::MAX, Type::Text),
    (Function::StartsWith, "starts-with", 2, 2, Type::Boolean),
    (Function::Contains, "contains", 2, 2, Type::Boolean),
    (Function::SubstringBefore, "substring-before", 2, 2, Type::Text),
    (Function::SubstringAfter, "substring-after", 2, 2, Type::Text),
    (Function::Substring, "substring", 2, 3, Type::Text),
    (Function::StringLength, "string-length", 0, 1, Type::Number),
    (Function::NormalizeSpace, "normalize-space", 0, 1, Type::Text),
    (Function::Translate, "translate", 3, 3, Type::Text),
    (Function::Boolean, "boolean", 1, 1, Type::Boolean),
    (Function::Not, "not", 1, 1, Type::Boolean),
    (Function::True, "true", 0, 0, Type::Boolean),
    (Function::False, "false", 0, 0, Type::Boolean),
    (Function::Lang, "lang", 1, 1, Type::Boolean),
    (Function::Number, "number", 0, 1, Type::Number),
    (Function::Sum, "sum", 1, 1, Type::Number),
    (Function::Floor, "floor", 1, 1, Type::Number),
    (Function::Ceiling, "ceiling", 1, 1, Type::Number),
    (Function::Round, "round", 1, 1, Type::Number),
];

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        FUNCTIONS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Function, &'static str, usize, usize, Type) {
        // A test checks that the table is in the order of the functions.
        &FUNCTIONS[self as usize]
    }

    pub(super) fn result(self) -> Type {
        self.row().4
    }

    /// Reports what is wrong with the number or the types of its arguments.
    ///
    /// # Errors
    /// Returns the reason.
    pub(super) fn check(self, arguments: &[Type]) -> Result<(), String> {
        let (_, name, least, most, _) = *self.row();
        if !(least..=most).contains(&arguments.len()) {
            let expected = match (least, most) {
                (0, 0) => "no argument".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (least, usize::MAX) => format!("{least} arguments or more"),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} or {most} arguments"),
            };
            return Err(format!("`{name}()` takes {expected}, found {}", arguments.len()));
        }
        let takes_nodes = matches!(
            self,
            Function::Count | Function::Sum | Function::LocalName | Function::NamespaceUri | Function::Name
        );
        if takes_nodes && arguments.iter().any(|argument| *argument != Type::Nodes) {
            return Err(format!("the argument of `{name}()` must be a set of nodes"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_all_functions_in_their_order() {
        for (place, (function, name, ..)) in FUNCTIONS.iter().enumerate() {
            assert_eq!(*function as usize, place, "{name}");
        }
    }
}
