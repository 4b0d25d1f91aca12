//! The processor's own counter of time, where it has one that ticks at a constant rate.
//!
//! Miri, loom and shuttle interpret no instructions of a processor: they, and other processors, get [`read`] without a
//! counter behind it, and [`kind`] says so.

/// Which counter there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// x86_64's time stamp counter, with a rate that neither frequency nor sleep states change.
    #[cfg_attr(
        not(all(target_arch = "x86_64", not(any(miri, loom, shuttle)))),
        expect(dead_code, reason = "of another processor")
    )]
    Tsc,
    /// aarch64's virtual counter.
    #[cfg_attr(
        not(all(target_arch = "aarch64", not(any(miri, loom, shuttle)))),
        expect(dead_code, reason = "of another processor")
    )]
    Virtual,
    /// None that can be trusted.
    None,
}

pub(crate) use imp::{kind, read, read_ordered};

#[cfg(all(target_arch = "x86_64", not(any(miri, loom, shuttle))))]
mod imp {
    use super::Kind;
    use core::arch::x86_64::{__cpuid, _mm_lfence, _rdtsc};

    /// The leaf of extended power management, and in EDX the bit that says that the counter is invariant.
    const POWER_LEAF: u32 = 0x8000_0007;
    const INVARIANT: u32 = 1 << 8;

    pub(crate) fn kind() -> Kind {
        let last = __cpuid(0x8000_0000).eax;
        if last >= POWER_LEAF && __cpuid(POWER_LEAF).edx & INVARIANT != 0 {
            Kind::Tsc
        } else {
            Kind::None
        }
    }

    #[inline]
    pub(crate) fn read() -> u64 {
        // SAFETY: the instruction reads a register and nothing else, every x86_64 has it, and a system that forbids it
        // ends the process with a signal: no memory is touched.
        unsafe { _rdtsc() }
    }

    #[inline]
    pub(crate) fn read_ordered() -> u64 {
        #[target_feature(enable = "sse2")]
        fn between_fences() -> u64 {
            _mm_lfence();
            let ticks = read();
            _mm_lfence();
            ticks
        }
        // SAFETY: every x86_64 has SSE2.
        unsafe { between_fences() }
    }
}

#[cfg(all(target_arch = "aarch64", not(any(miri, loom, shuttle))))]
mod imp {
    use super::Kind;
    use core::arch::asm;

    pub(crate) fn kind() -> Kind {
        Kind::Virtual
    }

    #[inline]
    pub(crate) fn read() -> u64 {
        let ticks;
        // SAFETY: the register is readable in user mode, and the instruction touches neither memory, stack nor flags,
        // as the options say.
        unsafe {
            asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags))
        };
        ticks
    }

    #[inline]
    pub(crate) fn read_ordered() -> u64 {
        let ticks;
        // SAFETY: as in `read`; the barriers order it after the loads before it. Without `nomem` the compiler moves no
        // access across it either.
        unsafe {
            asm!("isb", "mrs {}, cntvct_el0", "isb", out(reg) ticks, options(nostack, preserves_flags))
        };
        ticks
    }
}

#[cfg(not(all(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(any(miri, loom, shuttle))
)))]
mod imp {
    use super::Kind;

    pub(crate) fn kind() -> Kind {
        Kind::None
    }

    pub(crate) fn read() -> u64 {
        unreachable!("no counter is read where there is none")
    }

    pub(crate) fn read_ordered() -> u64 {
        read()
    }
}
