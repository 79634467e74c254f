//! Templates: the examples of the manual, faults at load, and missing values.

use bytes::Bytes;

use super::{CompiledTemplate, Rendering, Template, TemplateSource, Uses, helpers, request_part::RequestPart};
use crate::budget::{self, Budget};
use crate::message::{Head, Request};
use crate::model::{Fault, Json, KeyPath, Representation, Spot, Timestamp};
use crate::respond::fault::RenderFault;
use crate::respond::templating::{BatchItem, Captured, Escape, TemplateNames};
use crate::respond::{Context, Seed};

mod load;
mod random;

const MANUAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/templates.md");
const ITEM: &str = "music.a83eb907-0100-11db-89ca-0019b92a3933";
const CAPTURES: [(&str, &str); 2] = [("space", "music"), ("id", "a83eb907-0100-11db-89ca-0019b92a3933")];

fn request(content_type: &str, body: &'static str) -> Request {
    let target = "/shop/orders/42?page=2&tag=a&tag=b&note=caf%C3%A9+au+lait";
    let headers = [
        ("Host", "shop.example:8080"),
        ("Content-Type", content_type),
        ("Accept", "text/plain"),
        ("Accept", "application/json"),
        ("X-Request-Id", "r-17"),
        ("Cookie", "session=s-1; theme=\"dark\""),
    ];
    let head = Head::compose("POST", target, headers.map(|(name, value)| (name, value.as_bytes())));
    let client = "192.0.2.1".parse().ok();
    Request::new(head, Bytes::from_static(body.as_bytes()), client, Timestamp::UNIX_EPOCH)
}

/// Returns the request of the manual that an example is for.
fn request_for(example: &str) -> Request {
    match example {
        _ if example.contains("request.form") => {
            request("application/x-www-form-urlencoded", "color=red&color=blue&size=L")
        }
        _ if example.contains("request.xml") => {
            request("application/xml", "<order no=\"7\"><tag>x</tag><tag>y</tag><to>Ada</to></order>")
        }
        _ => request(
            "application/json",
            r#"{"name": "Ada Lovelace", "id": 7, "price": 12.5, "tags": ["x", "y"], "paid": true, "at": "2024-02-29T12:00:00Z"}"#,
        ),
    }
}

fn compile(source: &str, escape: Escape, in_batch: bool) -> Result<(CompiledTemplate, Uses), Vec<Fault>> {
    let (params, captures) = (["id".to_owned()], CAPTURES.map(|(name, _)| name.to_owned()));
    let names = TemplateNames { path_params: &params, vars: &[], item: in_batch.then_some(&captures) };
    let (mut uses, mut faults) = (Uses::default(), Vec::new());
    let at = KeyPath::top().key("text");
    let source = TemplateSource { text: source, at: &at, names, escape };
    let template = CompiledTemplate::compile(source, &mut uses, &mut faults);
    template.map(|template| (template, uses)).ok_or(faults)
}

fn render_as(source: &str, escape: Escape) -> Result<String, RenderFault> {
    let in_batch = ["item", "index", "space", "id}}", "id "].iter().any(|name| source.contains(name));
    let (template, uses) = compile(source, escape, in_batch).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    let request = request_for(source);
    let now = "2024-05-01T10:30:00Z".parse().expect("a time");
    let params = [("id".to_owned(), "42".to_owned())];
    let context = Context { request: &request, path_params: &params, now, seed: Seed { base: 7, id: "", call: 0 } };
    let (representation, item) = (Representation::plain(), Json::from(ITEM));
    let groups: Vec<_> = CAPTURES.iter().enumerate().map(|(place, (name, _))| ((*name).to_owned(), place)).collect();
    let mut rendering = Rendering::new(&context, &uses, &representation);
    if in_batch {
        let captured = Captured { names: &groups, found: CAPTURES.map(|(_, text)| Some(text)).to_vec() };
        rendering.set_item(BatchItem { value: &item, index: 0, captured });
    }
    let mut rendered = None;
    let _ = budget::within(BUDGET, || rendered = Some(template.render(&rendering)));
    rendered.expect("the template was rendered")
}

