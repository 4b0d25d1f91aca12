//! What can run on this machine, and why the rest cannot.
//!
//! Every tool is looked for on `PATH` when the audit starts. A tool that is missing has a reason that
//! ends with the command that installs it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assay_evidence::{Environment, ToolVersion};

use crate::process::{Bounds, Call, Log};
use crate::{Cancel, Error};

/// A tool, or why it is missing.
pub(crate) type Found<T> = Result<T, String>;

/// The tools of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    /// `rustc -V` without the program's name.
    pub(crate) rustc: String,
    /// `cargo -V` without the program's name.
    pub(crate) cargo: String,
    /// The host triple.
    pub(crate) host: String,
    /// The active toolchain's libraries for the host.
    pub(crate) library_folder: PathBuf,
    /// AddressSanitizer's runtime for the active toolchain.
    pub(crate) asan: Found<()>,
    /// ThreadSanitizer's runtime for the active toolchain.
    pub(crate) tsan: Found<()>,
    /// A nightly toolchain.
    pub(crate) nightly: Found<Nightly>,
    /// Valgrind's version.
    pub(crate) valgrind: Found<String>,
    /// The program that gives the sanitizers' reports their lines.
    pub(crate) symbolizer: Found<Symbolizer>,
}

/// The nightly toolchain and its components.
#[derive(Clone, Debug)]
pub(crate) struct Nightly {
    /// `rustc +nightly -V` without the program's name.
    pub(crate) rustc: String,
    /// Miri's version.
    pub(crate) miri: Found<String>,
    /// The standard library's source, for an instrumented one.
    pub(crate) rust_src: Found<()>,
    /// ThreadSanitizer's runtime.
    pub(crate) tsan: Found<()>,
}

/// A program that turns addresses into lines.
#[derive(Clone, Debug)]
pub(crate) struct Symbolizer {
    /// The program.
    pub(crate) path: PathBuf,
    /// Its version.
    pub(crate) version: String,
}

impl Tools {
    /// Looks for every tool. Programs run in `folder`, so that a `rust-toolchain.toml` there counts.
    ///
    /// # Errors
    ///
    /// [`Error::Tool`] where `rustc` or `cargo` is missing: nothing can be built then.
    pub(crate) fn find(folder: &Path) -> Result<Self, Error> {
        let ask = Asker { folder };
        let verbose = ask.needed("rustc", &["-vV"])?;
        let cargo = ask.needed("cargo", &["-V"])?;
        let host = field(&verbose, "host: ").unwrap_or_default();
        Ok(Self {
            rustc: version_of(&verbose, "rustc "),
            cargo: version_of(&cargo, "cargo "),
            library_folder: ask
                .output(&["rustc", "--print", "target-libdir"])
                .unwrap_or_default()
                .trim()
                .into(),
            asan: ask.runtime(None, "asan", &host),
            tsan: ask.runtime(None, "tsan", &host),
            nightly: ask.nightly(&host),
            valgrind: ask.valgrind(),
            symbolizer: ask.symbolizer(),
            host,
        })
    }

    /// The record for the evidence.
    #[must_use]
    pub(crate) fn environment(&self) -> Environment {
        let mut tools = vec![tool("cargo", &self.cargo), tool("rustc", &self.rustc)];
        if let Ok(nightly) = &self.nightly {
            tools.push(tool("rustc +nightly", &nightly.rustc));
            if let Ok(miri) = &nightly.miri {
                tools.push(tool("miri", miri));
            }
        }
        if let Ok(valgrind) = &self.valgrind {
            tools.push(tool("valgrind", valgrind));
        }
        if let Ok(symbolizer) = &self.symbolizer {
            tools.push(tool("symbolizer", &symbolizer.version));
        }
        tools.sort();
        let processors = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
        Environment {
            host: self.host.clone(),
            processors,
            tools,
        }
    }

    /// The variable by which a sanitizer finds the program that gives its stacks lines.
    pub(crate) fn symbolizer_env(&self, variable: &str) -> Option<(String, String)> {
        let symbolizer = self.symbolizer.as_ref().ok()?;
        Some((
            variable.to_owned(),
            symbolizer.path.to_string_lossy().into_owned(),
        ))
    }

    /// The reason that keeps Miri from running, or its version.
    pub(crate) fn miri(&self) -> Found<&str> {
        let nightly = self.nightly.as_ref().map_err(Clone::clone)?;
        match (&nightly.miri, &nightly.rust_src) {
            (Ok(version), Ok(())) => Ok(version),
            (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
        }
    }
}

/// Asks programs for their versions.
struct Asker<'a> {
    folder: &'a Path,
}

