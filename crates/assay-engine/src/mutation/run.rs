//! Asks the layers, the quick ones first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use assay_evidence::{
    Answer, Baseline, BaselineStatus, CommandLine, LayerName, LayerStatus, Mutant, Operator,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::copy::{Copies, Stock};
use super::session::{Copy, Session, Test, Worker, mode};
use crate::drive::NotBuilt;
use crate::fingerprint::Fingerprint;
use crate::layers::{Layer, Need, Workbench, all};
use crate::{Event, Events};

/// The turns of the layers, by what one mutant costs under each.
///
/// Miri sees all that the layers behind it see, in the same tests: they are asked where it has not been. Of
/// orderings TSan sees as much, and sooner.
const TURNS: [(LayerName, About); 9] = [
    (LayerName::Unit, About::Everything),
    (LayerName::Asan, About::Everything),
    (LayerName::Shuttle, About::Everything),
    (LayerName::Loom, About::Everything),
    (LayerName::Tsan, About::Orderings),
    (LayerName::Miri, About::Everything),
    (LayerName::Alloc, About::Everything),
    (LayerName::Memcheck, About::Everything),
    (LayerName::Tsan, About::Everything),
];

/// What a layer is asked about in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Everything,
    Orderings,
}

/// How the layers are asked.
pub(super) struct Asking<'a> {
    /// The bench whose instrumented copy is the one of all mutants.
    pub(super) together: &'a Workbench<'a>,
    /// The bench whose instrumented copy holds one mutant at a time.
    pub(super) alone: &'a Workbench<'a>,
    pub(super) stock: &'a Stock<'a>,
    pub(super) copies: &'a Copies,
    /// Whether a layer is asked about mutants that another one has noticed.
    pub(super) all_layers: bool,
    /// Mutants that are asked about at the same time.
    pub(super) jobs: usize,
    /// What the tests of one mutant may take under one layer, by what they take without it.
    pub(super) budget: Duration,
    /// What the copies hold, for the cache.
    pub(super) content: Option<Fingerprint>,
    /// Which mutants each test executes, as far as a native layer has told.
    pub(super) reach: Option<Reach>,
}

/// What was said.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) baselines: Vec<Baseline>,
    pub(super) answers: BTreeMap<u32, Vec<Answer>>,
}

impl Said {
    fn has(&self, mutant: u32, is: impl Fn(&Answer) -> bool) -> bool {
        let answers = self.answers.get(&mutant);
        answers.is_some_and(|answers| answers.iter().any(is))
    }
}