const BUDGET: Budget = Budget { steps: 2_000_000, rendered: 1024 * 1024 };

fn render(source: &str) -> String {
    render_as(source, Escape::Nothing).unwrap_or_else(|fault| panic!("{source}: {fault}"))
}

fn refused(source: &str) -> String {
    render_as(source, Escape::Nothing).expect_err(source).to_string()
}

/// Returns the faults of a template: the text that each points at, the message, and the help.
fn faults(source: &str) -> Vec<(String, String, String)> {
    let faults = compile(source, Escape::Nothing, false).expect_err(source);
    let read = |fault: Fault| {
        let Spot::Within(from, to) = fault.spot else { panic!("{fault:?} has no position") };
        (source[from..to].to_owned(), fault.message, fault.help.unwrap_or_default())
    };
    faults.into_iter().map(read).collect()
}

fn only_fault(source: &str) -> (String, String, String) {
    let mut all = faults(source);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn triple(spot: &str, message: &str, help: &str) -> (String, String, String) {
    (spot.to_owned(), message.to_owned(), help.to_owned())
}

/// Returns the rows of the manual's tables: the first cell, the example, its output.
fn manual() -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(MANUAL).expect("the manual is in the repository");
    let cell = |cell: &str| cell.replace('\u{0}', "|").trim().trim_matches('`').to_owned();
    let rows = text.lines().filter(|line| line.starts_with('|') && line.contains("{{"));
    rows.map(|line| {
        let guarded = line.replace("\\|", "\u{0}");
        let cells: Vec<&str> = guarded.trim_matches('|').split('|').collect();
        (cell(cells[0]), cell(cells[2]), cell(cells[3]))
    })
    .collect()
}

