//! Functions and lines of addresses, from the files that were mapped.

use std::collections::HashMap;

use addr2line::Loader;
use object::{Object as _, ObjectSegment as _, ObjectSymbol as _, SymbolKind};

use super::record::Module;
use super::report::TrackedFrame;

/// Looks names up, and keeps the files that it has read.
#[derive(Default)]
pub(super) struct Symbols {
    files: HashMap<String, Option<Symbolised>>,
    known: HashMap<(String, u64), Vec<TrackedFrame>>,
}

/// A file with its names.
struct Symbolised {
    loader: Loader,
    /// Offset in the file, length, and address of each segment.
    segments: Vec<(u64, u64, u64)>,
    /// Begin and end of each function that the file has a name for, sorted.
    functions: Vec<(u64, u64, String)>,
}

impl Symbols {
    /// The frames of return addresses, innermost first; functions that were inlined have their own.
    pub(super) fn stack(&mut self, addresses: &[u64], modules: &[Module]) -> Vec<TrackedFrame> {
        // A return address is behind its call.
        let calls = addresses.iter().map(|address| address.saturating_sub(1));
        calls
            .flat_map(|address| self.frames(address, modules))
            .collect()
    }

    fn frames(&mut self, address: u64, modules: &[Module]) -> Vec<TrackedFrame> {
        let module = modules
            .iter()
            .rev()
            .find(|module| (module.low..module.high).contains(&address));
        let Some(module) = module else {
            return vec![TrackedFrame {
                address,
                ..TrackedFrame::default()
            }];
        };
        let offset = address - module.low + module.offset;
        let key = (module.path.clone(), offset);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let file = self
            .files
            .entry(module.path.clone())
            .or_insert_with(|| Symbolised::open(&module.path));
        let frames = match file {
            Some(file) => file.frames(offset, &module.path),
            None => vec![TrackedFrame {
                object: Some(module.path.clone()),
                address: offset,
                ..TrackedFrame::default()
            }],
        };
        self.known.insert(key, frames.clone());
        frames
    }
}

impl Symbolised {
    fn open(path: &str) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        let file = object::File::parse(&*bytes).ok()?;
        let segments = file.segments().map(|segment| {
            let (offset, length) = segment.file_range();
            (offset, length, segment.address())
        });
        Some(Self {
            segments: segments.collect(),
            functions: functions(&file),
            loader: Loader::new(path).ok()?,
        })
    }

    fn frames(&self, offset: u64, path: &str) -> Vec<TrackedFrame> {
        let segment = self
            .segments
            .iter()
            .find(|(begin, length, _)| (*begin..begin + length).contains(&offset));
        let address = segment.map_or(offset, |(begin, _, address)| offset - begin + address);
        let mut frames = Vec::new();
        if let Ok(mut found) = self.loader.find_frames(address) {
            while let Ok(Some(frame)) = found.next() {
                let name = frame
                    .function
                    .as_ref()
                    .and_then(|name| name.demangle().ok());
                let place = frame.location.as_ref();
                frames.push(TrackedFrame {
                    function: name.map(|name| tidied(&name)),
                    file: place.and_then(|place| place.file).map(str::to_owned),
                    line: place.and_then(|place| place.line),
                    object: Some(path.to_owned()),
                    address,
                });
            }
        }
        if frames.is_empty() {
            frames.push(TrackedFrame {
                object: Some(path.to_owned()),
                address,
                ..TrackedFrame::default()
            });
        }
        // The outermost of the functions at an address is that of the symbol table.
        if let Some(frame) = frames.last_mut().filter(|frame| frame.function.is_none()) {
            frame.function = self.symbol(address);
        }
        frames
    }

    /// The name of the function that covers an address. A file may have lost some of them: the nearest name before an
    /// address would be wrong then.
    fn symbol(&self, address: u64) -> Option<String> {
        let behind = self
            .functions
            .partition_point(|(begin, ..)| *begin <= address);
        let (_, end, name) = self.functions.get(behind.checked_sub(1)?)?;
        (address < *end).then(|| tidied(&addr2line::demangle_auto(name.into(), None)))
    }
}

fn functions(file: &object::File<'_>) -> Vec<(u64, u64, String)> {
    let symbols = file.symbols().chain(file.dynamic_symbols());
    let functions = symbols.filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0);
    let named = functions.filter_map(|symbol| {
        let begin = symbol.address();
        Some((begin, begin + symbol.size(), symbol.name().ok()?.to_owned()))
    });
    let mut functions: Vec<_> = named.collect();
    functions.sort();
    functions
}

/// Without the hash that Rust's older names end in.
fn tidied(name: &str) -> String {
    let hash = name.rsplit_once("::h");
    let is_hash =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match hash {
        Some((path, hash)) if is_hash(hash) => path.to_owned(),
        _ => name.to_owned(),
    }
}
