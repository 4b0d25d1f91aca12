//! The live view.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Block, Cell, Gauge, Paragraph, Row, Sparkline, Table};
use ratatui::{DefaultTerminal, Frame};
use velox::pipeline::Options;
use velox::{Depth, Side};

use super::Failure;
use super::report::Report;
use super::run::{Flow, Observer};

/// Looks a second.
const TICK: Duration = Duration::from_millis(200);
/// Looks that the curve shows.
const HISTORY: usize = 200;
/// From this width on, the panels stand side by side.
const WIDE: u16 = 110;
const LEVELS: usize = 8;

/// Shows the pipeline until it ends, or a key stops it: whether one did.
pub(crate) fn show(
    flow: &mut Flow,
    observer: &mut Observer,
    options: &Options,
) -> Result<bool, Failure> {
    let failed = |error| Failure::Io(PathBuf::from("terminal"), error);
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let shown = run(&mut terminal, flow, observer, options);
    ratatui::restore();
    if shown.is_err() {
        flow.stop();
    }
    shown.map_err(failed)
}

fn run(
    terminal: &mut DefaultTerminal,
    flow: &mut Flow,
    observer: &mut Observer,
    options: &Options,
) -> std::io::Result<bool> {
    let mut view = View {
        options,
        history: VecDeque::with_capacity(HISTORY),
        depth: Depth::default(),
        draining: false,
    };
    let events = events();
    while !flow.wait_for_end(Duration::ZERO) {
        let report = observer.look(flow);
        if view.history.len() == HISTORY {
            view.history.pop_front();
        }
        view.history.push_back(report.output_per_s);
        observer.reader.depth_into(LEVELS, &mut view.depth);
        terminal.draw(|frame| view.draw(frame, &report))?;
        let next = Instant::now() + TICK;
        loop {
            let left = next.saturating_duration_since(Instant::now());
            match events.recv_timeout(left) {
                Ok(event) if stops(&event) => {
                    view.draining = true;
                    flow.stop();
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(left);
                    break;
                }
            }
        }
    }
    Ok(view.draining)
}

/// What the terminal sends. A thread of its own reads it, which ends with the process: where the terminal is gone,
/// crossterm's `poll` never returns.
fn events() -> Receiver<Event> {
    let (send, receive) = channel();
    thread::spawn(move || while event::read().is_ok_and(|event| send.send(event).is_ok()) {});
    receive
}

fn stops(event: &Event) -> bool {
    let Event::Key(key) = event else {
        return false;
    };
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => true,
        KeyCode::Char('c') => key.modifiers.contains(KeyModifiers::CONTROL),
        _ => false,
    }
}

struct View<'a> {
    options: &'a Options,
    /// Transactions put out a second, at the last looks.
    history: VecDeque<u64>,
    depth: Depth,
    draining: bool,
}

