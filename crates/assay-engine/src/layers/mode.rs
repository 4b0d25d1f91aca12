//! A mode of a layer, as data: how it builds and how its programs run.

/// One way in which a layer builds and runs the exercise.
#[derive(Clone, Debug)]
pub(crate) struct Mode {
    /// The name in the evidence, for example `debug`.
    pub(crate) name: &'static str,
    /// The target folder under the scratch copy's; modes that build the same way share one.
    pub(crate) folder: &'static str,
    /// The toolchain that cargo is asked for, for example `+nightly`.
    pub(crate) toolchain: Option<&'static str>,
    /// Arguments of cargo on top of the package's own.
    pub(crate) cargo: Vec<String>,
    /// Flags of the compiler on top of the user's own.
    pub(crate) rustflags: Vec<String>,
    /// Variables of the build.
    pub(crate) build_env: Vec<(String, String)>,
    /// Variables of the programs.
    pub(crate) run_env: Vec<(String, String)>,
    /// What the programs run under.
    pub(crate) runner: Runner,
    /// Whether doctests can run.
    pub(crate) doctests: bool,
    /// Whether the address space may be bounded; a sanitizer's shadow does not fit under a bound.
    pub(crate) bound_memory: bool,
    /// How much slower than a plain run it is taken to be.
    pub(crate) patience: u32,
    /// Whether a test past its limit says something about the crate, and not about the layer.
    pub(crate) hang_is_finding: bool,
    /// How often the exercise is repeated.
    pub(crate) repeats: u32,
    /// The seed of a probabilistic mode.
    pub(crate) seed: Option<u64>,
    /// Only targets whose source has one of these words are built and run.
    pub(crate) mentions: Option<&'static [&'static str]>,
    /// Test targets whose source has this word are left out: the layer can't stand beside what they do.
    pub(crate) spares: Option<&'static str>,
}

/// What a program runs under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// Nothing.
    Direct,
    /// Valgrind with these arguments; each process writes an XML file.
    Valgrind(Vec<String>),
    /// Cargo starts the interpreter.
    Miri,
}

impl Mode {
    /// A plain build with the active toolchain.
    pub(crate) fn plain(name: &'static str, folder: &'static str) -> Self {
        Self {
            name,
            folder,
            toolchain: None,
            cargo: Vec::new(),
            rustflags: Vec::new(),
            // The probe alone may use unstable features; the audited crates see a stable compiler.
            build_env: vars([("RUSTC_BOOTSTRAP", "assay_probe")]),
            run_env: Vec::new(),
            runner: Runner::Direct,
            doctests: false,
            bound_memory: true,
            patience: 1,
            hang_is_finding: true,
            repeats: 1,
            seed: None,
            mentions: None,
            spares: None,
        }
    }

    /// Adds settings of a cargo profile, `dev` or `release`.
    pub(crate) fn profile(mut self, profile: &str, settings: &[(&str, &str)]) -> Self {
        for (name, value) in settings {
            let variable = format!("CARGO_PROFILE_{profile}_{name}");
            self.build_env.push((variable, (*value).to_owned()));
        }
        self
    }

    /// Builds the `dev` profile as a release is: with the assertions on, the program stops before the
    /// layer sees the access, and no sum wraps. The layer `unit` has them on.
    pub(crate) fn unchecked(self) -> Self {
        self.profile(
            "DEV",
            &[("DEBUG_ASSERTIONS", "false"), ("OVERFLOW_CHECKS", "false")],
        )
    }

    pub(crate) fn cargo(mut self, arguments: &[&str]) -> Self {
        self.cargo
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    pub(crate) fn rustflags(mut self, flags: &[&str]) -> Self {
        self.rustflags
            .extend(flags.iter().map(|&flag| flag.to_owned()));
        self
    }

    /// Lets the whole build use unstable flags of a stable compiler.
    pub(crate) fn bootstrap(mut self) -> Self {
        self.build_env.retain(|(name, _)| name != "RUSTC_BOOTSTRAP");
        self.build_env.extend(vars([("RUSTC_BOOTSTRAP", "1")]));
        self
    }
}

/// Variables from literals.
pub(crate) fn vars<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}
