//! What the service tells about itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use memscope::report::{Counters, Report};

use crate::memory;
use crate::service::Service;

/// For Prometheus.
pub async fn metrics() -> impl IntoResponse {
    let content_type = [(header::CONTENT_TYPE, Counters::PROMETHEUS_CONTENT_TYPE)];
    (content_type, Counters::take().to_prometheus())
}

/// The page of live counters; it asks for [`counters_json`] each second.
pub async fn counters() -> impl IntoResponse {
    Html(include_str!("counters.html"))
}

/// The same counters, the service's own, and how the heap grew.
pub async fn counters_json(State(service): State<Arc<Service>>) -> impl IntoResponse {
    let points: Vec<String> = service
        .growth()
        .points()
        .iter()
        .map(|point| format!("[{},{}]", point.at.as_millis(), point.live_bytes))
        .collect();
    let resident = memory::resident().map_or("null".to_owned(), |bytes| bytes.to_string());
    let body = format!(
        "{{\"requests\":{},\"neutral\":{},\"arenas_idle\":{},\"resident_bytes\":{resident},\"memory\":{},\"growth\":[{}]}}",
        service.started.load(Ordering::Relaxed),
        service.neutral.load(Ordering::Relaxed),
        service.arenas_idle(),
        Counters::take().to_json(),
        points.join(",")
    );
    ([(header::CONTENT_TYPE, "application/json")], body)
}

/// Everything that is live, with its scopes and sites.
pub async fn report(State(service): State<Arc<Service>>) -> impl IntoResponse {
    let report = Report::take().with_growth(&service.growth());
    Html(report.to_html())
}
