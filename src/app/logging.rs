//! Log lines as JSON on standard error: one per request, with a correlation id and without personal data.

use std::io::{self, Write};

use chrono::{SecondsFormat, Utc};
use env_logger::{Builder, Env};
use log::Record;
use log::kv::{self, VisitSource};
use serde::Serializer as _;
use serde::ser::SerializeMap;
use serde_json::Serializer;

use crate::soap::http::Observation;

/// Starts logging at level `info`, or as `RUST_LOG` says; does nothing when it runs already.
pub fn start() {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    // yaserde logs every text it reads at debug level: personal data do not belong in a log.
    builder.filter_module("yaserde", log::LevelFilter::Warn);
    builder.format(write_line);
    // A second start in one process (tests, the demo) keeps the first.
    let _ = builder.try_init();
}

/// The request's line: what was asked of whom, how it ended, how long it took.
pub fn request(observation: &Observation<'_>) {
    let outcome = observation.outcome;
    log::info!(
        target: "brama::request",
        "event.id":display = observation.event,
        service = observation.service,
        operation = outcome.operation.unwrap_or("-"),
        code = &*outcome.ending.word(),
        "system.id" = outcome.system.as_deref().unwrap_or("-"),
        "tenant.id" = outcome.tenant.as_deref().unwrap_or("-"),
        request_bytes = observation.request_bytes,
        reply_bytes = observation.reply_bytes,
        duration_ms = observation.duration.as_secs_f64() * 1e3;
        "request"
    );
}

fn write_line(out: &mut impl Write, record: &Record<'_>) -> io::Result<()> {
    let mut json = Serializer::new(&mut *out);
    let mut line = json.serialize_map(None)?;
    line.serialize_entry("time", &Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true))?;
    line.serialize_entry("level", record.level().as_str())?;
    line.serialize_entry("target", record.target())?;
    line.serialize_entry("message", record.args())?;
    let mut fields = Fields(&mut line);
    // A value that cannot be shown is left out; the line itself is always written.
    let _ = record.key_values().visit(&mut fields);
    line.end()?;
    writeln!(out)
}

struct Fields<'l, L>(&'l mut L);

impl<'kvs, L: SerializeMap> VisitSource<'kvs> for Fields<'_, L> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let key = key.as_str();
        let written = if let Some(number) = value.to_i64() {
            self.0.serialize_entry(key, &number)
        } else if let Some(number) = value.to_f64() {
            self.0.serialize_entry(key, &number)
        } else if let Some(flag) = value.to_bool() {
            self.0.serialize_entry(key, &flag)
        } else {
            self.0.serialize_entry(key, &format_args!("{value}"))
        };
        written.map_err(|_| kv::Error::msg("the line cannot be written"))
    }
}
