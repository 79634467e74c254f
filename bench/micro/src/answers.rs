//! The cost of one answer: constant, with templates, and a batch in which each item has its own result.

use std::path::PathBuf;
use std::sync::Arc;

use cannery::check;
use cannery::engine::StubSet;
use cannery::formats::NoFiles;
use cannery::message::Request;

use crate::exchange::{Explained, answering, loaded, post};
use crate::measured::{Kind, Task};
use crate::orders;

const CONSTANT: &str = "{ id = 7, name = 'Ada', paid = true }";
const SHOWN: &str = "{ id = '{{request.path_params.id}}', page = '{{request.query.page}}' }";
const OF_BODY: &str = "{ name = '{{request.json.customer.name}}' }";
const HELPED: &str = "{ id = '{{number request.path_params.id}}', page = '{{add request.query.page 1}}' }";

pub fn kind() -> Kind {
    Kind { name: "answers", tasks: Box::new(|_| tasks()) }
}

fn tasks() -> Vec<Task> {
    let groove = groove();
    let two = || vec![track(0xA83E_B907), track(0x873F_B507)];
    let hundred = || (0..100).map(|n| track(0xA83E_B000 + n)).collect();
    let of_groove = |name, request: fn(Vec<String>) -> Request, tracks: fn() -> Vec<String>| {
        Task::new(name, answering(groove.clone(), move || request(tracks()), Explained::No, 200))
    };
    vec![
        one("answers: constant", CONSTANT),
        one("answers: a template that shows values", SHOWN),
        one("answers: a template that shows a value of the body", OF_BODY),
        one("answers: a template with helpers", HELPED),
        asked_by_xpath("answers: SOAP of 900 bytes that one XPath asks for"),
        of_groove("answers: a batch of 2 tracks, JSON", json_batch, two),
        of_groove("answers: a batch of 2 tracks, XML", xml_batch, two),
        of_groove("answers: a batch of 100 tracks, JSON", json_batch, hundred).dear(),
    ]
}

/// A constant JSON answer to an order.
fn one(name: &'static str, json: &str) -> Task {
    let text = format!("[[stub]]\nrequest.path = '/orders/{{id}}'\nresponse.json = {json}\n");
    let set = Arc::new(loaded(&text, &NoFiles));
    let sent = || post("/orders/7?page=2", &[("Content-Type", "application/json")], orders::json(7, 7));
    Task::new(name, answering(set, sent, Explained::No, 200))
}

/// A constant answer to a SOAP message.
fn asked_by_xpath(name: &'static str) -> Task {
    let text = "[[stub]]\nrequest.path = '/prices'\nrequest.xml_namespaces = { s = 'http://schemas.xmlsoap.org/soap/envelope/', \
                p = 'urn:example:prices' }\n\
                request.xpath.'/s:Envelope/s:Body/p:GetPrice/p:Item[5]/@sku' = 'sku-5'\nresponse.text = 'ok'\n";
    let set = Arc::new(loaded(text, &NoFiles));
    Task::new(name, answering(set, || post("/prices", &[("Content-Type", "text/xml")], soap()), Explained::No, 200))
}

fn soap() -> String {
    let items: String = (1..=7)
        .map(|n| format!("<p:Item sku=\"sku-{n}\"><p:Name>Tea no. {n}</p:Name><p:Count>{n}</p:Count></p:Item>\n"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:p=\"urn:example:prices\">\n\
         <s:Header><p:Token>made-up-token-of-some-length</p:Token></s:Header>\n\
         <s:Body><p:GetPrice currency=\"EUR\">\n{items}</p:GetPrice></s:Body></s:Envelope>\n"
    )
}

fn groove() -> Arc<StubSet> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/groove"));
    check::load(&[folder]).expect("the shipped scenarios").stubs
}

fn track(first: u32) -> String {
    format!("music.{first:08X}-0100-11DB-89CA-0019B92A3933")
}

fn json_batch(tracks: Vec<String>) -> Request {
    add("application/json", format!("{{\"TrackIds\":[\"{}\"]}}", tracks.join("\",\"")))
}

fn xml_batch(tracks: Vec<String>) -> Request {
    let tracks: String = tracks.iter().map(|track| format!("<a:string>{track}</a:string>")).collect();
    let body = format!(
        "<TrackActionRequest xmlns=\"http://schemas.microsoft.com/xboxmusic/2013/10/platform\">\
         <TrackIds xmlns:a=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\">{tracks}</TrackIds>\
         </TrackActionRequest>"
    );
    add("application/xml", body)
}

fn add(media: &str, body: String) -> Request {
    let headers = [("Accept", media), ("Content-Type", media), ("Authorization", "XBL3.0 x=1;made-up")];
    post("/1/content/music/collection/add?accessToken=made-up", &headers, body)
}
