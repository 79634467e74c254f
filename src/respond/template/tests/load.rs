//! What is wrong with a template is found when it is loaded.

use super::*;

#[test]
fn an_unknown_name_is_found_at_load() {
    assert_eq!(
        only_fault("a {{request.querry.page}} b"),
        triple("querry", "a request has no `querry`", "Did you mean `query`?")
    );
    assert_eq!(
        only_fault("{{#if (eq request.path_params.ID 1)}}x{{/if}}"),
        triple("ID", "the path has no placeholder `{ID}`", "Did you mean `id`?")
    );
    assert_eq!(
        only_fault("{{method}}"),
        triple("method", "`method` is not known in a template", "Did you mean `request.method`?")
    );
    assert_eq!(only_fault("{{item}}").1, "`item` is not known here");
    assert_eq!(only_fault("{{@index}}").1, "`@index` is known only inside `{{#each}}`");
    assert_eq!(only_fault("{{../request.url}}").1, "there is nothing above for `../request.url`");
}

#[test]
fn an_unknown_or_misused_helper_is_found_at_load() {
    assert_eq!(only_fault("{{uper request.url}}"), triple("uper", "`uper` is not a helper", "Did you mean `upper`?"));
    assert_eq!(only_fault("{{lower (uper request.url)}}").0, "uper");
    assert_eq!(only_fault("{{upper}}").1, "`upper` takes 1 value");
    assert_eq!(
        only_fault("{{#with request.json}}{{length}}{{/with}}"),
        triple("length", "`length` takes 1 value", "A value of that name is `{{this.length}}`.")
    );
    assert_eq!(
        only_fault("{{now formt=\"x\"}}"),
        triple("formt", "`now` has no option `formt`", "Did you mean `format`?")
    );
    assert_eq!(only_fault("{{if request.url}}").2, "Write `{{#if ...}}...{{/if}}`.");
    assert_eq!(only_fault("{{#upper request.url}}x{{/upper}}").1, "`upper` is not a block and takes no `#`");
    assert_eq!(only_fault("{{capture request.url \"(\"}}").1, "`(` is not a regular expression: unclosed group");
    assert_eq!(only_fault("{{> other}}").1, "partials and decorators are not part of a template here");
}

#[test]
fn all_faults_of_a_template_are_reported() {
    let messages: Vec<_> = faults("{{a}}\n{{request.b}} {{c request.d}}").into_iter().map(|(spot, ..)| spot).collect();

    assert_eq!(messages, ["a", "b", "c", "d"]);
}

#[test]
fn bad_syntax_is_found_at_load() {
    let found = |source: &str| {
        let (spot, message, _) = only_fault(source);
        (spot, message)
    };
    let expected = |spot: &str, message: &str| (spot.to_owned(), message.to_owned());

    assert_eq!(
        found("a {{#if request.url}}x"),
        expected("{{#if request.url}}", "`{{#if}}` is never closed by `{{/if}}`")
    );
    assert_eq!(found("{{#if request.url}}x{{/each}}"), expected("{{/each}}", "`{{#if}}` is closed by `{{/each}}`"));
    assert_eq!(found("x{{/if}}"), expected("{{/if}}", "`{{/if}}` closes no block"));
    assert_eq!(found("x{{else}}"), expected("{{else}}", "`{{else}}` has no block to belong to"));
    assert_eq!(
        found("{{#if request.url}}{{else}}{{else}}{{/if}}"),
        expected("{{else}}", "`{{else}}` has no block to belong to")
    );
    assert_eq!(found("ab {{upper"), expected("{{upper", "`{{` is never closed by `}}`"));
    assert_eq!(found("ab {{{request.url}} c"), expected("}", "`}` is not expected here in a template"));
    assert_eq!(found("{{!-- a }} b"), expected("{{!-- a }} b", "`{{` is never closed by `}}`"));
    assert_eq!(found("{{}}"), expected("}}", "`}}` is not expected here in a template"));
    assert_eq!(found("{{request.url + 1}}"), expected("+", "`+` is not expected here in a template"));
    assert_eq!(found("{{request..url}}"), expected(".url", "`.url` is not expected here in a template"));
    assert_eq!(found("{{upper request.url ~ }}"), expected("}}", "`}}` is not expected here in a template"));
    assert_eq!(found("{{(upper request.url)}}"), expected("(", "an expression that stands alone needs no parentheses"));
    assert_eq!(found("{{upper \"a}}"), expected("\"a}}", "a text is never closed by `\"`"));
    assert_eq!(found("{{upper 'a\\d'}}"), expected("'a\\d'", "`'a\\d'` has an escape that JSON does not know"));
    assert_eq!(found("{{{{if}}}}x{{{{/if}}}}"), expected("if", "four braces are for `raw`, not for `if`"));
    assert_eq!(found("{{{{raw}}}}x"), expected("{{{{raw}}}}", "`{{{{raw}}}}` is never closed by `{{{{/raw}}}}`"));
    assert_eq!(found("{{#if request.url as |x|}}{{/if}}").1, "only `each` and `with` give names");
    assert_eq!(found("{{pad 1 2 with=3 with=4}}").1, "`pad` is given the option `with` twice");
}

#[test]
fn nesting_is_limited_before_the_parser_sees_it() {
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
