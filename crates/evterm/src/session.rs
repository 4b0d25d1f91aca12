//! The command, its screen and the terminal around it, on an event loop.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use evloop::{Event, Interest, Loop, Timer, Token};
use pty_process::blocking::Pts;
use rustix::process::Signal;
use termgrid::Terminal;

use crate::child::{Child, Output};
use crate::error::Error;
use crate::host::Host;
use crate::options::Options;
use crate::pictures;

/// Output is shown so long after it came, with what came meanwhile.
const FRAME: Duration = Duration::from_millis(4);

/// A program that asks to wait for the end of its output is shown after that time.
const SYNCHRONIZED: Duration = Duration::from_millis(150);

/// What a command left running may still write after its end.
const REST: Duration = Duration::from_millis(200);

/// Nothing is read from the keyboard while so much waits to be taken by the command.
const TYPED_MAX: usize = 1 << 16;

/// The most that is read from the pseudo-terminal at once.
const READ_MAX: usize = 1 << 14;

/// How often the pseudo-terminal is read before others have a turn.
const READS: usize = 64;

/// Signals that end programs.
const ENDING: [Signal; 4] = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT];

/// Runs until the command ends, or a signal ends it, and gives the exit code.
pub(crate) fn run(options: Options) -> Result<u8, Error> {
    let mut events = Loop::new()?;
    // Before the terminal is changed: no signal leaves it so.
    let ended_by = end_by_signal(&mut events)?;
    let host = options.size.is_none().then(Host::enter).transpose()?;
    let size = match (&host, options.size) {
        (Some(host), _) => host.size()?,
        (None, size) => size.ok_or(Error::NotATerminal)?,
    };
    let (child, end) = Child::open(size)?;
    let session = Rc::new(RefCell::new(Session {
        terminal: Terminal::new(size, options.scrollback),
        child,
        host,
        options,
        typed: VecDeque::new(),
        tokens: None,
        code: None,
        failed: None,
        frame: Frame::Shown,
        has_output: true,
    }));
    Session::register(&session, &mut events)?;
    session.borrow_mut().start(end, &mut events)?;
    events.run()?;
    // Its callbacks have a part in the session.
    drop(events);
    let mut session = session.borrow_mut();
    if session.failed.is_none() {
        session.show()?;
    }
    // The terminal is what it was before anything is told.
    session.host = None;
    pictures::write(&session.options, &session.terminal)?;
    match session.failed.take() {
        Some(error) => Err(error),
        None => Ok(ended_by.get().or(session.code).unwrap_or(0)),
    }
}

/// Stops the loop when a signal would have ended the program; the exit code that stands for it.
fn end_by_signal(events: &mut Loop) -> Result<Rc<Cell<Option<u8>>>, Error> {
    let code = Rc::new(Cell::new(None));
    for signal in ENDING {
        let code = Rc::clone(&code);
        events.add_signal(signal.as_raw(), move |events, _| {
            code.set(u8::try_from(128 + signal.as_raw()).ok());
            events.stop();
        })?;
    }
    Ok(code)
}

struct Session {
    options: Options,
    terminal: Terminal,
    child: Child,
    host: Option<Host>,
    /// What the command has not taken yet: what was typed, and the terminal's replies.
    typed: VecDeque<u8>,
    tokens: Option<Tokens>,
    code: Option<u8>,
    failed: Option<Error>,
    frame: Frame,
    /// Somebody has the other end of the pseudo-terminal.
    has_output: bool,
}

#[derive(Clone, Copy)]
struct Tokens {
    pty: Token,
    keyboard: Option<Token>,
    frame: Token,
    end: Token,
}

/// What is to be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Shown,
    /// The timer of frames is armed.
    Due,
    /// So it is, and the program had asked to wait when it was due before.
    Late,
}

type Shared = Rc<RefCell<Session>>;

impl Session {
    fn register(this: &Shared, events: &mut Loop) -> Result<(), Error> {
        let call = |act: fn(&mut Self, &mut Loop)| {
            let this = Rc::clone(this);
            move |events: &mut Loop, _: Event| act(&mut this.borrow_mut(), events)
        };
        events.add_signal(Signal::CHILD.as_raw(), call(Self::reap))?;
        events.add_signal(Signal::WINCH.as_raw(), call(Self::resize))?;
        events.add_signal(
            Signal::USR1.as_raw(),
            call(|session, _| {
                // What fails now fails at the end, where it is told.
                drop(pictures::write(&session.options, &session.terminal));
            }),
        )?;
        let frame = events.add_timer(Timer::idle(), call(Self::frame));
        let end = events.add_timer(Timer::idle(), call(Self::end));
        let pty = Rc::clone(&this.borrow().child.pty);
        let read = call(Self::read);
        let pty = events.add_io(pty, Interest::READABLE, move |events, _, event| {
            read(events, event);
        });
        let keyboard = this.borrow().host.is_some().then(|| {
            let this = Rc::clone(this);
            events.add_io(io::stdin(), Interest::READABLE, move |events, input, _| {
                this.borrow_mut().type_in(input, events);
            })
        });
        this.borrow_mut().tokens = Some(Tokens {
            pty,
            keyboard,
            frame,
            end,
        });
        Ok(())
    }