impl Asking<'_> {
    /// Asks every layer that is there about every mutant that it could notice.
    pub(super) fn run(&mut self, mutants: &[Mutant], events: &mut dyn Events) -> Said {
        let mut said = Said::default();
        for (name, about) in TURNS {
            let Some(layer) = all().into_iter().find(|layer| layer.name() == name) else {
                continue;
            };
            let pending = self.pending(mutants, name, about, &said);
            let known = said.baselines.iter().any(|b| b.layer == name);
            if known && pending.is_empty() {
                continue;
            }
            let mut baseline = Baseline {
                layer: name,
                status: BaselineStatus::NotNeeded,
                tests: 0,
                run_ms: 0,
                command: None,
            };
            match self.readiness(layer) {
                Err(reason) => baseline.status = BaselineStatus::NotRun { reason },
                Ok(()) if pending.is_empty() => {}
                Ok(()) => self.layer(layer, &pending, &mut baseline, &mut said, events),
            }
            said.baselines.retain(|other| other.layer != name);
            said.baselines.push(baseline);
        }
        said.baselines.sort_by_key(|baseline| baseline.layer);
        said
    }

    /// Mutants that a layer could notice and is to be asked about.
    fn pending(&self, mutants: &[Mutant], layer: LayerName, about: About, said: &Said) -> Vec<u32> {
        let is_due = |number: u32, mutant: &Mutant| {
            let is_ordering = mutant.operator == Operator::WeakenOrdering;
            let is_asked = said.has(number, |answer| answer.layer == layer);
            let is_spared = said.has(number, |answer| {
                let is_wide = answer.layer == LayerName::Miri && answer.has_judged();
                answer.is_kill() || (is_wide && layer.is_covered_by(answer.layer))
            });
            mutant.operator.layers().contains(&layer)
                && (about == About::Everything || is_ordering)
                && !is_asked
                && (self.all_layers || !is_spared)
        };
        (0..)
            .zip(mutants)
            .filter(|(number, _)| !self.copies.unviable.contains_key(number))
            .filter(|(number, mutant)| is_due(*number, mutant))
            .map(|(number, _)| number)
            .collect()
    }

    fn readiness(&self, layer: &dyn Layer) -> Result<(), String> {
        let bench = self.together;
        let is_left_out = |selected: &[LayerName]| !selected.contains(&layer.name());
        if bench.selected.is_some_and(is_left_out) {
            return Err(LayerStatus::LEFT_OUT.to_owned());
        }
        if bench.cancel.is_requested() {
            return Err(LayerStatus::INTERRUPTED.to_owned());
        }
        if let Need::NotRun(reason) = layer.need(bench.tools) {
            return Err(reason);
        }
        layer.brought(bench).map(drop)
    }

    fn layer(
        &mut self,
        layer: &'static dyn Layer,
        pending: &[u32],
        baseline: &mut Baseline,
        said: &mut Said,
        events: &mut dyn Events,
    ) {
        events.event(Event::Asking {
            layer: layer.name(),
            mutants: pending.len(),
        });
        let mut round = Round {
            layer,
            answers: BTreeMap::new(),
            left: pending.len(),
            events,
        };
        let outcome = self.ask_layer(&mut round, pending);
        baseline.status = match outcome {
            Ok(known) => {
                baseline.tests = u32::try_from(known.tests.len()).unwrap_or(u32::MAX);
                baseline.run_ms = known.millis();
                baseline.command = Some(known.command);
                for (number, answer) in round.answers {
                    said.answers.entry(number).or_default().push(answer);
                }
                BaselineStatus::Passed
            }
            Err(stop) => {
                // What an earlier turn said rests on the same baseline.
                for answers in said.answers.values_mut() {
                    answers.retain(|answer| answer.layer != layer.name());
                }
                match stop {
                    Stop::NotRun(reason) => BaselineStatus::NotRun { reason },
                    Stop::Void(reason) => BaselineStatus::Void { reason },
                }
            }
        };
    }

    fn ask_layer(&mut self, round: &mut Round<'_>, pending: &[u32]) -> Result<Known, Stop> {
        let (alone, together): (Vec<u32>, Vec<u32>) = pending
            .iter()
            .partition(|number| self.copies.own_build.contains(number));
        let key = self.key(round.layer, None);
        let stored: Option<Known> = self.stored(key.as_ref());
        if let Some(known) = &stored {
            self.note_reach(round.layer, known);
            for number in pending {
                if let Some(answer) = self.stored(self.key(round.layer, Some(*number)).as_ref()) {
                    round.keep(*number, answer);
                }
            }
        }
        let open = |numbers: Vec<u32>, round: &Round<'_>| -> Vec<u32> {
            let is_open = |number: &u32| !round.answers.contains_key(number);
            numbers.into_iter().filter(is_open).collect()
        };
        let together = open(together, round);
        let known = match stored {
            Some(known) if together.is_empty() => known,
            stored => {
                round.doing("building the mutants");
                let session = Session::build(self.together, round.layer, Copy::Together)
                    .map_err(Stop::of_build(round.layer))?;
                let known = match stored {
                    Some(known) => known,
                    None => self.baseline(&session, &together, round)?,
                };
                self.store(key.as_ref(), &known);
                let questions = together
                    .iter()
                    .map(|number| (*number, known.reaching(*number)));
                self.ask_all(&session, questions.collect(), round);
                known
            }
        };
        let alone = open(alone, round);
        if !alone.is_empty() {
            let known = match self.known_alone(round) {
                Ok(known) => known,
                // That speaks of the copy, not of the layer.
                Err(Stop::Void(reason)) => {
                    alone
                        .iter()
                        .for_each(|number| round.cut(self, *number, &reason));
                    return Ok(known);
                }
                Err(stop) => return Err(stop),
            };
            for number in alone {
                if self.together.cancel.is_requested() {
                    break;
                }
                self.alone(number, &known, round)?;
            }
        }
        Ok(known)
    }

    /// Executes the tests that a layer needs without a mutant.
    fn baseline(
        &mut self,
        session: &Session<'_>,
        pending: &[u32],
        round: &mut Round<'_>,
    ) -> Result<Known, Stop> {
        let mut tests = session.tests();
        if !session.is_direct() {
            if self.reach.is_none() {
                round.doing("finding out which test executes which mutant");
                let unit = all()[0];
                let native = Session::build(self.together, unit, Copy::Together);
                let native = native.map_err(Stop::of_build(unit))?;
                let known = self.execute(&native, &native.tests())?;
                self.note_reach(unit, &known);
            }
            tests.retain(|key| {
                let reached = self.reach.as_ref().and_then(|reach| reach.get(key));
                reached.is_none_or(|reached| pending.iter().any(|number| reached.contains(number)))
            });
        }
        round.doing(&format!("{} tests without a mutant", tests.len()));
        let mut known = self.execute(session, &tests)?;
        if !session.is_direct() {
            let every: BTreeSet<u32> = (0..).take(self.stock.candidates.len()).collect();
            for test in &mut known.tests {
                let key = (test.target.clone(), test.name.clone());
                let reached = self.reach.as_ref().and_then(|reach| reach.get(&key));
                test.reach = reached.unwrap_or(&every).clone();
            }
        }
        self.note_reach(round.layer, &known);
        Ok(known)
    }

    /// Keeps what the plain build tells of the tests, for layers that cannot tell.
    fn note_reach(&mut self, layer: &dyn Layer, known: &Known) {
        if layer.name() == LayerName::Unit {
            let told = known.tests.iter().map(|test| {
                let key = (test.target.clone(), test.name.clone());
                (key, test.reach.clone())
            });
            self.reach = Some(told.collect());
        }
    }

    fn execute(&self, session: &Session<'_>, tests: &[(String, String)]) -> Result<Known, Stop> {
        let results = Mutex::new(BTreeMap::new());
        let work = |worker: &mut Worker<'_>, index: usize| {
            let (target, test) = &tests[index];
            let result = session.baseline(worker, target, test);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.insert(index, result);
        };
        self.share(session, tests.len(), &work)?;
        let interrupted = || Stop::NotRun(LayerStatus::INTERRUPTED.to_owned());
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        if self.together.cancel.is_requested() {
            return Err(interrupted());
        }
        let mut passed = Vec::new();
        for result in results.into_values() {
            passed.extend(result.map_err(Stop::Void)?);
        }
        Ok(Known {
            tests: passed,
            command: session.command(),
        })
    }

    /// Asks about each mutant, and keeps every answer as soon as it is there.
    fn ask_all(
        &self,
        session: &Session<'_>,
        questions: Vec<(u32, Vec<&Test>)>,
        round: &mut Round<'_>,
    ) {
        let (sender, answers) = channel();
        let sender = Mutex::new(Some(sender));
        let work = |worker: &mut Worker<'_>, index: usize| {
            let (number, tests) = &questions[index];
            let answer = session.ask(worker, Some(*number), tests, self.budget);
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Some(sender), Some(answer)) = (sender.as_ref(), answer) {
                // The receiver outlives the workers.
                drop(sender.send((*number, answer)));
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // What cannot be asked stays without an answer.
                drop(self.share(session, questions.len(), &work));
                close(&sender);
            });
            for (number, answer) in answers {
                if is_lasting(&answer) {
                    self.store(self.key(round.layer, Some(number)).as_ref(), &answer);
                }
                round.tell(self, number, &answer);
                round.keep(number, answer);
            }
        });
    }

    /// Has `count` pieces of work done by several workers.
    fn share(
        &self,
        session: &Session<'_>,
        count: usize,
        work: &(dyn Fn(&mut Worker<'_>, usize) + Sync),
    ) -> Result<(), Stop> {
        let mutants = self.stock.candidates.len();
        let logs = self.together.logs;
        let files: Result<Vec<_>, String> = (0..self.jobs.clamp(1, count.max(1)))
            .map(|number| Worker::counters(logs, number, mutants))
            .collect();
        let files = files.map_err(Stop::NotRun)?;
        let queue = Mutex::new(0..count);
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        std::thread::scope(|scope| {
            for (number, file) in files.iter().enumerate() {
                let next = &next;
                scope.spawn(move || {
                    let mut worker = Worker::new(session, number, file);
                    while let Some(index) = next().filter(|_| !self.together.cancel.is_requested())
                    {
                        work(&mut worker, index);
                    }
                });
            }
        });
        Ok(())
    }

    /// The tests in the copy that holds one mutant at a time, while it holds none.
    fn known_alone(&self, round: &mut Round<'_>) -> Result<Known, Stop> {
        let key = self.key_of(round.layer, "no mutant");
        if let Some(known) = self.stored(key.as_ref()) {
            return Ok(known);
        }
        let written = self
            .stock
            .write_alone(&self.copies.alone, None, needs_probe(round.layer));
        written.map_err(|error| Stop::NotRun(error.to_string()))?;
        round.doing("building without a mutant");
        let session = Session::build(self.alone, round.layer, Copy::Alone)
            .map_err(Stop::of_build(round.layer))?;
        let tests = session.tests();
        round.doing(&format!("{} tests without a mutant", tests.len()));
        let known = self.execute(&session, &tests)?;
        self.store(key.as_ref(), &known);
        Ok(known)
    }

    /// Asks about a mutant that has a build of its own.
    fn alone(&self, number: u32, known: &Known, round: &mut Round<'_>) -> Result<(), Stop> {
        let written =
            self.stock
                .write_alone(&self.copies.alone, Some(number), needs_probe(round.layer));
        written.map_err(|error| Stop::NotRun(error.to_string()))?;
        round.doing("building one mutant");
        let session = match Session::build(self.alone, round.layer, Copy::Alone) {
            Ok(session) => session,
            Err(NotBuilt::Interrupted) => return Ok(()),
            Err(NotBuilt::Error(reason)) => {
                round.cut(self, number, &reason);
                return Ok(());
            }
        };
        self.ask_all(&session, vec![(number, known.quickest())], round);
        Ok(())
    }

    /// What a layer's baseline, or its answer about a mutant, is kept under.
    fn key(&self, layer: &dyn Layer, mutant: Option<u32>) -> Option<Fingerprint> {
        let id = mutant.map(|number| self.stock.candidates[number as usize].mutant.id.as_str());
        self.key_of(layer, id.unwrap_or("all mutants"))
    }

    fn key_of(&self, layer: &dyn Layer, what: &str) -> Option<Fingerprint> {
        let bench = self.together;
        let limits = &bench.limits;
        Some(Fingerprint::of([
            "mutation".to_owned(),
            env!("CARGO_PKG_VERSION").to_owned(),
            self.content.as_ref()?.to_string(),
            layer.name().to_string(),
            format!("{:?}", mode(bench, layer)),
            format!("{:?}", bench.tools.environment()),
            format!(
                "{:?} {} {:?}",
                limits.test, limits.memory_bytes, self.budget
            ),
            format!("{:?} {:?}", bench.feature_args, bench.user_flags),
            format!("{:?} {}", bench.exercise, bench.driver.name),
            what.to_owned(),
        ]))
    }

    fn stored<T: DeserializeOwned>(&self, key: Option<&Fingerprint>) -> Option<T> {
        self.together.cache?.get(key?)
    }

    fn store<T: Serialize>(&self, key: Option<&Fingerprint>, value: &T) {
        if let (Some(cache), Some(key)) = (self.together.cache, key) {
            cache.put(key, value);
        }
    }
}

/// Whether a layer works by the probe itself.
fn needs_probe(layer: &dyn Layer) -> bool {
    layer.name() == LayerName::Alloc
}

/// Whether the same content would give the same answer on a busier or a quieter machine.
fn is_lasting(answer: &Answer) -> bool {
    use assay_evidence::Said::{Survived, Unreached};
    answer.is_kill() || matches!(answer.said, Survived | Unreached)
}

/// One layer's turn.
struct Round<'e> {
    layer: &'static dyn Layer,
    answers: BTreeMap<u32, Answer>,
    /// Mutants without an answer.
    left: usize,
    events: &'e mut dyn Events,
}

