//! Rust tokens with their byte positions, comments included.
//!
//! The inventory reads files of other people: code for another compiler, with unstable syntax, or cut short. What it
//! needs of them is tokens, matching delimiters and comments, so it stops there instead of parsing: nothing a grammar
//! lacks can hide an `unsafe`, bodies of macros are read by the same walker as functions, and the comments that hold
//! `SAFETY` arguments keep their places. The lexical rules are those of the Rust Reference, chapter "Lexical structure".

/// Delimiters may nest this deep. rustc gives up on generated code long before.
const MAX_DEPTH: usize = 256;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword, raw ones included.
    Ident,
    /// A lifetime or label.
    Lifetime,
    /// A literal of any kind.
    Literal,
    /// One character of punctuation.
    Punct(u8),
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Byte offset of its first character.
    pub(crate) start: u32,
    /// Byte offset just past it.
    pub(crate) end: u32,
    /// For a delimiter, the index of its partner.
    pub(crate) mate: u32,
}

/// What a comment documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommentKind {
    /// `//` or `/* */`.
    Plain,
    /// `///` or `/** */`.
    OuterDoc,
    /// `//!` or `/*! */`.
    InnerDoc,
}

/// One comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    /// What it documents.
    pub(crate) kind: CommentKind,
    /// Byte offset of its first character.
    pub(crate) start: u32,
    /// Byte offset just past it, the line's end excluded.
    pub(crate) end: u32,
    /// The index of the first token after it.
    pub(crate) next_token: u32,
}

/// A file as tokens.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    /// Tokens, comments left out.
    pub(crate) tokens: Vec<Token>,
    /// Comments in order.
    pub(crate) comments: Vec<Comment>,
    /// Byte offsets at which lines start.
    pub(crate) lines: Vec<u32>,
}

/// Splits a file into tokens, or says why it cannot be.
pub(crate) fn lex(text: &str) -> Result<Lexed, String> {
    if u32::try_from(text.len()).is_err() {
        return Err("the file is larger than 4 GiB".to_owned());
    }
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        at: 0,
        open: Vec::new(),
        out: Lexed {
            tokens: Vec::with_capacity(text.len() / 5),
            comments: Vec::new(),
            lines: line_starts(text.as_bytes()),
        },
    };
    lexer.run()?;
    Ok(lexer.out)
}

