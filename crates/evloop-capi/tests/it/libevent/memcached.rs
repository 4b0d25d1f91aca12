//! Debian's memcached, as it is, with libevent itself and with this library.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bed;
use crate::libevent::libraries::{Library, backends, folder};

const CONNECTIONS: usize = 50;
/// Requests that are under way on a connection.
const BATCH: usize = 8;
const PATIENCE: Duration = Duration::from_secs(20);

/// 100,000 take a minute for each library where nothing is optimised, and are asked for by this variable.
fn keys() -> usize {
    let asked = std::env::var("EVLOOP_CAPI_KEYS").ok();
    asked.map_or(2_000, |it| it.parse().expect("a number of keys"))
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(library: Library) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let mut command = library.command("memcached").expect("it is linked");
        command.args(["-U", "0", "-l", "127.0.0.1", "-t", "4", "-u", "nobody"]);
        command.args(["-p", &port.to_string()]);
        command.env("EVENT_SHOW_METHOD", "1").stderr(Stdio::piped());
        let child = command.spawn().expect("memcached starts");
        Self { child, port }
    }

    fn connect(&self) -> TcpStream {
        let begun = Instant::now();
        loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(stream) => {
                    stream.set_nodelay(true).expect("a socket of TCP");
                    return stream;
                }
                Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The libraries that the process has loaded.
    fn loaded(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/maps", self.child.id())).expect("it runs")
    }

    /// Ends it as an administrator does; what it wrote meanwhile.
    fn end(mut self) -> String {
        let pid = self.child.id().to_string();
        bed::run(Command::new("kill").args(["-TERM", &pid]));
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
        let mut text = String::new();
        let mut errors = self.child.stderr.take().expect("it is piped");
        errors.read_to_string(&mut text).expect("it is text");
        text
    }
}

/// A connection, and a digest of every byte that came back on it.
struct Connection {
    stream: BufReader<TcpStream>,
    digest: DefaultHasher,
}

impl Connection {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("an answer");
        self.digest.write(line.as_bytes());
        line
    }

    fn send(&mut self, requests: &[u8]) {
        self.stream.get_mut().write_all(requests).expect("it reads");
    }

    /// Stores, reads, deletes and misses each key.
    fn batch(&mut self, keys: &[usize]) {
        let mut requests = Vec::new();
        for key in keys {
            let value = value(*key);
            let length = value.len();
            requests.extend(format!("set key-{key} {key} 0 {length}\r\n").bytes());
            requests.extend(value.bytes().chain(*b"\r\n"));
        }
        self.send(&requests);
        keys.iter()
            .for_each(|_| assert_eq!(self.line(), "STORED\r\n"));
        let gets: String = keys
            .iter()
            .map(|key| format!("get key-{key}\r\n"))
            .collect();
        self.send(gets.as_bytes());
        for key in keys {
            let value = value(*key);
            let head = format!("VALUE key-{key} {key} {}\r\n", value.len());
            assert_eq!(self.line(), head);
            assert_eq!(self.line().trim_end(), value);
            assert_eq!(self.line(), "END\r\n");
        }
        let deletes = keys.iter().map(|key| format!("delete key-{key}\r\n"));
        self.send(deletes.collect::<String>().as_bytes());
        keys.iter()
            .for_each(|_| assert_eq!(self.line(), "DELETED\r\n"));
        self.send(gets.as_bytes());
        keys.iter().for_each(|_| assert_eq!(self.line(), "END\r\n"));
    }
}

/// Most are short; each 50th does not fit into one packet.
fn value(key: usize) -> String {
    let length = if key.is_multiple_of(50) {
        40_000
    } else {
        key % 300
    };
    char::from(b'a' + (key % 26) as u8)
        .to_string()
        .repeat(length)
}

/// Every key on its connection, the connections in turn; a digest of what each connection got.
fn drive(server: &Server) -> Vec<u64> {
    let keys = keys();
    let mut connections: Vec<Connection> = (0..CONNECTIONS)
        .map(|_| Connection {
            stream: BufReader::new(server.connect()),
            digest: DefaultHasher::new(),
        })
        .collect();
    let all: Vec<usize> = (0..keys).collect();
    for (turn, batch) in all.chunks(BATCH).enumerate() {
        connections[turn % CONNECTIONS].batch(batch);
    }
    let digests = connections.iter().map(|it| it.digest.finish());
    digests.collect()
}

/// What it says of a key that was stored by another connection, and of nonsense.
fn further(server: &Server) -> String {
    let mut first = Connection {
        stream: BufReader::new(server.connect()),
        digest: DefaultHasher::new(),
    };
    let mut second = Connection {
        stream: BufReader::new(server.connect()),
        digest: DefaultHasher::new(),
    };
    first.send(b"set shared 1 0 3\r\nabc\r\nincr shared 1\r\nnonsense\r\n");
    let mut told: String = (0..3).map(|_| first.line()).collect();
    second.send(b"append shared 0 0 3\r\ndef\r\nget shared\r\nquit\r\n");
    told.extend((0..4).map(|_| second.line()));
    // Closed by the server.
    assert_eq!(second.line(), "");
    told
}

#[test]
fn memcached_answers_the_same_on_fifty_connections() {
    if Command::new("memcached").arg("-V").output().is_err() {
        return bed::not_run("no `memcached`; Debian's package of this name has it");
    }
    let Some(ours) = folder() else {
        return;
    };
    let libraries = backends().into_iter().map(Library::Ours);
    let mut answers = Vec::new();
    for library in std::iter::once(Library::Stock).chain(libraries) {
        let server = Server::start(library);
        let begun = Instant::now();
        let told = (drive(&server), further(&server));
        let loaded = server.loaded();
        let said = server.end();
        println!("{library:?}: {} keys in {:?}", keys(), begun.elapsed());
        if let Library::Ours(backend) = library {
            assert!(loaded.contains(&*ours.to_string_lossy()), "{loaded}");
            assert!(
                said.contains(&format!("libevent using: {backend}\n")),
                "{said}"
            );
        }
        answers.push(told);
    }
    for (answer, backend) in answers[1..].iter().zip(backends()) {
        assert_eq!(*answer, answers[0], "{backend}");
    }
}