impl Round<'_> {
    fn keep(&mut self, number: u32, answer: Answer) {
        self.left = self.left.saturating_sub(1);
        self.answers.insert(number, answer);
    }

    fn tell(&mut self, asking: &Asking<'_>, number: u32, answer: &Answer) {
        let mutant = &asking.stock.candidates[number as usize].mutant;
        self.events.event(Event::Asked {
            place: format!(
                "{}:{} {}",
                mutant.span.file, mutant.span.line, mutant.operator
            ),
            layer: answer.layer,
            said: answer.said.clone(),
            left: self.left.saturating_sub(1),
        });
    }

    /// The layer cannot judge a mutant.
    fn cut(&mut self, asking: &Asking<'_>, number: u32, reason: &str) {
        let answer = Answer {
            layer: self.layer.name(),
            tests: 0,
            reaching: 0,
            said: assay_evidence::Said::Cut {
                reason: reason.to_owned(),
            },
        };
        self.tell(asking, number, &answer);
        self.keep(number, answer);
    }

    fn doing(&mut self, what: &str) {
        let doing = format!("{}: {what}", self.layer.name());
        self.events.event(Event::Phase { doing });
    }
}

/// What is known of a layer's tests.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    tests: Vec<Test>,
    command: CommandLine,
}

impl Known {
    /// The tests that execute a mutant, the quickest first.
    fn reaching(&self, number: u32) -> Vec<&Test> {
        let mut tests = self.quickest();
        tests.retain(|test| test.reach.contains(&number));
        tests
    }

