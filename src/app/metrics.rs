//! Prometheus metrics of a node, for its operator.

use prometheus::{Encoder as _, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

use crate::soap::http::Observation;
use crate::soap::publish;

/// Counters of this node since it started.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
}

/// Upper bounds of the latency histogram, seconds.
const SECONDS: [f64; 12] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

impl Metrics {
    #[must_use]
    pub fn new() -> Self {
        let labels = ["service", "operation", "code"];
        let requests =
            IntCounterVec::new(Opts::new("brama_requests_total", "Requests answered, by fault code or OK."), &labels);
        let seconds = HistogramVec::new(
            HistogramOpts::new("brama_request_seconds", "From a request's first byte to its answer.")
                .buckets(SECONDS.to_vec()),
            &["service"],
        );
        let in_flight = IntGauge::new("brama_requests_in_flight", "Requests being worked on.");
        let names = "the names and labels above are valid";
        let metrics = Self {
            registry: Registry::new(),
            requests: requests.expect(names),
            seconds: seconds.expect(names),
            in_flight: in_flight.expect(names),
        };
        let collectors: [Box<dyn prometheus::core::Collector>; 3] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.seconds.clone()),
            Box::new(metrics.in_flight.clone()),
        ];
        for collector in collectors {
            metrics.registry.register(collector).expect("each collector is registered once");
        }
        metrics
    }

    pub fn count(&self, observation: &Observation<'_>) {
        let outcome = observation.outcome;
        // Names that a stranger made up must not become labels.
        let service = if publish::is_service(observation.service) { observation.service } else { "-" };
        let code = outcome.ending.word();
        self.requests.with_label_values(&[service, outcome.operation.unwrap_or("-"), &code]).inc();
        self.seconds.with_label_values(&[service]).observe(observation.duration.as_secs_f64());
    }

    /// The text that a Prometheus server reads.
    #[must_use]
    pub fn text(&self, in_flight: usize) -> Vec<u8> {
        self.in_flight.set(i64::try_from(in_flight).unwrap_or(i64::MAX));
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            log::error!("metrics: {error}");
        }
        text
    }
}
