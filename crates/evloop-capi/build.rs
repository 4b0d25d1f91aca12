//! Compiles what Rust cannot define: functions with any number of arguments.

fn main() {
    println!("cargo::rerun-if-changed=src/libevent/printf.c");
    let compiled = cc::Build::new()
        .file("src/libevent/printf.c")
        .warnings_into_errors(true)
        .try_compile("evloop_capi_printf");
    if let Err(error) = compiled {
        println!(
            "cargo::error=evloop-capi needs a C compiler for evbuffer_add_printf: install one (Debian: apt-get install gcc) or name it in the variable CC. {error}"
        );
    }
}
