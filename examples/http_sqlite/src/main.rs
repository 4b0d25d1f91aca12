//! Notes over HTTP, kept in SQLite. Every request and every query has a scope, which must end with nothing live.

mod load;
mod memory;
mod pages;
mod scoped;
mod service;
mod store;
mod workers;

use std::process::ExitCode;

use memscope::{Scoped, Stacks};

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::FramePointers);

const USAGE: &str = "\
usage: http_sqlite serve [--address 127.0.0.1:8080] [--database notes.db] [--plant-leak]
       http_sqlite load [--requests 100000] [--concurrency 64] [--plant-leak]";

/// What was asked for on the command line.
struct Options {
    address: String,
    database: String,
    requests: u64,
    concurrency: u64,
    plants_leak: bool,
}

/// Why the program ends before its work is done: what to say, and the exit code.
struct Stop(String, u8);

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self(message, 2)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop(message, code)) => {
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

fn run() -> Result<(), Stop> {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().unwrap_or_default();
    let options = parse(arguments)?;
    let plants = options.plants_leak;
    match verb.as_str() {
        "serve" => until_leak(service::serve(&options.address, &options.database, plants)),
        "load" => until_leak(load::run(options.requests, options.concurrency, plants)),
        _ => Err(USAGE.to_owned().into()),
    }
}

/// Does the work on a runtime of its own; a leak ends it with exit code 3.
fn until_leak(work: impl Future<Output = Result<(), String>>) -> Result<(), Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    let done = runtime.block_on(async {
        tokio::select! {
            done = work => Ok(done?),
            () = scoped::LEAKED.notified() => Err(Stop("stopped for a leak".to_owned(), 3)),
        }
    });
    // Requests that are under way are not dropped half way: their scopes would not be neutral.
    std::mem::forget(runtime);
    done
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        address: "127.0.0.1:8080".to_owned(),
        database: "notes.db".to_owned(),
        requests: 100_000,
        concurrency: 64,
        plants_leak: false,
    };
    while let Some(name) = arguments.next() {
        if name == "--plant-leak" {
            options.plants_leak = true;
            continue;
        }
        let value = arguments.next();
        let value = value.ok_or_else(|| format!("`{name}` needs a value\n{USAGE}"))?;
        match name.as_str() {
            "--address" => options.address = value,
            "--database" => options.database = value,
            "--requests" => options.requests = number(&name, &value)?,
            "--concurrency" => options.concurrency = number(&name, &value)?,
            _ => return Err(format!("`{name}` is no option\n{USAGE}")),
        }
    }
    Ok(options)
}

fn number(name: &str, value: &str) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{name}` needs a number above 0, not `{value}`"))
}
