//! Follows `mod` declarations from a crate's roots and reads every file once, on all processors.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use super::cfg::Cfg;
use super::source::Source;
use super::syntax::{FileRef, Scan, scan};

/// Bytes below which a batch of files is read by one thread: starting another would take longer.
const SMALL_BATCH: u64 = 64 * 1024;

/// A file that was read.
#[derive(Debug)]
pub(crate) struct ScannedFile {
    /// Where it lies.
    pub(crate) absolute: PathBuf,
    /// Its tokens.
    pub(crate) source: Source,
    /// What was found in it.
    pub(crate) scan: Scan,
    /// Conditions of the modules above it.
    pub(crate) cfgs: Vec<Cfg>,
}

/// All files of a package's library and programs.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Files in the order of their paths.
    pub(crate) files: Vec<ScannedFile>,
    /// Files that could not be read, and why, one sentence each.
    pub(crate) notes: Vec<String>,
}

/// A file to read.
#[derive(Clone, Debug)]
struct Task {
    absolute: PathBuf,
    module: Vec<String>,
    cfgs: Vec<Cfg>,
    /// Where its own modules lie.
    children: PathBuf,
}

/// What came of a file.
enum Outcome {
    Read(Box<ScannedFile>, PathBuf),
    Failed(PathBuf, String),
}

/// Reads the crate roots and everything that they declare.
pub(crate) fn read_tree(package_root: &Path, roots: &[PathBuf], threads: usize) -> Tree {
    let mut reader = Reader {
        root: package_root,
        threads: threads.max(1),
        seen: HashMap::new(),
        tree: Tree::default(),
        gaps: false,
    };
    let tasks = roots
        .iter()
        .map(|root| Task {
            absolute: root.clone(),
            module: Vec::new(),
            cfgs: Vec::new(),
            children: root.parent().map(Path::to_path_buf).unwrap_or_default(),
        })
        .collect();
    reader.read_all(tasks);
    if reader.gaps {
        let strays = reader.strays(roots);
        reader.read_all(strays);
    }
    reader
        .tree
        .files
        .sort_by(|a, b| a.source.path.cmp(&b.source.path));
    reader.tree.notes.sort();
    reader.tree
}

struct Reader<'a> {
    root: &'a Path,
    threads: usize,
    seen: HashMap<PathBuf, Option<usize>>,
    tree: Tree,
    /// A module's file was not found, or a file could not be split into tokens.
    gaps: bool,
}

impl Reader<'_> {
    fn read_all(&mut self, mut batch: Vec<Task>) {
        while !batch.is_empty() {
            let fresh = self.claim(batch);
            let mut next = Vec::new();
            for outcome in read_batch(self.root, fresh, self.threads) {
                match outcome {
                    Outcome::Failed(path, reason) => {
                        self.gaps = true;
                        let path = relative(self.root, &path);
                        self.tree
                            .notes
                            .push(format!("`{path}` was not read: {reason}"));
                    }
                    Outcome::Read(file, children) => {
                        for reference in &file.scan.files {
                            self.resolve(&file, &children, reference, &mut next);
                        }
                        self.seen
                            .insert(identity(&file.absolute), Some(self.tree.files.len()));
                        self.tree.files.push(*file);
                    }
                }
            }
            batch = next;
        }
    }

    /// Leaves out files that were read; a file that two declarations share is compiled if either is.
    fn claim(&mut self, batch: Vec<Task>) -> Vec<Task> {
        let mut fresh: Vec<Task> = Vec::new();
        for task in batch {
            let identity = identity(&task.absolute);
            match self.seen.get(&identity) {
                None => {
                    self.seen.insert(identity, None);
                    fresh.push(task);
                }
                Some(Some(index)) => widen(&mut self.tree.files[*index].cfgs, &task.cfgs),
                Some(None) => {
                    if let Some(other) = fresh
                        .iter_mut()
                        .find(|other| other.absolute == task.absolute)
                    {
                        widen(&mut other.cfgs, &task.cfgs);
                    }
                }
            }
        }
        fresh
    }

    fn resolve(
        &mut self,
        file: &ScannedFile,
        children: &Path,
        reference: &FileRef,
        next: &mut Vec<Task>,
    ) {
        let mut cfgs = file.cfgs.clone();
        cfgs.extend(reference.cfgs.iter().cloned());
        let beside = file.absolute.parent().unwrap_or(children);
        let mut folder = children.to_path_buf();
        folder.extend(&reference.inside);
        let candidates = match (&reference.name, &reference.path) {
            (None, Some(path)) => vec![beside.join(path)],
            (_, Some(path)) if reference.inside.is_empty() => vec![beside.join(path)],
            (_, Some(path)) => vec![folder.join(path)],
            (Some(name), None) => vec![
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ],
            (None, None) => return,
        };
        let Some(absolute) = candidates.iter().find(|path| path.is_file()) else {
            // Declarations inside macros and under conditions may name files of another build.
            self.gaps |= cfgs.is_empty() && !reference.in_macro;
            return;
        };
        let owns_folder =
            reference.path.is_some() || absolute.file_name().is_some_and(|name| name == "mod.rs");
        let own_folder = absolute.parent().unwrap_or(children).to_path_buf();
        let children = match &reference.name {
            None => children.to_path_buf(),
            Some(_) if owns_folder => own_folder,
            Some(name) => own_folder.join(name),
        };
        let absolute = absolute.clone();
        next.push(Task {
            absolute,
            module: reference.module.clone(),
            cfgs,
            children,
        });
    }

    /// Files beside the roots that no declaration led to.
    fn strays(&self, roots: &[PathBuf]) -> Vec<Task> {
        let source_folder = self.root.join("src");
        let mut strays = Vec::new();
        for entry in walkdir::WalkDir::new(&source_folder)
            .sort_by_file_name()
            .into_iter()
            .flatten()
        {
            let path = entry.path();
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            if !is_rust
                || !path.is_file()
                || self.seen.contains_key(&identity(path))
                || roots.iter().any(|root| root == path)
            {
                continue;
            }
            let below = path
                .strip_prefix(&source_folder)
                .unwrap_or(path)
                .with_extension("");
            let mut module: Vec<String> = below
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            let children = path.with_extension("");
            strays.push(Task {
                absolute: path.to_path_buf(),
                module,
                cfgs: Vec::new(),
                children,
            });
        }
        strays
    }
}

