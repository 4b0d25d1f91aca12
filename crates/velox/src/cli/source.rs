//! Where transactions come from.

use std::fs::File;
use std::path::PathBuf;

use velox::Transaction;
use velox::itch::{self, Options, StreamError, StreamReader, Tally, Transactions};
use velox::synthetic::{Arrivals, Config, Generator, TransactionFlow};

use super::Failure;
use super::args::{self, From, Run};

/// A source of either kind, with a limit.
#[derive(Debug)]
pub(crate) struct Source {
    flow: Kind,
    left: u64,
}

#[derive(Debug)]
enum Kind {
    Synthetic(Box<TransactionFlow>),
    Itch(Box<Recorded>),
}

impl Source {
    pub(crate) fn open(run: &Run) -> Result<Self, Failure> {
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
                    error => Failure::Malformed(path, error.to_string()),
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
        if self.left == 0 {
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
