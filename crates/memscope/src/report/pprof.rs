//! pprof's format: `profile.proto`, written by hand, for it is five messages of integers.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use super::{Frame, Report};

impl Report {
    /// What is live, for pprof: a `perftools.profiles.Profile`, without compression, which `go tool pprof`, speedscope and
    /// others read.
    ///
    /// The values of its samples are `inuse_objects` and `inuse_space`. Frames have their file and line already; the
    /// binary isn't needed.
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// std::fs::write(std::env::temp_dir().join("memscope-doctest.pb"), report.to_pprof())?;
    /// # std::fs::remove_file(std::env::temp_dir().join("memscope-doctest.pb"))?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn to_pprof(&self) -> Vec<u8> {
        let mut tables = Tables::new();
        let mut profile = Message::default();
        for (kind, unit) in [("inuse_objects", "count"), ("inuse_space", "bytes")] {
            let (kind, unit) = (tables.text(kind), tables.text(unit));
            profile.message(1, Message::default().number(1, kind).number(2, unit));
        }
        for site in &self.sites {
            let calls = site.frames.chunk_by(|a, b| a.address == b.address);
            let locations: Vec<u64> = calls.map(|call| tables.location(call)).collect();
            profile.message(2, sample(&locations, site.blocks, site.bytes));
        }
        if self.untold.blocks != 0 {
            let location = tables.named("(untold)");
            let untold = sample(&[location], self.untold.blocks, self.untold.bytes);
            profile.message(2, untold);
        }
        let shown = tables.text("inuse_space");
        tables.write_to(&mut profile);
        let taken = self.taken.duration_since(UNIX_EPOCH).unwrap_or_default();
        let nanos = u64::try_from(taken.as_nanos()).unwrap_or_default();
        profile.number(9, nanos).number(14, shown);
        std::mem::take(&mut profile.bytes)
    }
}

fn sample(locations: &[u64], blocks: u64, bytes: u64) -> Message {
    let mut sample = Message::default();
    sample.packed(1, locations).packed(2, &[blocks, bytes]);
    sample
}

/// What samples refer to: numbers of texts from 0, of functions and locations from 1.
struct Tables {
    texts: Vec<String>,
    text_numbers: HashMap<String, u64>,
    functions: Interned,
    locations: Interned,
}

/// Messages without their number, and that number.
#[derive(Default)]
struct Interned {
    bodies: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, u64>,
}

impl Interned {
    fn number(&mut self, body: Message) -> u64 {
        let next = self.bodies.len() as u64 + 1;
        *self.numbers.entry(body.bytes).or_insert_with_key(|body| {
            self.bodies.push(body.clone());
            next
        })
    }

    fn write_to(&self, profile: &mut Message, field: u32) {
        for (at, body) in self.bodies.iter().enumerate() {
            let mut message = Message::default();
            message.number(1, at as u64 + 1).bytes.extend(body);
            profile.message(field, &message);
        }
    }
}

impl Tables {
    fn new() -> Self {
        let mut tables = Self {
            texts: Vec::new(),
            text_numbers: HashMap::new(),
            functions: Interned::default(),
            locations: Interned::default(),
        };
        // The first is empty: 0 stands for no text.
        tables.text("");
        tables
    }

    fn text(&mut self, text: &str) -> u64 {
        if let Some(number) = self.text_numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u64;
        self.texts.push(text.to_owned());
        self.text_numbers.insert(text.to_owned(), number);
        number
    }

    fn function(&mut self, name: &str, file: &str) -> u64 {
        let (name, file) = (self.text(name), self.text(file));
        let mut function = Message::default();
        function.number(2, name).number(3, name).number(4, file);
        self.functions.number(function)
    }

    /// The calls that return to one address, the innermost inlined one first.
    fn location(&mut self, calls: &[Frame]) -> u64 {
        let mut location = Message::default();
        if let Some(first) = calls.first() {
            location.number(3, first.address as u64);
        }
        for call in calls {
            let function = self.function(&call.name(), call.file.as_deref().unwrap_or_default());
            let mut line = Message::default();
            line.number(1, function)
                .number(2, call.line.unwrap_or_default().into());
            location.message(4, &line);
        }
        self.locations.number(location)
    }

    fn named(&mut self, name: &str) -> u64 {
        let function = self.function(name, "");
        let mut location = Message::default();
        location.message(4, Message::default().number(1, function));
        self.locations.number(location)
    }

    fn write_to(&self, profile: &mut Message) {
        self.locations.write_to(profile, 4);
        self.functions.write_to(profile, 5);
        for text in &self.texts {
            profile.length_delimited(6, text.as_bytes());
        }
    }
}

/// The wire format of protocol buffers: `VARINT` and `LEN` fields.
#[derive(Default)]
struct Message {
    bytes: Vec<u8>,
}

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7F) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    fn number(&mut self, field: u32, value: u64) -> &mut Self {
        self.varint(u64::from(field) << 3);
        self.varint(value);
        self
    }

    fn length_delimited(&mut self, field: u32, bytes: &[u8]) {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    fn packed(&mut self, field: u32, values: &[u64]) -> &mut Self {
        let mut packed = Self::default();
        values.iter().for_each(|value| packed.varint(*value));
        self.length_delimited(field, &packed.bytes);
        self
    }

    fn message(&mut self, field: u32, message: impl AsRef<Self>) {
        self.length_delimited(field, &message.as_ref().bytes);
    }
}

impl AsRef<Self> for Message {
    fn as_ref(&self) -> &Self {
        self
    }
}
