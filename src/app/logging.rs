//! Log lines as JSON on standard error: one per request, with a correlation id and without personal data.

use std::io::Write as _;

use chrono::{SecondsFormat, Utc};
use env_logger::{Builder, Env};
use log::Record;
use log::kv::{self, VisitSource};
use serde_json::{Map, Value};

use crate::soap::http::Observation;

/// Starts logging at level `info`, or as `RUST_LOG` says; does nothing when it runs already.
pub fn start() {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    // yaserde logs every text it reads at debug level: personal data do not belong in a log.
    builder.filter_module("yaserde", log::LevelFilter::Warn);
    builder.format(|out, record| writeln!(out, "{}", line(record)));
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

fn line(record: &Record<'_>) -> Value {
    let mut fields = Fields(Map::new());
    fields.0.insert("time".into(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).into());
    fields.0.insert("level".into(), record.level().as_str().into());
    fields.0.insert("target".into(), record.target().into());
    fields.0.insert("message".into(), record.args().to_string().into());
    // A value that cannot be shown is left out; the line itself is always written.
    let _ = record.key_values().visit(&mut fields);
    Value::Object(fields.0)
}

struct Fields(Map<String, Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let shown = if let Some(number) = value.to_i64() {
            Value::from(number)
        } else if let Some(number) = value.to_f64() {
            Value::from(number)
        } else if let Some(flag) = value.to_bool() {
            Value::from(flag)
        } else {
            Value::from(value.to_string())
        };
        self.0.insert(key.to_string(), shown);
        Ok(())
    }
}
