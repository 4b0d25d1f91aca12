//! Debian's tmux, as it is, with libevent itself and with this library.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bed::{self, Bed};
use crate::libevent::libraries::{Library, backends, folder};

const PATIENCE: Duration = Duration::from_secs(30);
const CONFIGURATION: &str = "set -g status off
set -g automatic-rename off
set -g default-terminal screen
set -g history-limit 3000
set -g default-command \"PS1='$ ' exec sh\"
";

/// A tmux server of its own, and what was seen of it.
struct Tmux<'a> {
    library: Library,
    bed: &'a Bed,
    seen: String,
}

impl Tmux<'_> {
    fn command(&self, socket: &str) -> Command {
        let library = if socket == "outer" {
            Library::Stock
        } else {
            self.library
        };
        let mut command = library.command("tmux").expect("it is linked");
        command
            .env("TMUX_TMPDIR", self.bed.path())
            .env_remove("TMUX");
        command.env("LC_ALL", "C.UTF-8").env("TERM", "screen");
        let configuration = self.bed.path().join("tmux.conf");
        command.arg("-L").arg(socket).arg("-f").arg(configuration);
        command
    }

    /// Runs a command of the server's that must succeed, and notes what it says.
    fn run(&mut self, arguments: &[&str]) -> String {
        let output = bed::run(self.command("inner").args(arguments));
        let text = String::from_utf8(output.stdout).expect("text");
        self.note(&format!("{arguments:?}"), &text);
        text
    }

    fn note(&mut self, what: &str, text: &str) {
        self.seen.push_str(&format!("== {what}\n{text}\n"));
    }

    /// Waits until a pane has the text and a prompt at its end; what it has then.
    fn wait(&self, socket: &str, pane: &str, text: &str, end: &str) -> String {
        let begun = Instant::now();
        loop {
            let mut command = self.command(socket);
            let output = bed::run(command.args(["capture-pane", "-p", "-S", "-", "-t", pane]));
            let captured = String::from_utf8(output.stdout).expect("text");
            if captured.contains(text) && captured.trim_end().ends_with(end) {
                return captured;
            }
            assert!(begun.elapsed() < PATIENCE, "no `{text}` in:\n{captured}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types a command line into a pane, and notes the pane when its last word has come.
    fn type_in(&mut self, pane: &str, line: &str, last: &str) {
        // Else the terminal shows the line before the shell does.
        self.wait("inner", pane, "$", "$");
        self.run(&["send-keys", "-t", pane, line, "Enter"]);
        let captured = self.wait("inner", pane, &format!("\n{last}\n"), "$");
        self.note(line, &captured);
    }

    /// A client in a terminal that another tmux, with libevent itself, keeps.
    fn attach(&mut self) {
        let inner = self.command("inner");
        let variables = inner.get_envs().filter_map(|(name, value)| {
            let value = value?.to_string_lossy();
            Some(format!("{}='{value}'", name.to_string_lossy()))
        });
        let words = inner.get_args().map(|it| it.to_string_lossy().into_owned());
        let client: Vec<String> = std::iter::once("env".to_owned())
            .chain(variables)
            .chain(std::iter::once("tmux".to_owned()))
            .chain(words)
            .collect();
        let line = format!("{} attach -t main; sleep 1000", client.join(" "));
        let mut outer = self.command("outer");
        outer.args([
            "new-session",
            "-d",
            "-s",
            "o",
            "-x",
            "90",
            "-y",
            "20",
            &line,
        ]);
        bed::run(&mut outer);
        self.wait("outer", "o", "end6", "$");
        let keys = ["send-keys", "-t", "o", "echo ty\"\"ped", "Enter"];
        bed::run(self.command("outer").args(keys));
        let screen = self.wait("outer", "o", "\ntyped\n", "$");
        self.note("attached", &screen);
        self.run(&[
            "list-clients",
            "-F",
            "#{client_width}x#{client_height} #{client_termname}",
        ]);
        // The program in the pane hears of the size of the terminal.
        let resize = ["resize-window", "-t", "o", "-x", "70", "-y", "15"];
        bed::run(self.command("outer").args(resize));
        let begun = Instant::now();
        while self.run_quietly("#{window_width}x#{window_height}") != "70x15\n" {
            assert!(begun.elapsed() < PATIENCE, "the terminal was resized");
            std::thread::sleep(Duration::from_millis(20));
        }
        let wait = "clear; until stty size | grep '15 70'; do sleep 0.1; done; echo end\"7\"";
        self.type_in("main:1.0", wait, "end7");
        self.run(&["detach-client", "-s", "main"]);
        let screen = self.wait("outer", "o", "[detached (from session main)]", "]");
        self.note("detached", screen.trim_end());
        bed::run(self.command("outer").arg("kill-server"));
    }

    fn run_quietly(&self, format: &str) -> String {
        let mut command = self.command("inner");
        let output = bed::run(command.args(["display-message", "-p", "-t", "main", format]));
        String::from_utf8(output.stdout).expect("text")
    }

    /// A client that speaks in lines.
    fn control(&mut self) {
        let mut command = self.command("inner");
        command.args(["-C", "attach", "-t", "main"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut client = command.spawn().expect("it starts");
        let mut input = client.stdin.take().expect("it is piped");
        let output = BufReader::new(client.stdout.take().expect("it is piped"));
        let mut lines = output.lines().map(|it| it.expect("text"));
        // Before that it knows no client to detach.
        let is_attached = lines.any(|it| it.starts_with("%session-changed"));
        assert!(is_attached, "the client ended");
        let commands =
            b"list-windows -F '#{window_index} #{window_panes}'\nshow-buffer\ndetach-client\n";
        input.write_all(commands).expect("it reads");
        // Its own lines have times and numbers in them.
        let lines: Vec<String> = lines.filter(|it| !it.starts_with('%')).collect();
        assert!(client.wait().expect("it ends").success());
        drop(input);
        self.note("control mode", &lines.join("\n"));
    }

    /// A text that is larger than what goes between client and server at once.
    fn buffers(&mut self) {
        let text: String = (0..4000).map(|it| format!("line {it}\n")).collect();
        let mut command = self.command("inner");
        command.args(["load-buffer", "-"]).stdin(Stdio::piped());
        let mut client = command.spawn().expect("it starts");
        let mut input = client.stdin.take().expect("it is piped");
        input.write_all(text.as_bytes()).expect("it reads");
        drop(input);
        assert!(client.wait().expect("it ends").success());
        let output = bed::run(self.command("inner").args(["save-buffer", "-"]));
        assert_eq!(output.stdout, text.as_bytes());
        self.run(&["set-buffer", "a short one"]);
    }

    /// Which kernel objects the server waits with.
    fn waits_with(&self) -> (String, bool, bool) {
        let pid = self.run_quietly("#{pid}");
        let pid = pid.trim();
        let loaded = std::fs::read_to_string(format!("/proc/{pid}/maps")).expect("it runs");
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
        let links: Vec<String> = descriptors
            .filter_map(|it| std::fs::read_link(it.ok()?.path()).ok())
            .map(|it| it.to_string_lossy().into_owned())
            .collect();
        let has = |what| links.iter().any(|it| it == what);
        (
            loaded,
            has("anon_inode:[eventpoll]"),
            has("anon_inode:[io_uring]"),
        )
    }
}

impl Drop for Tmux<'_> {
    /// Where a test failed, too, no server stays.
    fn drop(&mut self) {
        for socket in ["inner", "outer"] {
            drop(self.command(socket).arg("kill-server").output());
        }
    }
}

/// What tmux shows with a library, from its start to its end.
fn session(library: Library) -> String {
    let bed = Bed::new();
    std::fs::write(bed.path().join("tmux.conf"), CONFIGURATION).expect("it is writable");
    let mut tmux = Tmux {
        library,
        bed: &bed,
        seen: String::new(),
    };
    tmux.run(&["new-session", "-d", "-s", "main", "-x", "80", "-y", "24"]);
    if let Library::Ours(backend) = library {
        let (loaded, epoll, uring) = tmux.waits_with();
        let ours = folder().expect("it is linked").to_string_lossy();
        assert!(loaded.contains(&*ours), "{loaded}");
        assert_eq!((epoll, uring), (backend == "epoll", backend == "io_uring"));
    }
    tmux.type_in("main:0.0", "seq 1 40; echo end\"1\"", "end1");
    tmux.run(&["split-window", "-h", "-t", "main:0"]);
    tmux.type_in("main:0.1", "printf '%s\\n' one two; echo end\"2\"", "end2");
    tmux.run(&["resize-window", "-t", "main:0", "-x", "100", "-y", "30"]);
    // The program hears of it a while later.
    tmux.type_in(
        "main:0.1",
        "until stty size | grep '30 49'; do sleep 0.1; done; echo end\"3\"",
        "end3",
    );
    tmux.run(&["resize-pane", "-t", "main:0.1", "-x", "20"]);
    tmux.run(&[
        "list-panes",
        "-t",
        "main:0",
        "-F",
        "#{pane_width}x#{pane_height}",
    ]);
    tmux.run(&["new-window", "-t", "main:1"]);
    tmux.type_in(
        "main:1.0",
        "yes abcdefghij | head -n 20000; echo end\"4\"",
        "end4",
    );
    tmux.type_in("main:1.0", "(exit 3); echo $? end\"5\"", "3 end5");
    tmux.run(&["clear-history", "-t", "main:1.0"]);
    tmux.type_in("main:1.0", "clear; sleep 0.1 & wait; echo end\"6\"", "end6");
    tmux.run(&["run-shell", "-t", "main:1.0", "echo from a job; exit 0"]);
    let job = tmux.wait("inner", "main:1.0", "end6", "");
    tmux.note("behind the job's output", &job);
    tmux.run(&["send-keys", "-X", "-t", "main:1.0", "cancel"]);
    tmux.buffers();
    tmux.control();
    tmux.attach();
    tmux.run(&["kill-window", "-t", "main:1"]);
    tmux.run(&["list-windows", "-F", "#{window_index} #{window_panes}"]);
    tmux.run(&["kill-server"]);
    let gone = tmux
        .command("inner")
        .arg("has-session")
        .output()
        .expect("it starts");
    assert!(!gone.status.success());
    std::mem::take(&mut tmux.seen)
}

#[test]
fn tmux_shows_the_same_from_its_first_session_to_its_end() {
    if Command::new("tmux").arg("-V").output().is_err() {
        return bed::not_run("no `tmux`; Debian's package of this name has it");
    }
    if folder().is_none() {
        return;
    }
    // They wait for each other's programs most of the time.
    let start = |library| std::thread::spawn(move || session(library));
    let stock = start(Library::Stock);
    let ours = backends()
        .into_iter()
        .map(|it| (it, start(Library::Ours(it))));
    let ours: Vec<_> = ours.collect();
    let stock = stock.join().expect("a session");
    for (backend, ours) in ours {
        let ours = ours.join().expect("a session");
        for (ours, stock) in ours.split("== ").zip(stock.split("== ")) {
            assert_eq!(ours, stock, "{backend}");
        }
        assert_eq!(ours.len(), stock.len(), "{backend}");
    }
}