fn widen(cfgs: &mut Vec<Cfg>, other: &[Cfg]) {
    if cfgs.is_empty() || other.is_empty() {
        cfgs.clear();
    } else if cfgs.as_slice() != other {
        let either = Cfg::Any(vec![
            Cfg::All(std::mem::take(cfgs)),
            Cfg::All(other.to_vec()),
        ]);
        cfgs.push(either);
    }
}

fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Reads a batch of files on up to `threads` threads, results in the batch's order.
fn read_batch(root: &Path, batch: Vec<Task>, threads: usize) -> Vec<Outcome> {
    let bytes: u64 = batch
        .iter()
        .filter_map(|task| task.absolute.metadata().ok())
        .map(|meta| meta.len())
        .sum();
    let threads = threads.min(batch.len());
    if threads < 2 || bytes < SMALL_BATCH {
        return batch.into_iter().map(|task| read_one(root, task)).collect();
    }
    let queue = Mutex::new(batch.into_iter().enumerate());
    let take = || {
        queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .next()
    };
    let work = || {
        let mut done = Vec::new();
        while let Some((index, task)) = take() {
            done.push((index, read_one(root, task)));
        }
        done
    };
    let mut done: Vec<(usize, Outcome)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for worker in workers {
            match worker.join() {
                Ok(part) => done.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn read_one(root: &Path, task: Task) -> Outcome {
    let bytes = match std::fs::read(&task.absolute) {
        Ok(bytes) => bytes,
        Err(error) => return Outcome::Failed(task.absolute, error.to_string()),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Outcome::Failed(task.absolute, "it is not UTF-8".to_owned());
    };
    match Source::new(relative(root, &task.absolute), text) {
        Err(reason) => Outcome::Failed(task.absolute, reason),
        Ok(source) => {
            let scan = scan(&source, &task.module);
            let file = ScannedFile {
                absolute: task.absolute,
                source,
                scan,
                cfgs: task.cfgs,
            };
            Outcome::Read(Box::new(file), task.children)
        }
    }
}

/// `path` as seen from `root`, with `/` on every platform and `..` where it lies outside.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    let normal = normalise(path);
    let root = normalise(root);
    let shared = root
        .components()
        .zip(normal.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = root.components().count() - shared;
    let mut parts = vec!["..".to_owned(); up];
    parts.extend(
        normal
            .components()
            .skip(shared)
            .map(|part| part.as_os_str().to_string_lossy().into_owned()),
    );
    parts.join("/")
}

/// Resolves `.` and `..` by name alone.
fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
