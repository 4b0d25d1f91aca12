//! The profile for pprof, read by a reader of its wire format, and by `protoc` where there is one.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::{not_run, report_of, without_stacks};

/// A field of a message: its number, and its value.
enum Value<'bytes> {
    Number(u64),
    Bytes(&'bytes [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().expect("a varint ends");
        *bytes = rest;
        value |= u64::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return value;
        }
    }
    panic!("a varint has at most ten bytes");
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut bytes)),
            2 => {
                let length = varint(&mut bytes) as usize;
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                Value::Bytes(value)
            }
            other => panic!("wire type {other}"),
        };
        fields.push((tag >> 3, value));
    }
    fields
}

fn messages(bytes: &[u8], field: u64) -> Vec<&[u8]> {
    let found = fields(bytes).into_iter();
    found
        .filter_map(|(number, value)| match value {
            Value::Bytes(bytes) if number == field => Some(bytes),
            _ => None,
        })
        .collect()
}

fn number(bytes: &[u8], field: u64) -> u64 {
    let mut found = fields(bytes).into_iter();
    found
        .find_map(|(number, value)| match value {
            Value::Number(value) if number == field => Some(value),
            _ => None,
        })
        .unwrap_or_default()
}

fn packed(bytes: &[u8], field: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    for mut part in messages(bytes, field) {
        while !part.is_empty() {
            numbers.push(varint(&mut part));
        }
    }
    numbers
}

#[test]
fn samples_lead_to_functions_files_and_lines() {
    if without_stacks() {
        return;
    }
    let report = report_of("pprof");
    let profile = report.to_pprof();
    let texts: Vec<&str> = messages(&profile, 6)
        .into_iter()
        .map(|text| std::str::from_utf8(text).unwrap())
        .collect();
    let text = |message: &[u8], field| texts[number(message, field) as usize];
    assert_eq!(texts[0], "");
    let types: Vec<_> = messages(&profile, 1)
        .into_iter()
        .map(|kind| (text(kind, 1), text(kind, 2)))
        .collect();
    assert_eq!(
        types,
        [("inuse_objects", "count"), ("inuse_space", "bytes")]
    );
    assert_eq!(text(&profile, 14), "inuse_space");
    let functions: HashMap<u64, &[u8]> = by_number(messages(&profile, 5));
    let locations: HashMap<u64, &[u8]> = by_number(messages(&profile, 4));
    let samples = messages(&profile, 2);
    let untold = report.untold();
    assert_eq!(
        samples.len(),
        report.sites().len() + usize::from(untold.blocks != 0)
    );
    for (sample, site) in samples.iter().zip(report.sites()) {
        assert_eq!(packed(sample, 2), [site.blocks, site.bytes]);
        let mut told = Vec::new();
        for location in packed(sample, 1) {
            let location = locations[&location];
            for line in messages(location, 4) {
                let function = functions[&number(line, 1)];
                let place = (text(function, 2), text(function, 4), number(line, 2));
                told.push((number(location, 3), place));
            }
        }
        let frames: Vec<String> = site.frames.iter().map(|frame| frame.name()).collect();
        let expected: Vec<_> = site
            .frames
            .iter()
            .zip(&frames)
            .map(|(frame, name)| {
                let file = frame.file.as_deref().unwrap_or_default();
                let line = frame.line.unwrap_or_default();
                (frame.address as u64, (name.as_str(), file, u64::from(line)))
            })
            .collect();
        assert_eq!(told, expected);
    }
}

fn by_number(messages: Vec<&[u8]>) -> HashMap<u64, &[u8]> {
    let count = messages.len();
    let numbered: HashMap<_, _> = messages.into_iter().map(|it| (number(it, 1), it)).collect();
    assert_eq!(numbered.len(), count);
    assert!(!numbered.contains_key(&0));
    numbered
}

/// The fields of `profile.proto` that are written here.
const SCHEMA: &str = r#"
syntax = "proto3";
message Profile {
  repeated ValueType sample_type = 1;
  repeated Sample sample = 2;
  repeated Location location = 4;
  repeated Function function = 5;
  repeated string string_table = 6;
  int64 time_nanos = 9;
  int64 default_sample_type = 14;
}
message ValueType { int64 type = 1; int64 unit = 2; }
message Sample { repeated uint64 location_id = 1; repeated int64 value = 2; }
message Location { uint64 id = 1; uint64 mapping_id = 2; uint64 address = 3; repeated Line line = 4; }
message Line { uint64 function_id = 1; int64 line = 2; }
message Function { uint64 id = 1; int64 name = 2; int64 system_name = 3; int64 filename = 4; }
"#;

#[test]
fn protoc_reads_every_field() {
    if cfg!(miri) {
        return not_run("needs processes");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("profile.proto"), SCHEMA).unwrap();
    let started = Command::new("protoc")
        .args(["--decode=Profile", "profile.proto"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut protoc) = started else {
        return not_run("needs protoc, of protobuf-compiler");
    };
    let profile = report_of("pprof by protoc").to_pprof();
    let mut input = protoc.stdin.take().unwrap();
    input.write_all(&profile).unwrap();
    drop(input);
    let output = protoc.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("string_table: \"inuse_space\""), "{text}");
    // What the schema does not know is shown by its number alone.
    let is_unknown = |line: &str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    assert!(!text.lines().any(is_unknown), "{text}");
}
