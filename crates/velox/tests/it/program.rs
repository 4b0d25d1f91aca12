//! The program, from outside.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) fn velox() -> Command {
    Command::new(env!("CARGO_BIN_EXE_velox"))
}

fn run(arguments: &[&str]) -> Output {
    velox()
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// A file of this name in a folder of this test's own.
pub(crate) fn file(test: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder.join(name)
}

fn day(test: &str, messages: &str) -> PathBuf {
    let path = file(test, "day.itch");
    let made = velox()
        .args(["gen", "--messages", messages, "--seed", "7"])
        .arg(&path)
        .output();
    assert!(made.expect("the program starts").status.success());
    path
}

pub(crate) fn lines(output: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(output);
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

/// Counts again what the program says adds up.
pub(crate) fn check(line: &Value) {
    let number = |pointer: &str| {
        line.pointer(pointer)
            .and_then(Value::as_u64)
            .expect(pointer)
    };
    let places = [
        "ingress",
        "ring_book",
        "ring_bundles",
        "bundle",
        "ring_output",
    ];
    let in_flight: u64 = places
        .iter()
        .map(|it| number(&format!("/in_flight/{it}")))
        .sum();
    let dropped: u64 = ["newest", "oldest", "refused"]
        .iter()
        .map(|it| number(&format!("/dropped/{it}")))
        .sum();
    assert_eq!(
        number("/generated"),
        number("/output") + dropped + in_flight,
        "{line}"
    );
    assert_eq!(line["lost"], 0, "{line}");
}

#[test]
fn the_same_day_ends_with_the_same_books_on_any_number_of_stages() {
    let day = day("stages", "20000");
    let mut hashes = Vec::new();
    for stages in ["fused", "2", "4"] {
        let replay = velox()
            .arg("replay")
            .arg(&day)
            .args(["--speed", "max", "--json", "--stages", stages])
            .output();
        let output = replay.expect("the program starts");
        assert!(output.status.success());
        let lines = lines(&output.stdout);
        lines.iter().for_each(check);
        let last = lines.last().expect("a last line");
        assert_eq!(last["input"]["messages"], 20_000);
        assert_eq!(last["in_flight"]["total"], 0);
        hashes.push((
            last["book_hash"].clone(),
            last["output_hash"].clone(),
            last["output"].clone(),
        ));
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1);
}

#[test]
fn every_line_of_a_run_adds_up_whatever_is_dropped() {
    for on_full in ["block", "drop-newest", "drop-oldest"] {
        let output = run(&[
            "run",
            "--count",
            "60000",
            "--speed",
            "max",
            "--stages",
            "4",
            "--ring",
            "32",
            "--on-full",
            on_full,
            "--wait",
            "park",
            "--interval",
            "2ms",
            "--json",
        ]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let lines = lines(&output.stdout);
        lines.iter().for_each(check);
        let last = lines.last().expect("a last line");
        assert_eq!(
            (&last["generated"], &last["ended_by"]),
            (&Value::from(60_000), &Value::from("count"))
        );
    }
}

/// How many signals are sent: `VELOX_SIGNALS=1000` for the long run.
#[cfg(unix)]
fn signals() -> u64 {
    let asked = std::env::var("VELOX_SIGNALS").ok();
    asked.and_then(|it| it.parse().ok()).unwrap_or(12)
}

#[cfg(unix)]
#[test]
fn a_signal_at_any_moment_drains_and_loses_nothing() {
    use rustix::process::{Pid, Signal, kill_process};
    // A linear congruential generator (Knuth's MMIX) is random enough for moments.
    let mut random = 7_u64;
    for round in 0..signals() {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let stages = ["fused", "2", "4"][(round % 3) as usize];
        let on_full = ["block", "drop-newest", "drop-oldest"][(round / 3 % 3) as usize];
        let speed = ["recorded", "max"][(round / 9 % 2) as usize];
        let mut child = velox()
            .args([
                "run",
                "--rate",
                "300k",
                "--json",
                "--interval",
                "1ms",
                "--wait",
                "park",
                "--ring",
                "64",
            ])
            .args(["--stages", stages, "--on-full", on_full, "--speed", speed])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut text = String::new();
        for _ in 0..=random >> 61 {
            out.read_line(&mut text).expect("a line");
        }
        // A moment between two lines.
        for _ in 0..random >> 44 {
            std::hint::spin_loop();
        }
        let pid = Pid::from_raw(child.id().cast_signed()).expect("a process");
        let signal = if random & 1 << 40 == 0 {
            Signal::INT
        } else {
            Signal::TERM
        };
        kill_process(pid, signal).expect("it runs");
        out.read_to_string(&mut text).expect("what it says");
        assert!(child.wait().expect("it ends").success());
        let lines = lines(text.as_bytes());
        lines.iter().for_each(check);
        let last = lines.last().expect("a last line");
        assert_eq!(
            (&last["ended_by"], &last["in_flight"]["total"]),
            (&Value::from("signal"), &Value::from(0))
        );
        if on_full == "block" {
            assert_eq!(last["generated"], last["output"]);
        }
    }
}

#[test]
fn a_malformed_day_stops_with_its_offset_or_goes_on_and_counts() {
    let day = day("malformed", "1000");
    let mut bytes = std::fs::read(&day).expect("the day");
    // Behind the first message: a type that there is not.
    let at = 2 + usize::from(bytes[1]);
    bytes[at + 2] = b'!';
    let broken = file("malformed", "broken.itch");
    std::fs::write(&broken, bytes).expect("the broken day");
    let replay = |more: &[&str]| {
        let run = velox()
            .arg("replay")
            .arg(&broken)
            .args(["--speed", "max", "--json"])
            .args(more)
            .output();
        run.expect("the program starts")
    };
    let stopped = replay(&[]);
    assert_eq!(stopped.status.code(), Some(3));
    let told = String::from_utf8_lossy(&stopped.stderr);
    assert!(told.contains(&format!("at byte {at}")), "{told}");
    assert_eq!(
        lines(&stopped.stdout).last().expect("a last line")["ended_by"],
        "fault"
    );

    let went_on = replay(&["--on-fault", "resync"]);
    assert_eq!(went_on.status.code(), Some(0));
    let lines = lines(&went_on.stdout);
    let input = &lines.last().expect("a last line")["input"];
    assert_eq!(
        (&input["faults"], &input["messages"]),
        (&Value::from(1), &Value::from(999))
    );
}

#[test]
fn what_is_wrong_with_the_arguments_is_said_with_its_exit_code() {
    let told = |arguments: &[&str]| {
        let output = run(arguments);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(told(&["run", "--rate", "0"]).0, Some(2));
    assert_eq!(told(&["run", "--source", "tape:1"]).0, Some(2));
    let (code, text) = told(&["run", "--count", "1", "--bundle-max", "17"]);
    assert_eq!(
        (code, text.as_str()),
        (
            Some(2),
            "velox: bundles have 1 to 16 transactions, not 17\n"
        )
    );
    let (code, text) = told(&["replay", "there-is-no-such-day"]);
    assert_eq!(code, Some(4));
    assert!(text.starts_with("velox: there-is-no-such-day: "), "{text}");
    if !velox::affinity::processors().is_empty() {
        assert_eq!(told(&["run", "--count", "1", "--pin=99999"]).0, Some(5));
    }
}

#[test]
fn a_configuration_file_has_the_options_and_the_command_line_wins() {
    let config = file("config", "velox.toml");
    std::fs::write(
        &config,
        "speed = \"max\"\ncount = 500\njson = true\nseed = 3\n",
    )
    .expect("the file");
    let path = config.to_str().expect("a path in UTF-8");
    let last = |more: &[&str]| {
        let arguments: Vec<_> = ["run", "--config", path]
            .iter()
            .chain(more)
            .copied()
            .collect();
        let output = run(&arguments);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        lines(&output.stdout).pop().expect("a last line")
    };
    assert_eq!(last(&[])["generated"], 500);
    assert_eq!(last(&["--count", "70"])["generated"], 70);
    assert_ne!(last(&[])["book_hash"], last(&["--seed", "4"])["book_hash"]);

    std::fs::write(&config, "speeed = \"max\"\n").expect("the file");
    let refused = run(&["run", "--config", path]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--speeed"));
}

#[cfg(unix)]
#[test]
fn the_metrics_are_served_on_the_loopback() {
    use rustix::process::{Pid, Signal, kill_process};
    let mut child = velox()
        .args([
            "run",
            "--rate",
            "50k",
            "--json",
            "--interval",
            "5ms",
            "--wait",
            "park",
            "--metrics-addr",
            "0",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut told = String::new();
    let mut errors = BufReader::new(child.stderr.take().expect("it is piped"));
    errors.read_line(&mut told).expect("the address");
    let address = told
        .trim()
        .rsplit_once("http://")
        .and_then(|it| it.1.strip_suffix("/metrics"))
        .expect("an address");
    assert!(address.starts_with("127.0.0.1:"));
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut text = String::new();
    // The page is made before its line is written.
    out.read_line(&mut text).expect("a first line");
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").expect("it reads");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("it answers");
        page
    };
    let page = ask("/metrics");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    for name in [
        "velox_transactions_generated_total ",
        "velox_transactions_lost 0",
        "velox_bundles_total{reason=\"full\"}",
    ] {
        assert!(page.contains(name), "{page}");
    }
    assert!(ask("/").starts_with("HTTP/1.1 404 "));
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a process");
    kill_process(pid, Signal::INT).expect("it runs");
    out.read_to_string(&mut text).expect("what it says");
    assert!(child.wait().expect("it ends").success());
    lines(text.as_bytes()).iter().for_each(check);
}

#[test]
fn a_live_view_whose_terminal_goes_away_ends() {
    let fifo = file("terminal", "alive");
    let tmux = |arguments: &[&str]| {
        let mut command = Command::new("tmux");
        command.args(["-L", "velox-terminal", "-f", "/dev/null"]);
        command.args(arguments).output()
    };
    drop(std::fs::remove_file(&fifo));
    let made = Command::new("mkfifo").arg(&fifo).status();
    if !made.is_ok_and(|it| it.success()) || tmux(&["-V"]).is_err() {
        println!("not run: there is no tmux or no mkfifo");
        return;
    }
    let (program, fifo_name) = (env!("CARGO_BIN_EXE_velox"), fifo.display());
    let view = format!("exec '{program}' run --rate 1k --tui 3> '{fifo_name}'");
    let started = tmux(&["new-session", "-d", "-x", "80", "-y", "24", &view]);
    assert!(started.is_ok_and(|it| it.status.success()));
    // It has the other end open for as long as it lives.
    let mut alive = std::fs::File::open(&fifo).expect("the program opens it too");
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(alive.read_to_end(&mut Vec::new())));
    let shown = || tmux(&["capture-pane", "-p"]).expect("tmux is there").stdout;
    while !String::from_utf8_lossy(&shown()).contains("q stops") {
        std::thread::yield_now();
    }
    assert!(tmux(&["kill-server"]).is_ok_and(|it| it.status.success()));
    let end = end.recv_timeout(std::time::Duration::from_secs(120));
    assert!(end.is_ok(), "it goes on without a terminal");
}

#[test]
fn latencies_are_written_for_the_plotter() {
    let path = file("hgrm", "end.hgrm");
    let output = run(&[
        "run",
        "--count",
        "5000",
        "--speed",
        "max",
        "--hgrm",
        path.to_str().expect("a path in UTF-8"),
    ]);
    assert!(output.status.success());
    let text = std::fs::read_to_string(path).expect("the file");
    assert!(
        text.contains("1/(1-Percentile)") && text.contains("Total count    =         5000]"),
        "{text}"
    );
}
