//! Templates and requests at random: nothing panics, and every limit holds.

use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};
use proptest::sample::select;

use super::*;

/// An argument of a helper: extremes of numbers and texts, and whatever the request has.
fn argument() -> impl Strategy<Value = String> {
    let extreme = select(vec![
        "0",
        "-1",
        "1e308",
        "-1e308",
        "5e-324",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "170141183460469231731687303715884105727",
        "1e19",
        "0.5",
        "true",
        "null",
        "\"\"",
        "\"nan\"",
        "\"inf\"",
        "\"1e999\"",
        "\"-170141183460469231731687303715884105728\"",
        "\"é😀\"",
        "\"%F0%9F\"",
        "\"99999-12-31\"",
        "\"9999-12-31T23:59:59Z\"",
        "\"0000-01-01\"",
        "\"(\"",
        "\"(?<a>.)|(b)\"",
        "\"$..*\"",
        "\"abc\"",
        "\"f\"",
        "[1, \"é\", [2]]",
        "{\"a\": {\"b\": 1}}",
        "\"0 1 2 3\"",
        "\",\"",
    ]);
    let of_request = select(vec![
        "request",
        "request.json",
        "request.json.a",
        "request.body",
        "request.query",
        "request.headers",
        "request.form",
        "request.path_segments",
        "request.path_params.id",
        "request.xml",
        "request.document",
        "this",
        "@root",
        "item",
        "index",
    ]);
    let leaf = prop_oneof![extreme.prop_map(str::to_owned), of_request.prop_map(str::to_owned)];
    leaf.prop_recursive(3, 12, 4, |inner| call(inner).prop_map(|call| format!("({call})")))
}

/// A call of any helper, with options that it may not have.
fn call(argument: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let helpers: Vec<&str> = helpers::all().map(|spec| spec.name).collect();
    let options = vec![
        "",
        "",
        "",
        " decimals=20",
        " decimals=-1",
        " bytes=99",
        " with=\"é\"",
        " side=\"right\"",
        " alphabet=\"é\"",
        " offset=\"+9223372036854775807 years\"",
        " offset=\"-9999 years +1 month\"",
        " format=\"%255Y%%%Q%.9f%N\"",
        " format=\"epoch_ms\"",
        " algorithm=\"sha512\"",
    ];
    (select(helpers), prop::collection::vec(argument, 0..4), select(options))
        .prop_map(|(name, arguments, option)| format!("{name} {}{option}", arguments.join(" ")))
}

fn blocks() -> impl Strategy<Value = String> {
    let output = prop_oneof![
        argument().prop_filter("a call without parentheses", |text| !text.starts_with('(')),
        call(argument())
    ];
    output.prop_map(|output| format!("{{{{{output}}}}}")).prop_recursive(3, 12, 3, |inner| {
        (select(vec!["if", "unless", "each", "with"]), argument(), prop::collection::vec(inner, 0..3)).prop_map(
            |(name, argument, inside)| {
                format!("{{{{#{name} {argument}}}}}{}{{{{else}}}}-{{{{/{name}}}}}", inside.concat())
            },
        )
    })
}

proptest! {
    #[test]
    fn rendering_any_template_for_any_request_ends_without_a_panic(
        source in blocks(), body in select(vec![
            "", "{\"a\": [1, \"x\", 1e308, {\"b\": null}]}", "[18446744073709551616]", "<a b=\"1\">x<c/></a>", "a=1&a=2&b", "\u{0}\u{1}é",
        ]), id in "[0-9a-f\u{e9}%.]{0,40}", seed in any::<u64>(), steps in 0u64..20_000, rendered in 0u64..20_000,
    ) {
        if let Ok((template, uses)) = compile(&source, Escape::Xml, true) {
            let request = request(if body.starts_with("a=") { "application/x-www-form-urlencoded" } else { "text/plain" }, body);
            let params = [("id".to_owned(), id)];
            let now = "9999-12-31T23:59:59Z".parse().expect("a time");
            let context = Context { request: &request, path_params: &params, now, seed: Seed { base: seed, id: "", call: 0 } };
            let (representation, item) = (Representation::plain(), Json::from(ITEM));
            let mut rendering = Rendering::new(&context, &uses, &representation);
            rendering.set_item(BatchItem { value: &item, index: usize::MAX, captured: Captured::default() });
            if let Ok(Ok(text)) = budget::within(Budget { steps, rendered }, || template.render(&rendering)) {
                assert!(text.len() as u64 <= rendered, "{} bytes of at most {rendered}: {source}", text.len());
            }
            if template.is_typed() {
                let _ = budget::within(BUDGET, || template.render_json(&rendering).map(|json| json.to_string()));
            }
        }
    }

    #[test]
    fn compiling_any_text_never_panics(text in any::<String>()) {
        let _ = compile(&text, Escape::Nothing, true);
        let _ = compile(&format!("{{{{{text}}}}}"), Escape::Nothing, true);
    }

    #[test]
    fn compiling_random_templates_never_panics(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{{", "}}", "{{{", "}}}", "{{{{", "}}}}", "#", "/", "^", "&", ">", "*", "!", "~", "--", "else", "if", "each", "raw",
            "with", " ", "(", ")", "[", "]", "|", "as", "=", "@", "@root", "..", ".", "this", "request", "json", "1", "-", "\"",
            "'", "\\", "true", "\n", "é", "{", "}", ":", ",", "upper", "x",
        ]), 0..24)
    ) {
        if let Ok((template, uses)) = compile(&pieces.concat(), Escape::Xml, true) {
            let request = request_for("");
            let context = Context { request: &request, path_params: &[], now: Timestamp::UNIX_EPOCH, seed: Seed { base: 0, id: "", call: 0 } };
            let representation = Representation::plain();
            let rendering = Rendering::new(&context, &uses, &representation);
            let _ = template.render(&rendering);
        }
    }
}
