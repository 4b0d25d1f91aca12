//! The allocator value and its configuration.

use std::alloc::System;

/// A global allocator that gives phases bump allocation, and everything else to `Inner`.
///
/// Put it in as the `#[global_allocator]`. All values work on one region of the process; the first that
/// is used tells its configuration, which holds from then on. What differs between values is `Inner`.
///
/// # Examples
///
/// ```
/// use phase_alloc::{PhaseAlloc, phase};
///
/// #[global_allocator]
/// static ALLOCATOR: PhaseAlloc = PhaseAlloc::new();
///
/// let kept = phase(|| (0..1000).map(|n| n.to_string()).collect::<Vec<_>>());
/// assert_eq!(kept[999], "999"); // What leaves a phase stays valid.
/// ```
#[derive(Debug)]
pub struct PhaseAlloc<Inner = System> {
    pub(crate) config: Config,
    pub(crate) inner: Inner,
}

impl PhaseAlloc {
    /// The default configuration over the system's allocator.
    #[must_use]
    pub const fn new() -> Self {
        Self::builder().build()
    }

    /// A configuration to be changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use phase_alloc::{PhaseAlloc, PurgePolicy};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: PhaseAlloc = PhaseAlloc::builder()
    ///     .region_bytes(16 << 30)
    ///     .purge(PurgePolicy::Free)
    ///     .build();
    /// # assert_eq!(phase_alloc::phase(|| 7), 7);
    /// ```
    pub const fn builder() -> Builder {
        Builder {
            config: Config::DEFAULT,
        }
    }
}

impl Default for PhaseAlloc {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes a [`PhaseAlloc`]; see [`PhaseAlloc::builder`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing before `build`"]
pub struct Builder {
    config: Config,
}

impl Builder {
    /// Objects below so many bytes go to the inner allocator. A matter of speed alone. Default 0.
    pub const fn min_bytes(mut self, bytes: usize) -> Self {
        self.config.min_bytes = bytes;
        self
    }

    /// The address space to reserve, in bytes: half for objects up to 128 KiB, half for larger ones.
    /// The largest object that finds room has three eighths of it, less 32 bytes.
    ///
    /// Less is taken if there is not so much; none at all sends everything to the inner allocator.
    /// Memory is used only as far as objects are written. Default 128 GiB (256 MiB where addresses have
    /// 32 bits); 8 MiB at least.
    pub const fn region_bytes(mut self, bytes: usize) -> Self {
        self.config.region_bytes = bytes;
        self
    }

    /// Overwrites memory when it is allocated and when it is freed, and ends the program where an object
    /// is freed though nothing is live in its chunk or span. Slow. Default off.
    pub const fn poison(mut self, on: bool) -> Self {
        self.config.poison = on;
        self
    }

    /// Puts guards around objects and lets freed ones wait before their memory is reused. Ends the
    /// program with a message on a write outside an object, a write after free, a second free, or a free
    /// with a wrong layout. Slow, and overwrites memory as [`Builder::poison`] does. The guards are counted
    /// with the bytes of [`survivors`](crate::survivors). Default off.
    pub const fn quarantine(mut self, on: bool) -> Self {
        self.config.quarantine = on;
        self
    }

    /// Whether the system is asked for huge pages for objects over 128 KiB. Linux alone has them. Default off.
    ///
    /// Worth a try where the same work is done again and again: proofs of four kinds took 2 % less processor
    /// time with them. The first one may pay where a page of 2 MiB is dear, as on a virtual machine that gets
    /// its memory from its host as it is written to: 2.3 s instead of 1.3 s for one of the four, and 0.1 s
    /// less for another (`docs/benchmarks/phase.json`).
    pub const fn huge_pages(mut self, on: bool) -> Self {
        self.config.huge_pages = on;
        self
    }

    /// What happens to free memory when the last active phase ends. Default [`PurgePolicy::Never`].
    pub const fn purge(mut self, policy: PurgePolicy) -> Self {
        self.config.purge = policy;
        self
    }

    /// Whether environment variables overrule what is set here. They are read when the first phase
    /// begins. Default off.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `ZK_ALLOC_SLAB_GB` | GiB of address space for each processor, and once more |
    /// | `ZK_ALLOC_MIN_BYTES` | as [`Builder::min_bytes`] |
    /// | `ZK_ALLOC_POISON_RESET` | `1`: as [`Builder::poison`] |
    pub const fn from_env(mut self, on: bool) -> Self {
        self.config.from_env = on;
        self
    }

    /// The allocator, over the system's.
    #[must_use]
    pub const fn build(self) -> PhaseAlloc {
        self.build_with(System)
    }

    /// The allocator, over `inner`: what is allocated outside of phases, and what the region has no room
    /// for, is allocated there.
    ///
    /// # Examples
    ///
    /// ```
    /// use phase_alloc::PhaseAlloc;
    /// use std::alloc::System;
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: PhaseAlloc<System> = PhaseAlloc::builder().build_with(System);
    /// # assert_eq!(phase_alloc::phase(|| vec![1, 2]), [1, 2]);
    /// ```
    #[must_use]
    pub const fn build_with<Inner>(self, inner: Inner) -> PhaseAlloc<Inner> {
        PhaseAlloc {
            config: self.config,
            inner,
        }
    }
}

/// What happens to the memory of free chunks and spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PurgePolicy {
    /// It stays, for the next phase.
    Never,
    /// The system may take it when it needs it; until then it counts as resident.
    Free,
    /// The system gets it at once. The next phase pays for new pages.
    DontNeed,
}

/// What a builder sets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(crate) min_bytes: usize,
    pub(crate) region_bytes: usize,
    /// The drop-in module's slab; 0 before a phase began.
    pub(crate) slab_bytes: usize,
    pub(crate) poison: bool,
    pub(crate) quarantine: bool,
    pub(crate) huge_pages: bool,
    pub(crate) purge: PurgePolicy,
    pub(crate) from_env: bool,
}

