//! Tools that the layers need, and how they are installed where that is possible.

use std::path::Path;
use std::process::{Command, Stdio};

/// A program or component that a step needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `cargo clippy`.
    Clippy,
    /// `cargo fmt`.
    Rustfmt,
    /// `cargo +nightly miri`.
    Miri,
    /// The standard library's source for nightly.
    RustSrc,
    /// Valgrind.
    Valgrind,
    /// A headless browser.
    Chromium,
    /// Programs for another processor.
    Qemu,
    /// A C compiler, as the linker, for that processor.
    CrossGcc,
    /// A C compiler with sanitizers.
    Gcc,
    /// Another.
    Clang,
    /// The event loop of a C example.
    LibUv,
    /// The library whose place evloop-capi takes, with its headers.
    LibEvent,
    /// A program on libevent.
    Memcached,
    /// Another.
    Tmux,
}

impl Tool {
    /// What the steps of CI and the tests need. The emulator is for a verb alone, and too large to fetch for nothing.
    pub const OF_CI: [Self; 10] = [
        Self::Clippy,
        Self::Rustfmt,
        Self::Miri,
        Self::RustSrc,
        Self::Valgrind,
        Self::Chromium,
        Self::LibUv,
        Self::LibEvent,
        Self::Memcached,
        Self::Tmux,
    ];

    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clippy => "clippy",
            Self::Rustfmt => "rustfmt",
            Self::Miri => "miri (nightly)",
            Self::RustSrc => "rust-src (nightly)",
            Self::Valgrind => "valgrind",
            Self::Chromium => "chromium",
            Self::Qemu => "qemu-aarch64",
            Self::CrossGcc => "aarch64-linux-gnu-gcc",
            Self::Gcc => "gcc",
            Self::Clang => "clang",
            Self::LibUv => "libuv's header",
            Self::LibEvent => "libevent's headers",
            Self::Memcached => "memcached",
            Self::Tmux => "tmux",
        }
    }

    /// The command that installs it.
    #[must_use]
    pub const fn install(self) -> &'static [&'static str] {
        match self {
            Self::Clippy => &["rustup", "component", "add", "clippy"],
            Self::Rustfmt => &["rustup", "component", "add", "rustfmt"],
            Self::Miri => &[
                "rustup",
                "component",
                "add",
                "--toolchain",
                "nightly",
                "miri",
            ],
            Self::RustSrc => &[
                "rustup",
                "component",
                "add",
                "--toolchain",
                "nightly",
                "rust-src",
                "llvm-tools",
            ],
            Self::Valgrind => &[
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "valgrind",
            ],
            Self::Chromium => &[
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "chromium",
            ],
            Self::Qemu => &[
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "qemu-user",
            ],
            Self::CrossGcc => &[
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "gcc-aarch64-linux-gnu",
                "libc6-dev-arm64-cross",
            ],
            Self::Gcc => &["apt-get", "install", "-y", "gcc"],
            Self::Clang => &["apt-get", "install", "-y", "clang"],
            Self::LibUv => &["apt-get", "install", "-y", "libuv1-dev"],
            Self::LibEvent => &["apt-get", "install", "-y", "libevent-dev"],
            Self::Memcached => &["apt-get", "install", "-y", "memcached"],
            Self::Tmux => &["apt-get", "install", "-y", "tmux"],
        }
    }

    /// Whether it answers.
    #[must_use]
    pub fn is_present(self) -> bool {
        match self {
            Self::Clippy => answers("cargo", &["clippy", "--version"]),
            Self::Rustfmt => answers("cargo", &["fmt", "--version"]),
            Self::Miri => answers("cargo", &["+nightly", "miri", "--version"]),
            Self::RustSrc => nightly_source_is_present(),
            Self::Valgrind => answers("valgrind", &["--version"]),
            Self::Chromium => answers("chromium", &["--version"]),
            Self::Qemu => answers("qemu-aarch64", &["--version"]),
            Self::CrossGcc => answers("aarch64-linux-gnu-gcc", &["--version"]),
            Self::Gcc => answers("gcc", &["--version"]),
            Self::Clang => answers("clang", &["--version"]),
            Self::LibUv => has_header("uv.h"),
            Self::LibEvent => has_header("event2/event.h"),
            Self::Memcached => answers("memcached", &["-V"]),
            Self::Tmux => answers("tmux", &["-V"]),
        }
    }
}

/// Whether the C compiler finds it.
fn has_header(name: &str) -> bool {
    answers("cc", &["-E", "-include", name, "-x", "c", "/dev/null"])
}

fn clean(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_remove("RUSTUP_TOOLCHAIN")
        .stdin(Stdio::null());
    command
}

fn answers(program: &str, arguments: &[&str]) -> bool {
    clean(program, arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn nightly_source_is_present() -> bool {
    let Ok(output) = clean("rustc", &["+nightly", "--print", "sysroot"]).output() else {
        return false;
    };
    let sysroot = String::from_utf8_lossy(&output.stdout);
    Path::new(sysroot.trim())
        .join("lib/rustlib/src/rust/library/Cargo.lock")
        .exists()
}

/// Installs what is missing, as far as the machine lets it, and returns what is still missing.
#[must_use]
pub fn install_missing() -> Vec<Tool> {
    let missing = |tool: &Tool| !tool.is_present();
    let absent: Vec<_> = Tool::OF_CI.into_iter().filter(missing).collect();
    if absent.iter().any(|tool| tool.install()[0] == "apt-get") {
        // Fails without root; the tool is then reported as missing.
        drop(clean("apt-get", &["update"]).output());
    }
    for tool in &absent {
        let words = tool.install();
        drop(clean(words[0], &words[1..]).output());
    }
    absent.into_iter().filter(missing).collect()
}