fn line_starts(bytes: &[u8]) -> Vec<u32> {
    let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
    starts.push(0);
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            starts.push(at as u32 + 1);
        }
    }
    starts
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<u32>,
    out: Lexed,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), String> {
        self.skip_preamble();
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment()?,
                b'"' => self.string()?,
                b'\'' => self.quote()?,
                b'0'..=b'9' => self.number(),
                b'(' | b'[' | b'{' => self.open(byte)?,
                b')' | b']' | b'}' => self.close(byte)?,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word()?,
                0x80.. => self.non_ascii(),
                _ => {
                    self.at += 1;
                    self.push(Kind::Punct(byte), start);
                }
            }
        }
        match self.open.last() {
            None => Ok(()),
            Some(&index) => {
                let at = self.out.tokens[index as usize].start;
                Err(format!(
                    "line {}: this delimiter is never closed",
                    self.line(at)
                ))
            }
        }
    }

    /// A byte order mark, and the line that names an interpreter.
    fn skip_preamble(&mut self) {
        if self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"#!") {
            let after = rest[2..].iter().find(|byte| !byte.is_ascii_whitespace());
            if after != Some(&b'[') {
                self.skip_line();
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.out.tokens.push(Token {
            kind,
            start: start as u32,
            end: self.at as u32,
            mate: u32::MAX,
        });
    }

    fn line(&self, at: u32) -> usize {
        self.out.lines.partition_point(|start| *start <= at)
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
    }

    fn line_comment(&mut self) {
        let start = self.at;
        let kind = match (self.peek(2), self.peek(3)) {
            (Some(b'/'), Some(b'/')) => CommentKind::Plain,
            (Some(b'/'), _) => CommentKind::OuterDoc,
            (Some(b'!'), _) => CommentKind::InnerDoc,
            _ => CommentKind::Plain,
        };
        self.skip_line();
        self.comment(kind, start);
    }

    fn block_comment(&mut self) -> Result<(), String> {
        let start = self.at;
        let kind = match (self.peek(2), self.peek(3)) {
            (Some(b'*'), Some(b'*' | b'/')) => CommentKind::Plain,
            (Some(b'*'), _) => CommentKind::OuterDoc,
            (Some(b'!'), _) => CommentKind::InnerDoc,
            _ => CommentKind::Plain,
        };
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                (Some(_), _) => self.at += 1,
                (None, _) => return self.unterminated(start, "comment"),
            }
        }
        self.comment(kind, start);
        Ok(())
    }

    fn comment(&mut self, kind: CommentKind, start: usize) {
        self.out.comments.push(Comment {
            kind,
            start: start as u32,
            end: self.at as u32,
            next_token: self.out.tokens.len() as u32,
        });
    }

    fn unterminated<T>(&self, start: usize, what: &str) -> Result<T, String> {
        Err(format!(
            "line {}: this {what} is never closed",
            self.line(start as u32)
        ))
    }

    /// A string whose opening quote stands at the current position.
    fn string(&mut self) -> Result<(), String> {
        self.string_from(self.at)
    }

    /// The same, for a literal that began at `start` with a prefix.
    fn string_from(&mut self, start: usize) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'\\') => self.at += 2,
                Some(b'"') => break,
                Some(_) => self.at += 1,
                None => return self.unterminated(start, "string"),
            }
        }
        self.at += 1;
        self.suffix();
        self.push(Kind::Literal, start);
        Ok(())
    }

    /// A raw string; the current position is at the first `#` or the quote.
    fn raw_string_from(&mut self, start: usize) -> Result<(), String> {
        let hashes = self.bytes[self.at..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        self.at += hashes + 1;
        loop {
            match self.peek(0) {
                Some(b'"') => {
                    self.at += 1;
                    let rest = &self.bytes[self.at..];
                    if rest.len() >= hashes && rest[..hashes].iter().all(|byte| *byte == b'#') {
                        self.at += hashes;
                        break;
                    }
                }
                Some(_) => self.at += 1,
                None => return self.unterminated(start, "raw string"),
            }
        }
        self.suffix();
        self.push(Kind::Literal, start);
        Ok(())
    }

    /// A character literal, a lifetime, or a label.
    fn quote(&mut self) -> Result<(), String> {
        let start = self.at;
        let Some(first) = self.peek(1) else {
            self.at += 1;
            self.push(Kind::Punct(b'\''), start);
            return Ok(());
        };
        if first == b'\\' {
            return self.char_from(start);
        }
        let width = char_width(first);
        if self.peek(1 + width) == Some(b'\'') && first != b'\'' {
            self.at += width + 2;
            self.suffix();
            self.push(Kind::Literal, start);
            return Ok(());
        }
        self.at += 1;
        if is_word(first) {
            self.skip_word();
            self.push(Kind::Lifetime, start);
        } else {
            self.push(Kind::Punct(b'\''), start);
        }
        Ok(())
    }

    /// A character or byte literal; the quote stands at the current position.
    fn char_from(&mut self, start: usize) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'\\') => self.at += 2,
                Some(b'\'') => break,
                Some(b'\n') | None => return self.unterminated(start, "character"),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        self.suffix();
        self.push(Kind::Literal, start);
        Ok(())
    }

    fn number(&mut self) {
        let start = self.at;
        self.skip_word();
        // `1..2` is a range and `1.max(2)` a call; `1.5` and `1.` followed by neither are floats.
        if self.peek(0) == Some(b'.') && self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
            self.skip_word();
        }
        let exponent = matches!(self.bytes[self.at - 1], b'e' | b'E');
        let hexadecimal = self.bytes[start..self.at].starts_with(b"0x");
        if exponent && !hexadecimal && matches!(self.peek(0), Some(b'+' | b'-')) {
            self.at += 1;
            self.skip_word();
        }
        self.push(Kind::Literal, start);
    }

    /// An identifier, or a literal with a prefix.
    fn word(&mut self) -> Result<(), String> {
        let start = self.at;
        self.skip_word();
        let word = &self.bytes[start..self.at];
        match (word, self.peek(0)) {
            (b"b" | b"c", Some(b'"')) => self.string_from(start),
            (b"b", Some(b'\'')) => self.char_from(start),
            (b"r" | b"br" | b"cr", Some(b'"')) => self.raw_string_from(start),
            (b"r" | b"br" | b"cr", Some(b'#')) => self.raw(start),
            _ => {
                self.push(Kind::Ident, start);
                Ok(())
            }
        }
    }

    /// `r#"..."#` or `r#ident`, or just an identifier before a `#`.
    fn raw(&mut self, start: usize) -> Result<(), String> {
        let hashes = self.bytes[self.at..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        match self.peek(hashes) {
            Some(b'"') => self.raw_string_from(start),
            Some(next) if hashes == 1 && is_word(next) && self.at - start == 1 => {
                self.at += 1;
                self.skip_word();
                self.push(Kind::Ident, start);
                Ok(())
            }
            _ => {
                self.push(Kind::Ident, start);
                Ok(())
            }
        }
    }

    fn suffix(&mut self) {
        self.at = self.at.min(self.bytes.len());
        if self
            .peek(0)
            .is_some_and(|byte| is_word(byte) && !byte.is_ascii_digit())
        {
            self.skip_word();
        }
    }

    fn skip_word(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest
            .iter()
            .position(|byte| !is_word(*byte))
            .unwrap_or(rest.len());
    }

    /// Identifiers may hold any letter; white space beyond ASCII is rare enough to be taken for one.
    fn non_ascii(&mut self) {
        let start = self.at;
        self.skip_word();
        self.push(Kind::Ident, start);
    }

    fn open(&mut self, byte: u8) -> Result<(), String> {
        let start = self.at;
        if self.open.len() == MAX_DEPTH {
            let line = self.line(start as u32);
            return Err(format!(
                "line {line}: delimiters nest deeper than {MAX_DEPTH}"
            ));
        }
        self.open.push(self.out.tokens.len() as u32);
        self.at += 1;
        self.push(Kind::Open(byte), start);
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), String> {
        let start = self.at;
        let line = self.line(start as u32);
        let Some(partner) = self.open.pop() else {
            return Err(format!("line {line}: this delimiter was never opened"));
        };
        let opened = self.out.tokens[partner as usize].kind;
        if opened != Kind::Open(opening(byte)) {
            return Err(format!("line {line}: this delimiter closes another kind"));
        }
        self.at += 1;
        let index = self.out.tokens.len() as u32;
        self.push(Kind::Close(byte), start);
        self.out.tokens[index as usize].mate = partner;
        self.out.tokens[partner as usize].mate = index;
        Ok(())
    }
}