impl Asker<'_> {
    /// A program's standard output, if it ends well.
    fn output(&self, argv: &[&str]) -> Found<String> {
        let bounds = Bounds {
            time: Duration::from_secs(60),
            idle: None,
            memory: None,
        };
        let argv: Vec<String> = argv.iter().map(|&part| part.to_owned()).collect();
        let output =
            Call::new(argv, self.folder, bounds).run(&Cancel::default(), &mut Log::discard());
        if output.succeeded() {
            return Ok(output.stdout);
        }
        let said = output.stderr.lines().next().unwrap_or_default();
        Err(if said.is_empty() {
            format!("{:?}", output.ended)
        } else {
            said.to_owned()
        })
    }

    fn needed(&self, program: &str, arguments: &[&str]) -> Result<String, Error> {
        let argv = [&[program], arguments].concat();
        self.output(&argv).map_err(|message| Error::Tool {
            tool: program.to_owned(),
            message: format!("{message}; install Rust from https://rustup.rs"),
        })
    }

    /// Whether a toolchain has a sanitizer's runtime for the host.
    fn runtime(&self, toolchain: Option<&str>, sanitizer: &str, host: &str) -> Found<()> {
        let mut argv = vec!["rustc"];
        argv.extend(toolchain);
        argv.extend(["--print", "target-libdir"]);
        let folder = self.output(&argv)?;
        let suffix = format!("_rt.{sanitizer}.a");
        let entries = std::fs::read_dir(folder.trim()).map_err(|error| error.to_string())?;
        let present = entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().ends_with(&suffix));
        if present {
            Ok(())
        } else {
            Err(format!(
                "the toolchain has no {sanitizer} runtime for {host}"
            ))
        }
    }

    fn nightly(&self, host: &str) -> Found<Nightly> {
        let install = "`rustup toolchain install nightly` makes it available";
        let rustc = self
            .output(&["rustc", "+nightly", "-V"])
            .map_err(|_| format!("no nightly toolchain; {install}"))?;
        Ok(Nightly {
            rustc: version_of(&rustc, "rustc "),
            miri: self.miri(),
            rust_src: self.rust_src(),
            tsan: self.runtime(Some("+nightly"), "tsan", host),
        })
    }

    fn miri(&self) -> Found<String> {
        self.output(&["cargo", "+nightly", "miri", "--version"])
            .map(|text| version_of(&text, "miri "))
            .map_err(|_| {
                "Miri is not installed; `rustup component add --toolchain nightly miri` makes it available".to_owned()
            })
    }

    fn rust_src(&self) -> Found<()> {
        let sysroot = self.output(&["rustc", "+nightly", "--print", "sysroot"])?;
        let library = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std/Cargo.toml");
        if library.is_file() {
            return Ok(());
        }
        Err("the standard library's source is not installed; `rustup component add --toolchain nightly rust-src` makes it available".to_owned())
    }

    fn valgrind(&self) -> Found<String> {
        self.output(&["valgrind", "--version"])
            .map(|text| text.trim().trim_start_matches("valgrind-").to_owned())
            .map_err(|_| {
                "Valgrind is not on PATH; `apt-get install valgrind` makes it available".to_owned()
            })
    }

    fn symbolizer(&self) -> Found<Symbolizer> {
        ["llvm-symbolizer", "addr2line"]
            .iter()
            .find_map(|program| {
                let path = on_path(program)?;
                let version = self.output(&[program, "--version"]).ok()?;
                let version = version.lines().map(str::trim).find(|line| line.contains('.'))?.to_owned();
                Some(Symbolizer { path, version })
            })
            .ok_or_else(|| {
                "neither llvm-symbolizer nor addr2line is on PATH; `apt-get install llvm` makes it available".to_owned()
            })
    }
}

/// A program's path by the search path.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

fn tool(name: &str, version: &str) -> ToolVersion {
    ToolVersion {
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

fn version_of(text: &str, program: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix(program).unwrap_or(line).trim().to_owned()
}

fn field(text: &str, name: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .map(|value| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchain_that_runs_the_tests_is_found() {
        let tools = Tools::find(Path::new(".")).expect("rustc and cargo");
        assert!(tools.host.contains('-'), "{tools:?}");
        assert!(
            tools.rustc.starts_with(|c: char| c.is_ascii_digit()),
            "{tools:?}"
        );
        assert!(tools.environment().tools.len() >= 2);
    }

    #[test]
    fn a_missing_tool_has_a_reason_with_a_command() {
        let asker = Asker {
            folder: Path::new("."),
        };
        assert!(asker.output(&["assay-no-such-tool"]).is_err());
        assert!(
            asker
                .runtime(None, "nosan", "host")
                .is_err_and(|reason| reason.contains("nosan"))
        );
    }
}
