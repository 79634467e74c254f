//! Faults of templates, which are found when a template is loaded.

use super::*;

/// A template with one fault: its source, the text that the fault points at, the message, and the help.
type Case = (&'static str, &'static str, &'static str, &'static str);

/// The help of every syntax error.
const SYNTAX_HELP: &str = "Templates are Handlebars; `\\{{` is `{{` itself, and `template = false` switches them off.";

const NAMES: &[Case] = &[
    ("a {{request.querry.page}} b", "querry", "a request has no `querry`", "Did you mean `query`?"),
    ("{{#if (eq request.path_params.ID 1)}}x{{/if}}", "ID", "the path has no placeholder `{ID}`", "Did you mean `id`?"),
    ("{{method}}", "method", "`method` is not known in a template", "Did you mean `request.method`?"),
    ("{{item}}", "item", "`item` is not known here", "Only the results of a batch know their item."),
    ("{{@index}}", "@index", "`@index` is known only inside `{{#each}}`", "Use it inside the block."),
    (
        "{{../request.url}}",
        "../request.url",
        "there is nothing above for `../request.url`",
        "Only `{{#each}}` and `{{#with}}` go a level down.",
    ),
];

const HELPERS: &[Case] = &[
    ("{{uper request.url}}", "uper", "`uper` is not a helper", "Did you mean `upper`?"),
    ("{{lower (uper request.url)}}", "uper", "`uper` is not a helper", "Did you mean `upper`?"),
    ("{{upper}}", "upper", "`upper` takes 1 value", ""),
    (
        "{{#with request.json}}{{length}}{{/with}}",
        "length",
        "`length` takes 1 value",
        "A value of that name is `{{this.length}}`.",
    ),
    ("{{now formt=\"x\"}}", "formt", "`now` has no option `formt`", "Did you mean `format`?"),
    ("{{if request.url}}", "if", "`if` is a block", "Write `{{#if ...}}...{{/if}}`."),
    ("{{#upper request.url}}x{{/upper}}", "upper", "`upper` is not a block and takes no `#`", ""),
    ("{{capture request.url \"(\"}}", "\"(\"", "`(` is not a regular expression: unclosed group", ""),
    ("{{> other}}", "{{> other}}", "partials and decorators are not part of a template here", SYNTAX_HELP),
    ("{{#if request.url as |x|}}{{/if}}", "x", "only `each` and `with` give names", ""),
    ("{{pad 1 2 with=3 with=4}}", "with", "`pad` is given the option `with` twice", ""),
];

const SYNTAX: &[Case] = &[
    ("a {{#if request.url}}x", "{{#if request.url}}", "`{{#if}}` is never closed by `{{/if}}`", SYNTAX_HELP),
    ("{{#if request.url}}x{{/each}}", "{{/each}}", "`{{#if}}` is closed by `{{/each}}`", SYNTAX_HELP),
    ("x{{/if}}", "{{/if}}", "`{{/if}}` closes no block", SYNTAX_HELP),
    ("x{{else}}", "{{else}}", "`{{else}}` has no block to belong to", SYNTAX_HELP),
    ("{{#if request.url}}{{else}}{{else}}{{/if}}", "{{else}}", "`{{else}}` has no block to belong to", SYNTAX_HELP),
    ("ab {{upper", "{{upper", "`{{` is never closed by `}}`", SYNTAX_HELP),
    ("ab {{{request.url}} c", "}", "`}` is not expected here in a template", SYNTAX_HELP),
    ("{{!-- a }} b", "{{!-- a }} b", "`{{` is never closed by `}}`", SYNTAX_HELP),
    ("{{}}", "}}", "`}}` is not expected here in a template", SYNTAX_HELP),
    ("{{request.url + 1}}", "+", "`+` is not expected here in a template", SYNTAX_HELP),
    ("{{request..url}}", ".url", "`.url` is not expected here in a template", SYNTAX_HELP),
    ("{{upper request.url ~ }}", "}}", "`}}` is not expected here in a template", SYNTAX_HELP),
    ("{{(upper request.url)}}", "(", "an expression that stands alone needs no parentheses", SYNTAX_HELP),
    ("{{upper \"a}}", "\"a}}", "a text is never closed by `\"`", SYNTAX_HELP),
    ("{{upper 'a\\d'}}", "'a\\d'", "`'a\\d'` has an escape that JSON does not know", SYNTAX_HELP),
    ("{{{{if}}}}x{{{{/if}}}}", "if", "four braces are for `raw`, not for `if`", SYNTAX_HELP),
    ("{{{{raw}}}}x", "{{{{raw}}}}", "`{{{{raw}}}}` is never closed by `{{{{/raw}}}}`", SYNTAX_HELP),
];

fn assert_faults(cases: &[Case]) {
    for (source, spot, message, help) in cases {
        assert_eq!(only_fault(source), triple(spot, message, help), "{source}");
    }
}

#[test]
fn an_unknown_name_is_found_at_load() {
    assert_faults(NAMES);
}

#[test]
fn an_unknown_or_misused_helper_is_found_at_load() {
    assert_faults(HELPERS);
}

#[test]
fn bad_syntax_is_found_at_load() {
    assert_faults(SYNTAX);
}

#[test]
fn all_faults_of_a_template_are_reported() {
    let spots: Vec<_> = faults("{{a}}\n{{request.b}} {{c request.d}}").into_iter().map(|(spot, ..)| spot).collect();

    assert_eq!(spots, ["a", "b", "c", "d"]);
}

#[test]
fn nesting_is_limited_by_the_parser() {
    let deep = |levels: usize| format!("{}x{}", "{{#if request.url}}".repeat(levels), "{{/if}}".repeat(levels));
    let parentheses =
        |levels: usize| format!("{{{{upper {}request.url{}}}}}", "(upper ".repeat(levels), ")".repeat(levels));

    assert_eq!(render(&deep(30)), "x");
    assert_eq!(only_fault(&deep(10_000)).1, "a template nests deeper than 32 levels");
    assert!(compile(&parentheses(30), Escape::Nothing, false).is_ok());
    assert!(compile(&parentheses(10_000), Escape::Nothing, false).is_err());
    assert!(compile(&"{{#if request.url}}a{{else}}b{{/if}}".repeat(500), Escape::Nothing, false).is_ok());
}

#[test]
fn a_path_has_a_bounded_number_of_names() {
    let path = |names: usize| format!("{{{{request.json{}}}}}", ".a".repeat(names));

    assert!(compile(&path(126), Escape::Nothing, false).is_ok());
    let (_, message, _) = only_fault(&path(1_000_000));
    assert_eq!(message, "a path in a template has more than 128 names");
}
