//! Where transactions come from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use velox::Transaction;
use velox::itch::{self, Options, StreamError, StreamReader, Tally, Transactions};
use velox::synthetic::{Arrivals, Config, Generator, TransactionFlow};

use super::Failure;
use super::args::{self, From, Run};
use super::checked::{Refusal, Refused};

/// Bytes of the length in front of a message.
const PREFIX: u64 = 2;

/// A source of either kind, with a limit.
#[derive(Debug)]
pub(crate) struct Source {
    flow: Kind,
    left: u64,
    refused: Refused,
}

#[derive(Debug)]
enum Kind {
    Synthetic(Box<TransactionFlow>),
    Itch(Box<Recorded>),
}

impl Source {
    /// A source that ends when the books have refused something that they stop at.
    pub(crate) fn open(run: &Run, refused: Refused) -> Result<Self, Failure> {
        let flow = match &run.source {
            From::Synthetic => {
                let config = Config {
                    rate: run.rate.get(),
                    arrivals: arrivals(run.arrivals),
                    ..Config::default()
                };
                let generator = Generator::new(config, run.seed)
                    .map_err(|error| Failure::Usage(error.to_string()))?;
                Kind::Synthetic(Box::new(generator.transactions()))
            }
            From::Itch(path) => {
                Kind::Itch(Box::new(Recorded::open(path.clone(), run.flow.on_fault)?))
            }
        };
        Ok(Self {
            flow,
            left: run.flow.count.unwrap_or(u64::MAX),
            refused,
        })
    }

    /// Whether it gave as many as it was to give.
    pub(crate) const fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// What was read of a file.
    pub(crate) fn tally(&self) -> Option<Tally> {
        match &self.flow {
            Kind::Synthetic(_) => None,
            Kind::Itch(recorded) => Some(recorded.reader.tally()),
        }
    }

    /// What ended the reading before its time.
    pub(crate) fn into_failure(self) -> Option<Failure> {
        match self.flow {
            Kind::Synthetic(_) => None,
            Kind::Itch(recorded) => {
                let path = recorded.path;
                recorded.failure.map(|error| match error {
                    StreamError::Source { error, .. } => Failure::Io(path, error),
                    error => Failure::Malformed(
                        path,
                        format!("{error}; `--on-fault resync` counts such and goes on behind them"),
                    ),
                })
            }
        }
    }
}

/// How the synthetic events are spaced; those that are sent at equal distances have any.
pub(crate) fn arrivals(arrivals: args::Arrivals) -> Arrivals {
    match arrivals {
        args::Arrivals::Uniform | args::Arrivals::Poisson => Arrivals::Poisson,
        args::Arrivals::Hawkes => Config::default().arrivals,
    }
}

impl Iterator for Source {
    type Item = Transaction;

    #[inline]
    fn next(&mut self) -> Option<Transaction> {
        if self.left == 0 || self.refused.get().is_some() {
            return None;
        }
        let next = match &mut self.flow {
            Kind::Synthetic(flow) => flow.next(),
            Kind::Itch(recorded) => recorded.next(),
        };
        self.left -= u64::from(next.is_some());
        next
    }
}

/// The transactions of an ITCH file.
#[derive(Debug)]
struct Recorded {
    path: PathBuf,
    reader: StreamReader<File>,
    of_message: Option<Transactions>,
    sequence: u32,
    stops: bool,
    failure: Option<StreamError>,
}

impl Recorded {
    fn open(path: PathBuf, on_fault: args::OnFault) -> Result<Self, Failure> {
        let file = File::open(&path).map_err(|error| Failure::Io(path.clone(), error))?;
        let on_fault = match on_fault {
            args::OnFault::Stop => itch::OnFault::Stop,
            args::OnFault::Resync => itch::OnFault::Resync,
        };
        let options = Options {
            on_fault,
            ..Options::default()
        };
        Ok(Self {
            path,
            reader: StreamReader::new(file, options),
            of_message: None,
            sequence: 0,
            stops: on_fault == itch::OnFault::Stop,
            failure: None,
        })
    }

    fn next(&mut self) -> Option<Transaction> {
        loop {
            if let Some(transaction) = self.of_message.as_mut().and_then(Iterator::next) {
                self.sequence = self.sequence.wrapping_add(1);
                return Some(transaction);
            }
            if self.failure.is_some() {
                return None;
            }
            match self.reader.next()? {
                Ok(message) => self.of_message = Some(message.transactions(self.sequence)),
                // The tally counts it.
                Err(StreamError::Malformed(_)) if !self.stops => {}
                Err(error) => self.failure = Some(error),
            }
        }
    }
}

/// What the books refused of a file, and where it is. The file is read again up to there: what is in flight carries no
/// offsets.
pub(crate) fn failure_of(path: &Path, refusal: &Refusal) -> Failure {
    let place = match offset_of(path, refusal.number) {
        Some(offset) => format!("at byte {offset}"),
        None => format!("in transaction {}, from 0 on", refusal.number),
    };
    let advice = "`--on-fault resync` counts such and goes on";
    Failure::Malformed(path.to_owned(), format!("{refusal} {place}; {advice}"))
}

/// Where the message of a transaction is, if the file can be read twice.
fn offset_of(path: &Path, number: u64) -> Option<u64> {
    // A pipe would wait for another writer as it is opened.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let file = File::open(path).ok()?;
    let mut reader = StreamReader::new(file, Options::default());
    let mut seen = 0;
    loop {
        let Ok(message) = reader.next()? else {
            return None;
        };
        let length = message.as_bytes().len() as u64;
        seen += message.transactions(0).len() as u64;
        if seen > number {
            return Some(reader.offset() - PREFIX - length);
        }
    }
}
