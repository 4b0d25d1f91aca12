//! Stack frames as the sanitizers and Rust's own backtraces print them.

use assay_evidence::Frame;

/// Reads `    #3 0x55d8 in core::ptr::read<u8> /path/lib.rs:5:50 (module+0x12) (BuildId: ..)`, the
/// form of ASan and LSan, and the same without address and `in`, the form of TSan.
pub(crate) fn sanitizer(line: &str) -> Option<Frame> {
    let rest = line.trim_start().strip_prefix('#')?;
    let (number, rest) = rest.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let rest = match rest.trim_start().strip_prefix("0x") {
        Some(addressed) => addressed.split_once(" in ").map_or("", |(_, rest)| rest),
        None => rest,
    };
    let rest = without_module(rest.trim());
    if rest.is_empty() {
        return None;
    }
    let (function, place) = split_place(rest);
    let (file, line, column) = place.map_or((None, None, None), location);
    Some(Frame {
        function: tidy_function(function),
        file,
        line,
        column,
    })
}

/// Reads the frames of a Rust backtrace: a numbered function, then `at file:line:column`.
pub(crate) fn rust_backtrace(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut().filter(|frame| frame.file.is_none()) {
                (frame.file, frame.line, frame.column) = location(place);
            }
        } else if let Some(function) = numbered(line) {
            frames.push(Frame {
                function: tidy_function(function),
                file: None,
                line: None,
                column: None,
            });
        }
    }
    frames
}

/// Splits `file:line:column` or `file:line`; Miri's `file:5:1: 5:9` too.
pub(crate) fn location(place: &str) -> (Option<String>, Option<u32>, Option<u32>) {
    let place = place.trim();
    if place.ends_with('?') {
        return (None, None, None);
    }
    let place = match place.rsplit_once(": ") {
        Some((start, _)) => start,
        None => place,
    };
    let (rest, last) = split_number(place);
    let (file, first) = split_number(rest);
    let file = Some(file)
        .filter(|file| !file.is_empty() && *file != "<null>" && *file != "??")
        .map(str::to_owned);
    match (first, last) {
        (Some(line), column) => (file, Some(line), column.filter(|column| *column > 0)),
        (None, line) => (file, line.filter(|line| *line > 0), None),
    }
}

/// Cuts a stack where the audited program ends and the test harness begins.
pub(crate) fn drop_harness(frames: &mut Vec<Frame>) {
    let starts = |frame: &Frame| {
        let function = frame.function.trim_start_matches('<');
        function.contains("__rust_begin_short_backtrace")
            || function.starts_with("test::run_test")
            || function.starts_with("std::rt::lang_start")
    };
    if let Some(end) = frames.iter().position(starts).filter(|end| *end > 0) {
        frames.truncate(end);
    }
}

/// The function without the hash that legacy mangling appends.
pub(crate) fn tidy_function(function: &str) -> String {
    let function = function.trim();
    match function.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            path.to_owned()
        }
        _ => function.to_owned(),
    }
}

fn numbered(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once(": ")?;
    number.parse::<u32>().ok()?;
    let rest = rest.trim_start();
    // `RUST_BACKTRACE=full` puts the address in front.
    Some(match rest.split_once(" - ") {
        Some((address, function)) if address.starts_with("0x") => function,
        _ => rest,
    })
}

fn without_module(mut text: &str) -> &str {
    while text.ends_with(')') {
        let Some(open) = text.rfind(" (") else { break };
        let group = &text[open + 2..text.len() - 1];
        if !(group.starts_with("BuildId: ") || group.contains("+0x")) {
            break;
        }
        text = text[..open].trim_end();
    }
    match text.strip_prefix('(') {
        // A frame that has nothing but its module.
        Some(module) if module.contains("+0x") => "",
        _ => text,
    }
}

/// The path starts at the first ` /`: a Rust path may hold blanks, but never before a slash.
fn split_place(text: &str) -> (&str, Option<&str>) {
    if let Some(at) = text.find(" /") {
        return (&text[..at], Some(&text[at + 1..]));
    }
    match text.rsplit_once(' ') {
        Some((function, place)) if place == "<null>" || has_line(place) => (function, Some(place)),
        _ => (text, None),
    }
}

fn has_line(place: &str) -> bool {
    split_number(place).1.is_some()
}

fn split_number(text: &str) -> (&str, Option<u32>) {
    match text.rsplit_once(':') {
        Some((rest, digits)) => match digits.parse() {
            Ok(number) => (rest, Some(number)),
            Err(_) => (text, None),
        },
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, file: &str, line: u32, column: u32) -> Frame {
        Frame {
            function: function.to_owned(),
            file: Some(file.to_owned()),
            line: Some(line),
            column: Some(column),
        }
    }

    #[test]
    fn a_path_with_blanks_is_one_path() {
        let line = "    #1 0x56 in <lab::Ring<u8> as core::ops::Drop>::drop /tmp/with space/src/lib.rs:5:50";
        let expected = frame(
            "<lab::Ring<u8> as core::ops::Drop>::drop",
            "/tmp/with space/src/lib.rs",
            5,
            50,
        );
        assert_eq!(sanitizer(line), Some(expected));
    }

    #[test]
    fn module_and_build_id_are_no_part_of_a_path() {
        let line = "    #0 <lab::Racy>::bump /tmp/lab/src/lib.rs:65:35 (lab-cec0+0x241ce2) (BuildId: 87f9)";
        assert_eq!(
            sanitizer(line),
            Some(frame("<lab::Racy>::bump", "/tmp/lab/src/lib.rs", 65, 35))
        );
        let line = "    #1 0x7f in <alloc::raw_vec::RawVecInner>::try_allocate_in (/tmp/a b/lab-66+0x1bae3f) (BuildId: 3b)";
        let read = sanitizer(line).expect("a frame");
        assert_eq!(
            (read.function.as_str(), read.file),
            ("<alloc::raw_vec::RawVecInner>::try_allocate_in", None)
        );
    }

    #[test]
    fn a_frame_without_source_keeps_its_function() {
        let read =
            sanitizer("    #26 main <null> (lab-cec0+0x241dd9) (BuildId: 87f9)").expect("a frame");
        assert_eq!(
            (read.function.as_str(), read.file, read.line),
            ("main", None, None)
        );
    }

    #[test]
    fn the_span_of_miri_gives_its_start() {
        assert_eq!(
            location("src/lib.rs:57:5: 57:12"),
            (Some("src/lib.rs".to_owned()), Some(57), Some(5))
        );
    }

    #[test]
    fn hashes_of_legacy_mangling_go() {
        assert_eq!(tidy_function("a::b::hea68f79bc978d673"), "a::b");
        assert_eq!(tidy_function("a::hello"), "a::hello");
    }
}