    /// Starts the command; no signal that it sends, or that tells of it, is missed.
    fn start(&mut self, end: Pts, events: &mut Loop) -> Result<(), Error> {
        // The size may have changed before anybody listened.
        self.resize(events);
        self.child.start(&self.options.command, end)?;
        self.draw(events);
        Ok(())
    }

    /// The pseudo-terminal has something, or takes something.
    fn read(&mut self, events: &mut Loop) {
        let mut bytes = [0; READ_MAX];
        for _ in 0..READS {
            match self.child.read(&mut bytes) {
                Output::Bytes(count) => self.process(&bytes[..count], events),
                Output::Pending => break,
                Output::End => {
                    self.has_output = false;
                    self.with_tokens(|tokens| events.remove(tokens.pty));
                    if self.code.is_some() {
                        events.stop();
                    }
                    return;
                }
            }
        }
        self.write(events);
    }

    fn process(&mut self, bytes: &[u8], events: &mut Loop) {
        self.terminal.process(bytes);
        // A command that asks and never reads gets no more answers.
        if self.typed.len() < TYPED_MAX {
            self.typed.extend(self.terminal.replies());
        }
        self.terminal.clear_replies();
        self.draw(events);
    }

    /// Gives the command what waits for it, as much as it takes.
    fn write(&mut self, events: &mut Loop) {
        while !self.typed.is_empty() {
            match self.child.write(self.typed.as_slices().0) {
                0 => break,
                count => drop(self.typed.drain(..count)),
            }
        }
        let waits = if self.typed.is_empty() {
            Interest::NONE
        } else {
            Interest::WRITABLE
        };
        let is_full = self.typed.len() >= TYPED_MAX;
        self.with_tokens(|tokens| {
            events.set_interest(tokens.pty, Interest::READABLE | waits);
            if let Some(keyboard) = tokens.keyboard {
                let interest = if is_full {
                    Interest::NONE
                } else {
                    Interest::READABLE
                };
                events.set_interest(keyboard, interest);
            }
            true
        });
    }

    fn type_in(&mut self, input: &io::Stdin, events: &mut Loop) {
        let mut bytes = [0; 4096];
        let typed = Host::read(input, &mut bytes);
        if typed.is_empty() {
            // The terminal has gone.
            self.code = u8::try_from(128 + Signal::HUP.as_raw()).ok();
            events.stop();
        }
        self.typed.extend(typed);
        self.write(events);
    }

    fn reap(&mut self, events: &mut Loop) {
        self.code = self.code.or(self.child.ended());
        if self.code.is_none() {
            return;
        }
        if self.has_output {
            // What it wrote last is read first; something that it left may keep the other end.
            self.with_tokens(|tokens| events.arm(tokens.end, REST));
        } else {
            events.stop();
        }
    }

    /// The command has ended a while ago. What it wrote fits into the pseudo-terminal, and into a turn.
    fn end(&mut self, events: &mut Loop) {
        self.read(events);
        events.stop();
    }

    fn resize(&mut self, events: &mut Loop) {
        let Some(host) = &mut self.host else {
            return;
        };
        host.forget();
        let resized = host.size().and_then(|size| {
            self.terminal.resize(size);
            self.child.resize(size)
        });
        match resized {
            Ok(()) => self.draw(events),
            Err(error) => self.fail(error, events),
        }
    }

    /// Has the next frame shown, soon.
    fn draw(&mut self, events: &mut Loop) {
        if self.host.is_some() && self.frame == Frame::Shown {
            self.frame = Frame::Due;
            self.with_tokens(|tokens| events.arm(tokens.frame, FRAME));
        }
    }

    fn frame(&mut self, events: &mut Loop) {
        if self.terminal.modes().synchronized_output && self.frame == Frame::Due {
            self.frame = Frame::Late;
            self.with_tokens(|tokens| events.arm(tokens.frame, SYNCHRONIZED));
        } else if let Err(error) = self.show() {
            self.fail(error, events);
        }
    }

    fn show(&mut self) -> Result<(), Error> {
        self.frame = Frame::Shown;
        match &mut self.host {
            Some(host) => host.show(&mut self.terminal),
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: Error, events: &mut Loop) {
        self.failed = Some(error);
        events.stop();
    }

    /// They are there as soon as the loop runs.
    fn with_tokens(&self, act: impl FnOnce(Tokens) -> bool) {
        if let Some(tokens) = self.tokens {
            act(tokens);
        }
    }
}
