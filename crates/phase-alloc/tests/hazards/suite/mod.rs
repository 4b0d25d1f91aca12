//! Safe programs that keep memory across phases, as libraries do, and check what they kept.
//!
//! An allocator that takes memory back at the edge of a phase corrupts every one of them. Each runs in
//! a process of its own, for some of them do not crash but hang, and each is one function that panics
//! when what it kept is damaged. The programs know their allocator by `crate::subject` alone, so that
//! other allocators can be put under them: `compare/phase` does.

pub(crate) mod containers;
pub(crate) mod harness;
pub(crate) mod library;
pub(crate) mod memory;
pub(crate) mod phases;
pub(crate) mod pools;
pub(crate) mod process;
pub(crate) mod runner;
pub(crate) mod spans;
pub(crate) mod support;
#[path = "../../common/this_program.rs"]
pub(crate) mod this_program;
pub(crate) mod threads;

/// A program with the name that it is listed by.
pub(crate) struct Hazard {
    /// A number from the list of hazards where it has one, and what it does.
    pub(crate) name: &'static str,
    /// Panics, hangs or crashes if memory is damaged.
    pub(crate) run: fn(),
}

const fn hazard(name: &'static str, run: fn()) -> Hazard {
    Hazard { name, run }
}

/// Every program.
pub(crate) const ALL: &[Hazard] = &[
    hazard("h01_vec_kept_and_grown", containers::vec_kept_and_grown),
    hazard("h02_arc_kept", containers::arc_kept),
    hazard("h03_map_kept", containers::map_kept),
    hazard("h04_trait_object_kept", containers::trait_object_kept),
    hazard("h05_panic_within_a_phase", phases::panic_within_a_phase),
    hazard(
        "h06_another_thread_begins_a_phase",
        phases::another_thread_begins,
    ),
    hazard("h07_four_threads_with_own_phases", phases::four_threads),
    hazard("h08_nested_phases", phases::nested),
    hazard("h09_pool_built_in_a_phase", pools::pool_built_in_a_phase),
    hazard("h10_deques_grown_by_deep_joins", pools::deep_joins),
    hazard("h11_canary_over_a_hundred_phases", pools::canary),
    hazard("h12_concurrent_spans", spans::concurrent),
    hazard("h13_once_lock_first_used_in_a_phase", library::once_lock),
    hazard(
        "h14_thread_local_grown_by_phase",
        library::thread_local_grown,
    ),
    hazard("h15_bystander_thread", threads::bystander),
    hazard("h16_stdin_first_locked_in_a_phase", library::stdin_lines),
    hazard("h17_log_of_strings", library::log_of_strings),
    hazard("h18_shrunk_and_regrown", containers::shrunk_and_regrown),
    hazard("h19_one_survivor_a_phase", memory::one_survivor_a_phase),
    hazard("h20_slow_consumer", threads::slow_consumer),
    hazard("h21_freed_after_the_owner_is_gone", threads::owners_gone),
    hazard("h24_rewind_at_a_chunk_border", memory::rewind_at_a_border),
    hazard("containers_of_every_kind_kept", containers::every_kind_kept),
    hazard("survivor_among_its_like", memory::survivor_among_its_like),
    hazard("zeroed_memory_is_zero", memory::zeroed_is_zero),
    hazard("over_aligned_blocks", memory::over_aligned),
    hazard("out_of_memory", memory::out_of_memory),
    hazard("small_address_space", memory::small_address_space),
    hazard(
        "realloc_by_another_thread",
        threads::grown_by_another_thread,
    ),
    hazard("thread_joined_phases_later", threads::joined_later),
    hazard("more_threads_than_slabs", threads::many_at_once),
    hazard("epoch_bags", pools::epoch_bags),
    hazard("fork_in_a_phase", process::fork_in_a_phase),
    hazard(
        "thread_local_destructors_allocate",
        process::destructors_allocate,
    ),
    hazard("panic_hook_allocates", process::panic_hook_allocates),
    hazard(
        "phase_begun_in_a_thread_local_destructor",
        process::phase_in_a_destructor,
    ),
];
