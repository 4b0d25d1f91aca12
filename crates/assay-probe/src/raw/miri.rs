//! Under Miri: a line at the first hit of a site in the process.

use crate::sync::atomic::{AtomicUsize, Ordering};

/// Sites whose first hit is remembered. A site beyond writes its line at every hit, which a reader
/// takes for the same thing.
const REMEMBERED: usize = 1 << 16;
const BITS: usize = usize::BITS as usize;

static SEEN: [AtomicUsize; REMEMBERED / BITS] = [const { AtomicUsize::new(0) }; REMEMBERED / BITS];

/// Tells about an execution of `site`, if it is the first.
pub(crate) fn count(site: u32) {
    if is_first(site as usize) {
        let mut buffer = [0; 24];
        // SAFETY: Miri defines this function for every program that it runs, and only reads the bytes.
        unsafe { miri_write_to_stderr(line(site, &mut buffer)) };
    }
}

fn is_first(site: usize) -> bool {
    let Some(word) = SEEN.get(site / BITS) else {
        return true;
    };
    let bit = 1 << (site % BITS);
    // ORDERING: Relaxed; the bit publishes nothing, and must not order the audited code.
    word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
}

/// Writes `assay-hit <site>` and a line feed to the end of `line`, and returns that part.
///
/// One write a line: lines of several threads do not mix.
fn line(site: u32, line: &mut [u8; 24]) -> &[u8] {
    const WORD: &[u8] = b"assay-hit ";
    let mut at = line.len() - 1;
    line[at] = b'\n';
    let mut rest = site;
    loop {
        at -= 1;
        line[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    at -= WORD.len();
    line[at..at + WORD.len()].copy_from_slice(WORD);
    &line[at..]
}

unsafe extern "Rust" {
    fn miri_write_to_stderr(bytes: &[u8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_every_length_is_exact() {
        for (site, text) in [
            (0, "assay-hit 0\n"),
            (10, "assay-hit 10\n"),
            (u32::MAX, "assay-hit 4294967295\n"),
        ] {
            assert_eq!(line(site, &mut [0; 24]), text.as_bytes());
        }
    }
}