impl View<'_> {
    fn draw(&self, frame: &mut Frame<'_>, report: &Report) {
        let [head, body] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(frame.area());
        self.head(frame, head, report);
        if body.width >= WIDE {
            let [left, right] =
                Layout::horizontal([Constraint::Min(70), Constraint::Length(40)]).areas(body);
            let [rates, latencies, rings] = Layout::vertical([
                Constraint::Min(8),
                Constraint::Length(7),
                Constraint::Length(7),
            ])
            .areas(left);
            let [counts, book] =
                Layout::vertical([Constraint::Length(13), Constraint::Min(0)]).areas(right);
            self.rates(frame, rates, report);
            latency_table(frame, latencies, report);
            self.rings(frame, rings, report);
            self.counts(frame, counts, report);
            self.book(frame, book, report);
        } else {
            let [rates, latencies, rings, below] = Layout::vertical([
                Constraint::Length(4),
                Constraint::Length(7),
                Constraint::Length(5),
                Constraint::Min(0),
            ])
            .areas(body);
            let [counts, book] =
                Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(below);
            self.rates(frame, rates, report);
            latency_table(frame, latencies, report);
            self.rings(frame, rings, report);
            self.counts(frame, counts, report);
            self.book(frame, book, report);
        }
    }

    fn head(&self, frame: &mut Frame<'_>, area: Rect, report: &Report) {
        let state = if self.draining { "draining" } else { "running" };
        let text = format!(
            " velox  {state}  {:.1} s  {} thread(s), {:?}, {:?}",
            report.elapsed_ns as f64 / 1e9,
            self.options.layout.threads(),
            self.options.wait,
            self.options.on_full,
        );
        frame.render_widget(Paragraph::new(text.to_lowercase()).reversed(), area);
        frame.render_widget(
            Paragraph::new(" q stops ")
                .reversed()
                .alignment(Alignment::Right),
            tail(area, 9),
        );
    }

    fn rates(&self, frame: &mut Frame<'_>, area: Rect, report: &Report) {
        let title = format!(
            " in {}/s  out {}/s ",
            thousands(report.generated_per_s),
            thousands(report.output_per_s)
        );
        let block = Block::bordered().title(title);
        let width = usize::from(block.inner(area).width);
        let shown: Vec<_> = self
            .history
            .iter()
            .copied()
            .skip(self.history.len().saturating_sub(width))
            .collect();
        frame.render_widget(
            Sparkline::default()
                .block(block)
                .data(shown)
                .style(Color::Cyan),
            area,
        );
    }

    fn rings(&self, frame: &mut Frame<'_>, area: Rect, report: &Report) {
        let block = Block::bordered().title(" rings ");
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let threads = self.options.layout.threads();
        if threads == 1 {
            frame.render_widget(Paragraph::new("none: one thread").dim(), inner);
            return;
        }
        let it = report.in_flight;
        let size = self.options.ring as u64;
        let rings = [
            ("to book", it.ring_book),
            ("to bundles", it.ring_bundles),
            ("to output", it.ring_output),
        ];
        let rows = Layout::vertical([Constraint::Length(1); 3]).split(inner);
        for ((name, held), row) in rings.into_iter().take(threads - 1).zip(rows.iter()) {
            let full = held as f64 / size as f64;
            let colour = if full > 0.9 { Color::Red } else { Color::Green };
            let gauge = Gauge::default()
                .ratio(full.clamp(0.0, 1.0))
                .label(format!("{name} {held} of {size}"))
                .gauge_style(Style::default().fg(colour));
            frame.render_widget(gauge, *row);
        }
    }

    fn counts(&self, frame: &mut Frame<'_>, area: Rect, report: &Report) {
        let drops = report.dropped;
        let flushes = report.flushes;
        let width = usize::from(area.width.saturating_sub(2)).min(34);
        let line = |name: &str, count: u64| {
            let rest = width.saturating_sub(name.len());
            Line::from(format!("{name}{:>rest$}", thousands(count)))
        };
        let mut lines = vec![
            line("generated", report.generated),
            line("put out", report.output),
        ];
        let (in_flight, lost) = (report.in_flight.total(), report.lost);
        if area.height >= 12 {
            lines.extend([
                line("in flight", in_flight),
                alarm(
                    format!("lost{lost:>rest$}", rest = width.saturating_sub(4)),
                    lost != 0,
                ),
                line("dropped newest", drops.newest),
                line("dropped oldest", drops.oldest),
                line("refused", drops.refused),
                line("bundles full", flushes.full),
                line("bundles timeout", flushes.timeout),
            ]);
        } else {
            let (full, timeout) = (thousands(flushes.full), thousands(flushes.timeout));
            lines.extend([
                alarm(format!("in flight {in_flight}, lost {lost}"), lost != 0),
                line("dropped", drops.total()),
                Line::from(format!("bundles {full} full, {timeout} late")),
            ]);
        }
        let block = Block::bordered().title(" transactions ");
        frame.render_widget(Paragraph::new(lines).block(block), area);
    }

    fn book(&self, frame: &mut Frame<'_>, area: Rect, report: &Report) {
        let block = Block::bordered().title(format!(" book of {} ", report.top.instrument));
        let levels = usize::from(block.inner(area).height.saturating_sub(1) / 2).max(1);
        let row = |side: Side, price: i32, quantity: u64| {
            let colour = if side == Side::Bid {
                Color::Green
            } else {
                Color::Red
            };
            let name = if side == Side::Bid { "bid" } else { "ask" };
            Row::new([name.to_owned(), price.to_string(), thousands(quantity)]).style(colour)
        };
        let asks = self
            .depth
            .asks
            .iter()
            .take(levels)
            .rev()
            .map(|it| row(Side::Ask, it.price.ticks(), it.quantity));
        let bids = self
            .depth
            .bids
            .iter()
            .take(levels)
            .map(|it| row(Side::Bid, it.price.ticks(), it.quantity));
        let table = Table::new(
            asks.chain(bids),
            [
                Constraint::Length(4),
                Constraint::Length(11),
                Constraint::Min(8),
            ],
        )
        .header(Row::new(["", "ticks", "quantity"]).dim())
        .block(block);
        frame.render_widget(table, area);
    }
}

/// A line that stands out where something is wrong.
fn alarm(text: String, wrong: bool) -> Line<'static> {
    let line = Line::from(text);
    if wrong { line.red().bold() } else { line }
}

fn latency_table(frame: &mut Frame<'_>, area: Rect, report: &Report) {
    let rows = report.latency_ns.all().map(|(timed, it)| {
        let times = [it.p50, it.p90, it.p99, it.p999, it.max].map(|ns| Cell::from(time(ns)));
        Row::new(std::iter::once(Cell::from(timed.name())).chain(times))
    });
    let table = Table::new(
        rows,
        [
            Constraint::Length(11),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Fill(1),
        ],
    )
    .header(Row::new(["", "p50", "p90", "p99", "p99.9", "max"]).dim())
    .block(Block::bordered().title(" latency since the last look "));
    frame.render_widget(table, area);
}

fn tail(area: Rect, width: u16) -> Rect {
    let width = width.min(area.width);
    Rect {
        x: area.right() - width,
        width,
        ..area
    }
}

/// A number with a space between each three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A time with two digits or three, and its unit.
fn time(ns: u64) -> String {
    let (number, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (ns as f64 / 1e3, "us"),
        1_000_000..1_000_000_000 => (ns as f64 / 1e6, "ms"),
        _ => (ns as f64 / 1e9, "s"),
    };
    let decimals = usize::from(number < 9.95);
    format!("{number:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::{thousands, time};

    #[test]
    fn numbers_are_grouped_and_times_have_units() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1 234 567");
        assert_eq!(
            [
                999,
                1_500,
                9_949,
                9_950,
                2_000_000,
                12_345_678,
                61_000_000_000
            ]
            .map(time),
            [
                "999 ns", "1.5 us", "9.9 us", "10 us", "2.0 ms", "12 ms", "61 s"
            ]
        );
    }
}
