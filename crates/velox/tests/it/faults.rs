//! A file of each kind of fault, from outside: the exit code, the offset, and what to do about it.

use std::process::Output;

use serde_json::Value;
use velox::Side;
use velox::itch::{
    AddAttributedOrder, AddOrder, DAY_NS, MAX_PRICE, OrderCancel, OrderDelete, OrderExecuted,
    OrderExecutedWithPrice, OrderReplace, YesNo,
};

use crate::itch::support::{at, file_of, participant, symbol};
use crate::program::{check, file, lines, velox};

fn add(order: u64, shares: u32) -> Vec<u8> {
    let stock = symbol("AAPL");
    file_of(&AddOrder::new(
        at(7, 3),
        order,
        Side::Bid,
        shares,
        stock,
        10,
    ))
}

/// `file`, changed at one place.
fn with(mut file: Vec<u8>, place: usize, bytes: &[u8]) -> Vec<u8> {
    file[place..place + bytes.len()].copy_from_slice(bytes);
    file
}

/// What is in front of each fault: orders of 100 and of 50 shares.
fn before() -> Vec<u8> {
    [add(1, 100), add(2, 50)].concat()
}

/// What is behind it.
fn behind() -> Vec<u8> {
    file_of(&OrderCancel::new(at(7, 4), 2, 5)).repeat(4)
}

/// One fault, and how it is told.
struct Case {
    bytes: Vec<u8>,
    told: &'static str,
    /// Whether the file ends with it.
    is_end: bool,
}

fn case(bytes: Vec<u8>, told: &'static str) -> Case {
    let is_end = false;
    Case {
        bytes,
        told,
        is_end,
    }
}

fn end(bytes: &[u8], told: &'static str) -> Case {
    Case {
        is_end: true,
        ..case(bytes.to_vec(), told)
    }
}

/// What is no message.
fn malformed() -> Vec<Case> {
    let next = || add(3, 10);
    vec![
        end(&next()[..1], "the file ends within a length at byte 76"),
        end(
            &next()[..2],
            "the file ends after 0 of 36 bytes of a message at byte 76",
        ),
        end(
            &next()[..37],
            "the file ends after 35 of 36 bytes of a message at byte 76",
        ),
        case(
            with(next(), 2, b"!"),
            "unknown type '!' of 36 bytes at byte 76",
        ),
        case(
            with(next(), 0, &[0, 35]),
            "message 'A' of 35 bytes at byte 76",
        ),
        case(
            with(next(), 0, &[0, 51]),
            "a message of 51 bytes at byte 76",
        ),
        case(
            with(next(), 0, &[255; 2]),
            "a message of 65535 bytes at byte 76",
        ),
        case(b"\0\0!".to_vec(), "a message without length at byte 76"),
        case(
            with(next(), 7, &DAY_NS.to_be_bytes()[2..]),
            "message 'A' with a time of 86400000000000 ns at byte 76",
        ),
        case(
            with(next(), 21, b"!"),
            "message 'A' with an invalid side at byte 76",
        ),
        case(
            with(next(), 34, &(MAX_PRICE + 1).to_be_bytes()),
            "message 'A' with an invalid price at byte 76",
        ),
    ]
}

/// What is a message, and can't be true.
fn impossible() -> Vec<Case> {
    let (unknown, header) = ("order 9: no order has the reference at byte 76", at(7, 3));
    let excess = "order 1: more than the 100 that are left of the order was to be taken at byte 76";
    let taken = "an order has the reference already at byte 76";
    let (stock, whose, yes) = (symbol("AAPL"), participant("VELX"), YesNo::Yes);
    let attributed = AddAttributedOrder::new(header, 1, Side::Ask, 10, stock, 10, whose);
    let executed_at = |order, shares| {
        file_of(&OrderExecutedWithPrice::new(
            header, order, shares, 1, yes, 9,
        ))
    };
    let replaced = |order, new, shares| file_of(&OrderReplace::new(header, order, new, shares, 12));
    vec![
        case(file_of(&OrderExecuted::new(header, 9, 1, 1)), unknown),
        case(executed_at(9, 1), unknown),
        case(file_of(&OrderCancel::new(header, 9, 1)), unknown),
        case(file_of(&OrderDelete::new(header, 9)), unknown),
        case(replaced(9, 3, 1), unknown),
        case(file_of(&OrderExecuted::new(header, 1, 101, 1)), excess),
        case(executed_at(1, 101), excess),
        case(file_of(&OrderCancel::new(header, 1, u32::MAX)), excess),
        case(add(1, 10), taken),
        case(file_of(&attributed), taken),
        case(replaced(1, 2, 10), taken),
        case(add(3, 0), "order 3: the quantity is 0 at byte 76"),
        case(
            file_of(&OrderDelete::new(at(8, 3), 1)),
            "order 1: the order is of instrument 7 at byte 76",
        ),
    ]
}

