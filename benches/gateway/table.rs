//! The result as the tables of `docs/performance.md`.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::levels::{Compared, Rows};
use crate::limits::Limits;
use crate::load::{CLIENTS, Measured};

pub fn print(limits: &Limits, rows: &Rows, requests: usize) {
    println!("\n{} · {requests} requests a level, {CLIENTS} clients on the same machine\n", machine());
    println!("| | CPU µs | limit µs | of limit | of gSOAP | requests/s | p50 ms | p99 ms | RSS MiB |");
    println!("|---|---|---|---|---|---|---|---|---|");
    let floor = rows.empty.cpu;
    let unsigned = floor + limits.xml;
    let signed = floor + limits.signed_xml + limits.rsa_verify;
    row("empty POST, refused by its head", &rows.untyped, None, None);
    row("empty POST", &rows.empty, None, None);
    compared("L1: parse, validate, answer", &rows.parsed, unsigned, "gSOAP: parse, answer");
    compared("L2: + read, cut, ledger entry", &rows.recorded, unsigned, "gSOAP: + read, row not synced");
    row("L3: + RSA verified, ECDSA signed", &rows.ecdsa, Some(signed + limits.ecdsa_sign), None);
    let signed = signed + limits.rsa_sign;
    compared("L3: + RSA verified, RSA signed", &rows.rsa, signed, "gSOAP: + RSA verified, RSA signed");
    println!("\n| alone | µs |\n|---|---|");
    for (name, time) in [
        ("libxml2: parse and validate an unsigned question (CPU)", limits.xml),
        ("libxml2: the same, signed (CPU)", limits.signed_xml),
        ("OpenSSL: verify RSA-2048 (CPU)", limits.rsa_verify),
        ("OpenSSL: sign ECDSA P-256 (CPU)", limits.ecdsa_sign),
        ("OpenSSL: sign RSA-2048 (CPU)", limits.rsa_sign),
        ("disk: 4 KiB made durable (waiting)", limits.sync),
    ] {
        println!("| {name} | {:.1} |", micros(time));
    }
}

/// A level of the gateway, and beneath it what gSOAP took.
fn compared(name: &str, level: &Compared, limit: Duration, gsoap_name: &str) {
    row(name, &level.gateway, Some(limit), level.gsoap.as_ref().map(|gsoap| gsoap.cpu));
    if let Some(gsoap) = &level.gsoap {
        row(gsoap_name, gsoap, None, None);
    }
}

fn row(name: &str, measured: &Measured, limit: Option<Duration>, gsoap: Option<Duration>) {
    let Measured { cpu, requests_per_second, median, p99, resident_kib, .. } = measured;
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let ratio = |to: Option<Duration>| or_dash(to.map(|to| format!("{:.2}", cpu.as_secs_f64() / to.as_secs_f64())));
    println!(
        "| {name} | {:.0} | {} | {} | {} | {requests_per_second:.0} | {:.2} | {:.2} | {} |",
        micros(*cpu),
        or_dash(limit.map(|limit| format!("{:.0}", micros(limit)))),
        ratio(limit),
        ratio(gsoap),
        micros(*median) / 1e3,
        micros(*p99) / 1e3,
        resident_kib / 1024,
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let name = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
    let load = read("/proc/loadavg");
    format!(
        "{} × {}, Linux {}, load of the last minute {}",
        thread::available_parallelism().map_or(1, usize::from),
        name.trim_start_matches([' ', '\t', ':']),
        read("/proc/sys/kernel/osrelease").trim(),
        load.split(' ').next().unwrap_or_default(),
    )
}
