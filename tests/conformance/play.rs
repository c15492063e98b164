//! Plays one tabled check: builds the request, sends it, compares what comes back.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::check::{Check, Expect, Http, Soap, Told};
use crate::partner::{Built, Read};
use crate::wire::{Answer, Connection, chunked};
use crate::world::{World, as_json};

/// Characters of a field that is longer than fields should be.
const LONG: usize = 20_000;

/// # Panics
/// With everything that is not as the check says.
pub fn play(world: &World, check: &Check) {
    let told = &check.told;
    let host = world.gateway(told.gateway).http.to_string();
    let mut request = request(check, &host);
    let plain = told.expect.same_as_plain.then(|| {
        let plain = plainly(world, check, &request, &host);
        request["values"]["uuid task"] = plain.0.into();
        plain.1
    });
    let built = world.partner.build(request);
    let mut answer = exchange(&host, &built, &told.http, check.soap);
    if told.http.twice {
        answer = exchange(&host, &built, &told.http, check.soap);
    }
    let mut complaints = about_http(&answer, told, check.soap);
    let of_soap = told.expect.reply.is_some() || told.expect.fault.is_some();
    if of_soap && is_xml(&answer) {
        let read = world.partner.read(&answer, &built, &told.expect.xpath, &world.pki(told.gateway));
        complaints.extend(about_soap(&read, &told.expect, check.soap));
        if plain.is_some_and(|plain| plain != read.payload) {
            complaints.push("the answer is not that to the plain request".into());
        }
        if !complaints.is_empty() {
            complaints.push(read.text);
        }
    } else if of_soap {
        complaints.push(format!("no SOAP: HTTP {}: {}", answer.status, shortened(&answer.text())));
    } else if !told.expect.xpath.is_empty() {
        let said = world.partner.query(&answer.body, &told.expect.xpath);
        complaints.extend(about_xpath(&told.expect.xpath, &said));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What the partner is asked to build.
fn request(check: &Check, host: &str) -> Value {
    let told = &check.told;
    let mut request = json!({"soap": check.soap.version(), "values": {"host": host}});
    let tables = [
        ("message", &told.message),
        ("signature", &told.signature),
        ("package", &told.package),
        ("encoding", &told.encoding),
    ];
    for (key, table) in tables {
        if let Some(table) = table {
            request[key] = as_json(table);
        }
    }
    if let Some(after) = &told.after {
        request["after"] = as_json(after);
    }
    request
}

/// Asks the same in the plainest form; gives the `idZadania` and the digest of the answer's payload.
fn plainly(world: &World, check: &Check, request: &Value, host: &str) -> (String, String) {
    let mut request = request.clone();
    let fields = request.as_object_mut().expect("a request");
    for key in ["package", "encoding", "after"] {
        fields.remove(key);
    }
    let built = world.partner.build(request);
    let answer = exchange(host, &built, &Http::default(), check.soap);
    let read = world.partner.read(&answer, &built, &[], &world.pki(check.told.gateway));
    (built.task, read.payload)
}

fn exchange(host: &str, built: &Built, http: &Http, soap: Soap) -> Answer {
    let method = http.method.as_deref().unwrap_or("POST");
    let mut connection = Connection::open(host.parse().expect("an address"));
    let body = if method == "POST" || method == "PUT" { built.body.as_slice() } else { b"" };
    connection.send(head(host, built, http, soap, body.len()).as_bytes());
    if http.chunked {
        connection.send(&chunked(body, &[1, 2, 3, 1000]));
    } else {
        connection.send(body);
    }
    connection.read_answer_to(method)
}

/// Request line and fields; what the check says stands in the place of what is usual.
fn head(host: &str, built: &Built, http: &Http, soap: Soap, length: usize) -> String {
    let fill = |text: &str| {
        let text = text.replace("{long}", &"x".repeat(LONG));
        let text = text.replace("{host}", host).replace("{path}", &built.path).replace("{length}", &length.to_string());
        text.replace("{content_type}", &built.content_type).replace("{action}", &built.action)
    };
    if let Some(head) = &http.head {
        return fill(head).replace('\n', "\r\n") + "\r\n\r\n";
    }
    let method = http.method.as_deref().unwrap_or("POST");
    let path = fill(http.path.as_deref().unwrap_or("{path}"));
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
    if length > 0 {
        let mut content_type = fill(http.content_type.as_deref().unwrap_or("{content_type}"));
        if http.actionless {
            content_type = content_type.replace(&format!("; action=\"{}\"", built.action), "");
        }
        if !content_type.is_empty() {
            let _ = write!(head, "Content-Type: {content_type}\r\n");
        }
        let usual = match (soap, http.actionless) {
            (Soap::V11, false) => "\"{action}\"",
            (Soap::V11, true) => "\"\"",
            (Soap::V12, _) => "-",
        };
        let action = fill(http.soapaction.as_deref().unwrap_or(usual));
        if action != "-" {
            let _ = write!(head, "SOAPAction: {action}\r\n");
        }
        if http.chunked {
            head += "Transfer-Encoding: chunked\r\n";
        } else {
            let _ = write!(head, "Content-Length: {length}\r\n");
        }
    }
    for field in &http.fields {
        let _ = write!(head, "{}\r\n", fill(field));
    }
    head + "\r\n"
}

fn is_xml(answer: &Answer) -> bool {
    let media = answer.field("content-type").unwrap_or_default();
    media.contains("xml") && !answer.body.is_empty()
}

fn about_http(answer: &Answer, told: &Told, soap: Soap) -> Vec<String> {
    let expect = &told.expect;
    let mut complaints = Vec::new();
    let wanted = statuses(expect, soap);
    if !wanted.contains(&answer.status) {
        complaints.push(format!("HTTP {} instead of {wanted:?}: {}", answer.status, shortened(&answer.text())));
    }
    let media = answer.field("content-type").unwrap_or_default();
    // A fault to a package may come with or without one.
    let of_soap = expect.reply.is_some() && !expect.package || expect.fault.is_some() && told.package.is_none();
    let wanted = expect.media.clone().or_else(|| of_soap.then(|| format!("{}; charset=utf-8", soap.media())));
    if wanted.as_ref().is_some_and(|wanted| !media.to_ascii_lowercase().starts_with(wanted.as_str())) {
        complaints.push(format!("Content-Type: {media} instead of {}", wanted.unwrap_or_default()));
    }
    if expect.package && !media.starts_with("multipart/related") {
        complaints.push(format!("Content-Type: {media} instead of a package"));
    }
    for (name, wanted) in &expect.fields {
        let value = answer.field(&name.to_ascii_lowercase());
        let fits = match (wanted.as_str(), &value) {
            ("", None) | ("*", Some(_)) => true,
            ("" | "*", _) | (_, None) => false,
            (wanted, Some(value)) => value.to_ascii_lowercase().contains(&wanted.to_ascii_lowercase()),
        };
        if !fits {
            complaints.push(format!("{name}: {value:?} instead of {wanted:?}"));
        }
    }
    let text = answer.text();
    let missing = expect.contains.iter().filter(|wanted| !text.contains(wanted.as_str()));
    complaints.extend(missing.map(|wanted| format!("{wanted:?} is not in {}", shortened(&text))));
    complaints
}

/// SOAP 1.1 §6.2, BP R1126; SOAP 1.2 part 2 §7.5.2.2 table 20.
fn statuses(expect: &Expect, soap: Soap) -> Vec<u16> {
    if !expect.status.is_empty() {
        return expect.status.clone();
    }
    match expect.fault.as_deref() {
        None => vec![200],
        Some(_) if soap == Soap::V11 => vec![500],
        Some("Server" | "VersionMismatch" | "MustUnderstand" | "DataEncodingUnknown") => vec![500],
        Some("*") => vec![400, 500],
        Some(_) => vec![400],
    }
}

fn about_soap(read: &Read, expect: &Expect, soap: Soap) -> Vec<String> {
    let mut complaints = read.problems.clone();
    if read.soap != soap.version() {
        complaints.push(format!("SOAP {} instead of {}", read.soap, soap.version()));
    }
    let root = expect.reply.as_deref().unwrap_or("Fault");
    if read.root.as_deref() != Some(root) {
        complaints.push(format!("{:?} instead of {root}", read.root));
    }
    if let Some(fault) = expect.fault.as_deref().filter(|fault| *fault != "*") {
        let wanted = codes(fault, soap);
        if read.codes != wanted {
            complaints.push(format!("codes {:?} instead of {wanted:?}", read.codes));
        }
    }
    if expect.kod.as_ref().is_some_and(|kod| *kod != read.kod) {
        complaints.push(format!("kod {} instead of {}", read.kod, expect.kod.as_deref().unwrap_or_default()));
    }
    let unsigned = expect.signs.iter().filter(|name| !read.signed.contains(name));
    complaints.extend(unsigned.map(|name| format!("{name} is not signed, but {:?}", read.signed)));
    let fits = |(name, wanted): &(&String, &String)| {
        read.package.as_ref().is_some_and(|package| package[name.as_str()].as_str() == Some(wanted.as_str()))
    };
    let unlike = expect.packaged.iter().filter(|one| !fits(one));
    complaints.extend(unlike.map(|(name, wanted)| format!("{name} is not {wanted} in {:?}", read.package)));
    complaints.extend(about_xpath(&expect.xpath, &read.xpath));
    complaints
}

/// `Client` is `Sender` in SOAP 1.2; a code of another norm is a faultcode there and a Subcode here.
/// `A/B` is a Subcode within a Subcode; WS-Addressing SOAP binding §6.2 gives the innermost to SOAP 1.1.
fn codes(fault: &str, soap: Soap) -> Vec<String> {
    let qualified = fault.contains(':');
    match soap {
        Soap::V11 if qualified => vec![fault.rsplit('/').next().unwrap_or(fault).to_owned()],
        Soap::V11 => vec![format!("soap:{fault}")],
        Soap::V12 if qualified => std::iter::once("soap:Sender").chain(fault.split('/')).map(str::to_owned).collect(),
        Soap::V12 => vec![format!("soap:{}", fault.replace("Client", "Sender").replace("Server", "Receiver"))],
    }
}

/// An expression holds when it is true or finds something.
fn about_xpath(asked: &[String], said: &[Value]) -> Vec<String> {
    let holds = |value: &Value| match value {
        Value::Bool(holds) => *holds,
        Value::Array(found) => !found.is_empty(),
        Value::String(text) => !text.is_empty(),
        other => other.as_f64().is_some_and(|number| number != 0.0),
    };
    let failed = asked.iter().zip(said).filter(|(_, said)| !holds(said));
    failed.map(|(asked, said)| format!("{asked} gives {said}")).collect()
}

fn shortened(text: &str) -> String {
    text.chars().take(600).collect()
}