fn replay(name: &str, bytes: &[u8], more: &[&str]) -> (Output, String) {
    let path = file("faults", name);
    std::fs::write(&path, bytes).expect("the bad day");
    let run = velox()
        .arg("replay")
        .arg(&path)
        .args(["--speed", "max", "--json", "--wait", "park"])
        .args(more)
        .output()
        .expect("the program starts");
    (run, format!("velox: {}: ", path.display()))
}

fn last(output: &Output) -> Value {
    let mut lines = lines(&output.stdout);
    lines.iter().for_each(check);
    lines.pop().expect("a last line")
}

/// How many transactions were refused, by cause.
fn refused(last: &Value) -> u64 {
    let all = last["refused"].as_object().expect("causes");
    all.values().filter_map(Value::as_u64).sum()
}

#[test]
fn a_fault_of_each_kind_stops_with_its_offset_and_the_books_of_what_came_before() {
    let (clean, _) = replay("clean.itch", &before(), &[]);
    let hash = last(&clean)["book_hash"].clone();
    for (number, case) in malformed().into_iter().chain(impossible()).enumerate() {
        let rest = if case.is_end { Vec::new() } else { behind() };
        let bytes = [before(), case.bytes, rest].concat();
        for stages in ["fused", "2", "4"] {
            let name = format!("stop-{number}-{stages}.itch");
            let (output, path) = replay(&name, &bytes, &["--stages", stages]);
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{told}");
            assert!(told.starts_with(&path), "{told}");
            assert!(
                told.contains(&format!("{}; `--on-fault resync` ", case.told)),
                "{told}"
            );
            assert_eq!(told.lines().count(), 1, "{told}");
            let last = last(&output);
            assert_eq!(last["ended_by"], "fault", "{}", case.told);
            assert_eq!(last["lost"], 0, "{}", case.told);
            // The first half of a replacement whose new reference is taken came before the fault.
            if case.told.starts_with("an order") && last["output"] == 3 {
                continue;
            }
            assert_eq!(
                (&last["output"], &last["book_hash"]),
                (&Value::from(2), &hash)
            );
        }
    }
}

#[test]
fn what_is_malformed_is_counted_where_reading_goes_on() {
    for (number, case) in malformed().into_iter().enumerate() {
        let rest = if case.is_end { Vec::new() } else { behind() };
        let bytes = [before(), case.bytes.clone(), rest].concat();
        let name = format!("resync-{number}.itch");
        let (output, _) = replay(&name, &bytes, &["--on-fault", "resync"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), &*told),
            (Some(0), ""),
            "{}",
            case.told
        );
        let last = last(&output);
        let input = &last["input"];
        assert_eq!(input["faults"], 1, "{}", case.told);
        assert_eq!(input["bytes"], bytes.len(), "{}", case.told);
        assert_eq!(input["skipped_bytes"], case.bytes.len(), "{}", case.told);
        let output = if case.is_end { 2 } else { 6 };
        assert_eq!((&last["output"], refused(&last)), (&Value::from(output), 0));
    }
}

#[test]
fn what_can_not_be_true_is_counted_by_cause_where_reading_goes_on() {
    for (number, case) in impossible().into_iter().enumerate() {
        let bytes = [before(), case.bytes, behind()].concat();
        let name = format!("impossible-{number}.itch");
        let (output, _) = replay(&name, &bytes, &["--on-fault", "resync"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), &*told),
            (Some(0), ""),
            "{}",
            case.told
        );
        let last = last(&output);
        assert_eq!(
            (&last["ended_by"], &last["input"]["faults"]),
            (&"end".into(), &0.into())
        );
        let refused = refused(&last);
        assert_eq!(last["dropped"]["refused"], refused);
        assert!((1..=2).contains(&refused), "{}", case.told);
        assert_eq!(last["refused"]["behind"], 0);
    }
}

/// Where transactions are dropped, those that the books refuse are missing what was dropped: no fault of the file.
#[test]
fn what_is_refused_is_no_fault_of_the_file_where_transactions_are_dropped() {
    for on_full in ["drop-newest", "drop-oldest"] {
        let unknown = file_of(&OrderDelete::new(at(7, 3), 9));
        let bytes = [before(), unknown, behind()].concat();
        let name = format!("{on_full}.itch");
        let (output, _) = replay(&name, &bytes, &["--on-full", on_full]);
        assert_eq!(output.status.code(), Some(0));
        let last = last(&output);
        assert_eq!(last["ended_by"], "end");
        assert_eq!((&last["output"], refused(&last)), (&6.into(), 1));
    }
}

#[cfg(unix)]
#[test]
fn where_a_file_can_not_be_read_twice_the_transaction_is_named() {
    let fifo = file("faults", "fifo");
    drop(std::fs::remove_file(&fifo));
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    if !made.is_ok_and(|it| it.success()) {
        println!("not run: there is no mkfifo");
        return;
    }
    let child = velox()
        .arg("replay")
        .arg(&fifo)
        .args(["--speed", "max"])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let unknown = file_of(&OrderDelete::new(at(7, 3), 9));
    std::fs::write(&fifo, [before(), unknown].concat()).expect("the program reads it");
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(
        told.contains("no order has the reference in transaction 2, from 0 on; "),
        "{told}"
    );
}
