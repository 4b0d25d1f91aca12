//! One scope a request: entered by every poll of its handler, and neutral when its answer has left it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use memscope::{InScopeExt, NotNeutral, Scope};
use tokio::sync::Notify;

use crate::service::Service;

/// The longest answer.
const BODY_MAX: usize = 1 << 20;

/// Somebody leaked, and was told.
pub static LEAKED: Notify = Notify::const_new();

/// How long a worker may take from its answer to its last free.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs the handler of a request in a scope of its own, to its end also if the client has gone meanwhile.
pub async fn scoped(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let number = service.started.fetch_add(1, Ordering::Relaxed) + 1;
    let answered = tokio::spawn(async move {
        let scope = Scope::for_request(name_of(&request), number);
        let response = answer(request, next).in_scope(scope.handle()).await;
        settle(&scope).await;
        match scope.end() {
            Ok(_) => {
                service.neutral.fetch_add(1, Ordering::Relaxed);
            }
            Err(leak) => stop_for(&leak),
        }
        response
    });
    answered
        .await
        .unwrap_or_else(|_| status_only(StatusCode::INTERNAL_SERVER_ERROR))
}

/// The answer is copied out of the scope, for it is sent after the scope's end.
async fn answer(request: Request, next: Next) -> Response<Body> {
    let (head, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, BODY_MAX).await;
    memscope::outside(|| {
        copy(
            head.status,
            head.headers.get(header::CONTENT_TYPE),
            body.ok(),
        )
    })
}

/// Tells the first leak, and stops the service. One that is to go on would log leaks, and count them.
pub fn stop_for(leak: &NotNeutral) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        eprintln!("{leak}");
        LEAKED.notify_one();
    });
}

/// Workers free their last blocks after they have answered.
async fn settle(scope: &Scope) {
    let start = Instant::now();
    while !scope.usage().is_neutral() && start.elapsed() < PATIENCE {
        tokio::task::yield_now().await;
    }
}

fn copy(
    status: StatusCode,
    content_type: Option<&HeaderValue>,
    body: Option<Bytes>,
) -> Response<Body> {
    let Some(body) = body else {
        return status_only(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = Response::new(Body::from(Bytes::copy_from_slice(&body)));
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        let copied = HeaderValue::from_bytes(content_type.as_bytes());
        let name: HeaderName = header::CONTENT_TYPE;
        if let Ok(copied) = copied {
            response.headers_mut().insert(name, copied);
        }
    }
    response
}

fn status_only(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Names are few, so that counters by name are.
fn name_of(request: &Request) -> &'static str {
    let is_one = request.uri().path().starts_with("/notes/");
    match (request.method(), is_one, request.uri().path()) {
        (&Method::GET, true, _) => "GET /notes/{id}",
        (&Method::DELETE, true, _) => "DELETE /notes/{id}",
        (&Method::GET, _, "/notes") => "GET /notes",
        (&Method::POST, _, "/notes") => "POST /notes",
        _ => "page",
    }
}
