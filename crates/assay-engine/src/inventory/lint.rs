//! Asks the compiler which unsafe sites stand in the code that it builds, after expansion.

use std::path::{Path, PathBuf};

use assay_evidence::{Origin, SiteKind};
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{Message, Package, TargetKind};

use super::cfg::CfgSet;
use crate::command;
use crate::discover::{Plan, feature_args};
use crate::rustflags;
use crate::{Cancel, Error};

/// A range of bytes in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// The file, absolute.
    pub(crate) file: PathBuf,
    /// First byte.
    pub(crate) start: u32,
    /// The byte after the last.
    pub(crate) end: u32,
}

/// One message of the compiler's `unsafe_code` lint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LintSite {
    /// What it reports.
    pub(crate) kind: SiteKind,
    /// Places from the site itself to the outermost macro call that expands to it.
    pub(crate) chain: Vec<Place>,
    /// Macros between those places, the innermost first, as the compiler writes them.
    pub(crate) macros: Vec<String>,
}

/// What the compiler told.
#[derive(Debug, Default)]
pub(crate) struct LintRun {
    /// Sites, sorted, each once.
    pub(crate) sites: Vec<LintSite>,
    /// Conditions that the subject's build script set.
    pub(crate) cfgs: CfgSet,
}

/// Checks the driver with the lint forced on everywhere, and keeps the messages about the subject.
pub(crate) fn run(plan: &Plan, target: &Path, cancel: &Cancel) -> Result<LintRun, Error> {
    if matches!(plan.origin, Origin::Registry | Origin::Git) && target.is_dir() {
        forget_subject(plan, target, cancel)?;
    }
    let mut command = cargo(plan, "check", target);
    command.args(["--message-format=json", "--package", &spec(&plan.driver)]);
    command
        .args(target_args(plan))
        .args(feature_args(&plan.features));
    let mut flags = plan.rustflags.clone();
    // Other lints are capped: a warning that is new to this toolchain is no reason not to be inventoried.
    let ours = ["--cap-lints=warn", "--force-warn", "unsafe_code"];
    flags.extend(ours.map(str::to_owned));
    command.env(rustflags::VARIABLE, rustflags::encode(&flags));
    let said = command::run(command, cancel)?;
    let messages = Message::parse_stream(said.stdout.as_slice()).flatten();
    let mut out = LintRun::default();
    let mut first_error = None;
    for message in messages {
        match message {
            Message::CompilerMessage(message) => {
                if message.message.level == DiagnosticLevel::Error && first_error.is_none() {
                    let text = message
                        .message
                        .rendered
                        .clone()
                        .unwrap_or(message.message.message.clone());
                    first_error = Some((message.target.name.clone(), text));
                }
                let is_shipped = !message.target.is_kind(TargetKind::CustomBuild);
                if message.package_id == plan.subject.id && is_shipped {
                    out.sites.extend(read(&message.message, plan));
                }
            }
            Message::BuildScriptExecuted(script) if script.package_id == plan.subject.id => {
                for cfg in &script.cfgs {
                    out.cfgs.insert(cfg);
                }
            }
            _ => {}
        }
    }
    if !said.status.success() {
        let (package, message) = first_error
            .unwrap_or_else(|| (plan.driver.name.to_string(), said.stderr.trim().to_owned()));
        return Err(Error::DoesNotBuild { package, message });
    }
    out.sites.sort();
    out.sites.dedup();
    Ok(out)
}

/// A cargo command on the user's manifest that writes only below `target`.
fn cargo(plan: &Plan, verb: &str, target: &Path) -> std::process::Command {
    let mut command = command::cargo(plan.driver_root());
    command
        .arg(verb)
        .arg("--manifest-path")
        .arg(&plan.driver.manifest_path);
    command
        .arg("--target-dir")
        .arg(target)
        .args(plan.lock.cargo_args())
        .envs(plan.lock.envs());
    command
}