#[test]
fn every_example_of_the_manual_is_true() {
    let rows = manual();
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(_, example, output)| {
            let rendered = render(example);
            (rendered != *output).then(|| format!("{example}: expected {output:?}, found {rendered:?}"))
        })
        .collect();

    assert!(rows.len() > 80, "only {} examples were read", rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_manual_names_every_name_and_helper() {
    let rows = manual();
    let known = helpers::all().map(|spec| spec.name.to_owned());
    let parts = RequestPart::NAMES.iter().map(|(name, _)| format!("request.{name}"));
    let missing: Vec<_> = known.chain(parts).filter(|name| !rows.iter().any(|(first, ..)| first == name)).collect();

    assert!(missing.is_empty(), "the manual does not explain {missing:?}");
}

#[test]
fn white_space_control_follows_handlebars() {
    assert_eq!(render("a {{~request.method~}} \n b"), "aPOSTb");
    assert_eq!(render("a {{~#if request.url~}} b {{~else~}} c {{~/if~}} d"), "abd");
    assert_eq!(render("{{#if request.url}}\n  b {{~/if}}"), "  b");
    assert_eq!(render("{{{~request.method~}}} {{~{request.method}~}} x"), "POSTPOSTx");
    assert_eq!(render("a\n  {{#if request.url}}  \n  b\n  {{else}}\n  c\n  {{/if}}\nd"), "a\n  b\nd");
    assert_eq!(render("  {{#each request.json.tags}}\r\n- {{this}}\r\n  {{/each}}  "), "- x\r\n- y\r\n");
    assert_eq!(render("a\n {{! no line }} \nb {{!-- nor }} here --}} c {{~! ~}} d"), "a\nb  cd");
    assert_eq!(render("a\n {{request.method}} \nb"), "a\n POST \nb");
}

#[test]
fn braces_can_be_escaped() {
    assert_eq!(render("\\{{request.method}} {{request.method}}"), "{{request.method}} POST");
    assert_eq!(render("\\\\{{request.method}}"), "\\POST");
    assert_eq!(render("\\\\\\{{request.method}}"), "\\\\POST");
    assert_eq!(render("a\\b {{request.method}}}} {"), "a\\b POST}} {");
    assert_eq!(render("{{{{raw}}}} {{x}} {{{{y}}}} {{{{/raw}}}}"), " {{x}} {{{{y}}}} ");
}

#[test]
fn a_path_may_cross_lists_objects_and_blocks() {
    assert_eq!(
        render("{{#each request.json}}{{@key}}{{#unless @last}},{{/unless}}{{/each}}"),
        "name,id,price,tags,paid,at"
    );
    assert_eq!(
        render("{{#with request}}{{method}} {{headers.X-Request-Id}} {{lookup headers \"HOST\"}}{{/with}}"),
        "POST r-17 shop.example:8080"
    );
    assert_eq!(
        render("{{#with request.headers as |all|}}{{Host}} {{all.HOST}} {{lookup this 'Host'}}{{/with}}"),
        ["shop.example:8080"; 3].join(" ")
    );
    assert_eq!(
        render(
            "{{#each request.json.tags as |tag|}}{{#each @root.request.path_segments}}{{tag}}{{@index}}{{@../index}}{{..}} {{/each}}{{/each}}"
        ),
        "x00x x10x x20x y01y y11y y21y "
    );
    assert_eq!(render("{{#each request.json.tags as |now|}}{{now}}{{upper now}} {{/each}}"), "xX yY ");
    assert_eq!(render("{{#each [1, {\"a\": [true, null]}]}}{{this}};{{/each}}"), "1;{\"a\":[true,null]};");
    assert_eq!(render("{{#if 0}}a{{else}}b{{/if}}{{#if 0 includeZero=true}}a{{else}}b{{/if}}"), "ba");
    assert_eq!(render("{{#each request.json.name}}x{{else}}no list{{/each}}"), "no list");
    assert!(
        refused("{{#each request.json.name}}x{{/each}}")
            .starts_with("`each` needs a list or an object, and it was given `Ada Lovelace`")
    );
}

#[test]
fn whole_numbers_are_exact_up_to_128_bits() {
    assert_eq!(
        render("{{multiply 4611686018427387904 2}} {{add 18446744073709551615 0}}"),
        "9223372036854775808 18446744073709551615"
    );
    assert_eq!(render("{{multiply 9223372036854775807 4}}"), "36893488147419103228");
}

#[test]
fn a_missing_value_is_named_with_its_remedy() {
    assert_eq!(
        refused("size {{request.query.size}}"),
        "`request.query.size` is missing\n  at text\n  in the template `size {{request.query.size}}`\n  \
         help: Where it may be absent, write `{{default request.query.size \"...\"}}` or `{{#if request.query.size}}`."
    );
    assert!(refused("{{upper request.json.nickname}}").starts_with("`request.json.nickname` is missing\n"));
    assert!(
        refused("{{request.form.size}}{{request.json.x}}")
            .starts_with("`request.json.x` is missing: the body is not JSON")
    );
    assert!(refused("{{#each request.json.none}}x{{/each}}").starts_with("`request.json.none` is missing"));
    assert!(refused("{{#with request.json.none}}x{{/with}}").starts_with("`request.json.none` is missing"));
    assert!(
        refused("{{#each request.json.tags}}{{request.json.name}}{{/each}}")
            .ends_with("\n  help: Inside a block that goes a level down, write `@root.request.json.name`.")
    );
}

#[test]
fn default_if_and_comparisons_accept_a_missing_value() {
    assert_eq!(render("{{default request.query.size (default request.json.size \"M\")}}"), "M");
    assert_eq!(render("{{#if request.query.size}}a{{else if request.query.page}}b{{else}}c{{/if}}"), "b");
    assert_eq!(render("{{#eq request.query.size 1}}a{{else}}b{{/eq}}"), "b");
    assert_eq!(render("{{#each request.json.none}}x{{else}}none{{/each}}"), "none");
    assert_eq!(render("{{default (lookup request.json.tags 9) \"none\"}}"), "none");
    assert_eq!(render("{{default (capture request.url \"x(y)\") \"none\"}}"), "none");
}

#[test]
fn only_values_in_xml_are_escaped() {
    assert_eq!(
        render_as("<a>{{url_decode \"%3C\"}}{{{url_decode \"%3C\"}}}</a>", Escape::Xml).as_deref(),
        Ok("<a>&lt;<</a>")
    );
    assert_eq!(render("<a>{{url_decode \"%3C\"}}</a>"), "<a><</a>");
}

#[test]
fn json_keeps_the_order_in_which_it_was_sent() {
    let sent =
        r#"{"name":"Ada Lovelace","id":7,"price":12.5,"tags":["x","y"],"paid":true,"at":"2024-02-29T12:00:00Z"}"#;

    assert_eq!(render("{{json request.json}}"), sent);
    assert_eq!(render("{{request.document}}"), sent);
    assert_eq!(render("{{#with request.json}}{{json this}}{{/with}}"), sent);
}

#[test]
fn invalid_numbers_are_described() {
    assert!(
        refused("{{number request.json.name}}")
            .starts_with("`number` needs a number, and its value 1 is `Ada Lovelace`")
    );
    assert!(refused("{{divide 1 0}}").starts_with("the result is not a number"));
    assert!(refused("{{upper request.json.tags}}").starts_with("`upper` needs text, and its value 1 is a list"));
    assert_eq!(render("{{add 9007199254740993 0}}"), "9007199254740993");
}

#[test]
fn with_goes_into_zero() {
    assert_eq!(render("{{#with 0}}{{this}}{{else}}none{{/with}}"), "0");
    assert_eq!(render("{{#with (subtract request.json.id 7)}}{{this}}{{/with}}"), "0");
    assert_eq!(render("{{#with ''}}some{{else}}none{{/with}}{{#with false}}some{{else}}none{{/with}}"), "nonenone");
}

#[test]
fn length_after_a_dot_counts_lists_and_texts() {
    assert_eq!(
        render("{{request.json.tags.length}} {{request.path_segments.length}} {{request.method.length}}"),
        "2 3 4"
    );
    assert_eq!(render("{{#each request.json.tags}}{{this.length}}{{../request.json.tags.length}}{{/each}}"), "1212");
    assert_eq!(render("{{#if (gt request.query_all.tag.length 1)}}several{{/if}}"), "several");
    assert_eq!(render("{{#with {\"length\": \"own\"}}}{{length.length}} {{this.length}}{{/with}}"), "3 own");
    assert!(refused("{{request.json.length}}").starts_with("`request.json.length` is missing"));
    assert!(refused("{{request.json.none.length}}").starts_with("`request.json.none.length` is missing"));
}

#[test]
fn a_range_counts_up_and_may_be_empty() {
    assert_eq!(render("{{range 1 3}} {{range -1 \"1\"}} {{range 1 0}}"), "[1,2,3] [-1,0,1] []");
    assert_eq!(render("{{#each (range 3 2)}}x{{else}}none{{/each}}"), "none");
    assert!(refused("{{range 1 2.5}}").starts_with("`range` needs a whole number"));
    let widest = format!("{{{{range {} {}}}}}", i64::MIN, i64::MAX);
    assert!(refused(&widest).starts_with("`range` lists at most 1048576 numbers"));
    assert!(refused("{{range 1 1000000}}").starts_with("it renders more than"));
}

#[test]
fn a_choice_is_made_among_the_items_of_a_list() {
    let choices = render("{{#each (range 1 50)}}{{random_choice @root.request.json.tags}}{{/each}}");

    assert!(choices.contains('x') && choices.contains('y') && choices.len() == 50, "{choices}");
    assert_eq!(render("{{random_choice (range 4 4)}}"), "4");
    assert!(refused("{{random_choice []}}").starts_with("`random_choice` needs a list that is not empty"));
}

#[test]
fn a_json_path_with_all_is_always_a_list() {
    assert_eq!(render("{{json_path request.json \"$.none\" all=true}}"), "[]");
    assert_eq!(render("{{json_path request.json \"$.tags[*]\" all=true}}"), "[\"x\",\"y\"]");
    assert_eq!(render("{{json_path request.json \"$.id\" all=false}}"), "7");
    assert!(
        refused("{{json_path request.json \"$.id\" all=1}}").starts_with("the option `all` of `json_path` must be")
    );
}

#[test]
fn output_is_limited() {
    let endless = "{{#each (split (pad \"\" 60000 with=\",\") \",\")}}{{pad \"\" 60000}}{{/each}}";

    assert!(refused(endless).starts_with("it renders more than the 1048576 bytes that `--max-rendered` allows"));
    assert!(refused("{{pad \"\" 9000000000}}").starts_with("`pad` needs"));
    assert!(refused("{{random_string 90000000}}").starts_with("`random_string` needs"));
}

#[test]
fn whole_numbers_keep_their_digits() {
    let beyond =
        "{{number \"18446744073709551616\"}} {{add 18446744073709551615 1}} {{json (multiply 18446744073709551615 4)}}";
    assert_eq!(render(beyond), "18446744073709551616 18446744073709551616 73786976294838206460");
    let wide = "9".repeat(50);
    assert!(
        refused(&format!("{{{{number \"{wide}\"}}}}"))
            .starts_with(&format!("the whole number `{wide}` has more digits than `number` can keep"))
    );
}

#[test]
fn random_float_refuses_bounds_that_are_not_finite() {
    for bound in ["nan", "inf", "-inf", "infinity", "1e999"] {
        let start = format!("`random_float` needs a finite number, and its value 1 is `{bound}`");
        assert!(refused(&format!("{{{{random_float \"{bound}\" 1}}}}")).starts_with(&start), "{bound}");
    }
    let number: f64 = render("{{random_float -1.7e308 1.7e308}}").parse().expect("a number");
    assert!(number.is_finite());
}

#[test]
fn a_fault_truncates_a_long_value() {
    let long = "x".repeat(100_000);
    for template in
        ["{{number \"LONG\"}}", "{{url_decode \"%ffLONG\"}}", "{{date \"LONG\"}}", "{{now format=\"%!LONG\"}}"]
    {
        let refused = refused(&template.replace("LONG", &long));
        assert!(refused.len() < 2_000, "{} bytes for {template}", refused.len());
    }
}

#[test]
fn deep_and_long_templates_are_parsed_in_linear_time() {
    let open = "{{#if request.json.a}}".repeat(100_000);
    let parentheses = format!("{{{{upper {}}}}}", "(upper ".repeat(100_000));
    let list = format!("{{{{json {}}}}}", "[".repeat(100_000));
    let object = format!("{{{{json {}}}}}", "{\"a\":".repeat(100_000));
    for deep in [open, parentheses, list, object] {
        assert!(compile(&deep, Escape::Nothing, false).is_err());
    }
    // Each of these once took quadratic time.
    let comments = "{{!-- a }} --}}{{! b }}".repeat(100_000);
    assert_eq!(render(&comments), "");
    let members: Vec<String> = (0..30_000).map(|n| format!("\"{n}\": 1")).collect();
    assert_eq!(render(&format!("{{{{length {{{}}}}}}}", members.join(", "))), "30000");
    assert!(compile(&format!("{{{{{} 1}}}}", "x".repeat(1_000_000)), Escape::Nothing, false).is_err());
    assert_eq!(faults(&"{{x}}".repeat(100_000)).len(), 100);
    assert_eq!(faults(&format!("{{{{concat {}}}}}", "x ".repeat(100_000))).len(), 100);
}

#[test]
fn successive_random_values_differ() {
    let pair = render("{{random_uuid}} {{random_uuid}}");
    let (one, other) = pair.split_once(' ').expect("two");

    assert_ne!(one, other);
    assert_eq!((one.len(), &one[14..15]), (36, "4"));
}