impl Config {
    pub(crate) const DEFAULT: Self = Self {
        min_bytes: 0,
        region_bytes: if usize::BITS >= 64 { 1 << 37 } else { 1 << 28 },
        slab_bytes: if usize::BITS >= 64 { 1 << 33 } else { 1 << 26 },
        poison: false,
        quarantine: false,
        huge_pages: false,
        purge: PurgePolicy::Never,
        from_env: false,
    };

    /// With what the environment says, if it is to be asked. May allocate.
    pub(crate) fn with_environment(self) -> Self {
        if !self.from_env {
            return self;
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        self.overruled_by(processors, |name| std::env::var(name).ok())
    }

    fn overruled_by(
        mut self,
        processors: usize,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let number = |name| variable(name)?.trim().parse::<usize>().ok();
        if let Some(slab) = number("ZK_ALLOC_SLAB_GB").filter(|slab| *slab > 0) {
            self.slab_bytes = slab.saturating_mul(1 << 30);
            self.region_bytes = self.slab_bytes.saturating_mul(processors + 1);
        }
        if let Some(bytes) = number("ZK_ALLOC_MIN_BYTES") {
            self.min_bytes = bytes;
        }
        if let Some(poison) = variable("ZK_ALLOC_POISON_RESET") {
            self.poison = poison.trim() == "1";
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_overrules_the_builder() {
        let asked = |name: &str| match name {
            "ZK_ALLOC_SLAB_GB" => Some("2".to_owned()),
            "ZK_ALLOC_MIN_BYTES" => Some(" 6144 ".to_owned()),
            "ZK_ALLOC_POISON_RESET" => Some("1".to_owned()),
            _ => None,
        };
        let config = Config::DEFAULT.overruled_by(3, asked);
        assert_eq!(config.min_bytes, 6144);
        assert_eq!((config.slab_bytes, config.region_bytes), (2 << 30, 8 << 30));
        assert!(config.poison);
    }

    #[test]
    fn nonsense_in_the_environment_changes_nothing() {
        let config = Config::DEFAULT.overruled_by(3, |_| Some("-x".to_owned()));
        assert_eq!(config.min_bytes, 0);
        assert_eq!(config.region_bytes, Config::DEFAULT.region_bytes);
        assert!(!config.poison);
    }
}
