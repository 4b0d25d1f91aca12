//! The configuration file: the long options of a command, as TOML.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use toml_edit::{DocumentMut, Item, Value};

use super::Failure;

/// Puts the options of `--config FILE` in front of those that stand in the arguments, which therefore win.
///
/// A key is the name of an option without its dashes. `key = true` is the option without a value, `key = false` is
/// nothing; what else an option takes is written as a string or a number.
pub(crate) fn expand(arguments: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let Some(path) = path(&arguments) else {
        return Ok(arguments);
    };
    let text = fs::read_to_string(&path).map_err(|error| Failure::Io(path.clone(), error))?;
    let options =
        options(&text).map_err(|what| Failure::Usage(format!("{}: {what}", path.display())))?;
    // Behind the program and the command.
    let mut arguments = arguments;
    let at = arguments.len().min(2);
    arguments.splice(at..at, options.into_iter().map(OsString::from));
    Ok(arguments)
}

fn path(arguments: &[OsString]) -> Option<PathBuf> {
    let at = arguments.iter().position(|it| it == "--config");
    let apart = at.and_then(|at| arguments.get(at + 1)).map(PathBuf::from);
    apart.or_else(|| {
        arguments
            .iter()
            .find_map(|it| it.to_str()?.strip_prefix("--config=").map(PathBuf::from))
    })
}

fn options(text: &str) -> Result<Vec<String>, String> {
    let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    let mut options = Vec::new();
    for (key, item) in document.as_table() {
        let Item::Value(value) = item else {
            return Err(format!("`{key}` is no option: tables are not used"));
        };
        match value {
            Value::Boolean(on) if *on.value() => options.push(format!("--{key}")),
            Value::Boolean(_) => {}
            Value::String(text) => options.push(format!("--{key}={}", text.value())),
            Value::Integer(number) => options.push(format!("--{key}={}", number.value())),
            _ => return Err(format!("`{key}` is neither a string, a number nor a truth")),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn keys_are_options() {
        let text = "rate = \"2M\"\ncount = 5\njson = true\ntui = false\n";
        assert_eq!(options(text).unwrap(), ["--rate=2M", "--count=5", "--json"]);
    }

    #[test]
    fn what_is_no_option_is_refused() {
        assert!(
            options("[run]\nrate = 1\n")
                .unwrap_err()
                .contains("`run` is no option")
        );
        assert!(
            options("rate = 1.5\n")
                .unwrap_err()
                .contains("`rate` is neither")
        );
        assert!(options("rate = \n").is_err());
    }
}
