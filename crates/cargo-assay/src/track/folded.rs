//! Stacks as flame graph programs read them: frames from the outermost on, joined by semicolons, and live bytes.

use std::fmt::Write as _;

use assay_engine::Tracking;

pub(crate) fn folded(tracking: &Tracking) -> String {
    let mut text = String::new();
    for process in &tracking.processes {
        let program = process.command.split(' ').next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or(program);
        for leak in process
            .leaks
            .iter()
            .filter(|leak| leak.suppressed_by.is_none())
        {
            write!(text, "{program}-{}", process.pid).unwrap_or_default();
            for frame in leak.stack.iter().rev() {
                let name = frame.name().replace([';', '\n'], ":");
                write!(text, ";{name}").unwrap_or_default();
            }
            writeln!(text, " {}", leak.bytes).unwrap_or_default();
        }
    }
    text
}