/// Cargo keeps no messages about packages of a registry: they must be compiled again to be heard.
fn forget_subject(plan: &Plan, target: &Path, cancel: &Cancel) -> Result<(), Error> {
    let mut command = cargo(plan, "clean", target);
    command.args(["--package", &spec(&plan.subject)]);
    let said = command::run(command, cancel)?;
    if said.status.success() {
        return Ok(());
    }
    Err(Error::Tool {
        tool: "cargo clean".to_owned(),
        message: said.stderr.trim().to_owned(),
    })
}

/// The package as cargo's `--package` takes it.
pub(crate) fn spec(package: &Package) -> String {
    package.id.repr.clone()
}

/// The subject's own targets; for a dependency, everything that can use it.
fn target_args(plan: &Plan) -> Vec<&'static str> {
    let has = |kinds: &[TargetKind]| {
        plan.driver
            .targets
            .iter()
            .any(|target| kinds.iter().any(|kind| target.is_kind(kind.clone())))
    };
    let mut args = Vec::new();
    if has(&LIBRARY) {
        args.push("--lib");
    }
    if has(&[TargetKind::Bin]) {
        args.push("--bins");
    }
    if !plan.is_self_driven() || args.is_empty() {
        args.extend(["--tests", "--examples"]);
    }
    args
}

/// Kinds of a package's library.
pub(crate) const LIBRARY: [TargetKind; 6] = [
    TargetKind::Lib,
    TargetKind::RLib,
    TargetKind::DyLib,
    TargetKind::CDyLib,
    TargetKind::StaticLib,
    TargetKind::ProcMacro,
];

fn read(message: &Diagnostic, plan: &Plan) -> Option<LintSite> {
    if message.code.as_ref()?.code != "unsafe_code" {
        return None;
    }
    let mut span = message.spans.iter().find(|span| span.is_primary)?;
    let mut chain = vec![place(span, plan)];
    let mut macros = Vec::new();
    while let Some(expansion) = &span.expansion {
        macros.push(expansion.macro_decl_name.clone());
        span = &expansion.span;
        chain.push(place(span, plan));
    }
    Some(LintSite {
        kind: kind(&message.message),
        chain,
        macros,
    })
}

/// The compiler names files of path packages from the workspace's folder, and others in full.
fn place(span: &DiagnosticSpan, plan: &Plan) -> Place {
    let name = Path::new(&span.file_name);
    let candidates = [
        plan.workspace_root.join(name),
        plan.subject_root().join(name),
    ];
    let file = candidates
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| name.to_path_buf());
    let file = file.canonicalize().unwrap_or(file);
    Place {
        file,
        start: span.byte_start,
        end: span.byte_end,
    }
}

/// What a message of the lint is about; the texts are rustc's, of `rustc_lint`'s builtin lints.
fn kind(message: &str) -> SiteKind {
    if message.contains("`unsafe` block") {
        SiteKind::Block
    } else if message.starts_with("implementation of an `unsafe` trait") {
        SiteKind::Impl
    } else if message.starts_with("declaration of an `unsafe` trait")
        || message.starts_with("declaration of an `unsafe` method")
    {
        SiteKind::Trait
    } else if message.contains("`unsafe` function") || message.contains("`unsafe` method") {
        SiteKind::Function
    } else if message.contains("extern") && message.contains("block") {
        SiteKind::ExternBlock
    } else if message.contains("global_asm") {
        SiteKind::GlobalAsm
    } else {
        SiteKind::Attribute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lints_messages_name_their_kinds() {
        let cases = [
            ("usage of an `unsafe` block", SiteKind::Block),
            ("declaration of an `unsafe` function", SiteKind::Function),
            ("implementation of an `unsafe` method", SiteKind::Function),
            ("declaration of an `unsafe` method", SiteKind::Trait),
            ("declaration of an `unsafe` trait", SiteKind::Trait),
            ("implementation of an `unsafe` trait", SiteKind::Impl),
            ("usage of an `unsafe extern` block", SiteKind::ExternBlock),
            ("declaration of a `no_mangle` function", SiteKind::Attribute),
            (
                "declaration of a static with `link_section`",
                SiteKind::Attribute,
            ),
            ("usage of `core::arch::global_asm`", SiteKind::GlobalAsm),
        ];
        for (message, expected) in cases {
            assert_eq!(kind(message), expected, "{message}");
        }
    }
}