    fn quickest(&self) -> Vec<&Test> {
        let mut tests: Vec<&Test> = self.tests.iter().collect();
        tests.sort_by_key(|test| test.time);
        tests
    }

    fn millis(&self) -> u64 {
        let total: u128 = self.tests.iter().map(|test| test.time.as_millis()).sum();
        u64::try_from(total).unwrap_or(u64::MAX)
    }
}

/// Mutants that each test executes, by the target's label and the test's name.
pub(super) type Reach = BTreeMap<(String, String), BTreeSet<u32>>;

/// Why a layer's answers do not count.
enum Stop {
    NotRun(String),
    Void(String),
}

impl Stop {
    fn of_build(layer: &'static dyn Layer) -> impl Fn(NotBuilt) -> Self {
        move |error| match error {
            NotBuilt::Interrupted => Self::NotRun(LayerStatus::INTERRUPTED.to_owned()),
            NotBuilt::Error(text) => {
                let reason = layer.unbuildable(&text);
                Self::NotRun(reason.unwrap_or_else(|| format!("it does not build: {text}")))
            }
        }
    }
}

/// Ends the stream of answers.
fn close<T>(sender: &Mutex<Option<Sender<T>>>) {
    drop(sender.lock().unwrap_or_else(PoisonError::into_inner).take());
}
