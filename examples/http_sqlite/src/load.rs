//! A load over loopback: requests on many connections, each answer checked; and then whether memory stayed flat.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memscope::report::Counters;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::memory;
use crate::service::{self, Service};
use crate::store::{self, NewNote, Note};

const AUTHORS: u64 = 50;
const NOTES: u64 = 1000;

/// The load is made in tenths. The first half warms up: by then each thread has met the slots of as many scopes as are
/// unfinished at one time, and keeps its counters for them.
const PARTS: u64 = 10;
const WARM_UP: u64 = PARTS / 2;

/// How much resident memory may grow after that.
const GROWTH_MAX: u64 = 2 << 20;

/// Starts the service on a free port with a database of its own, and asks it.
pub async fn run(requests: u64, concurrency: u64, plants_leak: bool) -> Result<(), String> {
    let folder = Folder::new()?;
    let database = folder.0.join("notes.db");
    fill(&database).map_err(|error| format!("cannot fill the database: {error}"))?;
    let service = Service::open(&database, plants_leak)?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(told)?;
    let address = listener.local_addr().map_err(told)?;
    tokio::spawn(service::answer(listener, Arc::clone(&service)));
    println!("{requests} requests on {concurrency} connections to {address}");
    let mut warm = None;
    let mut last = None;
    for part in 1..=PARTS {
        let until = requests * part / PARTS;
        clients(
            &address.to_string(),
            requests * (part - 1) / PARTS..until,
            concurrency,
        )
        .await?;
        last = memory::resident();
        if part == WARM_UP {
            warm = last;
        }
        println!(
            "{until:>9} requests, {:>7} KiB resident",
            last.unwrap_or_default() / 1024
        );
    }
    check_flat(warm, last)?;
    check_neutral(&service, requests)
}

fn check_flat(warm: Option<u64>, last: Option<u64>) -> Result<(), String> {
    let (Some(warm), Some(last)) = (warm, last) else {
        println!("not run: resident memory, which needs /proc");
        return Ok(());
    };
    let grown = last.saturating_sub(warm);
    println!(
        "resident after warm-up {} KiB, at the end {} KiB",
        warm / 1024,
        last / 1024
    );
    if grown > GROWTH_MAX {
        return Err(format!(
            "resident memory grew by {} KiB after warm-up; at most {} KiB are allowed",
            grown / 1024,
            GROWTH_MAX / 1024
        ));
    }
    Ok(())
}

fn check_neutral(service: &Service, requests: u64) -> Result<(), String> {
    let neutral = service.neutral.load(Ordering::Relaxed);
    let counters = Counters::take();
    println!(
        "{neutral} of {requests} requests neutral, {} scopes left, {} bytes live in the process",
        counters.scopes,
        counters.process.live_bytes()
    );
    if neutral != requests || counters.scopes != 0 {
        return Err("requests are not accounted for".to_owned());
    }
    Ok(())
}

/// A folder that goes when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("http_sqlite-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(told)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn told(error: std::io::Error) -> String {
    error.to_string()
}

fn author_of(id: u64) -> String {
    format!("author-{}", id % AUTHORS)
}

fn text_of(id: u64) -> String {
    format!("note {id} says \"{}\"", "so ".repeat(id as usize % 30))
}

fn fill(database: &std::path::Path) -> Result<(), String> {
    let mut connection = store::open(database).map_err(|error| error.to_string())?;
    let connection = connection
        .transaction()
        .map_err(|error| error.to_string())?;
    for id in 1..=NOTES {
        let new = NewNote {
            author: author_of(id),
            text: text_of(id),
        };
        store::insert(&connection, &new).map_err(|_| "a note was refused")?;
    }
    connection.commit().map_err(|error| error.to_string())
}

/// Makes the requests with these numbers.
async fn clients(
    address: &str,
    numbers: std::ops::Range<u64>,
    concurrency: u64,
) -> Result<(), String> {
    let next = Arc::new(AtomicU64::new(numbers.start));
    let mut clients: JoinSet<Result<(), String>> = JoinSet::new();
    for _ in 0..concurrency {
        let (next, address) = (Arc::clone(&next), address.to_owned());
        clients.spawn(async move {
            let mut client = Client::connect(&address).await?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return Ok(());
                }
                client
                    .step(number)
                    .await
                    .map_err(|error| format!("request {number}: {error}"))?;
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}

/// A connection, and the note that it has made and not yet taken away.
struct Client {
    stream: BufStream<TcpStream>,
    made: Option<u64>,
}

impl Client {
    async fn connect(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(told)?;
        stream.set_nodelay(true).map_err(told)?;
        Ok(Self {
            stream: BufStream::new(stream),
            made: None,
        })
    }

    /// One request: of ten, two write, three list, four read one note, and one reads a note that is not there.
    async fn step(&mut self, number: u64) -> Result<(), String> {
        match (number % 10, self.made) {
            (0 | 1, None) => self.insert(number).await,
            (0 | 1, Some(id)) => {
                self.made = None;
                let (status, _) = self.ask("DELETE", &format!("/notes/{id}"), "").await?;
                expect("204", &status)
            }
            (2..=4, _) => self.list(number).await,
            (5, _) => {
                let (status, body) = self.ask("GET", "/notes/999999999", "").await?;
                expect("404", &status)?;
                expect("no such note", &body)
            }
            _ => {
                let id = number % NOTES + 1;
                let (status, body) = self.ask("GET", &format!("/notes/{id}"), "").await?;
                expect("200", &status)?;
                expect(&json_of(id)?, &body)
            }
        }
    }

    async fn insert(&mut self, number: u64) -> Result<(), String> {
        let body = format!("{{\"author\":\"client\",\"text\":\"request {number}\"}}");
        let (status, body) = self.ask("POST", "/notes", &body).await?;
        expect("201", &status)?;
        let id = body
            .strip_prefix("{\"id\":")
            .and_then(|rest| rest.strip_suffix('}')?.parse().ok());
        self.made = Some(id.ok_or_else(|| format!("no number in `{body}`"))?);
        Ok(())
    }

    async fn list(&mut self, number: u64) -> Result<(), String> {
        let author = number % AUTHORS;
        let (status, body) = self
            .ask("GET", &format!("/notes?author=author-{author}"), "")
            .await?;
        expect("200", &status)?;
        let ids = (1..=NOTES).filter(|id| id % AUTHORS == author);
        let notes: Result<Vec<String>, String> = ids.map(json_of).collect();
        expect(&format!("[{}]", notes?.join(",")), &body)
    }

    /// Sends a request, and reads its status and its body.
    async fn ask(
        &mut self,
        method: &str,
        target: &str,
        body: &str,
    ) -> Result<(String, String), String> {
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: loopback\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.stream
            .write_all(request.as_bytes())
            .await
            .map_err(told)?;
        self.stream.flush().await.map_err(told)?;
        let status = self.line().await?;
        let status = status.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().map_err(|_| format!("length `{value}`"))?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.map_err(told)?;
        let body = String::from_utf8(body).map_err(|error| error.to_string())?;
        Ok((status, body))
    }

    async fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await.map_err(told)?;
        if read == 0 {
            return Err("the service closed the connection".to_owned());
        }
        Ok(line.trim_end().to_owned())
    }
}

fn json_of(id: u64) -> Result<String, String> {
    let note = Note {
        id: id as i64,
        author: &author_of(id),
        text: &text_of(id),
    };
    serde_json::to_string(&note).map_err(|error| error.to_string())
}

fn expect(expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("expected `{expected}`, and got `{found}`"))
}
