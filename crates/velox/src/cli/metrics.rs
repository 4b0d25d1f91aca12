//! The metrics, served to Prometheus.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use velox::Flush;
use velox::telemetry::{Summary, Timed};

use super::Failure;
use super::report::Report;

/// A request is not longer than this, and does not take longer.
const REQUEST_BYTES: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

/// The page that is served: what was set last.
#[derive(Clone, Debug)]
pub(crate) struct Metrics(Arc<Mutex<String>>);

impl Metrics {
    /// Serves them until the process ends.
    pub(crate) fn serve(address: SocketAddr) -> Result<Self, Failure> {
        let failed = |error| Failure::Io(address.to_string().into(), error);
        let listener = TcpListener::bind(address).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let this = Self(Arc::default());
        let page = Arc::clone(&this.0);
        let serve = move || {
            for stream in listener.incoming().flatten() {
                // Who asks and does not listen has its own reasons.
                drop(answer(stream, &page));
            }
        };
        thread::Builder::new()
            .name("velox-metrics".to_owned())
            .spawn(serve)
            .map_err(failed)?;
        // Where there is no standard error nobody can be told.
        drop(writeln!(
            io::stderr(),
            "velox: metrics at http://{bound}/metrics"
        ));
        Ok(this)
    }

    pub(crate) fn set(&self, report: &Report, total: impl Fn(Timed) -> Summary) {
        let page = page(report, total);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = page;
    }
}

fn answer(mut stream: TcpStream, page: &Mutex<String>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let mut block = [0; 1024];
    while !request.windows(4).any(|it| it == b"\r\n\r\n") && request.len() < REQUEST_BYTES {
        let read = stream.read(&mut block)?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(&block[..read]);
    }
    let first = request
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    let mut words = first.split(|byte| *byte == b' ');
    let (status, body) = match (words.next(), words.next()) {
        (Some(b"GET"), Some(b"/metrics")) => (
            "200 OK",
            page.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        ),
        (Some(b"GET"), Some(_)) => ("404 Not Found", "the metrics are at /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "only GET\n".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The page, in Prometheus' text format.
fn page(report: &Report, total: impl Fn(Timed) -> Summary) -> String {
    let mut page = Page(String::new());
    transactions(&mut page, report);
    latencies(&mut page, report, total);
    let name = "velox_best_price_ticks";
    page.family(name, "gauge", "The best prices of one instrument.");
    let top = report.top;
    for (side, ticks) in [("bid", top.bid), ("ask", top.ask)] {
        if let Some(ticks) = ticks {
            let labels = format!("instrument=\"{}\",side=\"{side}\"", top.instrument);
            page.line(name, &labels, ticks);
        }
    }
    page.0
}

fn transactions(page: &mut Page, report: &Report) {
    let name = "velox_transactions_generated_total";
    page.family(name, "counter", "Transactions that the source gave.");
    page.line(name, "", report.generated);
    let name = "velox_transactions_output_total";
    page.family(name, "counter", "Transactions that were put out.");
    page.line(name, "", report.output);
    let name = "velox_transactions_dropped_total";
    page.family(
        name,
        "counter",
        "Transactions that went no further, by cause.",
    );
    let drops = report.dropped;
    page.lines(
        name,
        "cause",
        [
            ("newest", drops.newest),
            ("oldest", drops.oldest),
            ("refused", drops.refused),
        ],
    );
    let name = "velox_transactions_in_flight";
    page.family(
        name,
        "gauge",
        "Transactions between source and output, by place.",
    );
    let it = report.in_flight;
    page.lines(
        name,
        "place",
        [
            ("ingress", it.ingress),
            ("ring_book", it.ring_book),
            ("ring_bundles", it.ring_bundles),
            ("bundle", it.bundle),
            ("ring_output", it.ring_output),
        ],
    );
    let name = "velox_transactions_lost";
    page.family(name, "gauge", "Transactions that are not accounted for: 0.");
    page.line(name, "", report.lost);
    let name = "velox_bundles_total";
    page.family(name, "counter", "Bundles that left, by reason.");
    page.lines(
        name,
        "reason",
        Flush::ALL.map(|it| (it.name(), report.flushes.of(it))),
    );
}

fn latencies(page: &mut Page, report: &Report, total: impl Fn(Timed) -> Summary) {
    page.family(
        "velox_latency_seconds",
        "summary",
        "Latencies from when a transaction was to be sent; quantiles of the last interval, sum and count of all.",
    );
    for (timed, now) in report.latency_ns.all() {
        let stage = format!("stage=\"{}\"", timed.name());
        let quantiles = [
            ("0.5", now.p50),
            ("0.9", now.p90),
            ("0.99", now.p99),
            ("0.999", now.p999),
            ("1", now.max),
        ];
        for (quantile, ns) in quantiles {
            page.line(
                "velox_latency_seconds",
                &format!("{stage},quantile=\"{quantile}\""),
                seconds(ns),
            );
        }
        let all = total(timed);
        page.line(
            "velox_latency_seconds_sum",
            &stage,
            seconds(all.mean.saturating_mul(all.count)),
        );
        page.line("velox_latency_seconds_count", &stage, all.count);
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

struct Page(String);

impl Page {
    // Writing to a string does not fail.
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn lines<const N: usize>(&mut self, name: &str, label: &str, values: [(&str, u64); N]) {
        for (of, value) in values {
            self.line(name, &format!("{label}=\"{of}\""), value);
        }
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = if labels.is_empty() {
            writeln!(self.0, "{name} {value}")
        } else {
            writeln!(self.0, "{name}{{{labels}}} {value}")
        };
    }
}
