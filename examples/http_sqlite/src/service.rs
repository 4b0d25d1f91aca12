//! The routes, and what their handlers share.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as FromPath, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use memscope::arena::{ArenaPool, Config, PooledArena};
use memscope::report::Growth;
use tokio::net::TcpListener;

use crate::pages;
use crate::scoped::scoped;
use crate::store::{self, NewNote};
use crate::workers::Workers;

/// Arenas that wait for requests, and what each of them keeps.
const ARENAS: usize = 64;
const ARENA_KEEPS: usize = 64 * 1024;

/// The service's state, for as long as it runs.
pub struct Service {
    workers: Workers,
    arenas: &'static ArenaPool,
    /// Requests that have begun, and those that have ended neutral.
    pub started: AtomicU64,
    pub neutral: AtomicU64,
    growth: Mutex<Growth>,
    plants_leak: bool,
}

impl Service {
    /// Opens the database, with four threads for it.
    pub fn open(database: &Path, plants_leak: bool) -> Result<Arc<Self>, String> {
        let pool = ArenaPool::new(ARENAS, Config::new().keep(ARENA_KEEPS));
        Ok(Arc::new(Self {
            workers: Workers::start(4, database)?,
            arenas: Box::leak(Box::new(pool)),
            started: AtomicU64::new(0),
            neutral: AtomicU64::new(0),
            growth: Mutex::new(Growth::new(240)),
            plants_leak,
        }))
    }

    pub fn growth(&self) -> MutexGuard<'_, Growth> {
        self.growth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn arenas_idle(&self) -> usize {
        self.arenas.idle()
    }
}

/// Answers until it is ended.
pub async fn serve(address: &str, database: &str, plants_leak: bool) -> Result<(), String> {
    let service = Service::open(Path::new(database), plants_leak)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    println!("notes on http://{address}/notes, counters on http://{address}/counters");
    answer(listener, service).await
}

/// Answers what comes to a listener, and notes each second how the heap grows.
pub async fn answer(listener: TcpListener, service: Arc<Service>) -> Result<(), String> {
    let ticking = Arc::clone(&service);
    tokio::spawn(async move {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        loop {
            seconds.tick().await;
            ticking.growth().tick();
        }
    });
    let router = Router::new()
        .route("/notes", get(list).post(insert))
        .route("/notes/{id}", get(read).delete(delete))
        .route("/metrics", get(pages::metrics))
        .route("/counters", get(pages::counters))
        .route("/counters.json", get(pages::counters_json))
        .route("/report", get(pages::report))
        .layer(from_fn_with_state(Arc::clone(&service), scoped))
        .with_state(service);
    axum::serve(listener, router)
        .await
        .map_err(|error| format!("cannot answer: {error}"))
}

/// Why a request got no answer.
pub enum Refusal {
    BadRequest(&'static str),
    NotFound,
    Failed,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::BadRequest(what) => (StatusCode::BAD_REQUEST, what).into_response(),
            Self::NotFound => (StatusCode::NOT_FOUND, "no such note").into_response(),
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the database failed").into_response()
            }
        }
    }
}

type Answer = Result<Response, Refusal>;

/// A request's arena goes to the worker and comes back, and then to the pool.
type Arena = PooledArena<'static>;

fn json(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn read(State(service): State<Arc<Service>>, FromPath(id): FromPath<i64>) -> Answer {
    let arena: Arena = service.arenas.get();
    let found = service.workers.run(move |connection| {
        let mut json = Vec::with_capacity(256);
        let found = store::read(connection, &arena, id, &mut json);
        found.map(|found| found.then_some(json))
    });
    match found.await {
        Some(Ok(Some(body))) => Ok(json(body)),
        Some(Ok(None)) => Err(Refusal::NotFound),
        _ => Err(Refusal::Failed),
    }
}

async fn list(State(service): State<Arc<Service>>, RawQuery(query): RawQuery) -> Answer {
    let query = query.unwrap_or_default();
    let author = query.strip_prefix("author=").map(str::to_owned);
    let author = author.ok_or(Refusal::BadRequest("say whose: /notes?author=name"))?;
    if service.plants_leak {
        std::mem::forget(vec![0_u8; 1234]); // The planted leak.
    }
    let arena: Arena = service.arenas.get();
    let found = service.workers.run(move |connection| {
        let mut json = Vec::with_capacity(1024);
        store::list(connection, &arena, &author, 20, &mut json).map(|()| json)
    });
    match found.await {
        Some(Ok(body)) => Ok(json(body)),
        _ => Err(Refusal::Failed),
    }
}

async fn insert(State(service): State<Arc<Service>>, body: Bytes) -> Answer {
    let new: NewNote = serde_json::from_slice(&body)
        .map_err(|_| Refusal::BadRequest("send {\"author\": \"..\", \"text\": \"..\"}"))?;
    let id = service
        .workers
        .run(move |connection| store::insert(connection, &new));
    match id.await {
        Some(Ok(id)) => {
            let body = format!("{{\"id\":{id}}}").into_bytes();
            Ok((StatusCode::CREATED, json(body)).into_response())
        }
        _ => Err(Refusal::Failed),
    }
}

async fn delete(State(service): State<Arc<Service>>, FromPath(id): FromPath<i64>) -> Answer {
    let gone = service
        .workers
        .run(move |connection| store::delete(connection, id));
    match gone.await {
        Some(Ok(true)) => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(Ok(false)) => Err(Refusal::NotFound),
        _ => Err(Refusal::Failed),
    }
}
