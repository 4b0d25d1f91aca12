//! How many bytes a second a terminal takes, and how often it allocates meanwhile, for four kinds of output:
//! `cargo run --release -p termgrid --example throughput`.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use adversary::alloc::Scripted;
use adversary::countdown::run_counted;
use termgrid::{Color, Grid, Size, SizeError, Terminal};

#[global_allocator]
static HEAP: Scripted = Scripted::system();

const BYTES: usize = 4 << 20;
const ROUNDS: usize = 7;
const PIECE: usize = 64 << 10;

fn main() -> Result<(), SizeError> {
    println!("stream     MB/s (median of {ROUNDS})   allocations per MB");
    for (name, stream) in [
        ("plain", plain()),
        ("dense", dense()),
        ("unicode", unicode()),
        ("cursor", cursor()),
    ] {
        let mut terminal = Terminal::new(Size::new(24, 80)?, 1000);
        // All rows, those of the scrollback too, get their memory.
        feed(&mut terminal, &"e\u{301}\r\n".repeat(1100));
        feed(&mut terminal, &stream);
        let allocations = run_counted(|| feed(&mut terminal, &stream)).allocations;
        let time = median(|| feed(&mut terminal, &stream));
        let megabytes = stream.len() as f64 / 1e6;
        println!(
            "{name:10} {:22.0} {:20.2}",
            megabytes / time.as_secs_f64(),
            allocations as f64 / megabytes
        );
    }
    println!("scroll of one screen: {:.1} ns", scroll()?);
    Ok(())
}

fn feed(terminal: &mut Terminal, stream: &str) {
    for piece in stream.as_bytes().chunks(PIECE) {
        terminal.process(black_box(piece));
    }
}

fn median(mut operation: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            operation();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn scroll() -> Result<f64, SizeError> {
    const TIMES: u32 = 1_000_000;
    let mut grid = Grid::new(Size::new(50, 200)?, 1000);
    let mut operation = || {
        for _ in 0..TIMES {
            grid.scroll_up(0..50, black_box(1), Color::Default);
        }
    };
    operation();
    Ok(median(operation).as_secs_f64() * 1e9 / f64::from(TIMES))
}

/// Lines of ASCII, as a compiler or `cat` writes them.
fn plain() -> String {
    generate(|random, text| {
        let length = 20 + random.below(80);
        text.extend((0..length).map(|_| char::from(b' ' + random.below(95) as u8)));
        text.push_str("\r\n");
    })
}

/// Each word in colours of its own.
fn dense() -> String {
    generate(|random, text| {
        let (color, word) = (random.below(256), 1 + random.below(6));
        _ = match random.below(4) {
            0 => write!(text, "\x1b[{}m", 30 + color % 8),
            1 => write!(text, "\x1b[1;38;5;{color}m"),
            2 => write!(
                text,
                "\x1b[38;2;{color};{};{}m",
                random.below(256),
                random.below(256)
            ),
            _ => write!(text, "\x1b[0;48;5;{color}m"),
        };
        text.extend((0..word).map(|_| char::from(b'a' + random.below(26) as u8)));
        if random.below(16) == 0 {
            text.push_str("\x1b[0m\r\n");
        }
    })
}

/// Latin letters with marks, Greek, Cyrillic, CJK, emoji, box drawing, combining characters.
fn unicode() -> String {
    const RANGES: [(u32, u32); 7] = [
        (0xe0, 0xff),
        (0x3b1, 0x3c9),
        (0x430, 0x44f),
        (0x4e00, 0x9fff),
        (0x1f600, 0x1f64f),
        (0x2500, 0x257f),
        (0x61, 0x7a),
    ];
    generate(|random, text| {
        let (first, last) = RANGES[random.below(RANGES.len())];
        for _ in 0..1 + random.below(12) {
            text.extend(char::from_u32(
                first + random.below((last - first + 1) as usize) as u32,
            ));
        }
        match random.below(8) {
            0 => text.push('\u{301}'),
            1 => text.push_str("\r\n"),
            _ => text.push(' '),
        }
    })
}

/// What a full-screen program writes: moves, erasures, scrolling parts, few characters.
fn cursor() -> String {
    generate(|random, text| {
        _ = match random.below(8) {
            0..4 => write!(
                text,
                "\x1b[{};{}H",
                1 + random.below(24),
                1 + random.below(80)
            ),
            4 => write!(
                text,
                "\x1b[{}{}",
                1 + random.below(4),
                ['A', 'B', 'C', 'D'][random.below(4)]
            ),
            5 => write!(text, "\x1b[K"),
            6 => write!(
                text,
                "\x1b[{}X\x1b[{}P",
                1 + random.below(9),
                1 + random.below(9)
            ),
            _ => write!(text, "\x1b[5;20r\x1b[20;1H\n\x1b[r"),
        };
        text.extend((0..random.below(8)).map(|_| char::from(b'a' + random.below(26) as u8)));
    })
}

fn generate(mut add: impl FnMut(&mut Random, &mut String)) -> String {
    let (mut random, mut text) = (
        Random(0x9e37_79b9_7f4a_7c15),
        String::with_capacity(BYTES + 256),
    );
    while text.len() < BYTES {
        add(&mut random, &mut text);
    }
    text
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }
}