const fn opening(close: u8) -> u8 {
    match close {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

const fn char_width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        let lexed = lex(source).expect("lexes");
        let slice = |token: &Token| &source[token.start as usize..token.end as usize];
        lexed.tokens.iter().map(slice).collect()
    }

    #[test]
    fn literals_of_every_kind_are_one_token() {
        let source = r####"'a' '\'' '\u{1F600}' 'λ' b'x' "a\"b" r"c" r#"d"e"# b"f" br##"g"## c"h" 1.5e-3 0x1e 1_u8"####;
        let lexed = lex(source).expect("lexes");
        assert_eq!(lexed.tokens.len(), 14);
        assert!(lexed.tokens.iter().all(|token| token.kind == Kind::Literal));
    }

    #[test]
    fn lifetimes_ranges_and_raw_identifiers_are_told_apart() {
        assert_eq!(
            texts("'static 0..2 r#type x.0.1"),
            ["'static", "0", ".", ".", "2", "r#type", "x", ".", "0.1"]
        );
    }

    #[test]
    fn comments_nest_and_keep_their_place() {
        let lexed = lex("a /* b /* c */ d */ e // f\n/// g\n//// h\n//! i").expect("lexes");
        assert_eq!(lexed.tokens.len(), 2);
        let kinds: Vec<_> = lexed.comments.iter().map(|comment| comment.kind).collect();
        use CommentKind::{InnerDoc, OuterDoc, Plain};
        assert_eq!(kinds, [Plain, Plain, OuterDoc, Plain, InnerDoc]);
        assert_eq!(lexed.comments[0].next_token, 1);
    }

    #[test]
    fn what_is_cut_short_is_an_error_with_its_line() {
        assert_eq!(
            lex("\n{ (").unwrap_err(),
            "line 2: this delimiter is never closed"
        );
        assert_eq!(
            lex("\n\n\"abc").unwrap_err(),
            "line 3: this string is never closed"
        );
        assert_eq!(
            lex("( ]").unwrap_err(),
            "line 1: this delimiter closes another kind"
        );
        assert!(lex(&"(".repeat(300)).unwrap_err().contains("deeper"));
    }

    #[test]
    fn an_interpreter_line_is_skipped_and_an_inner_attribute_is_not() {
        assert_eq!(texts("#!/usr/bin/env run\nfn"), ["fn"]);
        assert_eq!(texts("#![no_std]").len(), 5);
    }
}
