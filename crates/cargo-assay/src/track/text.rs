//! The report for a person.

use std::fmt::{Result, Write as _};

use assay_engine::{
    Ending, Sample, TrackedFault, TrackedFrame, TrackedLeak, TrackedProcess, Tracking,
};

/// Rows of the table of growth.
const ROWS: usize = 8;

pub(crate) fn text(tracking: &Tracking, top: usize) -> String {
    let mut text = String::new();
    // A string takes everything.
    write(&mut text, tracking, top).unwrap_or_default();
    text
}

fn write(text: &mut String, tracking: &Tracking, top: usize) -> Result {
    for process in &tracking.processes {
        write_process(text, process, top)?;
        writeln!(text)?;
    }
    for name in &tracking.unmatched_suppressions {
        writeln!(text, "suppression that matched nothing: {name}")?;
    }
    match tracking.ending {
        Ending::Code(code) => writeln!(text, "the program ended with exit code {code}"),
        Ending::Signal(signal) => writeln!(text, "signal {signal} ended the program"),
    }
}

fn write_process(text: &mut String, process: &TrackedProcess, top: usize) -> Result {
    writeln!(text, "process {}: {}", process.pid, process.command)?;
    if let Some(totals) = &process.totals {
        writeln!(
            text,
            "  allocated {}, {} bytes; freed {}",
            blocks(totals.allocations),
            totals.bytes,
            blocks(totals.frees)
        )?;
        writeln!(
            text,
            "  at most {} bytes live at one time, in {}",
            totals.peak_bytes,
            blocks(totals.peak_blocks)
        )?;
        writeln!(
            text,
            "  live at the end: {}, {} bytes",
            blocks(totals.live_blocks),
            totals.live_bytes
        )?;
        if totals.inherited_blocks > 0 {
            writeln!(
                text,
                "  inherited from process {} and live: {}, {} bytes",
                process.parent,
                blocks(totals.inherited_blocks),
                totals.inherited_bytes
            )?;
        }
    }
    for note in &process.notes {
        writeln!(text, "  note: {note}")?;
    }
    write_growth(text, &process.growth)?;
    for fault in process
        .faults
        .iter()
        .filter(|fault| fault.suppressed_by.is_none())
    {
        write_fault(text, fault)?;
    }
    write_leaks(text, process, top)
}

fn write_leaks(text: &mut String, process: &TrackedProcess, top: usize) -> Result {
    let told = process
        .leaks
        .iter()
        .filter(|leak| leak.suppressed_by.is_none());
    let (shown, rest): (Vec<_>, Vec<_>) = told.enumerate().partition(|(at, _)| *at < top);
    for (_, leak) in shown {
        write_leak(text, leak)?;
    }
    let sum = |leaks: &[&TrackedLeak]| {
        let blocks = leaks.iter().map(|leak| leak.blocks).sum::<u64>();
        (blocks, leaks.iter().map(|leak| leak.bytes).sum::<u64>())
    };
    if !rest.is_empty() {
        let rest: Vec<_> = rest.into_iter().map(|(_, leak)| leak).collect();
        let (number, bytes) = sum(&rest);
        writeln!(
            text,
            "\n  and {} of {bytes} bytes by {} other stacks (--top shows more)",
            blocks(number),
            rest.len()
        )?;
    }
    let suppressed: Vec<_> = process
        .leaks
        .iter()
        .filter(|leak| leak.suppressed_by.is_some())
        .collect();
    let faults = process
        .faults
        .iter()
        .filter(|fault| fault.suppressed_by.is_some())
        .count();
    if !suppressed.is_empty() || faults > 0 {
        let (number, bytes) = sum(&suppressed);
        writeln!(
            text,
            "\n  suppressed: {} of {bytes} bytes, {faults} faults",
            blocks(number)
        )?;
    }
    Ok(())
}

fn write_leak(text: &mut String, leak: &TrackedLeak) -> Result {
    write!(
        text,
        "\n  {}: {} of {} bytes",
        leak.kind.as_str(),
        blocks(leak.blocks),
        leak.bytes
    )?;
    if let Some(frame) = leak.culprit() {
        write!(text, ", allocated at {} ({})", frame.place(), frame.name())?;
    }
    if let Some(grew @ 1..) = leak.grew_bytes {
        write!(text, "; grew by {grew} bytes towards the end")?;
    }
    writeln!(text)?;
    write_stack(text, &leak.stack)
}

fn write_fault(text: &mut String, fault: &TrackedFault) -> Result {
    write!(text, "\n  fault: {}", fault.title)?;
    if fault.times > 1 {
        write!(text, ", {} times", fault.times)?;
    }
    writeln!(text)?;
    for (label, stack) in &fault.stacks {
        writeln!(text, "    {label}")?;
        write_stack(text, stack)?;
    }
    Ok(())
}

fn write_stack(text: &mut String, stack: &[TrackedFrame]) -> Result {
    if stack.is_empty() {
        return writeln!(text, "      (no stack)");
    }
    for frame in stack {
        writeln!(text, "      {}  {}", frame.name(), frame.place())?;
    }
    Ok(())
}

/// A few of the samples, at even distances in time.
fn write_growth(text: &mut String, samples: &[Sample]) -> Result {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Ok(());
    };
    if samples.len() < 3 {
        return Ok(());
    }
    writeln!(text, "  growth:")?;
    writeln!(text, "         time   live bytes  live blocks")?;
    let mut shown = None;
    for row in 0..=ROWS as u64 {
        let wanted = first.ns + (last.ns - first.ns.min(last.ns)) / ROWS as u64 * row;
        let at = samples
            .partition_point(|sample| sample.ns < wanted)
            .min(samples.len() - 1);
        let at = if row == ROWS as u64 {
            samples.len() - 1
        } else {
            at
        };
        if shown == Some(at) {
            continue;
        }
        shown = Some(at);
        let sample = samples[at];
        let seconds = sample.ns as f64 / 1e9;
        writeln!(
            text,
            "  {seconds:>9.3} s {:>12} {:>12}",
            sample.bytes, sample.blocks
        )?;
    }
    Ok(())
}

fn blocks(count: u64) -> String {
    match count {
        1 => "1 block".to_owned(),
        _ => format!("{count} blocks"),
    }
}
