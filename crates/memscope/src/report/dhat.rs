//! The format of DHAT's viewer, `dh_view.html`, version 2 (described in Valgrind's `dhat/dh_main.c`).

use std::collections::HashMap;

use super::json::{Json, millis};
use super::{Report, Site};

impl Report {
    /// What is live, for DHAT's viewer: Valgrind's `dh_view.html`.
    ///
    /// The viewer's totals are what is *live*: lifetimes, accesses and what was freed are not noted, and the file says
    /// so (`bklt` and `bkacc` are false, the verb is `Live`).
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// assert!(report.to_dhat().starts_with(r#"{"dhatFileVersion":2,"mode":"memscope","verb":"Live","#));
    /// ```
    #[must_use]
    pub fn to_dhat(&self) -> String {
        let mut frames = FrameTable::default();
        let mut points: Vec<Point> = self
            .sites
            .iter()
            .map(|site| Point {
                bytes: site.bytes,
                blocks: site.blocks,
                frames: frames.numbers_of(site),
            })
            .collect();
        if self.untold.blocks != 0 {
            points.push(Point {
                bytes: self.untold.bytes,
                blocks: self.untold.blocks,
                frames: vec![frames.number("0x0: (untold)".to_owned())],
            });
        }
        self.write(&points, &frames)
    }

    fn write(&self, points: &[Point], frames: &FrameTable) -> String {
        let age = self.scopes.iter().map(|scope| scope.age).max();
        Json::object(|json| {
            json.number("dhatFileVersion", 2);
            json.string("mode", "memscope");
            json.string("verb", "Live");
            json.boolean("bklt", false);
            json.boolean("bkacc", false);
            json.string("tu", "ms");
            json.string("Mtu", "ks");
            let command: Vec<_> = std::env::args_os().collect();
            let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
            json.string("cmd", &words.join(" "));
            json.number("pid", u64::from(std::process::id()));
            json.number("te", millis(age.unwrap_or_default()));
            json.objects("pps", points, |json, point| {
                json.number("tb", point.bytes);
                json.number("tbk", point.blocks);
                json.array("fs", &point.frames, |json, at| json.number_value(*at));
            });
            json.array("ftbl", &frames.names, |json, name| json.string_value(name));
        })
    }
}

struct Point {
    bytes: u64,
    blocks: u64,
    /// Numbers of frames, innermost first.
    frames: Vec<u64>,
}

/// The first frame is the viewer's own.
struct FrameTable {
    names: Vec<String>,
    numbers: HashMap<String, u64>,
}

impl Default for FrameTable {
    fn default() -> Self {
        Self {
            names: vec!["[root]".to_owned()],
            numbers: HashMap::new(),
        }
    }
}

impl FrameTable {
    fn number(&mut self, name: String) -> u64 {
        let next = self.names.len() as u64;
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }

    fn numbers_of(&mut self, site: &Site) -> Vec<u64> {
        let names = site.frames.iter();
        let names = names.map(|frame| format!("{:#x}: {}", frame.address, frame.place()));
        names.map(|name| self.number(name)).collect()
    }
}
