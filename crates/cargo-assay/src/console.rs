//! The one place that prints: results to standard output, progress and diagnostics to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use assay_engine::{Event, Events};
use assay_evidence::Said;
use assay_evidence::render::Layout;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{Cli, Colour};

/// Owns both output streams.
pub(crate) struct Console {
    bar: ProgressBar,
    lines: bool,
    verbose: bool,
    width: Option<usize>,
    started: Instant,
}

impl Console {
    /// The console that the arguments ask for.
    pub(crate) fn new(cli: &Cli) -> Self {
        match cli.color {
            Colour::Auto => {}
            Colour::Always => anstream::ColorChoice::Always.write_global(),
            Colour::Never => anstream::ColorChoice::Never.write_global(),
        }
        let terminal = io::stderr().is_terminal();
        let target = if terminal && !cli.quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{spinner} {elapsed:>4}  {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self {
            bar,
            lines: cli.verbose || (terminal && !cli.quiet),
            verbose: cli.verbose,
            width: terminal_size(io::stdout().is_terminal()),
            started: Instant::now(),
        }
    }

    /// Colour and width of standard output.
    pub(crate) fn layout(&self) -> Layout {
        let choice = anstream::AutoStream::choice(&io::stdout());
        Layout {
            colour: choice != anstream::ColorChoice::Never,
            width: self.width.unwrap_or(Layout::default().width),
        }
    }

    /// Writes a result. A reader that went away is not an error.
    pub(crate) fn result(&self, text: &str) -> io::Result<()> {
        self.bar.finish_and_clear();
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a result that is not to stand in the way of a program's own output.
    pub(crate) fn beside(&self, text: &str) {
        self.bar.finish_and_clear();
        // Nothing is left to tell it to if standard error is gone.
        drop(anstream::stderr().lock().write_all(text.as_bytes()));
    }

    /// Tells what went wrong.
    pub(crate) fn error(&self, message: &str) {
        self.diagnostic("error", AnsiColor::Red, message);
    }

    fn diagnostic(&self, label: &str, colour: AnsiColor, message: &str) {
        let style = Style::new().bold().fg_color(Some(colour.into()));
        self.bar.suspend(|| {
            // Nothing is left to tell it to if standard error is gone.
            drop(writeln!(
                anstream::stderr(),
                "{style}{label}{style:#}: {message}"
            ));
        });
    }

    /// A line that stays, where lines are wanted.
    pub(crate) fn note(&self, text: &str) {
        if self.lines {
            self.bar
                .suspend(|| drop(writeln!(anstream::stderr(), "{text}")));
        }
    }

    fn doing(&self, text: String) {
        self.bar.set_message(text);
    }
}

impl Events for Console {
    fn event(&mut self, event: Event) {
        match event {
            Event::Phase { doing } => self.doing(doing),
            Event::Inventoried {
                sites,
                probed,
                lines,
            } => {
                self.note(&format!(
                    "{sites} unsafe sites in {lines} lines, {probed} with a counter"
                ));
            }
            Event::LayerSkipped { layer, reason } => {
                self.note(&format!("{layer:<24} not run: {reason}"));
            }
            Event::Building { run } => self.doing(format!("{}: building", run.0)),
            Event::Running { run } => self.doing(format!("{}: running", run.0)),
            Event::RunDone {
                run,
                took,
                findings,
                sites_hit,
                cached,
            } => {
                let how = if cached {
                    "cached".to_owned()
                } else {
                    seconds(took)
                };
                self.note(&format!(
                    "{:<24} {how:>8}  {sites_hit} sites executed, {findings} findings",
                    run.0
                ));
            }
            Event::MutantsMade { mutants, functions } => {
                self.note(&format!("{mutants} mutants in {functions} functions"));
            }
            Event::Asking { layer, mutants } => {
                self.note(&format!("{layer:<10} asked about {mutants} mutants"));
            }
            Event::Asked {
                place,
                layer,
                said,
                left,
            } => {
                let word = heard(&said);
                self.doing(format!("{layer}: {left} left; {place}: {word}"));
                if self.verbose {
                    self.note(&format!("{layer:<10} {word:<10} {place}"));
                }
            }
            Event::Warning { message } => self.diagnostic("warning", AnsiColor::Yellow, &message),
            _ => {}
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.note(&format!("done in {}", seconds(self.started.elapsed())));
    }
}

/// What a layer said of a mutant, in a word.
fn heard(said: &Said) -> &'static str {
    match said {
        Said::Killed { .. } => "killed",
        Said::TimedOut { .. } => "timed out",
        Said::Survived => "survived",
        Said::Unreached => "unreached",
        Said::Cut { .. } => "cut",
    }
}

/// Columns of standard output where it is a terminal.
fn terminal_size(terminal: bool) -> Option<usize> {
    let (_, columns) = ::console::Term::stdout().size_checked()?;
    terminal.then_some(usize::from(columns))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
